/** Changes that take effect only for processors that come online later: carried, but said. */
import type { Diagnostic } from '../diag/diagnostic.js';
import { diagnostic } from '../diag/diagnostic.js';
import { bringUpFunctions } from '../xen/bring-up.js';
import { AtomStatus } from './artifacts.js';
import type { CorrelatedPair } from './artifacts.js';
import { coldParent } from './names.js';
import { atomTitle, locateAtom } from './object-model.js';

export function bringUpChanges({ object, patched }: CorrelatedPair, status: Uint8Array): Diagnostic[] {
  const changed = patched.atoms.filter(
    (atom) =>
      atom.role === 'text' &&
      atom.kind === 'function' &&
      status[atom.index] === AtomStatus.changed &&
      coldParent(atom.name) === undefined,
  );
  const found = bringUpFunctions(
    patched,
    changed.map((atom) => atom.index),
  );
  return found.map((index) =>
    diagnostic('XS311', {
      message: `${atomTitle(patched, patched.atoms[index])} runs when a processor comes online; those that are online do not run it again`,
      at: locateAtom(object, patched, patched.atoms[index]),
      hint: 'if the fix is meant for them too, do the same in a load hook',
    }),
  );
}
