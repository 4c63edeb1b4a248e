/**
 * Relocatable objects for tests, described in a few lines and by name, and broken ones: any field of any record
 * of a good object can be patched.
 *
 *   const object = new ElfBuilder()
 *     .text('.text.f', [0xe8, 0, 0, 0, 0, 0xc3])
 *     .symbol('f', { section: '.text.f', size: 6, type: STT_FUNC })
 *     .rela('.text.f', 1, R_X86_64_PLT32, 'printk', -4);
 *   object.bytes(); object.read();
 *
 * Symbols that are only referred to become undefined ones; `{ section: '.data' }` refers to a section symbol,
 * which is made when it is first needed.
 */
import * as c from '../../src/elf/constants.js';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import type { ElfFile, ReadOptions } from '../../src/elf/read.js';
import { readElf } from '../../src/elf/read.js';
import type {
  OutputGroup,
  OutputObject,
  OutputRela,
  OutputSection,
  OutputSymbol,
} from '../../src/elf/write.js';
import { writeElf } from '../../src/elf/write.js';

export interface SectionOptions {
  readonly type?: number;
  readonly flags?: number;
  readonly align?: number;
  readonly entsize?: number;
  /** Name of the section that sh_link names. */
  readonly link?: string;
}

export interface SymbolOptions {
  readonly section?: string;
  /** For symbols without a section; undefined ones unless given. */
  readonly place?: 'undef' | 'abs' | 'common';
  readonly value?: number | bigint;
  readonly size?: number | bigint;
  /** STB_GLOBAL unless given. */
  readonly bind?: number;
  readonly type?: number;
  readonly visibility?: number;
}

type Bytes = readonly number[] | Uint8Array;

interface DraftSection {
  readonly name: string;
  readonly fields: Omit<OutputSection, 'name' | 'relas' | 'sh_link' | 'group'>;
  readonly relas: OutputRela[];
  readonly link: string | undefined;
  readonly group: OutputGroup | undefined;
}

export class ElfBuilder {
  private readonly sections: DraftSection[] = [];
  private readonly symbols: OutputSymbol[] = [];

  section(name: string, bytes: Bytes, options: SectionOptions = {}): this {
    const fields = {
      sh_type: options.type ?? c.SHT_PROGBITS,
      sh_flags: options.flags ?? c.SHF_ALLOC,
      sh_addralign: options.align ?? 1,
      sh_entsize: options.entsize ?? 0,
      bytes: Uint8Array.from(bytes),
    };
    this.sections.push({ name, fields, relas: [], link: options.link, group: undefined });
    return this;
  }

  text(name: string, bytes: Bytes): this {
    return this.section(name, bytes, { flags: c.SHF_ALLOC | c.SHF_EXECINSTR, align: 16 });
  }

  data(name: string, bytes: Bytes): this {
    return this.section(name, bytes, { flags: c.SHF_ALLOC | c.SHF_WRITE, align: 8 });
  }

  bss(name: string, sh_size: number): this {
    const fields = {
      sh_type: c.SHT_NOBITS,
      sh_flags: c.SHF_ALLOC | c.SHF_WRITE,
      sh_addralign: 8,
      sh_entsize: 0,
      bytes: new Uint8Array(0),
      sh_size,
    };
    this.sections.push({ name, fields, relas: [], link: undefined, group: undefined });
    return this;
  }

  /** A section of zero-terminated strings that a linker may merge. */
  strings(name: string, ...texts: readonly string[]): this {
    const bytes = Buffer.from(texts.map((text) => `${text}\0`).join(''), 'latin1');
    return this.section(name, bytes, { flags: c.SHF_ALLOC | c.SHF_MERGE | c.SHF_STRINGS, entsize: 1 });
  }

  /** A section group; signature and members must be there already, so give it before its members' relocations. */
  group(name: string, signature: string, members: readonly string[], flags: number = c.GRP_COMDAT): this {
    const fields = {
      sh_type: c.SHT_GROUP,
      sh_flags: 0,
      sh_addralign: 4,
      sh_entsize: 4,
      bytes: new Uint8Array(0),
    };
    const group = {
      flags,
      signature: this.symbolPosition(signature),
      members: members.map((m) => this.position(m)),
    };
    this.sections.push({ name, fields, relas: [], link: undefined, group });
    return this;
  }

  symbol(name: string, options: SymbolOptions = {}): this {
    this.symbols.push({
      name,
      st_info: c.stInfo(options.bind ?? c.STB_GLOBAL, options.type ?? c.STT_NOTYPE),
      st_other: options.visibility ?? c.STV_DEFAULT,
      section: options.section === undefined ? (options.place ?? 'undef') : this.position(options.section),
      st_value: options.value ?? 0,
      st_size: options.size ?? 0,
    });
    return this;
  }

  sectionSymbol(section: string): this {
    return this.symbol('', { section, bind: c.STB_LOCAL, type: c.STT_SECTION });
  }

  rela(
    section: string,
    r_offset: number,
    r_type: number,
    to: string | { readonly section: string } | 'none',
    r_addend = 0,
  ): this {
    const symbol = to === 'none' ? to : this.referenced(to);
    this.sections[this.position(section)].relas.push({ r_offset, r_type, symbol, r_addend });
    return this;
  }

  describe(): OutputObject {
    const sections = this.sections.map((draft) => ({
      name: draft.name,
      ...draft.fields,
      ...(draft.relas.length > 0 ? { relas: draft.relas } : {}),
      ...(draft.link === undefined ? {} : { sh_link: this.position(draft.link) }),
      ...(draft.group === undefined ? {} : { group: draft.group }),
    }));
    return { sections, symbols: this.symbols };
  }

