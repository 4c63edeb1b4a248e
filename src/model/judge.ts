/**
 * The verdict on every atom of a patched object: the same, changed, new, or a constant that is carried.
 *
 * Literals have no verdict of their own, they are part of those that refer to them. A function and its cold part
 * have one between them. A changed constant passes its change on to its users.
 */
import { AtomStatus } from './artifacts.js';
import type { CorrelatedPair } from './artifacts.js';
import { carryConstants } from './changed-constants.js';
import type { Verdicts } from './changed-constants.js';
import { commonSymbols, isSpeltCommon } from './common-symbols.js';
import { createComparer, isFreed, isLiteral } from './compare.js';
import type { Comparer, LineNumberField } from './compare.js';
import { Modulo } from './difference.js';
import { coldUnits } from './cold-units.js';
import type { Atom, ObjectModel } from './object-model.js';
import { atomBytes } from './object-model.js';
import { isCode } from './section-role.js';
import { isFiller } from '../x86/decode.js';

export interface Judgement extends Verdicts {
  /** Patched atom -> modulo what it is equal to its counterpart, when it is not equal byte for byte. */
  readonly modulo: ReadonlyMap<number, number>;
}

export function judgeAtoms(pair: CorrelatedPair, lineNumberField?: LineNumberField): Judgement {
  const { orig, patched, correlation } = pair;
  const verdicts: Verdicts = {
    status: new Uint8Array(patched.atoms.length),
    differences: new Map(),
    obstacles: new Map(),
  };
  const modulo = new Map<number, number>();
  const comparer = createComparer(orig, patched, correlation.toOrig, lineNumberField);
  const commons = commonSymbols(orig.file);
  for (const atom of patched.atoms) judge(pair, atom, comparer, verdicts, modulo, commons);
  carryConstants(pair, verdicts);
  uniteColdParts(patched, verdicts);
  return { ...verdicts, modulo };
}

function judge(
  { orig, patched, correlation }: CorrelatedPair,
  atom: Atom,
  comparer: Comparer,
  { status, differences }: Verdicts,
  modulo: Map<number, number>,
  commons: ReadonlyMap<string, bigint>,
): void {
  if (atom.kind === 'entry' || isLiteral(atom) || (atom.size === 0 && atom.name === '')) return;
  const counterpart = orig.atoms.at(correlation.toOrig[atom.index]);
  if (counterpart === undefined || correlation.toOrig[atom.index] < 0) {
    const spelt = isSpeltCommon(patched, atom, commons);
    if (!spelt && !isPadding(patched, atom)) status[atom.index] = AtomStatus.added;
    return;
  }
  // It loses its __init: the one that the running system had is gone.
  if (isFreed(counterpart) && !isFreed(atom)) {
    status[atom.index] = AtomStatus.added;
    return;
  }
  if (isPadding(patched, atom) && isPadding(orig, counterpart)) return;
  const { difference, modulo: respects } = comparer.compare(counterpart, atom);
  const own = atom.name === counterpart.name ? respects : respects | Modulo.numbering;
  if (own !== 0) modulo.set(atom.index, own);
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

/** When a function or its cold part changed, both count as changed. */
function uniteColdParts(model: ObjectModel, { status, differences }: Verdicts): void {
  const mark = (atom: Atom, text: string): void => {
    if (status[atom.index] !== AtomStatus.same) return;
    status[atom.index] = AtomStatus.changed;
    differences.set(atom.index, { kind: 'cold-part', text, origAt: 0, patchedAt: 0 });
  };
  const units = coldUnits(model);
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
