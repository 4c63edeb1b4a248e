/** Reads: correlated-pair. Makes: pair-diff. Assumes: no reference is spelt by section symbol. Reports: XS301 to XS307. */
import type { ItemPass } from '../src/engine/pass.js';
import { AtomStatus, settledDiff } from '../src/model/artifacts.js';
import type { CorrelatedPair, PairDiff, PairVerdict } from '../src/model/artifacts.js';
import type { Diagnostic } from '../src/diag/diagnostic.js';
import { hasErrors } from '../src/diag/diagnostic.js';
import { createComparer, isFreed, isLiteral } from '../src/model/compare.js';
import type { Comparer, Difference } from '../src/model/compare.js';
import { lostChange, lostRemoval } from '../src/model/lost-changes.js';
import { coldParent } from '../src/model/names.js';
import { atomBytes, isRuntimeFunction } from '../src/model/object-model.js';
import type { Atom, ObjectModel } from '../src/model/object-model.js';
import { isCode } from '../src/model/section-role.js';
import { isFiller } from '../src/x86/decode.js';

/**
 * Tells changed, new and unchanged atoms apart. Literals have no verdict of their own: they are part of those
 * that refer to them. A change that no payload can bring into a running hypervisor (initial values, boot code)
 * becomes a diagnostic of the pair, never silence.
 */
export const diffFunctions: ItemPass<CorrelatedPair, PairDiff, PairDiff> = {
  name: 'diff-functions',
  reads: 'correlated-pair',
  makes: 'pair-diff',
  each: (pair) => ({ next: diffPair(pair) }),
};

function diffPair(pair: CorrelatedPair): PairDiff {
  const { orig, patched, correlation } = pair;
  const status = new Uint8Array(patched.atoms.length);
  const differences = new Map<number, Difference>();
  const comparer = createComparer(orig, patched, correlation.toOrig);
  for (const atom of patched.atoms) judge(pair, atom, comparer, status, differences);
  uniteColdParts(patched, status, differences);

  const lost = [
    ...patched.atoms.map((atom) =>
      lostChange(pair.object, patched, atom, status[atom.index], differences.get(atom.index)),
    ),
    ...lostRemovals(pair),
  ].filter((d): d is Diagnostic => d !== undefined);
  const named = patched.atoms.filter(
    (a) => a.name !== '' && !isLiteral(a) && status[a.index] === AtomStatus.added,
  );
  const removed = orig.atoms
    .filter((a) => isRuntimeFunction(a) && correlation.toPatched[a.index] < 0)
    .map((a) => a.name);
  const verdict = verdictOf(pair, lost, status, removed);
  return {
    ...settledDiff(pair.object, verdict, lost),
    added: named.map((a) => a.name),
    removed,
    detail: { ...pair, status, differences },
  };
}

/** What ran or was walked at boot and is no longer there; what moved into the running system is not lost. */
function lostRemovals({ object, orig, patched, correlation }: CorrelatedPair): (Diagnostic | undefined)[] {
  const names = new Set(patched.atoms.map((atom) => atom.name));
  return orig.atoms.map((atom) =>
    correlation.toPatched[atom.index] >= 0 || atom.name === '' || isLiteral(atom) || names.has(atom.name)
      ? undefined
      : lostRemoval(object, orig, atom),
  );
}

function judge(
  pair: CorrelatedPair,
  atom: Atom,
  comparer: Comparer,
  status: Uint8Array,
  differences: Map<number, Difference>,
): void {
  if (atom.kind === 'entry' || isLiteral(atom) || (atom.size === 0 && atom.name === '')) return;
  const counterpart = pair.correlation.toOrig[atom.index];
  if (counterpart < 0) {
    if (!isPadding(pair.patched, atom)) status[atom.index] = AtomStatus.added;
    return;
  }
  // It loses its __init: the one that the running system had is gone.
  if (isFreed(pair.orig.atoms[counterpart]) && !isFreed(atom)) {
    status[atom.index] = AtomStatus.added;
    return;
  }
  if (isPadding(pair.patched, atom) && isPadding(pair.orig, pair.orig.atoms[counterpart])) return;
  const difference = comparer.difference(pair.orig.atoms[counterpart], atom);
  if (difference === undefined) return;
  status[atom.index] = AtomStatus.changed;
  differences.set(atom.index, difference);
}

/** Space between symbols: what the assembler fills in to align what follows. */
function isPadding(model: ObjectModel, atom: Atom): boolean {
  if (atom.name !== '' || atom.symbols.length > 0 || model.refs[atom.index].length > 0) return false;
  const bytes = atomBytes(model, atom);
  return isCode(atom.role) ? isFiller(bytes) : bytes.every((byte) => byte === 0);
}

/**
 * A function and its cold part are one unit: the cold part jumps back into the middle of the hot one. When one
 * changed, both count as changed.
 */
function uniteColdParts(model: ObjectModel, status: Uint8Array, differences: Map<number, Difference>): void {
  // Locals of one name may stand in several files of an object that `ld -r` made.
  const key = (atom: Atom, name: string): string => `${atom.sourceFile}#${name}`;
  const byName = new Map(model.atoms.filter((a) => a.kind === 'function').map((a) => [key(a, a.name), a]));
  const mark = (atom: Atom, text: string): void => {
    if (status[atom.index] !== AtomStatus.same) return;
    status[atom.index] = AtomStatus.changed;
    differences.set(atom.index, { kind: 'cold-part', text, origAt: 0, patchedAt: 0 });
  };
  const units = [...byName.values()].flatMap((cold) => {
    const bare = coldParent(cold.name);
    // The cold part is always local, its function may be global.
    const parent = bare === undefined ? undefined : (byName.get(key(cold, bare)) ?? byName.get(`#${bare}`));
    return parent === undefined ? [] : [{ cold, parent }];
  });
  for (const { cold, parent } of units) {
    const why = differences.get(cold.index)?.text ?? 'it is new';
    if (status[cold.index] !== AtomStatus.same) mark(parent, `its cold part changed: ${why}`);
  }
  // Only now is it known which functions changed, by whichever of their cold parts.
  for (const { cold, parent } of units) {
    if (status[parent.index] !== AtomStatus.same) {
      mark(cold, `it is the cold part of ${parent.name}, which changed`);
    }
  }
}

function verdictOf(
  pair: CorrelatedPair,
  lost: readonly Diagnostic[],
  status: Uint8Array,
  removed: readonly string[],
): PairVerdict {
  if (hasErrors(lost)) return 'refused';
  if (pair.orig.file.sections.length === 0) return 'new';
  if (pair.patched.file.sections.length === 0) return 'removed';
  return status.some((s) => s !== AtomStatus.same) || removed.length > 0 ? 'changed' : 'unchanged';
}
