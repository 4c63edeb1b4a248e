/**
 * Runs lanes on worker threads through tinypool (its only importer).
 *
 * Items are shared out in batches: few enough that posting costs nothing (0.03 ms a round trip), small enough
 * that two cores finish together. Bytes travel in SharedArrayBuffers and are not copied. A worker finds the
 * chain by its name in the registry, since functions cannot be posted. While the workers start, the calling
 * thread has nothing to do, so it takes batches too.
 */
import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import type { Executor, Outcome } from './execute.js';
import { runChain } from './execute.js';
import type { Chain, PassOptions } from './pass.js';

/** What a worker gets: the chain's name and a batch of items. */
export interface WorkerTask {
  readonly chain: string;
  readonly items: readonly unknown[];
  readonly options: PassOptions;
}

/** Work in one batch, in bytes of input: about 5 ms of a thread. */
const BATCH_BYTES = 512 * 1024;

/** An executor with `threads` threads in all, the calling one included (at least 2). */
export function poolExecutor(threads: number): Executor {
  const pool = new Tinypool({
    filename: fileURLToPath(new URL('./worker.js', import.meta.url)),
    minThreads: threads - 1,
    maxThreads: threads - 1,
  });
  return {
    map: (chain, items, weights, options) => shareOut(pool, threads, chain, items, weights, options),
    close: () => pool.destroy(),
  };
}

async function shareOut<I, R>(
  pool: Tinypool,
  threads: number,
  chain: Chain<I, R>,
  items: readonly I[],
  weights: readonly number[],
  options: PassOptions,
): Promise<Outcome<R>> {
  const batches = cutBatches(weights);
  const outcomes = new Array<Outcome<R>>(batches.length);
  let taken = 0;
  const take = (): number | undefined => (taken < batches.length ? taken++ : undefined);
  const itemsOf = (k: number): readonly I[] => items.slice(batches[k][0], batches[k][1]);

  const remote = async (): Promise<void> => {
    for (let k = take(); k !== undefined; k = take()) {
      const task: WorkerTask = { chain: chain.name, items: itemsOf(k), options };
      outcomes[k] = (await pool.run(task)) as Outcome<R>;
    }
  };
  const local = async (): Promise<void> => {
    for (let k = take(); k !== undefined; k = take()) {
      outcomes[k] = runChain(chain, itemsOf(k), options);
      // Let the replies of the workers in, or they would wait for us between their batches.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all([...Array.from({ length: threads - 1 }, remote), local()]);

  const timings = new Map<string, number>();
  for (const outcome of outcomes) {
    for (const [name, ms] of outcome.timings) timings.set(name, (timings.get(name) ?? 0) + ms);
  }
  return {
    results: outcomes.flatMap((o) => o.results),
    diagnostics: outcomes.flatMap((o) => o.diagnostics),
    timings: [...timings],
  };
}

/** Consecutive runs of items of about BATCH_BYTES, as [first, last) positions. */
function cutBatches(weights: readonly number[]): (readonly [number, number])[] {
  const batches: (readonly [number, number])[] = [];
  let first = 0;
  let sum = 0;
  for (const [k, weight] of weights.entries()) {
    sum += weight;
    if (sum >= BATCH_BYTES || k === weights.length - 1) {
      batches.push([first, k + 1]);
      first = k + 1;
      sum = 0;
    }
  }
  return batches;
}
