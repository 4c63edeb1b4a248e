/**
 * Reads an ELF64 x86-64 file into plain columns. The only place that knows elfy.
 *
 * elfy 1.0.0 finds the header and the sections; it is trusted with nothing else, because it
 *   - reads sh_addralign at byte 46 and sh_entsize at byte 54 of a section header (gABI: 48 and 56),
 *   - turns 64-bit fields into doubles, so that 0xffff82d040200123 comes back rounded,
 *   - reads EI_OSABI from byte 6 (gABI: 7),
 *   - throws on e_shnum = 0 (more than 65,279 sections) and on files without sections,
 *   - gives SHT_NOBITS sections the bytes that happen to follow.
 * So the extent of the table is checked before elfy sees it, and the fields that it gets wrong are read
 * again from the bytes. Symbols, relocations and groups are read here.
 *
 * Input is hostile: every offset, size, index and string is checked, and what is wrong is reported as XS1xx.
 */
import { createRequire } from 'node:module';
import * as c from './constants.js';
import { relocKind } from './reloc-x86-64.js';
import type { Report } from '../diag/diagnostic.js';
import { diagnostic } from '../diag/diagnostic.js';

const elfy = createRequire(import.meta.url)('elfy') as typeof import('elfy');

export interface ElfHeader {
  readonly e_type: number;
  readonly e_machine: number;
  readonly e_flags: number;
  readonly osabi: number;
  readonly abiversion: number;
  readonly e_shoff: number;
  readonly shnum: number;
  readonly shstrndx: number;
}

/** One section header. Sizes and file offsets are bytes; `sh_flags` keeps the low 53 bits. */
export interface ElfSection {
  readonly index: number;
  readonly name: string;
  readonly sh_type: number;
  readonly sh_flags: number;
  readonly sh_addr: bigint;
  readonly sh_offset: number;
  readonly sh_size: number;
  readonly sh_link: number;
  readonly sh_info: number;
  readonly sh_addralign: number;
  readonly sh_entsize: number;
}

/**
 * The symbol table as columns, one element per symbol. `st_shndx` holds real section numbers even beyond
 * 65,279; reserved ones (SHN_ABS, SHN_COMMON) have RESERVED_SHNDX added. Names are byte strings (latin-1).
 */
export interface SymbolTable {
  readonly section: number;
  readonly count: number;
  readonly firstGlobal: number;
  readonly names: readonly string[];
  readonly st_info: Uint8Array;
  readonly st_other: Uint8Array;
  readonly st_shndx: Uint32Array;
  readonly st_value: BigUint64Array;
  readonly st_size: BigUint64Array;
}

/** The RELA records that patch section `target`, in file order. Addends are exact integers below 2^53. */
export interface RelaTable {
  readonly section: number;
  readonly target: number;
  readonly count: number;
  readonly r_offset: Float64Array;
  readonly r_type: Uint32Array;
  readonly r_sym: Uint32Array;
  readonly r_addend: Float64Array;
}

export interface SectionGroup {
  readonly section: number;
  readonly flags: number;
  readonly signature: number;
  readonly members: readonly number[];
}

export interface ElfFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly header: ElfHeader;
  readonly sections: readonly ElfSection[];
  readonly symbols: SymbolTable;
  readonly relas: readonly RelaTable[];
  /** Section number -> position in `relas`, or -1. */
  readonly relaOf: Int32Array;
  readonly groups: readonly SectionGroup[];
}

export interface ReadOptions {
  /** 'alloc' reads only relocations of sections that are loaded, so that debug sections cost nothing. */
  readonly relocations?: 'alloc' | 'all' | 'none';
}

const U32 = 0x1_0000_0000;

