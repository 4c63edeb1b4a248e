/**
 * Of which functions a payload takes for granted how they are: those that it replaces, with their cold parts, and
 * those that stay and that it refers to, as far as the objects at hand define them. Functions that a payload below
 * has replaced are not those of the image any more; its objects were built with its patch, so they cannot be looked at.
 */
import type { LinkedImage } from '../xen/linked-image.js';
import { linkedImage } from '../xen/linked-image.js';
import type { StackedPayload } from '../xen/stack.js';
import type { ChangedObject } from './artifacts.js';
import { coldParent } from './names.js';
import type { Atom } from './object-model.js';
import { isRuntimeFunction } from './object-model.js';
import type { BaseFunction, ResolvedPayload } from './payload-artifacts.js';
import { FunctionProver } from './prove-functions.js';
import type { FunctionVerdict } from './prove-functions.js';

/** A function of an original object and what the proof came to. */
export interface JudgedFunction {
  readonly home: ChangedObject;
  readonly atom: Atom;
  readonly role: BaseFunction['role'];
  readonly verdict: FunctionVerdict;
}

export interface JudgedPayload {
  readonly image: LinkedImage;
  readonly functions: readonly JudgedFunction[];
}

export function judgePayload(payload: ResolvedPayload): JudgedPayload {
  const { objects, stack } = payload.context;
  const image = linkedImage(payload.context.image);
  const wanted = new Set(payload.bindings.map(({ name }) => name));
  const functions = objects.flatMap((home, k): JudgedFunction[] => {
    const prover = new FunctionProver(home.orig, home.object, image, stack.length > 0);
    const nameOf = (symbol: number): string => prover.fields.places.nameOf(symbol);
    const roots = replacedAtoms(payload, home, k);
    const roleOf = (atom: Atom): BaseFunction['role'] | undefined => {
      if (roots.has(atom.index)) return 'replaced';
      return atom.symbols.some((symbol) => wanted.has(nameOf(symbol))) ? 'relied on' : undefined;
    };
    // A cold part is always local, its function may be global: in one object the bare name says which.
    const roles = new Map<string, BaseFunction['role']>();
    const code = home.orig.atoms.filter(isRuntimeFunction);
    for (const atom of code) {
      const role = roleOf(atom);
      if (role !== undefined) roles.set(atom.name, role);
    }
    return code.flatMap((atom) => {
      const role = roleOf(atom) ?? roles.get(coldParent(atom.name) ?? '');
      if (role === undefined) return [];
      const verdict = prover.prove(atom);
      return [{ home, atom, role, verdict: broughtBelow(verdict, stack) ?? verdict }];
    });
  });
  return { image, functions };
}

/** Original atoms of an object that the payload replaces. */
function replacedAtoms(payload: ResolvedPayload, home: ChangedObject, k: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { included } of payload.replaced) {
    const { object, atom } = payload.atoms[included];
    if (object === k) found.add(home.correlation.toOrig[atom]);
  }
  return found;
}

function broughtBelow(
  verdict: FunctionVerdict,
  stack: readonly StackedPayload[],
): FunctionVerdict | undefined {
  // A cold part comes and goes with its function, and need not have a symbol of its own there.
  const names = [verdict.name, coldParent(verdict.name) ?? verdict.name];
  if (!stack.some(({ symbols }) => names.some((name) => symbols.has(name)))) return undefined;
  return { ...verdict, verdict: 'unchecked', kind: 'below', reasons: ['a payload below has replaced it'] };
}
