/** A function and its cold part are one unit: the cold part jumps back into the middle of the hot one. */
import { coldParent } from './names.js';
import type { Atom, ObjectModel } from './object-model.js';

export interface ColdUnit {
  readonly cold: Atom;
  readonly parent: Atom;
}

/** All cold parts of an object with their functions, in order of the atoms. */
export function coldUnits(model: ObjectModel): ColdUnit[] {
  // Locals of one name may stand in several files of an object that `ld -r` made.
  const key = (atom: Atom, name: string): string => `${atom.sourceFile}#${name}`;
  const byName = new Map(model.atoms.filter((a) => a.kind === 'function').map((a) => [key(a, a.name), a]));
  return [...byName.values()].flatMap((cold) => {
    const bare = coldParent(cold.name);
    // The cold part is always local, its function may be global.
    const parent = bare === undefined ? undefined : (byName.get(key(cold, bare)) ?? byName.get(`#${bare}`));
    return parent === undefined ? [] : [{ cold, parent }];
  });
}
