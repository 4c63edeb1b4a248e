/** Decides whether the items of a lane are worth worker threads. */
import { availableParallelism } from 'node:os';
import type { Executor, Weighed } from './execute.js';
import { inlineExecutor } from './inline.js';

/** Threads as the user asked for them: a number, or as many as pay off. */
export type Threads = number | 'auto';

/** A pool answers after 30 to 55 ms and needs 30 MB; with less than this to do, one thread is done by then. */
const POOL_BYTES = 2 * 1024 * 1024;

export interface Choice<I> {
  readonly executor: Executor;
  /** All items: those that were looked at first, then the rest. */
  readonly items: Iterator<Weighed<I>>;
}

/** Pulls items until it is clear whether a pool pays off, and chooses. */
export async function chooseExecutor<I>(threads: Threads, items: Iterator<Weighed<I>>): Promise<Choice<I>> {
  const seen: Weighed<I>[] = [];
  let sum = 0;
  let more = true;
  while (threads === 'auto' && more && sum < POOL_BYTES) {
    const next = items.next();
    if (next.done === true) more = false;
    else {
      seen.push(next.value);
      sum += next.value.weight;
    }
  }
  const wanted = threads === 'auto' ? (more ? availableParallelism() : 1) : threads;
  const all = followedBy(seen, items);
  if (wanted <= 1) return { executor: inlineExecutor, items: all };
  const { poolExecutor } = await import('./pool.js');
  return { executor: poolExecutor(wanted), items: all };
}

function* followedBy<T>(first: readonly T[], rest: Iterator<T>): Generator<T> {
  yield* first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}
