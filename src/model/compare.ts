/**
 * Whether an atom of the patched object does the same as its counterpart in the original one.
 *
 * Two atoms are equal when their bytes are equal outside the fields of references, and their references agree
 * one by one: same place, same kind, same target. What "same target" means depends on the target. Things with an
 * identity (functions, variables) are the same when they are correlated, whatever they contain: their own
 * contents are their own verdict. Things without (strings, constants, jump tables, fixup code) are the same
 * when they are equal, which asks the same question again one level down.
 *
 * What two equal atoms differ in, and what cannot matter, is remembered by name (Modulo): reports tell it.
 *
 * That recursion is coinductive: a pair that is being compared counts as equal until shown otherwise, so cycles
 * (a fixup that jumps back, a table that points at itself) end. When a pair turns out different, the answers that
 * were given since it was entered are forgotten. It terminates because a pair found different stays so.
 */
import { STT_SECTION, stType } from '../elf/constants.js';
import { canonicalType, relocName, relocWidth } from '../elf/reloc-x86-64.js';
import { asBuffer, symbolTitle } from '../elf/read.js';
import { sameStamp } from './build-stamps.js';
import { leadToCommon } from './common-symbols.js';
import { Modulo } from './difference.js';
import type { Difference } from './difference.js';
import type { Atom, ObjectModel, Ref } from './object-model.js';
import { atomBytes, atomSection } from './object-model.js';
import { isCode } from './section-role.js';
import { isCompilerTable, isNumbered } from './names.js';
import { describeTarget } from './spell-target.js';
import { isFiller } from '../x86/decode.js';

/** What a comparison found. */
export interface Compared {
  /** The first difference that matters, or undefined when both do the same. */
  readonly difference: Difference | undefined;
  /** In which respects they are equal only modulo something; bits of Modulo. */
  readonly modulo: number;
}

/** Which differing bytes of two functions are a line number that both report: their range, or undefined. */
export type LineNumberField = (
  orig: Atom,
  patched: Atom,
  at: number,
) => { readonly start: number; readonly end: number } | undefined;

export interface Comparer {
  compare(orig: Atom, patched: Atom): Compared;
  /** Whether two references lead to the same; `user` is the original atom that holds the first. */
  sameTarget(user: Atom, x: Ref, y: Ref): boolean;
}

/** Literals that refer to literals are followed so far; the limit is for files made to exhaust the stack. */
const DEEPEST = 500;

/** Read-only data whose address carries no meaning, so that equal contents are as good as identity. */
export function isLiteral(atom: Atom): boolean {
  if (atom.kind === 'string' || atom.kind === 'constant') return true;
  if (atom.role === 'altinstr-replacement' || atom.role === 'fixup') return true;
  if (atom.role === 'compiler-data') return true;
  if (atom.role !== 'rodata' && atom.role !== 'init-data') return false;
  if (atom.name === '') return true;
  return atom.kind === 'object' && atom.local && (isNumbered(atom.name) || isCompilerTable(atom.name));
}

/** A comparer for one pair of objects; it remembers which literals it found equal. */
export function createComparer(
  orig: ObjectModel,
  patched: ObjectModel,
  toOrig: Int32Array,
  lineNumberField: LineNumberField = () => undefined,
): Comparer {
  return new PairComparer(orig, patched, toOrig, lineNumberField);
}

const DIFFERENT = -1;

class PairComparer implements Comparer {
  /** Key of a pair of literals -> modulo what they are equal, or taken for equal while they are compared. */
  private readonly known = new Map<number, number>();
  /** Keys of pairs taken for equal, in the order in which they were entered. */
  private readonly assumed: number[] = [];
  private depth = 0;
  /** Modulo what the atoms compared at present are equal so far. */
  private modulo = 0;

  constructor(
    private readonly orig: ObjectModel,
    private readonly patched: ObjectModel,
    private readonly toOrig: Int32Array,
    private readonly lineNumberField: LineNumberField,
  ) {}

  compare(a: Atom, b: Atom): Compared {
    this.modulo = 0;
    const difference = this.difference(a, b);
    return { difference, modulo: this.modulo };
  }

  private difference(a: Atom, b: Atom): Difference | undefined {
    if (!this.samePlace(a, b)) {
      const text = `it moved from ${atomSection(this.orig, a).name} to ${atomSection(this.patched, b).name}`;
      return { kind: 'section', text, origAt: 0, patchedAt: 0 };
    }
    const bytes = this.byteDifference(a, b);
    const reference = this.referenceDifference(a, b);
    if (bytes !== undefined && (reference === undefined || bytes.origAt <= reference.origAt)) return bytes;
    return reference ?? this.entryDifference(a, b);
  }

