/**
 * Whether an atom of the patched object does the same as its counterpart in the original one.
 *
 * Two atoms are equal when their bytes are equal outside the fields of references, and their references agree
 * one by one: same place, same kind, same target. What "same target" means depends on the target. Things with an
 * identity (functions, variables) are the same when they are correlated, whatever they contain: their own
 * contents are their own verdict. Things without (strings, constants, jump tables, fixup code) are the same
 * when they are equal, which asks the same question again one level down.
 *
 * That recursion is coinductive: a pair that is being compared counts as equal until shown otherwise, so cycles
 * (a fixup that jumps back, a table that points at itself) end. When a pair turns out different, the answers that
 * were given since it was entered are forgotten. It terminates because a pair found different stays so.
 */
import { canonicalType, relocKind, relocName } from '../elf/reloc-x86-64.js';
import { asBuffer, symbolTitle } from '../elf/read.js';
import type { Atom, ObjectModel, Ref } from './object-model.js';
import { atomBytes, atomSection } from './object-model.js';
import { isCode } from './section-role.js';
import { isCompilerTable, isNumbered } from './names.js';
import { describeTarget } from './spell-target.js';

/** Why two atoms differ: the first difference that matters. Offsets are bytes from the start of each atom. */
export interface Difference {
  readonly kind: 'code' | 'size' | 'contents' | 'reference' | 'special-section' | 'section' | 'cold-part';
  readonly text: string;
  readonly origAt: number;
  readonly patchedAt: number;
}

export interface Comparer {
  /** The first difference that matters between an original and a patched atom, or undefined when they do the same. */
  difference(orig: Atom, patched: Atom): Difference | undefined;
  /** Whether two references lead to the same; `user` is the original atom that holds the first. */
  sameTarget(user: Atom, x: Ref, y: Ref): boolean;
}

/** Literals that refer to literals are followed so far; the limit is for files made to exhaust the stack. */
const DEEPEST = 500;

/** Read-only data whose address carries no meaning, so that equal contents are as good as identity. */
export function isLiteral(atom: Atom): boolean {
  if (atom.kind === 'string' || atom.kind === 'constant') return true;
  if (atom.role === 'altinstr-replacement' || atom.role === 'fixup') return true;
  if (atom.role !== 'rodata' && atom.role !== 'init-data') return false;
  if (atom.name === '') return true;
  return (
    atom.kind === 'object' && atom.sourceFile !== '' && (isNumbered(atom.name) || isCompilerTable(atom.name))
  );
}

/** A comparer for one pair of objects; it remembers which literals it found equal. */
export function createComparer(orig: ObjectModel, patched: ObjectModel, toOrig: Int32Array): Comparer {
  return new PairComparer(orig, patched, toOrig);
}

class PairComparer implements Comparer {
  /** Key of a pair of literals -> whether they are equal, or taken for equal while they are compared. */
  private readonly known = new Map<number, boolean>();
  /** Keys of pairs taken for equal, in the order in which they were entered. */
  private readonly assumed: number[] = [];
  private depth = 0;

  constructor(
    private readonly orig: ObjectModel,
    private readonly patched: ObjectModel,
    private readonly toOrig: Int32Array,
  ) {}

  difference(a: Atom, b: Atom): Difference | undefined {
    if (boundary(a) !== boundary(b)) {
      const text = `it moved from ${atomSection(this.orig, a).name} to ${atomSection(this.patched, b).name}`;
      return { kind: 'section', text, origAt: 0, patchedAt: 0 };
    }
    const bytes = byteDifference(this.orig, a, this.patched, b);
    const reference = this.referenceDifference(a, b);
    if (bytes !== undefined && (reference === undefined || bytes.origAt <= reference.origAt)) return bytes;
    return reference ?? this.entryDifference(a, b);
  }

