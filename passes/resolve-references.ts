/** Reads: bundled-pair. Makes: model-pair. Assumes: every loaded byte belongs to one atom. Reports: nothing. */
import type { ItemPass } from '../src/engine/pass.js';
import type { BundledPair, ModelPair, PairDiff } from '../src/model/artifacts.js';
import { resolveReferences as resolve } from '../src/model/references.js';
import { verifyModel } from '../src/model/verify.js';

export const resolveReferences: ItemPass<BundledPair, ModelPair, PairDiff> = {
  name: 'resolve-references',
  reads: 'bundled-pair',
  makes: 'model-pair',
  verify: ({ orig, patched }) => [orig, patched].flatMap(verifyModel),
  each: (pair) => ({
    next: { object: pair.object, orig: resolve(pair.orig), patched: resolve(pair.patched) },
  }),
};
