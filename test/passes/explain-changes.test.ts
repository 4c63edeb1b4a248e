/** Explanations cost the graph nothing that a payload needs, and hold whatever bytes an object consists of. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runChain } from '../../src/engine/execute.js';
import type { PairDiff } from '../../src/model/artifacts.js';
import { verifyExplanations } from '../../src/model/verify-explanations.js';
import { DIFF_PAIR_CHAIN } from '../../src/pipeline.js';
import { TARGETS } from '../../src/xen/versions.js';
import { goldenCases } from '../support/golden-cases.js';

type Options = Omit<Parameters<typeof runChain>[2], 'target'>;

function compare(
  orig: Uint8Array | undefined,
  patched: Uint8Array | undefined,
  options: Options = {},
): PairDiff {
  const item = { object: 'x.o', identical: false, ...(orig && { orig }), ...(patched && { patched }) };
  return runChain(DIFF_PAIR_CHAIN, [item], { target: TARGETS.xen, ...options }).results[0];
}

const PAIRS = goldenCases().flatMap(({ name, pairs }) =>
  pairs.map(({ orig, patched }) => ({
    name,
    orig: orig === undefined ? undefined : readFileSync(orig),
    patched: patched === undefined ? undefined : readFileSync(patched),
  })),
);
const namesOf = (diff: PairDiff): string[] => [
  ...diff.changed.map(({ name }) => name),
  ...diff.added,
  ...diff.removed,
];

describe('graphs', () => {
  const [pair] = PAIRS.filter(({ name }) => name === 'two-objects');

  test('are kept for a payload, and dropped otherwise', () => {
    expect(compare(pair.orig, pair.patched).detail).toBeDefined();
    expect(compare(pair.orig, pair.patched, { dropGraphs: true }).detail).toBeUndefined();
    expect(compare(pair.orig, pair.orig).detail).toBeUndefined();
  });

  test('make no difference to what is told', () => {
    const { detail, ...kept } = compare(pair.orig, pair.patched, { explain: ['in_a'] });
    expect(detail).toBeDefined();
    expect(compare(pair.orig, pair.patched, { explain: ['in_a'], dropGraphs: true })).toEqual(kept);
  });
});

describe('explanations', () => {
  test.each(PAIRS)('of $name mark what differs, in both directions', ({ orig, patched }) => {
    for (const [x, y] of [
      [orig, patched],
      [patched, orig],
    ]) {
      const { changed } = compare(x, y);
      expect(verifyExplanations(changed)).toEqual([]);
    }
  });

  test.each(PAIRS)('of $name whole leave out nothing of either side', ({ orig, patched }) => {
    const { explained } = compare(orig, patched, { explain: namesOf(compare(orig, patched)) });
    for (const { lines, verdict, name } of explained) {
      const ascending = (places: readonly (number | null)[]): void => {
        const known = places.filter((at) => at !== null);
        expect([name, known]).toEqual([name, [...known].sort((a, b) => a - b)]);
      };
      ascending(lines.map(({ origAt }) => origAt));
      ascending(lines.map(({ patchedAt }) => patchedAt));
      if (verdict === 'unchanged') expect(lines.every(({ side }) => side === 'both')).toBe(true);
    }
  });

  test('hold for objects with bytes changed at random', () => {
    const change = fc.tuple(
      fc.integer({ min: 0, max: PAIRS.length - 1 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.nat(255),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const { orig, patched } = PAIRS[changes[0][0]];
        if (orig === undefined || patched === undefined) return;
        const mutant = Uint8Array.from(patched);
        for (const [, place, value] of changes) mutant[Math.floor(place * mutant.length)] = value;
        const { changed, ...diff } = compare(orig, mutant);
        expect(verifyExplanations(changed)).toEqual([]);
        compare(orig, mutant, { explain: namesOf({ changed, ...diff }) });
      }),
      { numRuns: 600 },
    );
  });
});
