/** How many compilers run at a time when the user does not say: as many as processors, and as memory has room for. */
import { totalmem } from 'node:os';
import { availableParallelism } from 'node:os';

/** What a compiler of Xen's largest files takes, with room to spare, in bytes. */
const PER_COMPILER = 400 << 20;

/**
 * Processors that this process may use, but not more than fit into `memory` bytes: by default that of the machine,
 * or of the control group (a container) when that is less. At least 1.
 */
export function defaultJobs(memory = usableMemory(), processors = availableParallelism()): number {
  return Math.max(1, Math.min(processors, Math.floor(memory / PER_COMPILER)));
}

function usableMemory(): number {
  const limit = process.constrainedMemory();
  // Without a limit node says 0, nothing, or a number beyond any machine.
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