/** Reads `bytes` as an ELF64 x86-64 file; reports XS101, XS102, XS103 or XS105 and returns undefined when it cannot. */
export function readElf(
  name: string,
  bytes: Uint8Array,
  report: Report,
  options: ReadOptions = {},
): ElfFile | undefined {
  const reader = new Reader(name, bytes);
  try {
    return reader.read(options.relocations ?? 'alloc');
  } catch (thrown) {
    if (thrown instanceof Refusal) {
      report(thrown.found);
      return undefined;
    }
    throw thrown;
  }
}

/** The bytes of a section; none for SHT_NOBITS. A view, not a copy. */
export function sectionBytes(file: ElfFile, section: ElfSection): Uint8Array {
  if (section.sh_type === c.SHT_NOBITS || section.sh_type === c.SHT_NULL) return file.bytes.subarray(0, 0);
  return file.bytes.subarray(section.sh_offset, section.sh_offset + section.sh_size);
}

/** A Buffer over the same memory: the fast latin-1 and comparison routines live there. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The symbol's section number, or undefined for undefined, absolute and common symbols. */
export function symbolSection(symbols: SymbolTable, index: number): number | undefined {
  const shndx = symbols.st_shndx[index];
  return shndx === c.SHN_UNDEF || shndx >= c.RESERVED_SHNDX ? undefined : shndx;
}

/** Thrown and caught inside this file only: unwinds from the place where the file turned out to be unusable. */
class Refusal {
  constructor(readonly found: ReturnType<typeof diagnostic>) {}
}

class Reader {
  private readonly view: DataView;
  private readonly buffer: Buffer;

  constructor(
    private readonly name: string,
    private readonly bytes: Uint8Array,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.buffer = asBuffer(bytes);
  }

  read(relocations: 'alloc' | 'all' | 'none'): ElfFile {
    const header = this.readHeader();
    const sections = this.readSections(header);
    const symbols = this.readSymbols(sections);
    const relas: RelaTable[] = [];
    const relaOf = new Int32Array(sections.length).fill(-1);
    if (header.e_type === c.ET_REL && relocations !== 'none') {
      for (const section of sections) {
        const table = this.readRela(section, sections, symbols, relocations === 'all');
        if (table === undefined) continue;
        if (relaOf[table.target] !== -1) {
          this.refuse('XS103', `section ${sections[table.target].name} has two relocation sections`, section);
        }
        relaOf[table.target] = relas.length;
        relas.push(table);
      }
    }
    const groups = sections
      .filter((s) => s.sh_type === c.SHT_GROUP)
      .map((s) => this.readGroup(s, sections.length));
    return { name: this.name, bytes: this.bytes, header, sections, symbols, relas, relaOf, groups };
  }

  private refuse(
    code: 'XS101' | 'XS102' | 'XS103' | 'XS105',
    message: string,
    section?: { name: string },
  ): never {
    throw new Refusal(
      diagnostic(code, {
        message,
        at: section === undefined ? { object: this.name } : { object: this.name, section: section.name },
        hint:
          code === 'XS102'
            ? 'give an ELF64 x86-64 object; leave 32-bit boot objects out'
            : 'build the file again, or check that the path names the file you mean',
      }),
    );
  }

  /** An unsigned 64-bit field as a double: exact below 2^53, and beyond that too large for every bounds check. */
  private u64(at: number): number {
    return this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * U32;
  }

