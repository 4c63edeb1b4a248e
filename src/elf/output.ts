/**
 * The plain description of a relocatable object that write.ts turns into bytes, and the checks of it.
 *
 * Sections and symbols refer to each other by their position in the description (from 0). The numbers they
 * get in the file differ: the null records come first, each RELA section follows its target, and the symbol
 * table is sorted. A description that contradicts itself is a bug of whoever made it, so it throws.
 */
import * as c from './constants.js';
import { relocName, relocWidth } from './reloc-x86-64.js';

export interface OutputRela {
  /** Bytes into the section that holds the record. */
  readonly r_offset: number;
  readonly r_type: number;
  /** Position in `symbols`, or 'none' for the null symbol (R_X86_64_NONE and absolute values). */
  readonly symbol: number | 'none';
  /** An integer of less than 2^53 in either direction. */
  readonly r_addend: number;
}

export interface OutputGroup {
  /** GRP_COMDAT or 0. */
  readonly flags: number;
  /** Position in `symbols` of the symbol that identifies the group. */
  readonly signature: number;
  /** Positions in `sections`; the RELA sections of members become members by themselves, as gABI demands. */
  readonly members: readonly number[];
}

export interface OutputSection {
  readonly name: string;
  readonly sh_type: number;
  /** At most 53 bits. */
  readonly sh_flags: number;
  /** A power of two from 1 to MAX_ADDRALIGN, for empty sections too: Xen's loader divides by it. */
  readonly sh_addralign: number;
  readonly sh_entsize: number;
  /** Empty for SHT_NOBITS and for SHT_GROUP. */
  readonly bytes: Uint8Array;
  /** Bytes of memory; for SHT_NOBITS only. */
  readonly sh_size?: number;
  readonly relas?: readonly OutputRela[];
  /** Position in `sections` of the section that sh_link names (SHF_LINK_ORDER). */
  readonly sh_link?: number;
  /** For SHT_GROUP only. */
  readonly group?: OutputGroup;
}

export interface OutputSymbol {
  /** A byte string (latin-1) without zero. */
  readonly name: string;
  readonly st_info: number;
  readonly st_other: number;
  /** Position in `sections`, or one of the reserved places. */
  readonly section: number | 'undef' | 'abs' | 'common';
  readonly st_value: bigint | number;
  readonly st_size: bigint | number;
}

export interface OutputObject {
  readonly sections: readonly OutputSection[];
  /** In any order and without the null symbol. */
  readonly symbols: readonly OutputSymbol[];
  /** EI_OSABI; ELFOSABI_NONE unless given. */
  readonly osabi?: number;
}

/** Sections that the writer makes itself. */
const MADE_BY_WRITER = new Set<number>([c.SHT_NULL, c.SHT_SYMTAB, c.SHT_RELA, c.SHT_REL, c.SHT_SYMTAB_SHNDX]);

/** Throws an Error that names the section, symbol or relocation when the description contradicts itself. */
export function checkOutput(object: OutputObject): void {
  for (const section of object.sections) checkSection(section, object);
  for (const symbol of object.symbols) checkSymbol(symbol, object);
}

function demand(condition: boolean, where: string, problem: string): void {
  if (!condition) throw new Error(`writeElf: ${where}: ${problem}`);
}

function checkSection(section: OutputSection, object: OutputObject): void {
  const { sh_type, sh_addralign, bytes } = section;
  const where = `section ${section.name}`;
  checkName(section.name, where);
  demand(!MADE_BY_WRITER.has(sh_type), where, `sections of type ${sh_type} are made by the writer`);
  demand(
    isPowerOfTwo(sh_addralign) && sh_addralign <= c.MAX_ADDRALIGN,
    where,
    `sh_addralign ${sh_addralign} is not a power of two up to ${c.MAX_ADDRALIGN}`,
  );
  demand(isCount(section.sh_flags), where, `sh_flags ${section.sh_flags} is not an unsigned integer`);
  demand(isCount(section.sh_entsize), where, `sh_entsize ${section.sh_entsize} is not an unsigned integer`);
  if (sh_type === c.SHT_NOBITS) {
    demand(bytes.length === 0, where, 'SHT_NOBITS has bytes');
    demand(isCount(section.sh_size ?? -1), where, 'SHT_NOBITS needs sh_size');
  } else {
    demand(section.sh_size === undefined, where, 'sh_size is given, but this is not SHT_NOBITS');
  }
  if (section.sh_link !== undefined) {
    demand(
      isPosition(section.sh_link, object.sections),
      where,
      `sh_link ${section.sh_link} names no section`,
    );
  }
  for (const rela of section.relas ?? []) checkRela(rela, section, object);
  demand((section.group !== undefined) === (sh_type === c.SHT_GROUP), where, 'group and SHT_GROUP disagree');
  if (section.group !== undefined) checkGroup(section.group, section, object);
}

function checkGroup(group: OutputGroup, section: OutputSection, object: OutputObject): void {
  const where = `group ${section.name}`;
  demand(section.bytes.length === 0 && section.relas === undefined, where, 'a group has members, not bytes');
  demand(isPosition(group.signature, object.symbols), where, `signature ${group.signature} names no symbol`);
  for (const member of group.members) {
    demand(isPosition(member, object.sections), where, `member ${member} names no section`);
  }
}

function checkRela(rela: OutputRela, section: OutputSection, object: OutputObject): void {
  const where = `relocation ${relocName(rela.r_type)} at ${rela.r_offset} of ${section.name}`;
  const width = relocWidth(rela.r_type);
  demand(width >= 0, where, 'unknown type');
  demand(isCount(rela.r_offset), where, 'r_offset is not an unsigned integer');
  demand(rela.r_offset + width <= section.bytes.length, where, `beyond the ${section.bytes.length} bytes`);
  demand(Number.isSafeInteger(rela.r_addend), where, `r_addend ${rela.r_addend} is not an exact integer`);
  if (rela.symbol !== 'none') {
    demand(isPosition(rela.symbol, object.symbols), where, `symbol ${rela.symbol} names no symbol`);
  }
}

function checkSymbol(symbol: OutputSymbol, object: OutputObject): void {
  const where = `symbol ${symbol.name}`;
  checkName(symbol.name, where);
  demand(isByte(symbol.st_info), where, `st_info ${symbol.st_info} is not a byte`);
  demand(isByte(symbol.st_other), where, `st_other ${symbol.st_other} is not a byte`);
  demand(isU64(symbol.st_value), where, `st_value ${symbol.st_value} is not an unsigned 64-bit integer`);
  demand(isU64(symbol.st_size), where, `st_size ${symbol.st_size} is not an unsigned 64-bit integer`);
  if (typeof symbol.section === 'number') {
    demand(isPosition(symbol.section, object.sections), where, `section ${symbol.section} does not exist`);
  }
}

function checkName(name: string, where: string): void {
  demand(!/[^\x01-\xff]/.test(name), where, 'the name holds a zero or a character beyond latin-1');
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isByte = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 0xff;
const isPowerOfTwo = (value: number): boolean => value > 0 && (value & (value - 1)) === 0;
const isPosition = (value: number, list: readonly unknown[]): boolean =>
  isCount(value) && value < list.length;
const isU64 = (value: bigint | number): boolean =>
  typeof value === 'number' ? isCount(value) : BigInt.asUintN(64, value) === value;
