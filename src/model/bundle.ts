/**
 * Cuts the loaded sections of an object into atoms.
 *
 * Where sized symbols stand, they are the cuts: an STT_FUNC is a function, an STT_OBJECT a datum; symbols that
 * overlap (aliases, entry points inside a function) share one atom. Mergeable sections are cut string by string
 * or element by element, tables of entries by the entry size of the target, replacements and fixups by the
 * tables that refer to them. What is left between symbols is an atom without a name; in data it is cut at
 * labels, in code it is not, because a label inside assembly says nothing about where a function ends.
 */
import * as c from '../elf/constants.js';
import type { ElfFile, ElfSection } from '../elf/read.js';
import { sectionBytes, symbolSection } from '../elf/read.js';
import { isFiller } from '../x86/decode.js';
import { entrySize, pieceStarts } from '../xen/special-sections.js';
import type { TargetProfile } from '../xen/versions.js';
import type { Atom, AtomKind, Bundles } from './object-model.js';
import { isCode, sectionRole } from './section-role.js';
import type { SectionRole } from './section-role.js';
import type { Cuts } from './table-cuts.js';

/** A range of a section that becomes an atom. */
interface Extent {
  readonly kind: AtomKind;
  readonly start: number;
  readonly end: number;
}

/** `cuts`: places where nameless data is known to fall apart, see table-cuts.ts. */
export function bundleObject(file: ElfFile, target: TargetProfile, cuts: Cuts = new Map()): Bundles {
  const sanitized = isSanitized(file);
  const inSection = symbolsBySection(file);
  const governing = governingFiles(file);
  const atoms: Atom[] = [];
  const firstAtom = new Int32Array(file.sections.length + 1);
  const atomOfSymbol = new Int32Array(file.symbols.count).fill(-1);
  for (const section of file.sections) {
    firstAtom[section.index] = atoms.length;
    const role = sectionRole(section, target);
    if (role === 'ignored') continue;
    const symbols = inSection[section.index] ?? [];
    const extents = cutSection(file, section, role, symbols, target, cuts.get(section.index) ?? []);
    const nameless = sanitized && role === 'data' ? 'compiler-data' : role;
    for (const atom of labelExtents(
      file,
      section,
      { role, nameless },
      extents,
      symbols,
      governing,
      atoms.length,
    )) {
      atoms.push(atom);
      for (const symbol of atom.symbols) atomOfSymbol[symbol] = atom.index;
    }
  }
  firstAtom[file.sections.length] = atoms.length;
  return { file, atoms, firstAtom, atomOfSymbol };
}

/**
 * Whether the undefined-behaviour sanitizer was at work. What it is to say of each check lies in writable sections
 * under names that no object keeps; compilers put nothing else there that has no name.
 */
function isSanitized({ symbols }: ElfFile): boolean {
  return symbols.names.some(
    (name, i) => symbols.st_shndx[i] === c.SHN_UNDEF && name.startsWith('__ubsan_handle_'),
  );
}

function symbolsBySection(file: ElfFile): (number[] | undefined)[] {
  const found = new Array<number[] | undefined>(file.sections.length);
  for (let i = 1; i < file.symbols.count; i++) {
    const section = symbolSection(file.symbols, i);
    const type = c.stType(file.symbols.st_info[i]);
    if (section === undefined || type === c.STT_SECTION || type === c.STT_FILE) continue;
    (found[section] ??= []).push(i);
  }
  return found;
}

/** For each local symbol the STT_FILE text before it (gABI: a file symbol precedes the locals of its file). */
export function governingFiles(file: ElfFile): readonly string[] {
  const found: string[] = [];
  let current = '';
  for (let i = 0; i < file.symbols.count; i++) {
    if (c.stType(file.symbols.st_info[i]) === c.STT_FILE) current = file.symbols.names[i];
    found.push(c.stBind(file.symbols.st_info[i]) === c.STB_LOCAL ? current : '');
  }
  return found;
}