  bytes(): Uint8Array {
    return writeElf(this.describe());
  }

  read(options: ReadOptions = { relocations: 'all' }): ElfFile {
    return mustRead(this.bytes(), options);
  }

  private referenced(to: string | { readonly section: string }): number {
    if (typeof to === 'string') {
      if (!this.symbols.some((s) => s.name === to)) this.symbol(to);
      return this.symbolPosition(to);
    }
    const section = this.position(to.section);
    const isIt = (s: OutputSymbol): boolean => s.section === section && c.stType(s.st_info) === c.STT_SECTION;
    if (!this.symbols.some(isIt)) this.sectionSymbol(to.section);
    return this.symbols.findIndex(isIt);
  }

  private position(section: string): number {
    return found(
      this.sections.findIndex((s) => s.name === section),
      section,
    );
  }

  private symbolPosition(symbol: string): number {
    return found(
      this.symbols.findIndex((s) => s.name === symbol),
      symbol,
    );
  }
}

function found(position: number, name: string): number {
  if (position < 0) throw new Error(`ElfBuilder: there is no ${name}`);
  return position;
}

/** Reads what must be readable; throws the diagnostics otherwise. */
export function mustRead(bytes: Uint8Array, options: ReadOptions = { relocations: 'all' }): ElfFile {
  const { file, diagnostics } = tryRead(bytes, options);
  if (file === undefined) throw new Error(diagnostics.map((d) => `${d.code}: ${d.message}`).join('\n'));
  return file;
}

/** Reads, and collects what is reported. */
export function tryRead(
  bytes: Uint8Array,
  options: ReadOptions = { relocations: 'all' },
): { file: ElfFile | undefined; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const file = readElf('test.o', bytes, (found) => diagnostics.push(found), options);
  return { file, diagnostics };
}

/** Offset and width in bytes of the fields of each record (gABI figures 4-3, 4-8, 4-16, 4-19). */
export const EHDR = {
  EI_MAG0: [0, 1],
  EI_CLASS: [4, 1],
  EI_DATA: [5, 1],
  EI_VERSION: [6, 1],
  EI_OSABI: [7, 1],
  EI_ABIVERSION: [8, 1],
  e_type: [16, 2],
  e_machine: [18, 2],
  e_version: [20, 4],
  e_entry: [24, 8],
  e_phoff: [32, 8],
  e_shoff: [40, 8],
  e_flags: [48, 4],
  e_ehsize: [52, 2],
  e_phentsize: [54, 2],
  e_phnum: [56, 2],
  e_shentsize: [58, 2],
  e_shnum: [60, 2],
  e_shstrndx: [62, 2],
} as const;

export const SHDR = {
  sh_name: [0, 4],
  sh_type: [4, 4],
  sh_flags: [8, 8],
  sh_addr: [16, 8],
  sh_offset: [24, 8],
  sh_size: [32, 8],
  sh_link: [40, 4],
  sh_info: [44, 4],
  sh_addralign: [48, 8],
  sh_entsize: [56, 8],
} as const;

export const SYM = {
  st_name: [0, 4],
  st_info: [4, 1],
  st_other: [5, 1],
  st_shndx: [6, 2],
  st_value: [8, 8],
  st_size: [16, 8],
} as const;

export const RELA = { r_offset: [0, 8], r_type: [8, 4], r_sym: [12, 4], r_addend: [16, 8] } as const;

type Field = readonly [start: number, width: number];

/** A copy with one little-endian field of a record at `at` replaced; the value wraps to the field's width. */
export function patchedAt(bytes: Uint8Array, at: number, field: Field, value: number | bigint): Uint8Array {
  const copy = Uint8Array.from(bytes);
  let rest = BigInt.asUintN(field[1] * 8, BigInt(value));
  for (let i = 0; i < field[1]; i++, rest >>= 8n) copy[at + field[0] + i] = Number(rest & 0xffn);
  return copy;
}

export function patchedHeader(
  bytes: Uint8Array,
  field: keyof typeof EHDR,
  value: number | bigint,
): Uint8Array {
  return patchedAt(bytes, 0, EHDR[field], value);
}

/** Patches the header of the section of that name (the first one) or number. */
export function patchedSection(
  bytes: Uint8Array,
  section: string | number,
  field: keyof typeof SHDR,
  value: number | bigint,
): Uint8Array {
  const file = mustRead(bytes);
  const index = typeof section === 'number' ? section : sectionNamed(file, section).index;
  return patchedAt(bytes, file.header.e_shoff + index * c.SHDR_SIZE, SHDR[field], value);
}

/** Patches the symbol of that name (the first one) or number. */
export function patchedSymbol(
  bytes: Uint8Array,
  symbol: string | number,
  field: keyof typeof SYM,
  value: number | bigint,
): Uint8Array {
  const { symbols, sections } = mustRead(bytes);
  const index = typeof symbol === 'number' ? symbol : found(symbols.names.indexOf(symbol), symbol);
  return patchedAt(bytes, sections[symbols.section].sh_offset + index * c.SYM_SIZE, SYM[field], value);
}

/** Patches record `k` of the relocation section of that name. */
export function patchedRela(
  bytes: Uint8Array,
  section: string,
  k: number,
  field: keyof typeof RELA,
  value: number | bigint,
): Uint8Array {
  const { sh_offset } = sectionNamed(mustRead(bytes), section);
  return patchedAt(bytes, sh_offset + k * c.RELA_SIZE, RELA[field], value);
}

export function sectionNamed(file: ElfFile, name: string): ElfFile['sections'][number] {
  return file.sections[
    found(
      file.sections.findIndex((s) => s.name === name),
      name,
    )
  ];
}
