/** The rules of the gABI (chapter 4) about section headers, section groups and places in the file. */
import * as c from './constants.js';
import type { ElfFile, ElfSection } from './file.js';
import { occupiesFile, sectionBytes } from './file.js';
import { printableName } from '../diag/printable.js';
import type { Finding } from './verify.js';

/** sh_entsize that a type fixes. */
const ENTRY_SIZES = new Map<number, number>([
  [c.SHT_SYMTAB, c.SYM_SIZE],
  [c.SHT_RELA, c.RELA_SIZE],
  [c.SHT_GROUP, 4],
  [c.SHT_SYMTAB_SHNDX, 4],
]);

export function checkSections(file: ElfFile, finding: Finding): void {
  const { sections } = file;
  const first = sections.at(0);
  if (first !== undefined && first.sh_type !== c.SHT_NULL) finding('section 0 is not SHT_NULL');
  const tables = sections.filter((s) => s.sh_type === c.SHT_SYMTAB_SHNDX);
  if (tables.length > 1) finding('there is more than one SHT_SYMTAB_SHNDX section');
  for (const section of sections) {
    if (section.sh_type === c.SHT_NULL) continue;
    const shown = printableName(section.name);
    checkEntries(section, shown, finding);
    checkLinks(file, section, shown, finding);
    if (section.sh_type === c.SHT_STRTAB) checkStringTable(file, section, shown, finding);
    if ((section.sh_flags & c.SHF_STRINGS) !== 0) checkTermination(file, section, shown, finding);
  }
}

function checkEntries(section: ElfSection, shown: string, finding: Finding): void {
  const { sh_flags, sh_entsize, sh_size, sh_addralign } = section;
  if (section.name === '') finding(`section ${section.index} has no name`);
  if (section.sh_addr !== 0n)
    finding(`${shown}: sh_addr is 0x${section.sh_addr.toString(16)} in a relocatable object`);
  if (sh_addralign === 0 && (sh_flags & c.SHF_ALLOC) !== 0) finding(`${shown}: sh_addralign is 0`);
  if (section.sh_offset < c.EHDR_SIZE)
    finding(`${shown}: sh_offset ${section.sh_offset} is inside the ELF header`);
  const fixed = ENTRY_SIZES.get(section.sh_type);
  if (fixed !== undefined && sh_entsize !== fixed)
    finding(`${shown}: sh_entsize is ${sh_entsize}, not ${fixed}`);
  if ((sh_flags & c.SHF_MERGE) !== 0 && sh_entsize === 0) finding(`${shown}: SHF_MERGE and sh_entsize 0`);
  if (sh_entsize !== 0 && sh_size % sh_entsize !== 0) {
    finding(`${shown}: sh_size ${sh_size} is not a multiple of sh_entsize ${sh_entsize}`);
  }
  if (section.sh_type === c.SHT_NOBITS && (sh_flags & c.SHF_ALLOC) === 0) {
    finding(`${shown}: SHT_NOBITS without SHF_ALLOC occupies nothing`);
  }
  if ((sh_flags & c.SHF_COMPRESSED) !== 0 && (sh_flags & c.SHF_ALLOC) !== 0) {
    finding(`${shown}: SHF_COMPRESSED and SHF_ALLOC exclude each other`);
  }
}

/** sh_link and sh_info, whose meaning depends on the type (gABI figure 4-12). */
function checkLinks(file: ElfFile, section: ElfSection, shown: string, finding: Finding): void {
  const { sections, symbols } = file;
  const linked = sections.at(section.sh_link);
  const linkIs = (wanted: number, what: string): void => {
    if (section.sh_link === 0 || linked?.sh_type !== wanted) finding(`${shown}: sh_link is no ${what}`);
  };
  switch (section.sh_type) {
    case c.SHT_SYMTAB:
      linkIs(c.SHT_STRTAB, 'string table');
      break;
    case c.SHT_RELA:
    case c.SHT_REL:
      linkIs(c.SHT_SYMTAB, 'symbol table');
      if (section.sh_info === 0 || section.sh_info >= sections.length)
        finding(`${shown}: sh_info names no section`);
      else if (!occupiesFile(sections[section.sh_info].sh_type)) finding(`${shown}: its target has no bytes`);
      break;
    case c.SHT_GROUP:
      linkIs(c.SHT_SYMTAB, 'symbol table');
      break;
    case c.SHT_SYMTAB_SHNDX:
      linkIs(c.SHT_SYMTAB, 'symbol table');
      if (section.sh_size !== symbols.count * 4)
        finding(`${shown}: not one entry for each of ${symbols.count} symbols`);
      break;
    default:
      if (section.sh_link >= sections.length) finding(`${shown}: sh_link names no section`);
      if ((section.sh_flags & c.SHF_INFO_LINK) !== 0 && section.sh_info >= sections.length) {
        finding(`${shown}: sh_info names no section`);
      }
      if ((section.sh_flags & c.SHF_LINK_ORDER) !== 0 && section.sh_link === section.index) {
        finding(`${shown}: SHF_LINK_ORDER and linked to itself`);
      }
  }
}