function cutSection(
  file: ElfFile,
  section: ElfSection,
  role: SectionRole,
  symbols: readonly number[],
  target: TargetProfile,
  cuts: readonly number[],
): Extent[] {
  const size = section.sh_size;
  const entry = target.name === 'xen' ? entrySize(section, role, target) : undefined;
  if (entry !== undefined) return cutEvenly('entry', size, entry);
  if (role === 'altinstr-replacement' || role === 'fixup') {
    const starts = pieceStarts(file, section, role, target);
    return starts.slice(0, -1).map((start, k) => ({ kind: 'code', start, end: starts[k + 1] }));
  }
  if (isMergeable(section)) {
    return (section.sh_flags & c.SHF_STRINGS) !== 0
      ? cutStrings(sectionBytes(file, section), section.sh_entsize)
      : cutEvenly('constant', size, section.sh_entsize);
  }
  const labels = labelOffsets(file, symbols, cuts);
  const extents = fillGaps(sizedExtents(file, role, symbols, size), labels, size, isCode(role));
  return isCode(role) ? withOutOfLineCode(file, section, extents, symbols) : extents;
}

/**
 * Code that a function keeps out of its way, behind its end in a subsection of its section (UNLIKELY_START in Xen's
 * asm_defns.h): no symbol names it, and the function jumps there and back. Where the section holds just one function
 * it is a part of that one.
 */
function withOutOfLineCode(
  file: ElfFile,
  section: ElfSection,
  extents: Extent[],
  symbols: readonly number[],
): Extent[] {
  const [owner, tail] = extents.slice(-2);
  const above = extents.slice(0, -2);
  if (owner?.kind !== 'function' || tail?.kind !== 'code') return extents;
  if (symbols.some((i) => file.symbols.st_value[i] >= BigInt(tail.start))) return extents;
  const bytes = sectionBytes(file, section);
  const isFilling = ({ kind, start, end }: Extent): boolean =>
    kind === 'code' && isFiller(bytes.subarray(start, end));
  if (isFilling(tail) || !above.every(isFilling)) return extents;
  return [...above, { ...owner, end: tail.end }];
}

/** Bytes of the characters that strings are made of, and of the largest constant that compilers merge (a vector). */
const CHARACTER_WIDTHS: readonly number[] = [1, 2, 4];
const LARGEST_CONSTANT = 64;

/** Whether a section consists of elements that linkers may merge, by its flags and a width that can be meant. */
function isMergeable(section: ElfSection): boolean {
  const { sh_flags, sh_type, sh_entsize } = section;
  if ((sh_flags & c.SHF_MERGE) === 0 || sh_type === c.SHT_NOBITS) return false;
  if ((sh_flags & c.SHF_STRINGS) !== 0) return CHARACTER_WIDTHS.includes(sh_entsize);
  return sh_entsize > 0 && sh_entsize <= LARGEST_CONSTANT;
}

function cutEvenly(kind: AtomKind, size: number, step: number): Extent[] {
  const extents: Extent[] = [];
  for (let start = 0; start < size; start += step)
    extents.push({ kind, start, end: Math.min(size, start + step) });
  return extents;
}

/** One extent a string; a character is `width` bytes. What follows the last terminator is no string. */
function cutStrings(bytes: Uint8Array, width: number): Extent[] {
  const extents: Extent[] = [];
  let start = 0;
  if (width === 1) {
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
      extents.push({ kind: 'string', start, end: end + 1 });
      start = end + 1;
    }
  } else
    for (let at = 0; at + width <= bytes.length; at += width) {
      let zero = true;
      for (let k = 0; k < width; k++) zero &&= bytes[at + k] === 0;
      if (!zero) continue;
      extents.push({ kind: 'string', start, end: at + width });
      start = at + width;
    }
  if (start < bytes.length) extents.push({ kind: 'literal', start, end: bytes.length });
  return extents;
}

