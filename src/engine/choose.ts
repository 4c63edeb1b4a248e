/**
 * Decides whether the items of a lane are worth worker threads.
 *
 * How many bytes there are says little: most objects of a rebuilt tree are settled at a glance, some take a
 * hundred times longer, and the first ones take longest, before the code is warm. So the calling thread begins alone and
 * looks at its pace; workers are started when more is left to do at that pace than they would cost. Which thread ran
 * an item makes no difference to its result.
 */
import { availableParallelism } from 'node:os';
import type { Executor, LaneWatch, Outcome, Weighed } from './execute.js';
import { joinOutcomes, runWatched, UNWATCHED } from './execute.js';
import { inlineExecutor } from './inline.js';
import type { Chain, PassOptions } from './pass.js';

/** Threads as the user asked for them: a number, or as many as pay off. */
export type Threads = number | 'auto';

/** Milliseconds after which the calling thread looks how fast it goes, again and again; the first time it is not warm. */
const WINDOW_MS = 300;
/**
 * Milliseconds of work that must be left for a pool to pay off. A worker takes half a second of processor time to load
 * the passes and to get as fast as the calling thread is by then; on two cores it also takes the core on which that
 * thread's compiler and garbage collector run beside it.
 */
const WORTH_MS = 3_000;

export async function chooseExecutor(threads: Threads): Promise<Executor> {
  const most = threads === 'auto' ? availableParallelism() : threads;
  if (most <= 1) return inlineExecutor;
  if (threads === 'auto') return growingExecutor(most);
  const { poolExecutor } = await import('./pool.js');
  return poolExecutor(most);
}

/** Runs alone as long as that is likely to be over soon, then with the help of workers. */
function growingExecutor(threads: number): Executor {
  let pool: Executor | undefined;
  return {
    map: async (chain, items, options, expected, watch = UNWATCHED) => {
      const first = await runAlone(chain, items, options, expected, watch);
      const next = items.next();
      if (next.done === true) return first;
      const { poolExecutor } = await import('./pool.js');
      pool ??= poolExecutor(threads);
      const rest = await pool.map(chain, startingWith(next.value, items), options, expected, watch);
      return joinOutcomes([first, rest]);
    },
    close: async () => await pool?.close(),
  };
}

/** Whether, at the pace at which items were done lately, what is left takes longer than workers cost. */
export function areWorkersWorth(lately: { done: number; milliseconds: number; left: number }): boolean {
  const { done, milliseconds, left } = lately;
  return left * milliseconds > done * WORTH_MS;
}

/** Runs items until, at the pace of the last window, more work is left than a pool is worth. */
function runAlone<I, R>(
  chain: Chain<I, R>,
  items: Iterator<Weighed<I>>,
  options: PassOptions,
  expected: number,
  watch: LaneWatch,
): Promise<Outcome<R>> {
  function* untilThen(): Generator<I> {
    let begin = performance.now();
    let done = 0;
    let warm = false;
    for (let before = 0; ; done++) {
      const spent = performance.now() - begin;
      if (spent >= WINDOW_MS) {
        const window = { done: done - before, milliseconds: spent, left: expected - done };
        if (warm && areWorkersWorth(window)) return;
        warm = true;
        begin += spent;
        before = done;
      }
      const next = items.next();
      if (next.done === true) return;
      yield next.value.item;
    }
  }
  return runWatched(chain, untilThen(), options, watch);
}

function* startingWith<T>(first: T, rest: Iterator<T>): Generator<T> {
  yield first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}
