/**
 * The instructions of atoms, decoded once: resolving references needs them, and so does whoever shows code. They
 * are kept beside the graph, not in it, as long as the atom itself: what can be computed again is no data, and is
 * not posted to other threads.
 */
import { asBuffer } from '../elf/read.js';
import { decodeCode } from '../x86/decode.js';
import type { DecodedCode } from '../x86/decode.js';
import type { Atom, Bundles } from './object-model.js';
import { atomBytes } from './object-model.js';
import { isCode } from './section-role.js';

const known = new WeakMap<Atom, DecodedCode>();

export function decodedAtom(bundles: Bundles, atom: Atom): DecodedCode {
  const found = known.get(atom) ?? decodeCode(atomBytes(bundles, atom));
  known.set(atom, found);
  return found;
}

/**
 * Lets the code of `other` that is as in `bundles` have the instructions that are known there: most functions of two
 * builds have the same bytes, and decoding is a quarter of a comparison.
 */
export function shareDecoded(bundles: Bundles, other: Bundles): void {
  const byName = new Map(bundles.atoms.filter((atom) => known.has(atom)).map((atom) => [atom.name, atom]));
  for (const atom of other.atoms) {
    const twin = atom.name === '' || !isCode(atom.role) ? undefined : byName.get(atom.name);
    const decoded = twin?.size === atom.size ? known.get(twin) : undefined;
    if (twin === undefined || decoded === undefined) continue;
    if (asBuffer(atomBytes(bundles, twin)).equals(atomBytes(other, atom))) known.set(atom, decoded);
  }
}