  private readHeader(): ElfHeader {
    const { bytes, view } = this;
    if (bytes.length < 4 || view.getUint32(0, false) !== 0x7f454c46) {
      this.refuse(
        'XS101',
        bytes.length === 0 ? 'the file is empty' : 'the file does not begin with 7f 45 4c 46 (\\x7fELF)',
      );
    }
    if (bytes.length < c.EHDR_SIZE)
      this.refuse('XS103', `the file ends inside the ELF header (${bytes.length} of 64 bytes)`);
    if (bytes[c.EI_CLASS] !== c.ELFCLASS64) this.refuse('XS102', 'the file is not ELF64 (EI_CLASS is not 2)');
    if (bytes[c.EI_DATA] !== c.ELFDATA2LSB)
      this.refuse('XS102', 'the file is not little-endian (EI_DATA is not 1)');
    const e_machine = view.getUint16(18, true);
    if (e_machine !== c.EM_X86_64)
      this.refuse('XS102', `the file is for machine ${e_machine}, not for x86-64 (62)`);
    const e_shoff = this.u64(40);
    const e_shentsize = view.getUint16(58, true);
    let shnum = view.getUint16(60, true);
    let shstrndx = view.getUint16(62, true);
    if (e_shoff === 0) {
      shnum = 0;
    } else {
      if (e_shentsize !== c.SHDR_SIZE) this.refuse('XS103', `e_shentsize is ${e_shentsize}, not 64`);
      if (e_shoff + c.SHDR_SIZE > bytes.length) {
        this.refuse(
          'XS103',
          `the section header table at ${e_shoff} lies beyond the end of the file (${bytes.length} bytes)`,
        );
      }
      // gABI: more than 65,279 sections: the real numbers are in section header 0.
      if (shnum === 0) shnum = this.u64(e_shoff + 32);
      if (shstrndx === c.SHN_XINDEX) shstrndx = view.getUint32(e_shoff + 40, true);
      if (e_shoff + shnum * c.SHDR_SIZE > bytes.length) {
        this.refuse(
          'XS103',
          `the section header table (${shnum} sections at ${e_shoff}) ends beyond the file (${bytes.length} bytes)`,
        );
      }
    }
    return {
      e_type: view.getUint16(16, true),
      e_machine,
      e_flags: view.getUint32(48, true),
      osabi: bytes[c.EI_OSABI],
      abiversion: bytes[c.EI_ABIVERSION],
      e_shoff,
      shnum,
      shstrndx,
    };
  }

  private readSections(header: ElfHeader): ElfSection[] {
    if (header.shnum === 0) return [];
    const { view } = this;
    const parser = new elfy.Parser();
    const found = parser.parseHeader(this.buffer);
    const raw = parser.parseSections(this.buffer, { ...found, shoff: header.e_shoff, shnum: header.shnum });
    const strings = this.stringTable(header, raw);
    return raw.map((section, index) => {
      const at = header.e_shoff + index * c.SHDR_SIZE;
      const sh_type = view.getUint32(at + 4, true);
      const name = this.stringAt(strings.start, strings.end, section.name, `name of section ${index}`);
      const sh_size = this.u64(at + 32);
      const sh_offset = this.u64(at + 24);
      const hasBytes = sh_type !== c.SHT_NOBITS && sh_type !== c.SHT_NULL;
      if (hasBytes && sh_offset + sh_size > this.bytes.length) {
        this.refuse(
          'XS103',
          `section ${name} (${sh_size} bytes at ${sh_offset}) ends beyond the file (${this.bytes.length} bytes)`,
          { name },
        );
      }
      const sh_addralign = this.u64(at + 48);
      if (sh_addralign > 1 && !Number.isInteger(Math.log2(sh_addralign))) {
        this.refuse('XS103', `sh_addralign of section ${name} is ${sh_addralign}, not a power of two`, {
          name,
        });
      }
      return {
        index,
        name,
        sh_type,
        sh_flags: this.u64(at + 8),
        sh_addr: view.getBigUint64(at + 16, true),
        sh_offset,
        sh_size: sh_type === c.SHT_NULL ? 0 : sh_size,
        sh_link: section.link,
        sh_info: section.info,
        sh_addralign,
        sh_entsize: this.u64(at + 56),
      };
    });
  }

