/**
 * Reads an ELF64 x86-64 file into plain columns: header, sections and groups here, symbols in symtab.ts,
 * relocations in rela.ts. The only place that knows elfy.
 *
 * elfy 1.0.0 finds the header and the sections; it is trusted with nothing else, because it
 *   - reads sh_addralign at byte 46 and sh_entsize at byte 54 of a section header (gABI: 48 and 56),
 *   - turns 64-bit fields into doubles, so that 0xffff82d040200123 comes back rounded,
 *   - reads EI_OSABI from byte 6 (gABI: 7),
 *   - throws on e_shnum = 0 (more than 65,279 sections) and on files without sections,
 *   - gives SHT_NOBITS sections the bytes that happen to follow.
 * So the extent of the table is checked before elfy sees it, and the fields that it gets wrong are read
 * again from the bytes.
 *
 * Input is hostile: every offset, size, index and string is checked, and what is wrong is reported as XS1xx.
 */
import { createRequire } from 'node:module';
import * as c from './constants.js';
import type { Report } from '../diag/diagnostic.js';
import type { ElfFile, ElfHeader, ElfSection, SectionGroup } from './file.js';
import { occupiesFile } from './file.js';
import { ElfInput, quoted, Refusal, StringTable } from './input.js';
import { readRelas } from './rela.js';
import { readSymbols } from './symtab.js';

export type { ElfFile, ElfHeader, ElfSection, RelaTable, SectionGroup, SymbolTable } from './file.js';
export { asBuffer, sectionBytes, symbolSection, symbolTitle } from './file.js';
export { byPlace } from './rela.js';

const elfy = createRequire(import.meta.url)('elfy') as typeof import('elfy');

export interface ReadOptions {
  /** 'alloc' reads only relocations of sections that are loaded, so that debug sections cost nothing. */
  readonly relocations?: 'alloc' | 'all' | 'none';
}

/** Reads `bytes` as an ELF64 x86-64 file; reports XS101, XS102, XS103 or XS105 and returns undefined when it cannot. */
export function readElf(
  name: string,
  bytes: Uint8Array,
  report: Report,
  options: ReadOptions = {},
): ElfFile | undefined {
  try {
    const input = new ElfInput(name, bytes);
    const header = readHeader(input);
    const sections = readSections(input, header);
    const symbols = readSymbols(input, header, sections);
    const wanted = header.e_type === c.ET_REL ? (options.relocations ?? 'alloc') : 'none';
    const { relas, relaOf } = readRelas(input, sections, symbols, wanted);
    const groups = sections
      .filter((s) => s.sh_type === c.SHT_GROUP)
      .map((s) => readGroup(input, s, sections.length, symbols.count));
    return { name, bytes, header, sections, symbols, relas, relaOf, groups };
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    report(thrown.found);
    return undefined;
  }
}

function readHeader(input: ElfInput): ElfHeader {
  const { bytes, view } = input;
  if (bytes.length === 0) input.refuse('XS101', 'the file is empty');
  if (bytes.length < 4 || view.getUint32(0, false) !== 0x7f454c46) {
    input.refuse('XS101', 'the file does not begin with 7f 45 4c 46 (\\x7fELF)');
  }
  if (bytes.length < c.EHDR_SIZE) {
    input.refuse('XS103', `the file ends inside the ELF header (${bytes.length} of ${c.EHDR_SIZE} bytes)`);
  }
  if (bytes[c.EI_CLASS] !== c.ELFCLASS64) input.refuse('XS102', 'the file is not ELF64 (EI_CLASS is not 2)');
  if (bytes[c.EI_DATA] !== c.ELFDATA2LSB) {
    input.refuse('XS102', 'the file is not little-endian (EI_DATA is not 1)');
  }
  const e_machine = view.getUint16(18, true);
  if (e_machine !== c.EM_X86_64) {
    input.refuse('XS102', `the file is for machine ${e_machine}, not for x86-64 (${c.EM_X86_64})`);
  }
  return {
    e_type: view.getUint16(16, true),
    e_machine,
    e_flags: view.getUint32(48, true),
    osabi: bytes[c.EI_OSABI],
    abiversion: bytes[c.EI_ABIVERSION],
    ...readTableExtent(input),
  };
}

/** Where the section header table lies: afterwards all of it is known to be inside the file. */
function readTableExtent(input: ElfInput): { e_shoff: number; shnum: number; shstrndx: number } {
  const { view, bytes } = input;
  const e_shoff = input.u64(40);
  if (e_shoff === 0) return { e_shoff, shnum: 0, shstrndx: c.SHN_UNDEF };
  const e_shentsize = view.getUint16(58, true);
  if (e_shentsize !== c.SHDR_SIZE) input.refuse('XS103', `e_shentsize is ${e_shentsize}, not ${c.SHDR_SIZE}`);
  if (e_shoff + c.SHDR_SIZE > bytes.length) {
    input.refuse(
      'XS103',
      `the section header table at ${e_shoff} lies beyond the end of the file (${bytes.length} bytes)`,
    );
  }
  // gABI: the numbers that do not fit into 16 bits are in section header 0.
  const e_shnum = view.getUint16(60, true);
  const e_shstrndx = view.getUint16(62, true);
  const shnum = e_shnum === 0 ? input.u64(e_shoff + 32) : e_shnum;
  const shstrndx = e_shstrndx === c.SHN_XINDEX ? view.getUint32(e_shoff + 40, true) : e_shstrndx;
  if (e_shoff + shnum * c.SHDR_SIZE > bytes.length) {
    input.refuse(
      'XS103',
      `the section header table (${shnum} sections at ${e_shoff}) ends beyond the file (${bytes.length} bytes)`,
    );
  }
  return { e_shoff, shnum, shstrndx };
}