  private literalsEqual(a: Atom, b: Atom): boolean {
    const key = a.index * this.patched.atoms.length + b.index;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    // No compiler nests constants so deeply; whoever does gets "changed", which is never unsound.
    if (this.depth === DEEPEST) return false;
    const before = this.assumed.length;
    this.assumed.push(key);
    this.known.set(key, true);
    this.depth += 1;
    const equal = this.difference(a, b) === undefined;
    this.depth -= 1;
    if (equal) return true;
    // What was found equal in the meantime may have leaned on this pair.
    for (const leaning of this.assumed.splice(before)) {
      if (this.known.get(leaning) === true) this.known.delete(leaning);
    }
    this.known.set(key, false);
    return false;
  }

  sameTarget(user: Atom, x: Ref, y: Ref): boolean {
    const { orig, patched } = this;
    if (x.atom < 0 || y.atom < 0) return x.atom === y.atom && sameOutside(orig, x, patched, y);
    const a = orig.atoms[x.atom];
    const b = patched.atoms[y.atom];
    if (a.kind === 'string' && b.kind === 'string') return sameTail(orig, a, x.value, patched, b, y.value);
    if (x.value !== y.value) return false;
    // Literals are part of those that use them: being paired by name says nothing about their contents.
    if (isLiteral(a) || isLiteral(b)) return isLiteral(a) && isLiteral(b) && this.literalsEqual(a, b);
    if (this.toOrig[b.index] !== a.index) return false;
    // What loses its __init is new to code that runs after boot: the old one is gone.
    return !isFreed(a) || isFreed(b) || isFreed(user);
  }

  private referenceDifference(a: Atom, b: Atom): Difference | undefined {
    const xs = this.orig.refs[a.index];
    const ys = this.patched.refs[b.index];
    for (let k = 0; k < Math.max(xs.length, ys.length); k++) {
      const x = xs.at(k);
      const y = ys.at(k);
      if (x === undefined || y === undefined || x.at !== y.at) {
        const at = Math.min(x?.at ?? Infinity, y?.at ?? Infinity);
        const text = `a reference at ${hex(at)} is on one side only`;
        return { kind: 'reference', text, origAt: at, patchedAt: at };
      }
      if (canonicalType(x.r_type) !== canonicalType(y.r_type)) {
        return found('reference', x, y, `${relocName(x.r_type)} became ${relocName(y.r_type)}`);
      }
      if (!this.sameTarget(a, x, y)) {
        return found('reference', x, y, describeChange(this.orig, x, this.patched, y));
      }
    }
    return undefined;
  }

  private entryDifference(a: Atom, b: Atom): Difference | undefined {
    const { orig, patched } = this;
    const xs = sortedEntries(orig, a);
    const ys = sortedEntries(patched, b);
    for (const [k, x] of xs.entries()) {
      const y = ys.at(k);
      const section = atomSection(orig, x).name;
      const at = keyOffset(orig, x);
      if (y === undefined) return entryFound(at, `an entry of ${section} that described ${hex(at)} is gone`);
      if (section !== atomSection(patched, y).name || !this.literalsEqual(x, y)) {
        return entryFound(at, `the entry of ${section} that describes ${hex(at)} differs`);
      }
    }
    const added = ys.at(xs.length);
    if (added === undefined) return undefined;
    const at = keyOffset(patched, added);
    return entryFound(at, `a new entry of ${atomSection(patched, added).name} describes ${hex(at)}`);
  }
}

const hex = (at: number): string => `+0x${at.toString(16)}`;

function entryFound(at: number, text: string): Difference {
  return { kind: 'special-section', text, origAt: at, patchedAt: at };
}

/** Whether its memory is given back after boot. */
export function isFreed(atom: Atom): boolean {
  return atom.role === 'init-text' || atom.role === 'init-data';
}

/** The line that a move must not cross unnoticed: boot-time or not, writable or not, code or not. */
function boundary(atom: Atom): string {
  if (atom.role === 'init-text' || atom.role === 'init-data' || atom.role === 'percpu') return atom.role;
  if (isCode(atom.role)) return 'code';
  return atom.role === 'data' || atom.role === 'bss' ? 'writable' : 'read-only';
}

