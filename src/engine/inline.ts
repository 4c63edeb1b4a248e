/** Runs lanes on the calling thread: right for small work, where starting a pool (30 to 55 ms) costs more than it saves. */
import type { Executor } from './execute.js';
import { runChain } from './execute.js';

export const inlineExecutor: Executor = {
  map: (chain, items, _weights, options) => Promise.resolve(runChain(chain, items, options)),
  close: () => Promise.resolve(),
};
