/**
 * The symbol table as lines of a dump, sorted by place and not by number: absolute symbols, then those of the
 * sections in the order of the file, then common and undefined ones; within a section by value and name.
 * Sorting loses which FILE symbol a local one followed, so with several FILE symbols the line tells it.
 */
import * as c from './constants.js';
import type { ElfFile } from './file.js';
import { symbolPlace } from './labels.js';
import { printableName } from '../diag/printable.js';
import { bindingName, symbolTypeName, visibilityName } from './spell.js';

/** One line per symbol except the null symbol; `labels` are those of labels.ts. */
export function symbolLines(file: ElfFile, labels: readonly string[]): string[] {
  const { symbols } = file;
  const files = fileOfLocals(file);
  const order = Array.from({ length: Math.max(symbols.count - 1, 0) }, (_, k) => k + 1);
  order.sort((a, b) => compareSymbols(file, a, b));
  return order.map((i) => {
    const name = printableName(symbols.names[i]) || (isSection(file, i) ? '<section>' : '<unnamed>');
    const { st_info, st_other } = { st_info: symbols.st_info[i], st_other: symbols.st_other[i] };
    const parts = [`symbol ${name} ${placeAndSize(file, labels, i)}`];
    parts.push(bindingName(c.stBind(st_info)), symbolTypeName(c.stType(st_info)), visibilityName(st_other));
    if ((st_other & ~3) !== 0) parts.push(`st_other 0x${st_other.toString(16)}`);
    if (files[i] !== '') parts.push(`of ${files[i]}`);
    return parts.join(' ');
  });
}

const isSection = (file: ElfFile, i: number): boolean => c.stType(file.symbols.st_info[i]) === c.STT_SECTION;

function placeAndSize(file: ElfFile, labels: readonly string[], i: number): string {
  const { symbols, header } = file;
  const value = `0x${symbols.st_value[i].toString(16)}`;
  const place = symbolPlace(file, labels, i);
  const size = ` size 0x${symbols.st_size[i].toString(16)}`;
  const shndx = symbols.st_shndx[i];
  if (shndx === c.SHN_UNDEF) return place + (symbols.st_size[i] === 0n ? '' : size);
  if (shndx === c.RESERVED_SHNDX + c.SHN_COMMON) return `${place} align ${symbols.st_value[i]}${size}`;
  if (shndx >= c.RESERVED_SHNDX) return `${place} ${value}${size}`;
  return (header.e_type === c.ET_REL ? `${place}+${value}` : `${value} in ${place}`) + size;
}

/** Symbol number -> name of the FILE symbol before it, for local symbols of files with several; else ''. */
function fileOfLocals(file: ElfFile): string[] {
  const { symbols } = file;
  const owners = new Array<string>(symbols.count).fill('');
  let count = 0;
  let current = '';
  for (let i = 1; i < symbols.firstGlobal; i++) {
    const type = c.stType(symbols.st_info[i]);
    if (type === c.STT_FILE) {
      current = printableName(symbols.names[i]);
      count++;
    } else if (type !== c.STT_SECTION) {
      owners[i] = current;
    }
  }
  return count > 1 ? owners : owners.fill('');
}

/** A total order over what a line shows, so that equal lines may swap but different ones never do. */
function compareSymbols(file: ElfFile, a: number, b: number): number {
  const { symbols } = file;
  return (
    rank(symbols.st_shndx[a]) - rank(symbols.st_shndx[b]) ||
    symbols.st_shndx[a] - symbols.st_shndx[b] ||
    compare(symbols.st_value[a], symbols.st_value[b]) ||
    compare(symbols.names[a], symbols.names[b]) ||
    symbols.st_info[a] - symbols.st_info[b] ||
    compare(symbols.st_size[a], symbols.st_size[b]) ||
    symbols.st_other[a] - symbols.st_other[b] ||
    a - b
  );
}

function rank(shndx: number): number {
  if (shndx === c.SHN_UNDEF) return 3;
  if (shndx === c.RESERVED_SHNDX + c.SHN_COMMON) return 2;
  return shndx >= c.RESERVED_SHNDX ? 0 : 1;
}

function compare<T extends bigint | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