  private stringTable(
    header: ElfHeader,
    raw: readonly { off: number; size: number }[],
  ): { start: number; end: number } {
    const index = header.shstrndx;
    if (index === 0 || index >= raw.length)
      this.refuse('XS103', `e_shstrndx is ${index} in a file of ${raw.length} sections`);
    const at = header.e_shoff + index * c.SHDR_SIZE;
    const start = this.u64(at + 24);
    const end = start + this.u64(at + 32);
    if (this.view.getUint32(at + 4, true) !== c.SHT_STRTAB || end > this.bytes.length) {
      this.refuse('XS103', 'the table of section names is not a string table inside the file');
    }
    return { start, end };
  }

  private stringAt(start: number, end: number, position: number, what: string): string {
    const first = start + position;
    if (first >= end) this.refuse('XS103', `the ${what} lies beyond its string table`);
    if (this.bytes[first] === 0) return '';
    const last = this.bytes.indexOf(0, first);
    if (last < 0 || last >= end) this.refuse('XS103', `the ${what} has no terminating zero`);
    return this.buffer.toString('latin1', first, last);
  }

  private readSymbols(sections: readonly ElfSection[]): SymbolTable {
    const tables = sections.filter((s) => s.sh_type === c.SHT_SYMTAB);
    if (tables.length > 1) this.refuse('XS103', 'the file has more than one symbol table', tables[1]);
    const section = tables.at(0);
    const count = section === undefined ? 0 : section.sh_size / c.SYM_SIZE;
    const table = {
      section: section?.index ?? 0,
      count,
      firstGlobal: section?.sh_info ?? 0,
      names: new Array<string>(),
      st_info: new Uint8Array(Math.floor(count)),
      st_other: new Uint8Array(Math.floor(count)),
      st_shndx: new Uint32Array(Math.floor(count)),
      st_value: new BigUint64Array(Math.floor(count)),
      st_size: new BigUint64Array(Math.floor(count)),
    };
    if (section === undefined) return table;
    if (section.sh_entsize !== c.SYM_SIZE || !Number.isInteger(count)) {
      this.refuse(
        'XS103',
        `the symbol table is not a whole number of 24-byte records (size ${section.sh_size}, sh_entsize ${section.sh_entsize})`,
        section,
      );
    }
    const strtab = sections.at(section.sh_link);
    if (strtab === undefined || strtab.sh_type !== c.SHT_STRTAB) {
      this.refuse('XS103', `sh_link of the symbol table (${section.sh_link}) is no string table`, section);
    }
    const start = strtab.sh_offset;
    const end = start + strtab.sh_size;
    const extended = sections.find((s) => s.sh_type === c.SHT_SYMTAB_SHNDX && s.sh_link === section.index);
    const { view } = this;
    for (let i = 0, at = section.sh_offset; i < count; i++, at += c.SYM_SIZE) {
      const st_name = view.getUint32(at, true);
      table.names.push(st_name === 0 ? '' : this.stringAt(start, end, st_name, `name of symbol ${i}`));
      table.st_info[i] = this.bytes[at + 4];
      table.st_other[i] = this.bytes[at + 5];
      table.st_shndx[i] = this.symbolIndex(
        view.getUint16(at + 6, true),
        i,
        extended,
        sections.length,
        section,
      );
      table.st_value[i] = view.getBigUint64(at + 8, true);
      table.st_size[i] = view.getBigUint64(at + 16, true);
    }
    return table;
  }

  private symbolIndex(
    raw: number,
    i: number,
    extended: ElfSection | undefined,
    shnum: number,
    symtab: ElfSection,
  ): number {
    let shndx = raw;
    if (raw === c.SHN_XINDEX) {
      if (extended === undefined || (i + 1) * 4 > extended.sh_size) {
        this.refuse(
          'XS103',
          `symbol ${i} has SHN_XINDEX and no entry in an SHT_SYMTAB_SHNDX section`,
          symtab,
        );
      }
      shndx = this.view.getUint32(extended.sh_offset + i * 4, true);
    } else if (raw >= c.SHN_LORESERVE) {
      return (c.RESERVED_SHNDX | raw) >>> 0;
    }
    if (shndx >= shnum)
      this.refuse('XS103', `symbol ${i} is in section ${shndx} of a file of ${shnum} sections`, symtab);
    return shndx;
  }

