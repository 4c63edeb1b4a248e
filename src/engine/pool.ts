/**
 * Runs lanes on worker threads through tinypool (its only importer).
 *
 * Items are pulled in batches: few enough that posting costs nothing (0.03 ms a round trip), small enough that
 * two cores finish together. Each worker is kept two batches ahead; when all are, the calling thread, which
 * does the pulling (and with it the reading of files), works on a batch itself. Bytes travel in
 * SharedArrayBuffers and are not copied. A worker finds the chain by its name in the registry, since functions
 * cannot be posted.
 */
import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import type { Executor, LaneWatch, Outcome, Weighed } from './execute.js';
import { joinOutcomes, runChain, UNWATCHED } from './execute.js';
import type { Chain, PassOptions } from './pass.js';

/** What a worker gets: the chain's name and a batch of items. */
export interface WorkerTask {
  readonly chain: string;
  readonly items: readonly unknown[];
  readonly options: PassOptions;
}

/** Work in one batch, in bytes of input: about 5 ms of a thread. */
const BATCH_BYTES = 512 * 1024;
/** Items in one batch, however light: names of identical pairs weigh nothing. */
const BATCH_ITEMS = 64;
/** Batches that a worker has waiting or in work. */
const AHEAD = 2;

/** An executor with `threads` threads in all, the calling one included (at least 2). */
export function poolExecutor(threads: number): Executor {
  const workers = Math.max(1, threads - 1);
  const pool = new Tinypool({
    filename: fileURLToPath(new URL('./worker.js', import.meta.url)),
    minThreads: workers,
    maxThreads: workers,
  });
  return {
    map: async (chain, items, options, _expected, watch = UNWATCHED) => {
      // Ends the threads, whatever they are at; what they were asked for is rejected.
      const end = (): void => void pool.destroy();
      watch.signal?.addEventListener('abort', end, { once: true });
      try {
        return await shareOut({ pool, workers, watch }, chain, items, options);
      } finally {
        watch.signal?.removeEventListener('abort', end);
      }
    },
    close: () => pool.destroy(),
  };
}

interface Crew {
  readonly pool: Tinypool;
  readonly workers: number;
  readonly watch: LaneWatch;
}

async function shareOut<I, R>(
  { pool, workers, watch }: Crew,
  chain: Chain<I, R>,
  items: Iterator<Weighed<I>>,
  options: PassOptions,
): Promise<Outcome<R>> {
  const outcomes: Outcome<R>[] = [];
  const failures: unknown[] = [];
  const running = new Set<Promise<void>>();
  let position = 0;
  for (let batch = pullBatch(items); batch.length > 0 && failures.length === 0; batch = pullBatch(items)) {
    const k = position++;
    if (running.size < AHEAD * workers) {
      const task: WorkerTask = { chain: chain.name, items: batch, options };
      const run: Promise<void> = pool
        .run(task)
        .then((outcome) => {
          outcomes[k] = outcome as Outcome<R>;
          watch.done(batch.length);
        })
        .catch((thrown: unknown) => void failures.push(thrown))
        .finally(() => running.delete(run));
      running.add(run);
    } else {
      outcomes[k] = runChain(chain, batch, options);
      watch.done(batch.length);
    }
    // Let replies in: a worker whose reply waits for us counts as busy.
    await new Promise((resolve) => setImmediate(resolve));
    if (watch.signal?.aborted === true) break;
  }
  await Promise.all(running);
  await watch.pause();
  if (failures.length > 0) throw failures[0];
  return joinOutcomes(outcomes);
}

function pullBatch<I>(items: Iterator<Weighed<I>>): I[] {
  const batch: I[] = [];
  let sum = 0;
  while (sum < BATCH_BYTES && batch.length < BATCH_ITEMS) {
    const next = items.next();
    if (next.done === true) break;
    batch.push(next.value.item);
    sum += next.value.weight;
  }
  return batch;
}
