/**
 * What a read ELF64 file looks like: plain readonly data, columns of typed arrays instead of records, so
 * that an object with 10,000 symbols crosses to a worker thread in a tenth of a millisecond.
 *
 * All columns of a table have `count` elements; element i of each belongs to record i. The relocation
 * columns of one file are views of one buffer, in the order of `relas`.
 *
 *   ElfFile ── sections[i]              i = the section's number in the file; 0 is the null section
 *           ├─ symbols.names[s], …      s = the symbol's number; 0 is the null symbol
 *           ├─ relas[r].r_sym[k], …     r = relaOf[section number], or -1; r_sym is a symbol number
 *           └─ groups[g].members[k]     section numbers
 */
import * as c from './constants.js';

export interface ElfHeader {
  readonly e_type: number;
  readonly e_machine: number;
  readonly e_flags: number;
  readonly osabi: number;
  readonly abiversion: number;
  readonly e_shoff: number;
  /** The real number of sections, also beyond 65,279; 0 for a file without a section header table. */
  readonly shnum: number;
  readonly shstrndx: number;
}

/**
 * One section header. Sizes and file offsets are bytes below 2^53; `sh_flags` keeps the low 53 bits;
 * `sh_addralign` is 0 or a power of two up to MAX_ADDRALIGN.
 */
export interface ElfSection {
  readonly index: number;
  /** A byte string (latin-1). */
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
 * The symbol table. `st_shndx` holds real section numbers even beyond 65,279; reserved ones (SHN_ABS,
 * SHN_COMMON) have RESERVED_SHNDX added. Names are byte strings (latin-1). In relocatable objects the reader
 * vouches for 0 <= st_value and st_value + st_size <= sh_size of the symbol's section.
 */
export interface SymbolTable {
  /** Section number of the SHT_SYMTAB section, 0 when there is none (and `count` is 0). */
  readonly section: number;
  readonly count: number;
  /** Symbols below this number are local (sh_info); at most `count`. */
  readonly firstGlobal: number;
  readonly names: readonly string[];
  readonly st_info: Uint8Array;
  readonly st_other: Uint8Array;
  readonly st_shndx: Uint32Array;
  readonly st_value: BigUint64Array;
  readonly st_size: BigUint64Array;
}

/**
 * The RELA records that patch section `target`, in file order (which is not always the order of r_offset).
 * The reader vouches for r_offset + width <= sh_size of the target, r_sym < symbols.count and a known r_type.
 * Addends are exact integers of less than 2^53 in either direction.
 */
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
  /** Section number of the SHT_GROUP section itself. */
  readonly section: number;
  /** GRP_COMDAT or 0. */
  readonly flags: number;
  /** Number of the symbol whose name identifies the group. */
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

/** True for the sections whose sh_offset and sh_size describe bytes of the file. */
export function occupiesFile(sh_type: number): boolean {
  return sh_type !== c.SHT_NOBITS && sh_type !== c.SHT_NULL;
}

/** The bytes of a section; none for SHT_NOBITS. A view, not a copy. */
export function sectionBytes(file: ElfFile, section: ElfSection): Uint8Array {
  if (!occupiesFile(section.sh_type)) return file.bytes.subarray(0, 0);
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

/** What to call a symbol: its name, or the name of the section that it stands for. */
export function symbolTitle(file: ElfFile, index: number): string {
  const section = symbolSection(file.symbols, index);
  return file.symbols.names[index] || (section === undefined ? '' : file.sections[section].name);
}