  private readRela(
    section: ElfSection,
    sections: readonly ElfSection[],
    symbols: SymbolTable,
    all: boolean,
  ): RelaTable | undefined {
    if (section.sh_type !== c.SHT_RELA && section.sh_type !== c.SHT_REL) return undefined;
    const target = sections.at(section.sh_info);
    if (target === undefined || section.sh_info === 0) {
      this.refuse('XS103', `sh_info of ${section.name} (${section.sh_info}) names no section`, section);
    }
    if (!all && (target.sh_flags & c.SHF_ALLOC) === 0) return undefined;
    if (section.sh_type === c.SHT_REL)
      this.refuse('XS105', `${section.name} holds REL records; x86-64 uses RELA`, section);
    const count = section.sh_size / c.RELA_SIZE;
    if (section.sh_entsize !== c.RELA_SIZE || !Number.isInteger(count)) {
      this.refuse('XS103', `${section.name} is not a whole number of 24-byte records`, section);
    }
    if (section.sh_link !== symbols.section) {
      this.refuse(
        'XS103',
        `sh_link of ${section.name} (${section.sh_link}) is not the symbol table`,
        section,
      );
    }
    const table = {
      section: section.index,
      target: target.index,
      count,
      r_offset: new Float64Array(count),
      r_type: new Uint32Array(count),
      r_sym: new Uint32Array(count),
      r_addend: new Float64Array(count),
    };
    const { view } = this;
    for (let i = 0, at = section.sh_offset; i < count; i++, at += c.RELA_SIZE) {
      const r_offset = this.u64(at);
      const r_type = view.getUint32(at + 8, true);
      const r_sym = view.getUint32(at + 12, true);
      const width = relocKind(r_type)?.width;
      if (width === undefined) {
        this.refuse(
          'XS105',
          `${section.name} holds relocation type ${r_type} at ${hex(r_offset)}, which is not known`,
          target,
        );
      }
      if (r_offset + width > target.sh_size) {
        this.refuse(
          'XS103',
          `a relocation of ${section.name} patches ${hex(r_offset)}, beyond the ${target.sh_size} bytes of ${target.name}`,
          target,
        );
      }
      if (r_sym >= symbols.count) {
        this.refuse(
          'XS103',
          `a relocation of ${section.name} at ${hex(r_offset)} names symbol ${r_sym} of ${symbols.count}`,
          target,
        );
      }
      const r_addend = view.getUint32(at + 16, true) + view.getInt32(at + 20, true) * U32;
      if (!Number.isSafeInteger(r_addend)) {
        this.refuse(
          'XS105',
          `a relocation of ${section.name} at ${hex(r_offset)} has an addend beyond 2^53`,
          target,
        );
      }
      table.r_offset[i] = r_offset;
      table.r_type[i] = r_type;
      table.r_sym[i] = r_sym;
      table.r_addend[i] = r_addend;
    }
    return table;
  }

  private readGroup(section: ElfSection, shnum: number): SectionGroup {
    if (section.sh_size < 4 || section.sh_size % 4 !== 0)
      this.refuse('XS103', `group ${section.name} has ${section.sh_size} bytes`, section);
    const members: number[] = [];
    for (let at = section.sh_offset + 4; at < section.sh_offset + section.sh_size; at += 4) {
      const member = this.view.getUint32(at, true);
      if (member === 0 || member >= shnum)
        this.refuse('XS103', `group ${section.name} names section ${member} of ${shnum}`, section);
      members.push(member);
    }
    return {
      section: section.index,
      flags: this.view.getUint32(section.sh_offset, true),
      signature: section.sh_info,
      members,
    };
  }
}

const hex = (value: number): string => `0x${value.toString(16)}`;
