/**
 * What passes of the user decide of a selection: changed functions that are left as they are, and functions without a
 * change that are replaced all the same. A cold part goes with its function, whichever way that goes.
 */
import type { FunctionRef } from '../config.js';
import { AtomStatus } from '../model/artifacts.js';
import type { ChangedObject } from '../model/artifacts.js';
import { coldUnits } from '../model/cold-units.js';
import { coldParent } from '../model/names.js';
import { atomNameInXen, isRuntimeFunction } from '../model/object-model.js';
import type { Atom } from '../model/object-model.js';
import type { Selection } from '../model/payload-artifacts.js';

/** Functions by object and name, in the order of the decisions. */
export interface Choices {
  /** Changed functions that are not replaced. */
  readonly leftOut: readonly FunctionRef[];
  /** Functions that did not change and are replaced all the same. */
  readonly added: readonly FunctionRef[];
}

export const NO_CHOICES: Choices = { leftOut: [], added: [] };

/** A function of the selection: its object by position, and its atom. */
interface FunctionPlace {
  readonly object: number;
  readonly atom: Atom;
}

/** Functions that changed and have a counterpart in the hypervisor; cold parts do not count by themselves. */
export function changedFunctions(selection: Selection): FunctionPlace[] {
  return selection.roots.flatMap(({ object, atom: index, reason }): FunctionPlace[] => {
    const atom = selection.context.objects[object].patched.atoms[index];
    return reason !== 'hook' && isEntered(atom) ? [{ object, atom }] : [];
  });
}

/** Functions of the same objects that both sides have alike. */
export function unchangedFunctions({ context }: Selection): FunctionPlace[] {
  return context.objects.flatMap((home, object) =>
    home.patched.atoms
      .filter(
        (atom) =>
          isEntered(atom) &&
          atom.kind === 'function' &&
          home.status[atom.index] === AtomStatus.same &&
          home.correlation.toOrig[atom.index] >= 0,
      )
      .map((atom) => ({ object, atom })),
  );
}

const isEntered = (atom: Atom): boolean => isRuntimeFunction(atom) && coldParent(atom.name) === undefined;

export function refOf({ context }: Selection, { object, atom }: FunctionPlace): FunctionRef {
  const home = context.objects[object];
  return { object: home.object, name: atomNameInXen(home.object, atom) };
}

const isSame = (a: FunctionRef, b: FunctionRef): boolean => a.object === b.object && a.name === b.name;

/** The selection without a changed function; undefined when there is no such one. */
export function leaveOut(selection: Selection, target: FunctionRef): Selection | undefined {
  const found = changedFunctions(selection).find((place) => isSame(refOf(selection, place), target));
  if (found === undefined) return undefined;
  const atoms = withColdParts(selection.context.objects[found.object], found.atom);
  const roots = selection.roots.filter((r) => r.object !== found.object || !atoms.includes(r.atom));
  return { ...selection, context: marked(selection, found.object, atoms, AtomStatus.same), roots };
}

/** The selection with a function that did not change; undefined when there is no such one. */
export function add(selection: Selection, target: FunctionRef): Selection | undefined {
  const found = unchangedFunctions(selection).find((place) => isSame(refOf(selection, place), target));
  if (found === undefined) return undefined;
  const { object } = found;
  const atoms = withColdParts(selection.context.objects[object], found.atom);
  const roots = [
    ...selection.roots,
    ...atoms.map((atom) => ({ object, atom, reason: 'named' as const })),
  ].sort((a, b) => a.object - b.object || a.atom - b.atom);
  return { ...selection, context: marked(selection, object, atoms, AtomStatus.changed), roots };
}

function withColdParts({ patched }: ChangedObject, { index }: Atom): readonly number[] {
  const units = coldUnits(patched).filter(({ parent }) => parent.index === index);
  return [index, ...units.map(({ cold }) => cold.index)];
}

function marked(
  { context }: Selection,
  object: number,
  atoms: readonly number[],
  status: number,
): Selection['context'] {
  const objects = context.objects.map((home, k): ChangedObject => {
    if (k !== object) return home;
    const marks = home.status.slice();
    for (const atom of atoms) marks[atom] = status;
    return { ...home, status: marks };
  });
  return { ...context, objects };
}
