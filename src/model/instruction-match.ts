/**
 * Which instructions of two functions are the same: equal bytes outside the fields of references, references that
 * lead to the same (target-match.ts), and branches inside the function equal but for their distance, because a
 * distance changes whenever something between changes.
 *
 * For alignment each instruction gets a number that equal ones share; it is made of bytes and names only, so two
 * that share it may still differ in what they refer to. `same` decides.
 */
import { canonicalType, relocWidth } from '../elf/reloc-x86-64.js';
import { asBuffer, symbolTitle } from '../elf/read.js';
import { branchForm } from '../x86/branch-form.js';
import { alignSequences } from './align.js';
import { endOf, isInnerBranch, positionAt, refsOfInstruction } from './code-lines.js';
import { isLiteral } from './compare.js';
import type { Ref } from './object-model.js';
import { atomBytes } from './object-model.js';
import { anywhere, isInUnit, leadAlike } from './target-match.js';
import type { CodePair, Together } from './target-match.js';

/** Whether instruction i of the original and j of the patched do the same; inner branches lead `together`. */
export function same(pair: CodePair, i: number, j: number, together: Together = anywhere): boolean {
  const { orig, patched } = pair;
  const start = orig.decoded.start[i];
  const other = patched.decoded.start[j];
  if (isInnerBranch(orig, i) && isInnerBranch(patched, j))
    return (
      branchForm(orig.bytes, start) === branchForm(patched.bytes, other) &&
      together(orig.decoded.target[i], patched.decoded.target[j])
    );
  const xs = refsOfInstruction(orig, i);
  const ys = refsOfInstruction(patched, j);
  if (xs.length !== ys.length || !sameButForTargets(pair, i, j)) return false;
  return xs.every((x, k) => {
    const y = ys[k];
    if (x.at - start !== y.at - other || canonicalType(x.r_type) !== canonicalType(y.r_type)) return false;
    return leadAlike(pair, x, y, together);
  });
}

/** Equal bytes outside the fields of references, which lead wherever they lead. */
export function sameButForTargets({ orig, patched }: CodePair, i: number, j: number): boolean {
  const length = orig.decoded.length[i];
  if (length !== patched.decoded.length[j]) return false;
  const start = orig.decoded.start[i];
  const other = patched.decoded.start[j];
  const xs = refsOfInstruction(orig, i);
  const ys = refsOfInstruction(patched, j);
  for (let k = 0; k < length; k++) {
    if (orig.bytes[start + k] === patched.bytes[other + k]) continue;
    if (!isInField(xs, start + k) && !isInField(ys, other + k)) return false;
  }
  return true;
}

function isInField(refs: readonly Ref[], at: number): boolean {
  return refs.some((ref) => at >= ref.at && at < ref.at + relocWidth(ref.r_type));
}

/** A stretch of both functions, ends exclusive. */
export interface Span {
  readonly iFrom: number;
  readonly iTo: number;
  readonly jFrom: number;
  readonly jTo: number;
}

/**
 * For each instruction of the original in the span the position of the one that is the same in the patched
 * function, or -1; element 0 stands for instruction `iFrom`.
 */
export function alignCode(pair: CodePair, span: Span): Int32Array {
  const known = new Map<string, number>();
  const number = (key: string): number => {
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, known.size);
    return known.size - 1;
  };
  const { iFrom, iTo, jFrom, jTo } = span;
  const a = new Int32Array(iTo - iFrom).map((_, k) => number(keyOf(pair, 'orig', iFrom + k)));
  const b = new Int32Array(jTo - jFrom).map((_, k) => number(keyOf(pair, 'patched', jFrom + k)));
  return alignSequences(a, b).map((j, k) => (j >= 0 && same(pair, iFrom + k, jFrom + j) ? jFrom + j : -1));
}

type Side = 'orig' | 'patched';

function keyOf(pair: CodePair, side: Side, i: number): string {
  const code = pair[side];
  const start = code.decoded.start[i];
  if (isInnerBranch(code, i)) return `branch ${branchForm(code.bytes, start)}`;
  const refs = refsOfInstruction(code, i);
  return `${textOf(code.bytes, start, endOf(code, i), refs)} ${refs.map((ref) => targetKey(pair, side, ref)).join(' ')}`;
}

/** The bytes of an instruction as characters, zeros in the fields of references. */
function textOf(bytes: Uint8Array, start: number, end: number, refs: readonly Ref[]): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(isInField(refs, at) ? 0 : bytes[at]);
  return text;
}

/** Characters of a string that tell it from others well enough. */
const TELLING = 64;

function targetKey(pair: CodePair, side: Side, ref: Ref): string {
  const { model } = pair[side];
  if (ref.atom < 0) return ref.symbol < 0 ? '' : `symbol ${symbolTitle(model.file, ref.symbol)} ${ref.value}`;
  const atom = model.atoms[ref.atom];
  if (atom.kind === 'string') {
    const text = asBuffer(atomBytes(model, atom)).subarray(Math.max(0, ref.value));
    return `string ${text.length} ${text.subarray(0, TELLING).toString('latin1')}`;
  }
  if (isInUnit(pair[side], atom)) return 'inside';
  if (isLiteral(atom)) return `literal ${atom.size} ${ref.value}`;
  const counterpart = side === 'orig' ? atom.index : pair.toOrig[atom.index];
  return counterpart < 0 ? `new ${atom.index} ${ref.value}` : `old ${counterpart} ${ref.value}`;
}

/** An instruction of each side, or the ends of both. */
export interface Places {
  readonly i: number;
  readonly j: number;
}

/**
 * The first difference that matters, given the first that was found: branches over what changed further on have
 * another distance, and are passed by. When nothing else differs, the branch it is.
 */
export function firstThatMatters(pair: CodePair, found: Places): Places {
  const { orig, patched } = pair;
  let { i, j } = found;
  while (i < orig.decoded.count && j < patched.decoded.count && sameSoFar(pair, found, i, j)) {
    i++;
    j++;
  }
  return i === orig.decoded.count && j === patched.decoded.count ? found : { i, j };
}

/** The same instruction, and when it branches back, to the same. What lies ahead is not known yet. */
function sameSoFar(pair: CodePair, found: Places, i: number, j: number): boolean {
  if (!same(pair, i, j)) return false;
  if (!isInnerBranch(pair.orig, i) || !isInnerBranch(pair.patched, j)) return true;
  const p = positionAt(pair.orig, pair.orig.decoded.target[i]);
  const q = positionAt(pair.patched, pair.patched.decoded.target[j]);
  // Up to where the two stand they go in step.
  return (p > i && q > j) || p - found.i === q - found.j;
}
