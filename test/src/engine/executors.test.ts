/** The executors: the same results in the same order on one thread and on many; a pass that throws ends the run. */
import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { diagnostic } from '../../../src/diag/diagnostic.js';
import * as c from '../../../src/elf/constants.js';
import { areWorkersWorth, chooseExecutor } from '../../../src/engine/choose.js';
import type { Weighed } from '../../../src/engine/execute.js';
import { runChain } from '../../../src/engine/execute.js';
import { inlineExecutor } from '../../../src/engine/inline.js';
import { chainOf } from '../../../src/engine/pass.js';
import type { ItemPass } from '../../../src/engine/pass.js';
import { poolExecutor } from '../../../src/engine/pool.js';
import { chainByName } from '../../../src/engine/registry.js';
import type { PairBytes } from '../../../src/model/artifacts.js';
import { DIFF_PAIR_CHAIN } from '../../../src/pipeline.js';
import { TARGETS } from '../../../src/xen/versions.js';
import { ElfBuilder } from '../../support/elf-builder.js';

const OPTIONS = { target: TARGETS.xen };

function* weighed<T>(items: Iterable<T>, weight: number): Generator<Weighed<T>> {
  for (const item of items) yield { item, weight };
}

/** Pairs of which one in three changed, one in three is broken, and the rest is identical. */
function pairs(count: number): PairBytes[] {
  const object = (value: number): Uint8Array => {
    const bytes = new ElfBuilder()
      .text('.text.f', [0xb8, value & 0xff, value >> 8, 0, 0, 0xc3])
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6 })
      .bytes();
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return shared;
  };
  return Array.from({ length: count }, (_, k): PairBytes => {
    const name = `common/${String(k).padStart(4, '0')}.o`;
    if (k % 3 === 0) return { object: name, identical: true };
    const patched = k % 3 === 1 ? object(k + 1) : object(k).slice(0, 100);
    return { object: name, identical: false, orig: object(k), patched };
  });
}

/** What is read from a result: everything but the graph, which is dropped or kept as the executor likes. */
const told = (results: readonly { readonly object: string; readonly verdict: string }[]): string[] =>
  results.map((r) => `${r.object} ${r.verdict} ${JSON.stringify('changed' in r ? r.changed : '')}`);

describe('the pool', () => {
  test.each([
    [0, 1],
    [1, 10],
    [400, 10],
    [60, 300_000],
  ])('gives %i items of weight %i back as the calling thread alone does', async (count, weight) => {
    const items = pairs(count);
    const alone = await inlineExecutor.map(DIFF_PAIR_CHAIN, weighed(items, weight), OPTIONS, count);
    expect(alone.results).toHaveLength(count);
    for (const threads of [2, 4]) {
      const pool = poolExecutor(threads);
      const many = await pool.map(DIFF_PAIR_CHAIN, weighed(items, weight), OPTIONS, count);
      await pool.close();
      expect(told(many.results)).toEqual(told(alone.results));
      expect(many.diagnostics).toEqual(alone.diagnostics);
      expect(new Set(many.timings.map(([name]) => name))).toEqual(
        new Set(count === 0 ? [] : alone.timings.map(([name]) => name)),
      );
    }
  });

  test('rejects with what a pass throws in a worker, and ends', async () => {
    const broken = [{ object: 'x.o', identical: false, orig: 'no bytes' }] as unknown as PairBytes[];
    const pool = poolExecutor(2);
    await expect(pool.map(DIFF_PAIR_CHAIN, weighed(broken, 1), OPTIONS, 1)).rejects.toThrow(/./);
    await pool.close();
  });

  test('rejects with what a feed throws, while workers are busy', async () => {
    function* failing(): Generator<Weighed<PairBytes>> {
      yield* weighed(pairs(200), 10_000);
      throw new Error('the disk is gone');
    }
    const pool = poolExecutor(3);
    await expect(pool.map(DIFF_PAIR_CHAIN, failing(), OPTIONS, 200)).rejects.toThrow('the disk is gone');
    await pool.close();
  });

  test('names a chain that it does not know', async () => {
    const unknown = { ...DIFF_PAIR_CHAIN, name: 'no-such-chain' };
    const pool = poolExecutor(2);
    await expect(pool.map(unknown, weighed(pairs(2), 1), OPTIONS, 2)).rejects.toThrow(/no chain is named/);
    await pool.close();
    expect(() => chainByName('nothing')).toThrow('no chain is named nothing');
    expect(chainByName('diff-pair')).toBe(DIFF_PAIR_CHAIN);
  });
});

