/** The entry of a worker thread: finds the chain by name and runs its batch. */
import type { Outcome } from './execute.js';
import { runChain } from './execute.js';
import type { WorkerTask } from './pool.js';
import { chainByName } from './registry.js';

export default function work(task: WorkerTask): Outcome<unknown> {
  return runChain(chainByName(task.chain), task.items, task.options);
}
