/**
 * An ELF file as text for review: golden files, `inspect`, and the diff between two payloads.
 *
 * One fact per line, sections in the order of the file, names instead of numbers, nothing that depends on the
 * place or the time: so that a change of the object changes the lines that are about it and no others. The
 * sizes of .symtab, .strtab and .shstrtab are left out, because the symbols below tell what they hold.
 *
 *   e_type ET_REL
 *   section .text.f SHT_PROGBITS SHF_ALLOC|SHF_EXECINSTR align 16 size 0x6
 *     f:
 *     +0x0: e8 00 00 00 00           call 0x5
 *           +0x1 R_X86_64_PLT32 printk-0x4
 *     +0x5: c3                       ret
 *   symbol f .text.f+0x0 size 0x6 STB_GLOBAL STT_FUNC STV_DEFAULT
 */
import * as c from './constants.js';
import type { ContentLine, ContentReaders } from './dump-content.js';
import { contentLines, functionsOf } from './dump-content.js';
import { symbolLines } from './dump-symbols.js';
import type { ElfFile, ElfSection, RelaTable, SectionGroup } from './file.js';
import { occupiesFile } from './file.js';
import { sectionLabels, signedHex, symbolLabel } from './labels.js';
import { relocName } from './reloc-x86-64.js';
import { fileTypeName, sectionFlagNames, sectionTypeName } from './spell.js';

export type { DumpField } from './dump-content.js';

/**
 * stable: build-ids are shown as `<build-id, N bytes>`, so that goldens do not hold them.
 * disassemble: reads code; `start` is the section offset of the first byte, and the offsets in the answer
 * count from that byte. Without it code is shown as hex.
 * decode: reads the structures of a section, or answers undefined to have it shown as any other.
 */
export type DumpOptions = ContentReaders;

/** The whole file as text; ends with a line feed. */
export function dumpElf(file: ElfFile, options: DumpOptions = {}): string {
  const labels = sectionLabels(file);
  const functions = functionsOf(file);
  const lines = headerLines(file);
  for (const section of file.sections.slice(1)) {
    lines.push(sectionLine(file, section, labels));
    if (!occupiesFile(section.sh_type) || isTableOf(file, section)) continue;
    const content = contentLines(file, section, functions, options);
    for (const line of withRelocations(content, relocationLines(file, section, labels))) lines.push(line);
  }
  for (const group of file.groups) {
    for (const line of groupLines(file, group, labels)) lines.push(line);
  }
  for (const line of symbolLines(file, labels)) lines.push(line);
  return `${lines.join('\n')}\n`;
}

function headerLines(file: ElfFile): string[] {
  const { header } = file;
  const lines = [`e_type ${fileTypeName(header.e_type)}`];
  if (header.osabi !== c.ELFOSABI_NONE) lines.push(`EI_OSABI ${header.osabi}`);
  if (header.abiversion !== 0) lines.push(`EI_ABIVERSION ${header.abiversion}`);
  if (header.e_flags !== 0) lines.push(`e_flags 0x${header.e_flags.toString(16)}`);
  return lines;
}

/** Each relocation under the line whose bytes it patches. */
function withRelocations(content: readonly ContentLine[], relocations: readonly ContentLine[]): string[] {
  const lines: string[] = [];
  let next = 0;
  const putUpTo = (end: number): void => {
    for (; next < relocations.length && relocations[next].start < end; next++) {
      lines.push(`        ${relocations[next].text}`);
    }
  };
  for (const line of content) {
    lines.push(`  ${line.text}`);
    putUpTo(line.end);
  }
  putUpTo(Infinity);
  return lines;
}

function sectionLine(file: ElfFile, section: ElfSection, labels: readonly string[]): string {
  const parts = [
    `section ${labels[section.index]}`,
    sectionTypeName(section.sh_type),
    sectionFlagNames(section.sh_flags),
    `align ${section.sh_addralign}`,
  ];
  if (section.sh_addr !== 0n) parts.push(`address 0x${section.sh_addr.toString(16)}`);
  if (isRelocation(section)) {
    const unread = file.relaOf[section.sh_info] === -1 ? ', not read' : '';
    const count = Math.floor(section.sh_size / c.RELA_SIZE);
    parts.push(
      `for ${labels.at(section.sh_info) ?? 'nothing'}, ${count} record${count === 1 ? '' : 's'}${unread}`,
    );
  } else if (!isTableOf(file, section)) {
    parts.push(`size 0x${section.sh_size.toString(16)}`);
  }
  if (section.sh_entsize !== 0) parts.push(`entsize ${section.sh_entsize}`);
  if ((section.sh_flags & c.SHF_LINK_ORDER) !== 0)
    parts.push(`linked to ${labels.at(section.sh_link) ?? 'nothing'}`);
  return parts.join(' ');
}

const isRelocation = (section: ElfSection): boolean =>
  section.sh_type === c.SHT_RELA || section.sh_type === c.SHT_REL;

/** Tables whose content the dump tells in other words. */
function isTableOf(file: ElfFile, section: ElfSection): boolean {
  const strtab = file.sections.at(file.symbols.section)?.sh_link ?? 0;
  return (
    isRelocation(section) ||
    section.sh_type === c.SHT_GROUP ||
    section.sh_type === c.SHT_SYMTAB ||
    section.sh_type === c.SHT_SYMTAB_SHNDX ||
    (section.index === strtab && file.symbols.section !== 0) ||
    section.index === file.header.shstrndx
  );
}

function groupLines(file: ElfFile, group: SectionGroup, labels: readonly string[]): string[] {
  const flags = group.flags === c.GRP_COMDAT ? 'GRP_COMDAT' : `flags 0x${group.flags.toString(16)}`;
  return [
    `group ${labels[group.section]} ${flags} signature ${symbolLabel(file, labels, group.signature)}`,
    ...group.members.map((member) => `  member ${labels[member]}`),
  ];
}

/** The relocations of a section in ascending order of r_offset; records of one place keep their order. */
function relocationLines(file: ElfFile, section: ElfSection, labels: readonly string[]): ContentLine[] {
  const position = file.relaOf[section.index];
  if (position === -1) return [];
  const table: RelaTable = file.relas[position];
  const lines: ContentLine[] = [];
  for (let k = 0; k < table.count; k++) {
    const start = table.r_offset[k];
    const symbol = symbolLabel(file, labels, table.r_sym[k]);
    const value = `${symbol}${signedHex(table.r_addend[k])}`;
    lines.push({
      start,
      end: start,
      text: `+0x${start.toString(16)} ${relocName(table.r_type[k])} ${value}`,
    });
  }
  return lines.sort((a, b) => a.start - b.start);
}
