/**
 * The instructions of atoms, decoded once: resolving references needs them, and so does whoever shows code. They
 * are kept beside the graph, not in it, as long as the atom itself: what can be computed again is no data, and is
 * not posted to other threads.
 */
import { decodeCode } from '../x86/decode.js';
import type { DecodedCode } from '../x86/decode.js';
import type { Atom, Bundles } from './object-model.js';
import { atomBytes } from './object-model.js';

const known = new WeakMap<Atom, DecodedCode>();

export function decodedAtom(bundles: Bundles, atom: Atom): DecodedCode {
  const found = known.get(atom) ?? decodeCode(atomBytes(bundles, atom));
  known.set(atom, found);
  return found;
}
