/** Decides whether the lanes of a run are worth worker threads. */
import { availableParallelism } from 'node:os';
import type { Executor } from './execute.js';
import { inlineExecutor } from './inline.js';

/** Threads as the user asked for them: a number, or as many as pay off. */
export type Threads = number | 'auto';

/**
 * The executor for `bytes` of differing objects. A pool answers after 30 to 55 ms and needs 30 MB; below
 * POOL_BYTES one thread is done by then.
 */
export async function chooseExecutor(threads: Threads, bytes: number): Promise<Executor> {
  const wanted = threads === 'auto' ? (bytes < POOL_BYTES ? 1 : availableParallelism()) : threads;
  if (wanted <= 1) return inlineExecutor;
  const { poolExecutor } = await import('./pool.js');
  return poolExecutor(wanted);
}

const POOL_BYTES = 2 * 1024 * 1024;