/** The extents of sized symbols, those that overlap joined, ascending. */
function sizedExtents(file: ElfFile, role: SectionRole, symbols: readonly number[], size: number): Extent[] {
  const { st_info, st_value, st_size } = file.symbols;
  const wanted = isCode(role) ? c.STT_FUNC : c.STT_OBJECT;
  const sized = symbols
    .filter(
      (i) => st_size[i] > 0n && c.stType(st_info[i]) === wanted && st_value[i] + st_size[i] <= BigInt(size),
    )
    .map((i) => ({ start: Number(st_value[i]), end: Number(st_value[i] + st_size[i]) }))
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const kind = isCode(role) ? 'function' : 'object';
  const extents: Extent[] = [];
  for (const { start, end } of sized) {
    const last = extents.at(-1);
    if (last !== undefined && start < last.end)
      extents[extents.length - 1] = { ...last, end: Math.max(last.end, end) };
    else extents.push({ kind, start, end });
  }
  return extents;
}

/** Where symbols stand, and what else is a border; ascending, each place once. */
function labelOffsets(file: ElfFile, symbols: readonly number[], cuts: readonly number[]): number[] {
  const places = symbols.map((i) => Number(file.symbols.st_value[i]));
  return [...new Set([...places, ...cuts])].sort((a, b) => a - b);
}

function fillGaps(
  sized: readonly Extent[],
  labels: readonly number[],
  size: number,
  code: boolean,
): Extent[] {
  const extents: Extent[] = [];
  let label = 0;
  const gap = (start: number, end: number): void => {
    let from = start;
    while (label < labels.length && labels[label] <= start) label++;
    for (; !code && label < labels.length && labels[label] < end; label++) {
      extents.push({ kind: 'literal', start: from, end: labels[label] });
      from = labels[label];
    }
    extents.push({ kind: code ? 'code' : 'literal', start: from, end });
  };
  let at = 0;
  for (const extent of sized) {
    if (extent.start > at) gap(at, extent.start);
    extents.push(extent);
    at = extent.end;
  }
  // A section of no bytes still gets an atom, because labels may stand in it.
  if (at < size || size === 0) gap(at, size);
  return extents;
}

function labelExtents(
  file: ElfFile,
  section: ElfSection,
  { role, nameless }: { readonly role: SectionRole; readonly nameless: SectionRole },
  extents: readonly Extent[],
  symbols: readonly number[],
  governing: readonly string[],
  firstIndex: number,
): Atom[] {
  const { st_value, names } = file.symbols;
  const ordered = [...symbols].sort((a, b) =>
    st_value[a] < st_value[b] ? -1 : st_value[a] > st_value[b] ? 1 : a - b,
  );
  let next = 0;
  return extents.map((extent, k) => {
    const inside: number[] = [];
    const last = k === extents.length - 1;
    while (next < ordered.length && (last || st_value[ordered[next]] < BigInt(extent.end)))
      inside.push(ordered[next++]);
    const atStart = inside.filter((i) => st_value[i] === BigInt(extent.start));
    const label = bestLabel(file, atStart, extent);
    return {
      index: firstIndex + k,
      kind: extent.kind,
      role: label < 0 ? nameless : role,
      section: section.index,
      start: extent.start,
      size: extent.end - extent.start,
      name: label < 0 ? '' : names[label],
      symbols: inside.sort((a, b) => a - b),
      label,
      local: label >= 0 && c.stBind(file.symbols.st_info[label]) === c.STB_LOCAL,
      sourceFile: label < 0 ? '' : governing[label],
    };
  });
}

/** Which of the symbols at an atom's start names it: a sized one before a label, a global before a local. */
function bestLabel(file: ElfFile, symbols: readonly number[], extent: Extent): number {
  const { st_info, st_size, names } = file.symbols;
  let best = -1;
  let bestRank = -1;
  for (const i of symbols) {
    if (names[i].startsWith('.L') || extent.kind === 'entry') continue;
    const global = c.stBind(st_info[i]) !== c.STB_LOCAL;
    const rank = (st_size[i] > 0n ? 2 : 0) + (global ? 1 : 0);
    if (rank > bestRank) {
      best = i;
      bestRank = rank;
    }
  }
  return best;
}
