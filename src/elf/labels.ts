/**
 * How a dump calls sections and symbols: by name, never by number, so that a section more or a symbol less
 * does not change the lines about all the others.
 */
import * as c from './constants.js';
import type { ElfFile } from './file.js';
import { printableName } from '../diag/printable.js';

/**
 * One label per section number: its name, with {2}, {3}, … appended to the second and later sections of the
 * same name (.group, or .text of COMDAT groups).
 */
export function sectionLabels(file: ElfFile): string[] {
  const seen = new Map<string, number>();
  return file.sections.map((section) => {
    const name = printableName(section.name) || '<unnamed>';
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}{${count}}`;
  });
}

/** What a relocation refers to, without its addend: a symbol's name, or its place when it has none. */
export function symbolLabel(file: ElfFile, labels: readonly string[], index: number): string {
  const { symbols } = file;
  if (index === 0) return '<no symbol>';
  const name = symbols.names[index];
  if (name !== '' && c.stType(symbols.st_info[index]) !== c.STT_SECTION) return printableName(name);
  const value = symbols.st_value[index];
  return symbolPlace(file, labels, index) + (value === 0n ? '' : `+0x${value.toString(16)}`);
}

/** Where a symbol is, without its value: a section label, or <undefined>, <absolute>, <common>, <reserved …>. */
export function symbolPlace(file: ElfFile, labels: readonly string[], index: number): string {
  const shndx = file.symbols.st_shndx[index];
  if (shndx === c.SHN_UNDEF) return '<undefined>';
  if (shndx === c.RESERVED_SHNDX + c.SHN_ABS) return '<absolute>';
  if (shndx === c.RESERVED_SHNDX + c.SHN_COMMON) return '<common>';
  if (shndx >= c.RESERVED_SHNDX) return `<reserved 0x${(shndx - c.RESERVED_SHNDX).toString(16)}>`;
  return labels[shndx];
}

/** "+0x10", "-0x4", or nothing for 0. */
export function signedHex(value: number): string {
  if (value === 0) return '';
  return value < 0 ? `-0x${(-value).toString(16)}` : `+0x${value.toString(16)}`;
}
