/** Reads: bundled-pair. Makes: model-pair. Assumes: every loaded byte belongs to one atom. Reports: nothing. */
import type { ItemPass } from '../src/engine/pass.js';
import type { BundledPair, ModelPair, PairDiff } from '../src/model/artifacts.js';
import { shareDecoded } from '../src/model/decoded-atoms.js';
import { resolveReferences as resolve } from '../src/model/references.js';
import { verifyModel } from '../src/model/verify.js';

export const resolveReferences: ItemPass<BundledPair, ModelPair, PairDiff> = {
  name: 'resolve-references',
  reads: 'bundled-pair',
  makes: 'model-pair',
  verify: ({ orig, patched }) => [orig, patched].flatMap(verifyModel),
  each: (pair) => {
    const orig = resolve(pair.orig);
    shareDecoded(pair.orig, pair.patched);
    return { next: { object: pair.object, orig, patched: resolve(pair.patched) } };
  },
};