test('a process ends by itself when a pass threw on a worker', () => {
  const dist = new URL('../../../src/', import.meta.url);
  const script = `
    import { Pipeline } from '${new URL('engine/pipeline.js', dist).href}';
    import { DIFF_PAIR_CHAIN } from '${new URL('pipeline.js', dist).href}';
    import { TARGETS } from '${new URL('xen/versions.js', dist).href}';
    const items = function* () { yield { item: { object: 'x', identical: false, orig: 'no bytes' }, weight: 1 }; };
    const lane = { name: 'lane', reads: 'a', makes: 'b', feed: { name: 'feed', items }, chain: DIFF_PAIR_CHAIN, join: (a) => a };
    const state = { diagnostics: [], timings: new Map() };
    const pipeline = Pipeline.start().to(lane);
    try { await pipeline.run({ kind: 'a' }, { target: TARGETS.xen, threads: 2 }, state); } catch { console.log('threw'); }
  `;
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect([stdout, signal]).toEqual(['threw\n', null]);
});

describe('the choice', () => {
  test('is the calling thread for one thread, and gives the same for any', async () => {
    expect(await chooseExecutor(1)).toBe(inlineExecutor);
    const items = pairs(30);
    const alone = await inlineExecutor.map(DIFF_PAIR_CHAIN, weighed(items, 10), OPTIONS, 30);
    for (const threads of ['auto', 2, 3] as const) {
      const executor = await chooseExecutor(threads);
      const outcome = await executor.map(DIFF_PAIR_CHAIN, weighed(items, 10), OPTIONS, 30);
      await executor.close();
      expect(told(outcome.results)).toEqual(told(alone.results));
    }
  });
});

describe('the choice by pace', () => {
  /** Items of which the first and the tenth take longer than a window of measurement. */
  function* slow(items: readonly PairBytes[]): Generator<Weighed<PairBytes>> {
    const end = performance.now() + 400;
    while (performance.now() < end);
    yield* weighed(items.slice(0, 9), 10);
    while (performance.now() < end + 400);
    yield* weighed(items.slice(9), 10);
  }

  test('gives the same, whether workers come in or not', async () => {
    const items = pairs(100);
    const alone = await inlineExecutor.map(DIFF_PAIR_CHAIN, weighed(items, 10), OPTIONS, 100);
    for (const expected of [100, 1_000_000]) {
      const executor = await chooseExecutor('auto');
      const outcome = await executor.map(DIFF_PAIR_CHAIN, slow(items), OPTIONS, expected);
      await executor.close();
      expect(told(outcome.results)).toEqual(told(alone.results));
    }
  });

  test('takes workers when more than three seconds of work are left', () => {
    expect(areWorkersWorth({ done: 40, milliseconds: 200, left: 590 })).toBe(false);
    expect(areWorkersWorth({ done: 40, milliseconds: 200, left: 610 })).toBe(true);
    expect(areWorkersWorth({ done: 0, milliseconds: 200, left: 1 })).toBe(true);
    expect(areWorkersWorth({ done: 40, milliseconds: 200, left: 0 })).toBe(false);
  });
});

describe('a chain', () => {
  const add: ItemPass<number, number, string> = {
    name: 'add',
    reads: 'number',
    makes: 'number',
    each: (item, ctx) => {
      if (item === 13) ctx.report(diagnostic('XS310', { message: 'thirteen' }));
      return item < 0 ? { done: 'negative' } : { next: item + 1 };
    },
  };
  const show: ItemPass<number, string, string> = {
    name: 'show',
    reads: 'number',
    makes: 'text',
    each: (item) => ({ next: `${item}` }),
  };

  test('settles an item early, and keeps the order of items and of what they report', () => {
    const chain = chainOf<number, string>('test').then(add).then(add).end(show);
    const outcome = runChain(chain, [1, -5, 13, 12], OPTIONS);
    expect(outcome.results).toEqual(['3', 'negative', '15', '14']);
    expect(outcome.diagnostics.map((d) => d.message)).toEqual(['thirteen', 'thirteen']);
    expect(outcome.timings.map(([name]) => name)).toEqual(['add', 'add', 'show']);
  });
});
