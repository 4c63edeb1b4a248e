/**
 * What a reference designates, in words: a quoted string, a name, or section and offset. Numbers of symbols and
 * sections never show, so two builds read alike where they mean the same.
 */
import { RESERVED_SHNDX, SHN_COMMON } from '../elf/constants.js';
import { asBuffer, symbolTitle } from '../elf/read.js';
import type { Atom, ObjectModel, Ref } from './object-model.js';
import { atomBytes, atomSection } from './object-model.js';

/** Characters of a string that a sentence holds. */
const SHOWN_STRING = 48;

/** The target of a reference; of a string no more than `shown` characters. */
export function describeTarget(model: ObjectModel, ref: Ref, shown = SHOWN_STRING): string {
  if (ref.atom < 0) {
    return ref.symbol < 0
      ? `address ${signed(ref.value)}`
      : `${symbolTitle(model.file, ref.symbol)}${isCommon(model, ref.symbol) ? ' (common)' : ''}${signed(ref.value)}`;
  }
  const atom = model.atoms[ref.atom];
  if (atom.kind === 'string') {
    // Before the start or behind the end the string as a whole is meant, from so far away.
    const inside = ref.value >= 0 && ref.value < atom.size;
    const text = quoted(stringFrom(model, atom, inside ? ref.value : 0), shown);
    return inside ? text : `${text}${signed(ref.value)}`;
  }
  if (atom.name !== '') return `${atom.name}${signed(ref.value)}`;
  const at = atom.start + ref.value;
  return `${atomSection(model, atom).name}${at < 0 ? '-' : '+'}0x${Math.abs(at).toString(16)}`;
}

/** The text of a string from byte `at` on, its terminator left out; empty when `at` lies behind its end. */
export function stringFrom(model: ObjectModel, atom: Atom, at: number): string {
  const wide = atomSection(model, atom).sh_entsize === 2;
  return asBuffer(atomBytes(model, atom))
    .subarray(Math.max(0, at), Math.max(0, atom.size - (wide ? 2 : 1)))
    .toString(wide ? 'utf16le' : 'latin1');
}

export function quoted(text: string, shown: number): string {
  return JSON.stringify(text.length > shown ? `${text.slice(0, shown)}…` : text);
}

/** A distance as it follows a name: `+0x8`, `-0x4`, nothing for 0. */
export function signed(distance: number): string {
  return distance === 0 ? '' : `${distance < 0 ? '-' : '+'}0x${Math.abs(distance).toString(16)}`;
}

function isCommon(model: ObjectModel, symbol: number): boolean {
  return model.file.symbols.st_shndx[symbol] === RESERVED_SHNDX + SHN_COMMON;
}
