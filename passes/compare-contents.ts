/** Reads: parsed-pair. Makes: parsed-pair. Assumes: both sides are well-formed. Reports: nothing. */
import * as c from '../src/elf/constants.js';
import { asBuffer, sectionBytes } from '../src/elf/read.js';
import type { ElfFile, ElfSection, RelaTable } from '../src/elf/read.js';
import type { ItemPass } from '../src/engine/pass.js';
import { settledDiff } from '../src/model/artifacts.js';
import type { PairDiff, ParsedPair } from '../src/model/artifacts.js';
import { functionNames, mayAnswer, nearNames } from '../src/model/function-names.js';

/**
 * Settles the pairs whose loaded contents are equal section by section, symbol by symbol and relocation by
 * relocation: objects that differ in debug information, in stamps or in how their tables are numbered. It is
 * what most objects of a rebuilt tree are, and it needs neither decoding nor a graph. Sections and symbols are
 * paired by order, so equal names cannot be confused.
 */
export const compareContents: ItemPass<ParsedPair, ParsedPair, PairDiff> = {
  name: 'compare-contents',
  reads: 'parsed-pair',
  makes: 'parsed-pair',
  each: (pair, { explain = [] }) => {
    const { orig, patched } = pair;
    if (orig === undefined || patched === undefined || !sameContents(orig, patched)) return { next: pair };
    const settled = settledDiff(pair.object, 'unchanged');
    if (explain.length === 0) return { done: settled };
    // A function that is asked for is shown, even when it is the same.
    const functions = functionNames(patched);
    return functions.some((name) => explain.some((asked) => mayAnswer(asked, name)))
      ? { next: pair }
      : { done: { ...settled, near: nearNames(explain, functions) } };
  },
};

function sameContents(orig: ElfFile, patched: ElfFile): boolean {
  const x = loaded(orig);
  const y = loaded(patched);
  if (x.sections.length !== y.sections.length || x.symbols.length !== y.symbols.length) return false;
  if (!x.sections.every((section, k) => sameSection(orig, section, patched, y.sections[k]))) return false;
  if (!x.symbols.every((symbol, k) => sameSymbol(orig, symbol, x, patched, y.symbols[k], y))) return false;
  return x.sections.every((section, k) => sameRelocations(orig, section, x, patched, y.sections[k], y));
}

interface Loaded {
  readonly sections: readonly ElfSection[];
  /** Symbols of loaded sections, undefined and absolute ones; section symbols excluded. */
  readonly symbols: readonly number[];
  /** Symbol number -> a number that means the same on both sides: rank, or minus rank of its section. */
  readonly meaning: Int32Array;
  readonly rankOfSection: Int32Array;
}

const MEANINGLESS = 0x7fff_ffff;

function loaded(file: ElfFile): Loaded {
  const rankOfSection = new Int32Array(file.sections.length).fill(-1);
  const sections = file.sections.filter(
    (s) => (s.sh_flags & c.SHF_ALLOC) !== 0 && s.name !== '.note.gnu.property',
  );
  for (const [k, section] of sections.entries()) rankOfSection[section.index] = k;
  const { count, st_info, st_shndx } = file.symbols;
  const meaning = new Int32Array(count).fill(MEANINGLESS);
  const symbols: number[] = [];
  for (let i = 1; i < count; i++) {
    const shndx = st_shndx[i];
    const rank = shndx < c.RESERVED_SHNDX ? rankOfSection[shndx] : -1;
    if (c.stType(st_info[i]) === c.STT_SECTION) {
      if (rank >= 0) meaning[i] = -1 - rank;
    } else if (rank >= 0 || shndx === c.SHN_UNDEF || shndx >= c.RESERVED_SHNDX) {
      meaning[i] = symbols.length;
      symbols.push(i);
    }
  }
  return { sections, symbols, meaning, rankOfSection };
}

function sameSection(orig: ElfFile, x: ElfSection, patched: ElfFile, y: ElfSection): boolean {
  return (
    x.name === y.name &&
    x.sh_type === y.sh_type &&
    x.sh_flags === y.sh_flags &&
    x.sh_size === y.sh_size &&
    x.sh_addralign === y.sh_addralign &&
    x.sh_entsize === y.sh_entsize &&
    asBuffer(sectionBytes(orig, x)).equals(sectionBytes(patched, y))
  );
}

function sameSymbol(orig: ElfFile, i: number, x: Loaded, patched: ElfFile, j: number, y: Loaded): boolean {
  const a = orig.symbols;
  const b = patched.symbols;
  const place = (shndx: number, side: Loaded): number =>
    shndx < c.RESERVED_SHNDX ? side.rankOfSection[shndx] : shndx;
  return (
    a.names[i] === b.names[j] &&
    a.st_info[i] === b.st_info[j] &&
    a.st_other[i] === b.st_other[j] &&
    a.st_value[i] === b.st_value[j] &&
    a.st_size[i] === b.st_size[j] &&
    (a.st_shndx[i] === c.SHN_UNDEF) === (b.st_shndx[j] === c.SHN_UNDEF) &&
    place(a.st_shndx[i], x) === place(b.st_shndx[j], y)
  );
}

function sameRelocations(
  orig: ElfFile,
  s: ElfSection,
  x: Loaded,
  patched: ElfFile,
  t: ElfSection,
  y: Loaded,
): boolean {
  const a = relocationsOf(orig, s);
  const b = relocationsOf(patched, t);
  if (a === undefined || b === undefined) return a === b;
  if (a.count !== b.count) return false;
  for (let k = 0; k < a.count; k++) {
    if (
      a.r_offset[k] !== b.r_offset[k] ||
      a.r_type[k] !== b.r_type[k] ||
      a.r_addend[k] !== b.r_addend[k] ||
      x.meaning[a.r_sym[k]] !== y.meaning[b.r_sym[k]] ||
      // A reference into a section that is not loaded says nothing here: leave it to the graph.
      (a.r_sym[k] !== 0 && x.meaning[a.r_sym[k]] === MEANINGLESS)
    ) {
      return false;
    }
  }
  return true;
}

function relocationsOf(file: ElfFile, section: ElfSection): RelaTable | undefined {
  const position = file.relaOf[section.index];
  return position < 0 ? undefined : file.relas[position];
}