  /** Whether what moved between sections still is, for running code, what it was. */
  private samePlace(a: Atom, b: Atom): boolean {
    if (atomSection(this.orig, a).name !== atomSection(this.patched, b).name && !isLiteral(a))
      this.modulo |= Modulo.placement;
    const before = boundary(a);
    const after = boundary(b);
    if (before === after) return true;
    // The hypervisor keeps the code and data that the patched source gives back after boot.
    return (
      (before === 'code' && after === 'init-text') ||
      ((before === 'writable' || before === 'read-only') && after === 'init-data')
    );
  }

  private literalsEqual(a: Atom, b: Atom): boolean {
    const key = a.index * this.patched.atoms.length + b.index;
    const known = this.known.get(key);
    if (known !== undefined) {
      if (known !== DIFFERENT) this.modulo |= known;
      return known !== DIFFERENT;
    }
    // No compiler nests constants so deeply; whoever does gets "changed", which is never unsound.
    if (this.depth === DEEPEST) return false;
    const before = this.assumed.length;
    this.assumed.push(key);
    this.known.set(key, 0);
    this.depth += 1;
    const outer = this.modulo;
    this.modulo = a.kind !== 'entry' && this.isElsewhere(a, b) ? Modulo.literalPlace : 0;
    const equal = this.difference(a, b) === undefined;
    this.depth -= 1;
    const own = this.modulo;
    this.modulo = outer | own;
    if (equal) {
      this.known.set(key, own);
      return true;
    }
    // What was found equal in the meantime may have leaned on this pair.
    for (const leaning of this.assumed.splice(before)) {
      if (this.known.get(leaning) !== DIFFERENT) this.known.delete(leaning);
    }
    this.known.set(key, DIFFERENT);
    return false;
  }

  private isElsewhere(a: Atom, b: Atom): boolean {
    return a.start !== b.start || atomSection(this.orig, a).name !== atomSection(this.patched, b).name;
  }

  /** Takes note of how two references that mean the same are spelt. */
  private noteSpelling(x: Ref, y: Ref): void {
    if (x.r_type !== y.r_type || x.symbol < 0 !== y.symbol < 0 || x.atom < 0 !== y.atom < 0)
      this.modulo |= Modulo.encoding;
    if (x.high !== y.high) this.modulo |= Modulo.lineNumber;
    if (x.atom < 0 || y.atom < 0 || x.symbol < 0 || y.symbol < 0) return;
    const type = (model: ObjectModel, ref: Ref): boolean =>
      stType(model.file.symbols.st_info[ref.symbol]) === STT_SECTION;
    if (type(this.orig, x) !== type(this.patched, y)) this.modulo |= Modulo.encoding;
    const a = this.orig.atoms[x.atom];
    const b = this.patched.atoms[y.atom];
    if (a.name !== b.name) this.modulo |= Modulo.numbering;
  }

  sameTarget(user: Atom, x: Ref, y: Ref): boolean {
    const { orig, patched } = this;
    if (x.atom < 0 || y.atom < 0)
      return x.atom === y.atom ? sameOutside(orig, x, patched, y) : leadToCommon(orig, x, patched, y);
    const a = orig.atoms[x.atom];
    const b = patched.atoms[y.atom];
    if (a.kind === 'string' && b.kind === 'string') {
      if (this.isElsewhere(a, b) || x.value !== y.value) this.modulo |= Modulo.literalPlace;
      if (sameTail(orig, a, x.value, patched, b, y.value)) return true;
      const stamp =
        x.value === 0 && y.value === 0 && sameStamp(user.name, atomBytes(orig, a), atomBytes(patched, b));
      if (stamp) this.modulo |= Modulo.buildStamp;
      return stamp;
    }
    if (x.value !== y.value) return false;
    // Literals are part of those that use them: being paired by name says nothing about their contents.
    if (isLiteral(a) || isLiteral(b)) return isLiteral(a) && isLiteral(b) && this.literalsEqual(a, b);
    if (this.toOrig[b.index] !== a.index) return false;
    // What loses its __init is new to code that runs after boot: the old one is gone.
    return !isFreed(a) || isFreed(b) || isFreed(user);
  }