function checkStringTable(file: ElfFile, section: ElfSection, shown: string, finding: Finding): void {
  const bytes = sectionBytes(file, section);
  if (bytes.length === 0) finding(`${shown}: an empty string table`);
  else if (bytes[0] !== 0) finding(`${shown}: the first byte is not zero`);
  else if (bytes[bytes.length - 1] !== 0) finding(`${shown}: the last byte is not zero`);
}

/** SHF_STRINGS: zero-terminated strings of characters of sh_entsize bytes. */
function checkTermination(file: ElfFile, section: ElfSection, shown: string, finding: Finding): void {
  const bytes = sectionBytes(file, section);
  if (bytes.length === 0 || section.sh_entsize === 0 || bytes.length < section.sh_entsize) return;
  if (bytes.subarray(bytes.length - section.sh_entsize).some((byte) => byte !== 0)) {
    finding(`${shown}: SHF_STRINGS and the last string has no terminating zero`);
  }
}

/** No two of the ELF header, the section header table and the sections share a byte of the file. */
export function checkOverlaps(file: ElfFile, finding: Finding): void {
  const { header, sections } = file;
  const extents = [
    { shown: 'the ELF header', start: 0, end: c.EHDR_SIZE },
    {
      shown: 'the section header table',
      start: header.e_shoff,
      end: header.e_shoff + header.shnum * c.SHDR_SIZE,
    },
    ...sections
      .filter((s) => occupiesFile(s.sh_type))
      .map((s) => ({ shown: printableName(s.name), start: s.sh_offset, end: s.sh_offset + s.sh_size })),
  ].filter((extent) => extent.end > extent.start);
  extents.sort((a, b) => a.start - b.start);
  let last = extents[0];
  for (const extent of extents.slice(1)) {
    if (extent.start < last.end) finding(`${last.shown} and ${extent.shown} overlap in the file`);
    if (extent.end > last.end) last = extent;
  }
}

/** gABI "Section Groups": flags, members, and the order of headers. */
export function checkGroups(file: ElfFile, finding: Finding): void {
  const { sections } = file;
  const groupOf = new Int32Array(sections.length).fill(-1);
  for (const group of file.groups) {
    const shown = `group ${printableName(file.symbols.names[group.signature])}`;
    if ((group.flags & ~c.GRP_COMDAT) !== 0)
      finding(`${shown}: flags 0x${group.flags.toString(16)} are unknown`);
    for (const index of group.members) {
      const member = sections[index];
      const name = printableName(member.name);
      if (groupOf[index] !== -1) finding(`${name} is a member of two groups`);
      groupOf[index] = group.section;
      if ((member.sh_flags & c.SHF_GROUP) === 0) finding(`${shown}: member ${name} has no SHF_GROUP`);
      if (index <= group.section) finding(`${shown}: member ${name} comes before its group`);
    }
  }
  for (const section of sections) {
    const name = printableName(section.name);
    if ((section.sh_flags & c.SHF_GROUP) !== 0 && groupOf[section.index] === -1) {
      finding(`${name} has SHF_GROUP and is in no group`);
    }
    if (section.sh_type === c.SHT_RELA && section.sh_info < sections.length) {
      if (groupOf[section.index] !== groupOf[section.sh_info])
        finding(`${name} is not in the group of its target`);
    }
  }
}
