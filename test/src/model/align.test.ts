/** The alignment of sequences: sound for all, the longest for short ones, quick for long ones. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { alignGreedily, alignSequences } from '../../../src/model/align.js';

const align = (a: readonly number[], b: readonly number[]): number[] => [
  ...alignSequences(Int32Array.from(a), Int32Array.from(b)),
];

/** The length of the longest common subsequence, the slow way. */
function longest(a: readonly number[], b: readonly number[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    const next = [0];
    for (const [j, y] of b.entries()) next.push(x === y ? row[j] + 1 : Math.max(row[j + 1], next[j]));
    row = next;
  }
  return row[b.length];
}

const few = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 });

describe('partners', () => {
  test('are equal, and in order', () => {
    fc.assert(
      fc.property(few, few, (a, b) => {
        const partner = align(a, b);
        expect(partner).toHaveLength(a.length);
        const taken = partner.filter((j) => j >= 0);
        expect(taken).toEqual([...taken].sort((x, y) => x - y));
        expect(new Set(taken).size).toBe(taken.length);
        for (const [i, j] of partner.entries()) if (j >= 0) expect(b[j]).toBe(a[i]);
      }),
    );
  });

  test('are as many as can be where nothing is unique', () => {
    fc.assert(
      fc.property(few, few, (a, b) => {
        const partner = new Int32Array(a.length).fill(-1);
        const whole = { aFrom: 0, aTo: a.length, bFrom: 0, bTo: b.length };
        alignGreedily(Int32Array.from(a), Int32Array.from(b), whole, partner);
        expect([...partner].filter((j) => j >= 0)).toHaveLength(longest(a, b));
      }),
    );
  });

  test('of simple changes are what one expects', () => {
    expect(align([1, 2, 3], [1, 2, 3])).toEqual([0, 1, 2]);
    expect(align([1, 2, 3], [1, 9, 2, 3])).toEqual([0, 2, 3]);
    expect(align([1, 9, 2, 3], [1, 2, 3])).toEqual([0, -1, 1, 2]);
    expect(align([], [1])).toEqual([]);
    expect(align([1, 2], [])).toEqual([-1, -1]);
    expect(align([1, 1, 2, 2, 1, 1], [2, 2, 1, 1])).toEqual([-1, -1, 0, 1, 2, 3]);
  });
});

test('long sequences that have little in common do not take long', () => {
  const random = (seed: number, length: number, values: number): Int32Array => {
    let state = seed;
    return Int32Array.from({ length }, () => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return (state >>> 8) % values;
    });
  };
  for (const values of [2, 50, 100_000]) {
    const begin = performance.now();
    alignSequences(random(1, 20_000, values), random(2, 20_000, values));
    // Quadratic work would take a minute.
    expect(performance.now() - begin).toBeLessThan(8_000);
  }
});