  /** The first byte, outside reference fields, in which two atoms differ; a mere difference in size comes last. */
  private byteDifference(a: Atom, b: Atom): Difference | undefined {
    const x = atomBytes(this.orig, a);
    const y = atomBytes(this.patched, b);
    if (a.size === b.size && sameBytes(x, y)) return undefined;
    // What SHT_NOBITS leaves out is zero: a variable that gets its first initial value moves from .bss to .data.
    const byteAt = (bytes: Uint8Array, at: number): number => (at < bytes.length ? bytes[at] : 0);
    const common = Math.min(a.size, b.size);
    const told = Math.min(common, Math.max(x.length, y.length));
    const skip = commonFields(this.orig.refs[a.index], this.patched.refs[b.index]);
    for (let at = 0, next = 0; at < told; at++) {
      while (next < skip.length && at >= skip[next].end) next++;
      if (byteAt(x, at) === byteAt(y, at) || (next < skip.length && at >= skip[next].start)) continue;
      const line = this.lineNumber(a, b, at);
      if (line === undefined) return bytesFound(isCode(a.role), at);
      this.modulo |= Modulo.lineNumber;
      at = line.end - 1;
    }
    if (a.size === b.size) return undefined;
    if (a.kind === 'code' && isFiller((a.size > b.size ? x : y).subarray(common))) {
      this.modulo |= Modulo.padding;
      return undefined;
    }
    return {
      kind: 'size',
      text: `its size went from ${a.size} to ${b.size} bytes`,
      origAt: common,
      patchedAt: common,
    };
  }

  private lineNumber(a: Atom, b: Atom, at: number): { readonly end: number } | undefined {
    if (a.role === 'compiler-data' && b.role === 'compiler-data') return this.describedLine(a, b, at);
    return isCode(a.role) && isCode(b.role) && a.size === b.size ? this.lineNumberField(a, b, at) : undefined;
  }

  /** The line in a description that the undefined-behaviour sanitizer makes: `{ const char *file; u32 line, column; }`. */
  private describedLine(a: Atom, b: Atom, at: number): { readonly end: number } | undefined {
    const [file] = this.orig.refs[a.index];
    const told =
      a.size === b.size && file?.at === 0 && file.atom >= 0 && this.orig.atoms[file.atom].kind === 'string';
    return told && at >= DESCRIBED_LINE && at < DESCRIBED_LINE + 4 ? { end: DESCRIBED_LINE + 4 } : undefined;
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
      if (this.leadsToNothing(a, b, x)) continue;
      if (!this.sameTarget(a, x, y)) {
        return found('reference', x, y, describeChange(this.orig, x, this.patched, y));
      }
      this.noteSpelling(x, y);
    }
    return undefined;
  }

  /** Where an alternative without replacement instructions finds them: in whatever happens to stand there. */
  private leadsToNothing(a: Atom, b: Atom, { at }: Ref): boolean {
    if (a.role !== 'altinstructions' || b.role !== 'altinstructions' || at !== REPLACEMENT_AT) return false;
    return (
      atomBytes(this.orig, a)[REPLACEMENT_LENGTH_AT] === 0 &&
      atomBytes(this.patched, b)[REPLACEMENT_LENGTH_AT] === 0
    );
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

/** struct alt_instr: s32 repl_offset, u8 repl_len (xen/arch/x86/include/asm/alternative.h). */
const REPLACEMENT_AT = 4;
const REPLACEMENT_LENGTH_AT = 11;

/** Bytes from the start of the sanitizer's source_location to its line; as gcc 12 and clang 14 make it. */
const DESCRIBED_LINE = 8;

function bytesFound(code: boolean, at: number): Difference {
  const text = code ? `the code differs from ${hex(at)} on` : `the contents differ at ${hex(at)}`;
  return { kind: code ? 'code' : 'contents', text, origAt: at, patchedAt: at };
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
  if (atom.role === 'boot-table') return atom.role;
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

/** Bytes up to which a loop is done before a Buffer is made. */
const SHORT = 128;

function sameBytes(x: Uint8Array, y: Uint8Array): boolean {
  if (x.length !== y.length) return false;
  if (x.length > SHORT) return asBuffer(x).equals(y);
  for (let k = 0; k < x.length; k++) if (x[k] !== y[k]) return false;
  return true;
}

/** The fields at which both sides have a reference: what the file holds there is overwritten. */
function commonFields(xs: readonly Ref[], ys: readonly Ref[]): { start: number; end: number }[] {
  const places = new Set(ys.map((y) => y.at));
  return xs
    .filter((x) => places.has(x.at))
    .map((x) => ({ start: x.at, end: x.at + Math.max(0, relocWidth(x.r_type)) }));
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
