/** Reads: model-pair. Makes: correlated-pair. Assumes: no reference is spelt by section symbol. Reports: nothing. */
import type { ItemPass } from '../src/engine/pass.js';
import type { CorrelatedPair, ModelPair, PairDiff } from '../src/model/artifacts.js';
import { correlateObjects as correlate } from '../src/model/correlate.js';
import { verifyCorrelation } from '../src/model/verify.js';

export const correlateObjects: ItemPass<ModelPair, CorrelatedPair, PairDiff> = {
  name: 'correlate-objects',
  reads: 'model-pair',
  makes: 'correlated-pair',
  verify: verifyCorrelation,
  each: (pair) => ({ next: { ...pair, correlation: correlate(pair.orig, pair.patched) } }),
};