/**
 * elfy, without what costs more than the rest of the reader and is used by nobody: an object of flag names, a
 * Buffer around each header and a Buffer around each section's bytes (45,000 sections in a tree of Xen).
 */
class SectionFinder extends elfy.Parser {
  override mapFlags(): object {
    return NOTHING;
  }
}
const NOTHING = Buffer.alloc(0);
const NO_FILE = { slice: (): Buffer => NOTHING };

/** The section header at `start`, as elfy reads one. */
class HeaderWindow {
  start = 0;
  constructor(private readonly view: DataView) {}
  readUInt32LE(at: number): number {
    return this.view.getUint32(this.start + at, true);
  }
}

function readSections(input: ElfInput, header: ElfHeader): ElfSection[] {
  if (header.shnum === 0) return [];
  const finder = new SectionFinder();
  const found = finder.parseHeader(input.buffer);
  const window = new HeaderWindow(input.view);
  const names = sectionNames(input, header);
  const sections: ElfSection[] = [];
  let fileBytes = 0;
  for (let index = 0; index < header.shnum; index++) {
    window.start = header.e_shoff + index * c.SHDR_SIZE;
    const raw = finder.parseSection(window, found, NO_FILE);
    const name = names.at(raw.name, 'section', index);
    const section = readSection(input, window.start, index, name, raw);
    if (occupiesFile(section.sh_type)) fileBytes += section.sh_size;
    if (fileBytes > input.bytes.length) {
      input.refuse('XS103', 'sections overlap: together they are larger than the file', { name });
    }
    sections.push(section);
  }
  return sections;
}

function sectionNames(input: ElfInput, header: ElfHeader): StringTable {
  const index = header.shstrndx;
  if (index === c.SHN_UNDEF || index >= header.shnum) {
    input.refuse('XS103', `e_shstrndx is ${index} in a file of ${header.shnum} sections`);
  }
  const at = header.e_shoff + index * c.SHDR_SIZE;
  const start = input.u64(at + 24);
  const size = input.u64(at + 32);
  if (input.view.getUint32(at + 4, true) !== c.SHT_STRTAB || start + size > input.bytes.length) {
    input.refuse('XS103', 'the table of section names is not a string table inside the file');
  }
  return new StringTable(input, start, size);
}

/*
 * A section header (gABI figure 4-8); `at` is its place in the file:
 *   0 sh_name  4 sh_type  8 sh_flags      16 sh_addr       24 sh_offset
 *  32 sh_size            40 sh_link 44 sh_info  48 sh_addralign  56 sh_entsize
 */
function readSection(
  input: ElfInput,
  at: number,
  index: number,
  name: string,
  found: { link: number; info: number },
): ElfSection {
  const { view, bytes } = input;
  const sh_type = view.getUint32(at + 4, true);
  const sh_offset = input.u64(at + 24);
  const sh_size = sh_type === c.SHT_NULL ? 0 : input.u64(at + 32);
  if (occupiesFile(sh_type) ? sh_offset + sh_size > bytes.length : !Number.isSafeInteger(sh_size)) {
    input.refuse(
      'XS103',
      `section ${quoted(name)} (${sh_size} bytes at ${sh_offset}) ends beyond the file (${bytes.length} bytes)`,
      { name },
    );
  }
  // Only the low 21 of the upper 32 flags, so that the double is exact and `&` sees the true low bits.
  const highFlags = view.getUint32(at + 12, true) & 0x1f_ffff;
  const lowFlags = view.getUint32(at + 8, true);
  const hasAddress = view.getUint32(at + 16, true) !== 0 || view.getUint32(at + 20, true) !== 0;
  return {
    index,
    name,
    sh_type,
    sh_flags: highFlags === 0 ? lowFlags : lowFlags + highFlags * 0x1_0000_0000,
    sh_addr: hasAddress ? view.getBigUint64(at + 16, true) : 0n,
    sh_offset,
    sh_size,
    sh_link: found.link,
    sh_info: found.info,
    sh_addralign: readAlignment(input, at + 48, name),
    sh_entsize: input.u64(at + 56),
  };
}

function readAlignment(input: ElfInput, at: number, name: string): number {
  const low = input.view.getUint32(at, true);
  if (input.view.getUint32(at + 4, true) !== 0 || (low & (low - 1)) !== 0 || low > c.MAX_ADDRALIGN) {
    const shown = input.view.getBigUint64(at, true);
    input.refuse(
      'XS103',
      `sh_addralign of section ${quoted(name)} is ${shown}, not a power of two up to ${c.MAX_ADDRALIGN}`,
      { name },
    );
  }
  return low;
}

function readGroup(input: ElfInput, section: ElfSection, shnum: number, symbols: number): SectionGroup {
  const { view } = input;
  const shown = quoted(section.name);
  if (section.sh_size < 4 || section.sh_size % 4 !== 0) {
    input.refuse('XS103', `group ${shown} has ${section.sh_size} bytes`, section);
  }
  if (section.sh_info >= symbols) {
    input.refuse('XS103', `group ${shown} is named by symbol ${section.sh_info} of ${symbols}`, section);
  }
  const members: number[] = [];
  for (let at = section.sh_offset + 4; at < section.sh_offset + section.sh_size; at += 4) {
    const member = view.getUint32(at, true);
    if (member === 0 || member >= shnum) {
      input.refuse('XS103', `group ${shown} names section ${member} of ${shnum}`, section);
    }
    members.push(member);
  }
  const flags = view.getUint32(section.sh_offset, true);
  return { section: section.index, flags, signature: section.sh_info, members };
}
