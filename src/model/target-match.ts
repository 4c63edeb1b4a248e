/**
 * Whether two references lead to the same, for a reader: as the comparer has it, but a place inside the function
 * itself is the same place when what stands there is the same, at whatever distance from the start. Such places
 * are reached by jumps from the cold part and back, by jump tables, by fixups; all of them change when a single
 * instruction is inserted, and that is not what a reader looks for.
 */
import { canonicalType, relocWidth } from '../elf/reloc-x86-64.js';
import { asBuffer } from '../elf/read.js';
import type { Code } from './code-lines.js';
import type { Comparer } from './compare.js';
import { isLiteral } from './compare.js';
import { coldParent, stableName } from './names.js';
import type { Atom, Ref } from './object-model.js';
import { atomBytes } from './object-model.js';
import { isCode } from './section-role.js';

/** The code of a function on both sides, and what is known of both objects. */
export interface CodePair {
  readonly orig: Code;
  readonly patched: Code;
  readonly comparer: Comparer;
  readonly toOrig: Int32Array;
}

/** Whether two places of the two sides of a function are one place; offsets from the start of each. */
export type Together = (origAt: number, patchedAt: number) => boolean;

export const anywhere: Together = () => true;

/** Tables that refer to tables are followed so far. */
const DEEPEST = 3;

export function leadAlike(pair: CodePair, x: Ref, y: Ref, together: Together, depth = 0): boolean {
  const { orig, patched, comparer } = pair;
  if (x.atom === orig.atom.index && y.atom === patched.atom.index) return together(x.value, y.value);
  if (comparer.sameTarget(orig.atom, x, y)) return true;
  if (x.atom < 0 || y.atom < 0 || depth === DEEPEST) return false;
  const [a, b] = [orig.model.atoms[x.atom], patched.model.atoms[y.atom]];
  // From the hot part into the cold one, or back: which instruction is there is not known here.
  if (isInUnit(orig, a) && isInUnit(patched, b)) return pair.toOrig[b.index] === a.index;
  if (!isLiteral(a) || !isLiteral(b) || a.kind === 'string' || b.kind === 'string' || x.value !== y.value)
    return false;
  return holdAlike(pair, a, b, together, 0, depth + 1);
}

/** Two pieces of the objects that hold the same, their references from byte `from` on leading alike. */
export function holdAlike(
  pair: CodePair,
  a: Atom,
  b: Atom,
  together: Together,
  from: number,
  depth = 0,
): boolean {
  if (a.size !== b.size || a.kind !== b.kind) return false;
  const [xs, ys] = [pair.orig.model.refs[a.index], pair.patched.model.refs[b.index]];
  if (xs.length !== ys.length) return false;
  const bytes = blanked(atomBytes(pair.orig.model, a), xs);
  // Both at the fields of one side: where they do not agree the sides differ anyway.
  if (!bytes.equals(blanked(atomBytes(pair.patched.model, b), xs))) return false;
  return xs.every((x, k) => {
    const y = ys[k];
    if (x.at !== y.at || canonicalType(x.r_type) !== canonicalType(y.r_type)) return false;
    return x.at < from || leadAlike(pair, x, y, together, depth);
  });
}

/** A copy of bytes that begin at `start` of an atom, zeros in the fields of references. */
export function blanked(bytes: Uint8Array, refs: readonly Ref[], start = 0): Buffer {
  // Not Buffer.fill, which throws where a field ends behind the bytes.
  const copy = Uint8Array.from(bytes);
  for (const { at, r_type } of refs) copy.fill(0, at - start, at - start + Math.max(0, relocWidth(r_type)));
  return asBuffer(copy);
}

/** Whether an atom is a part of the function that some code belongs to: its hot or one of its cold parts. */
export function isInUnit({ atom }: Code, other: Atom): boolean {
  if (atom === other) return true;
  if (!isCode(other.role) || other.name === '' || atom.name === '') return false;
  return unitOf(atom) === unitOf(other) && (coldParent(atom.name) ?? coldParent(other.name)) !== undefined;
}

function unitOf({ name }: Atom): string {
  return stableName(coldParent(name) ?? name);
}
