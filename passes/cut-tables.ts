/** Reads: model-pair. Makes: model-pair. Assumes: no reference is spelt by section symbol. Reports: nothing. */
import type { ItemPass, PassOptions } from '../src/engine/pass.js';
import type { ModelPair, PairDiff } from '../src/model/artifacts.js';
import { bundleObject } from '../src/model/bundle.js';
import type { ObjectModel } from '../src/model/object-model.js';
import { resolveReferences } from '../src/model/references.js';
import { tableCuts } from '../src/model/table-cuts.js';
import { verifyModel } from '../src/model/verify.js';

/**
 * Takes nameless data apart, by what leads into it and what it leads to: jump tables that share a section. Objects
 * with a section per datum have nothing to cut and go through as they are; the others are cut and resolved anew.
 */
export const cutTables: ItemPass<ModelPair, ModelPair, PairDiff> = {
  name: 'cut-tables',
  reads: 'model-pair',
  makes: 'model-pair',
  verify: ({ orig, patched }) => [orig, patched].flatMap(verifyModel),
  each: (pair, ctx) => ({
    next: { object: pair.object, orig: cut(pair.orig, ctx), patched: cut(pair.patched, ctx) },
  }),
};

function cut(model: ObjectModel, { target }: PassOptions): ObjectModel {
  const cuts = tableCuts(model);
  return cuts.size === 0 ? model : resolveReferences(bundleObject(model.file, target, cuts));
}
