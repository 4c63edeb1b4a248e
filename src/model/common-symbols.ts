/**
 * Common symbols (gABI: SHN_COMMON): variables without an initial value to which only the linker gives a place. An
 * object compiled with -fcommon has no bytes of them, so they are no atoms; one compiled without has them in .bss.
 * Both spell the same variable.
 */
import * as c from '../elf/constants.js';
import type { ElfFile } from '../elf/read.js';
import type { Atom, Bundles, Ref } from './object-model.js';
import { atomBytes } from './object-model.js';

function isCommon({ symbols }: ElfFile, symbol: number): boolean {
  return symbol >= symbols.firstGlobal && symbols.st_shndx[symbol] === c.RESERVED_SHNDX + c.SHN_COMMON;
}

/** Names of the common symbols of an object, with their sizes in bytes. */
export function commonSymbols(file: ElfFile): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  const { symbols } = file;
  for (let i = symbols.firstGlobal; i < symbols.count; i++) {
    if (isCommon(file, i)) found.set(symbols.names[i], symbols.st_size[i]);
  }
  return found;
}

/** Whether `atom` is what a common symbol of the other side stands for: a global of that name and size, all zeros. */
export function isSpeltCommon(model: Bundles, atom: Atom, others: ReadonlyMap<string, bigint>): boolean {
  if (others.get(atom.name) !== BigInt(atom.size) || atom.local) return false;
  return (atom.role === 'bss' || atom.role === 'data') && atomBytes(model, atom).every((byte) => byte === 0);
}

/** Whether of two references one leads to a common symbol, and the other to the same place in the variable of its name. */
export function leadToCommon(orig: Bundles, x: Ref, patched: Bundles, y: Ref): boolean {
  if (x.atom < 0 && y.atom >= 0) return leadsToCommon(orig, x, patched, y);
  return y.atom < 0 && x.atom >= 0 && leadsToCommon(patched, y, orig, x);
}

function leadsToCommon(model: Bundles, common: Ref, other: Bundles, placed: Ref): boolean {
  if (!isCommon(model.file, common.symbol) || common.value !== placed.value) return false;
  const { symbols } = model.file;
  const name = symbols.names[common.symbol];
  const atom = other.atoms[placed.atom];
  return atom.name === name && isSpeltCommon(other, atom, new Map([[name, symbols.st_size[common.symbol]]]));
}
