/**
 * Decides whether the items of a lane are worth worker threads.
 *
 * How many bytes there are says little: most objects of a rebuilt tree are settled at a glance, some take a
 * hundred times longer. So the calling thread begins alone, and workers are started once it has been busy for
 * longer than it would take them to be of use. Which thread ran an item makes no difference to its result.
 */
import { availableParallelism } from 'node:os';
import type { Executor, Outcome, Weighed } from './execute.js';
import { joinOutcomes, runChain } from './execute.js';
import { inlineExecutor } from './inline.js';
import type { Chain, PassOptions } from './pass.js';

/** Threads as the user asked for them: a number, or as many as pay off. */
export type Threads = number | 'auto';

/**
 * Milliseconds of work after which a pool pays off: a worker takes half a second of processor time to load the passes
 * and to get as fast as the calling thread is by then, so that much more again must be left to do.
 */
const ALONE_MS = 1_000;

export async function chooseExecutor(threads: Threads): Promise<Executor> {
  const most = threads === 'auto' ? availableParallelism() : threads;
  if (most <= 1) return inlineExecutor;
  if (threads === 'auto') return growingExecutor(most);
  const { poolExecutor } = await import('./pool.js');
  return poolExecutor(most);
}

/** Runs alone for ALONE_MS, then with the help of workers. */
function growingExecutor(threads: number): Executor {
  let pool: Executor | undefined;
  return {
    map: async (chain, items, options) => {
      const first = runFor(ALONE_MS, chain, items, options);
      const next = items.next();
      if (next.done === true) return first;
      const { poolExecutor } = await import('./pool.js');
      pool ??= poolExecutor(threads);
      return joinOutcomes([first, await pool.map(chain, startingWith(next.value, items), options)]);
    },
    close: async () => await pool?.close(),
  };
}

function runFor<I, R>(
  ms: number,
  chain: Chain<I, R>,
  items: Iterator<Weighed<I>>,
  options: PassOptions,
): Outcome<R> {
  const end = performance.now() + ms;
  function* untilThen(): Generator<I> {
    while (performance.now() < end) {
      const next = items.next();
      if (next.done === true) return;
      yield next.value.item;
    }
  }
  return runChain(chain, untilThen(), options);
}

function* startingWith<T>(first: T, rest: Iterator<T>): Generator<T> {
  yield first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}