function found(kind: Difference['kind'], x: Ref, y: Ref, text: string): Difference {
  return { kind, text, origAt: x.at, patchedAt: y.at };
}

/** Undefined and absolute symbols are the same by name, and so are sections that were not cut into atoms. */
function sameOutside(orig: ObjectModel, x: Ref, patched: ObjectModel, y: Ref): boolean {
  if (x.symbol < 0 || y.symbol < 0) return x.symbol === y.symbol && x.value === y.value;
  return symbolTitle(orig.file, x.symbol) === symbolTitle(patched.file, y.symbol) && x.value === y.value;
}

function sameTail(
  orig: ObjectModel,
  a: Atom,
  from: number,
  patched: ObjectModel,
  b: Atom,
  to: number,
): boolean {
  // Compilers also point to or past the end of a string (the end of a loop over it): then the whole of it counts.
  if (from < 0 || to < 0 || from >= a.size || to >= b.size)
    return from === to && sameTail(orig, a, 0, patched, b, 0);
  const x = asBuffer(atomBytes(orig, a)).subarray(from);
  return x.equals(atomBytes(patched, b).subarray(to));
}

/** The first byte, outside reference fields, in which two atoms differ; a mere difference in size comes last. */
function byteDifference(orig: ObjectModel, a: Atom, patched: ObjectModel, b: Atom): Difference | undefined {
  const x = asBuffer(atomBytes(orig, a));
  const y = asBuffer(atomBytes(patched, b));
  const code = isCode(a.role);
  if (a.size === b.size && x.equals(y)) return undefined;
  // What SHT_NOBITS leaves out is zero: a variable that gets its first initial value moves from .bss to .data.
  const byteAt = (bytes: Uint8Array, at: number): number => (at < bytes.length ? bytes[at] : 0);
  const common = Math.min(a.size, b.size);
  const told = Math.min(common, Math.max(x.length, y.length));
  const skip = commonFields(orig.refs[a.index], patched.refs[b.index]);
  for (let at = 0, next = 0; at < told; at++) {
    while (next < skip.length && at >= skip[next].end) next++;
    if (byteAt(x, at) === byteAt(y, at) || (next < skip.length && at >= skip[next].start)) continue;
    const text = code
      ? `the code differs from +0x${at.toString(16)} on`
      : `the contents differ at +0x${at.toString(16)}`;
    return { kind: code ? 'code' : 'contents', text, origAt: at, patchedAt: at };
  }
  if (a.size === b.size) return undefined;
  return {
    kind: 'size',
    text: `its size went from ${a.size} to ${b.size} bytes`,
    origAt: common,
    patchedAt: common,
  };
}

/** The fields at which both sides have a reference: what the file holds there is overwritten. */
function commonFields(xs: readonly Ref[], ys: readonly Ref[]): { start: number; end: number }[] {
  const places = new Set(ys.map((y) => y.at));
  return xs
    .filter((x) => places.has(x.at))
    .map((x) => ({ start: x.at, end: x.at + (relocKind(x.r_type)?.width ?? 0) }));
}

function keyOffset(model: ObjectModel, entry: Atom): number {
  return model.refs[entry.index].find((r) => r.at === 0)?.value ?? 0;
}

/** An atom's entries by section and described place; entries of one place keep the order of their table. */
function sortedEntries(model: ObjectModel, atom: Atom): Atom[] {
  const entries = model.entries[atom.index].map((e) => model.atoms[e]);
  return entries.sort((p, q) => {
    const s = atomSection(model, p).name;
    const t = atomSection(model, q).name;
    if (s !== t) return s < t ? -1 : 1;
    return keyOffset(model, p) - keyOffset(model, q) || p.index - q.index;
  });
}

/** What a reference led to, and leads to now; things without a name are told by what they are. */
function describeChange(orig: ObjectModel, x: Ref, patched: ObjectModel, y: Ref): string {
  const before = describeTarget(orig, x);
  const after = describeTarget(patched, y);
  return before === after ? `the contents of ${before} differ` : `${before} became ${after}`;
}
