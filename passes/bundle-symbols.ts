/** Reads: parsed-pair. Makes: bundled-pair. Assumes: both sides are well-formed ET_REL files. Reports: XS103, XS203. */
import type { ItemPass } from '../src/engine/pass.js';
import type { BundledPair, PairDiff, ParsedPair } from '../src/model/artifacts.js';
import { settledDiff } from '../src/model/artifacts.js';
import type { ElfFile } from '../src/elf/read.js';
import { bundleObject } from '../src/model/bundle.js';
import { emptyObject } from '../src/model/empty-object.js';
import { checkRelocationPlaces } from '../src/model/relocation-places.js';
import { verifyBundles } from '../src/model/verify.js';
import { checkEntryTables } from '../src/xen/entry-tables.js';

export const bundleSymbols: ItemPass<ParsedPair, BundledPair, PairDiff> = {
  name: 'bundle-symbols',
  reads: 'parsed-pair',
  makes: 'bundled-pair',
  verify: ({ orig, patched }) => [orig, patched].flatMap(verifyBundles),
  each: (pair, ctx) => {
    const sides = [pair.orig, pair.patched].filter((file): file is ElfFile => file !== undefined);
    const found = sides.flatMap((file) => checkEntryTables(file, ctx.target));
    if (found.length > 0) return { done: settledDiff(pair.object, 'refused', found.slice(0, 1)) };
    const orig = bundleObject(pair.orig ?? emptyObject(pair.object), ctx.target);
    const patched = bundleObject(pair.patched ?? emptyObject(pair.object), ctx.target);
    const misplaced = [orig, patched].flatMap(checkRelocationPlaces);
    if (misplaced.length > 0) return { done: settledDiff(pair.object, 'refused', misplaced.slice(0, 1)) };
    return { next: { object: pair.object, orig, patched } };
  },
};
