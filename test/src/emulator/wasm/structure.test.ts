/** Control flow in blocks and loops: what is a loop, what a merge, and what has no structure goes through the hub. */
import { describe, expect, test } from '@jest/globals';
import { HUB, structureOf } from '../../../../src/emulator/wasm/structure.js';

describe('a structure', () => {
  test('of two ways that meet', () => {
    //    0 ► 1 ► 2, 3 ► 4
    const { isLoop, isMerge, merges, entries } = structureOf([[1], [2, 3], [4], [4], []]);
    expect(entries).toEqual([1]);
    expect(isLoop).toEqual([false, false, false, false, false]);
    expect(isMerge).toEqual([false, true, false, false, true]);
    expect(merges[HUB]).toEqual([1]);
    expect(merges[1]).toEqual([4]);
  });

  test('of loops within each other, entered at the inner one', () => {
    const { isLoop, viaHub } = structureOf([[2], [2], [2, 3], [1]]);
    // Both loops have their head where they are entered.
    expect(isLoop).toEqual([false, false, true, false]);
    expect(viaHub(1, 2)).toBe(false);
  });

  test('of a loop that is entered at two places, leads back through the hub', () => {
    const { viaHub, entries, isLoop } = structureOf([[1], [2, 3], [3], [2]]);
    // 2 and 3 lead to each other, and both are reached from 1.
    expect([viaHub(2, 3), viaHub(3, 2)].filter((routed) => routed)).toHaveLength(1);
    expect(entries).toHaveLength(2);
    expect(isLoop.slice(1)).toEqual([false, false, false]);
  });

  test('knows what comes before what', () => {
    const { order } = structureOf([[1], [2, 3], [4], [4], [1]]);
    expect(order[HUB]).toBe(0);
    expect(order[1]).toBe(1);
    expect(order[4]).toBe(4);
  });
});
