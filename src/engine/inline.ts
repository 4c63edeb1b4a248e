/** Runs lanes on the calling thread: right for small work, where starting a pool (30 to 55 ms) costs more than it saves. */
import type { Executor, Weighed } from './execute.js';
import { runWatched, UNWATCHED } from './execute.js';

export const inlineExecutor: Executor = {
  map: (chain, items, options, _expected, watch = UNWATCHED) =>
    runWatched(chain, unweighed(items), options, watch),
  close: () => Promise.resolve(),
};

function* unweighed<I>(items: Iterator<Weighed<I>>): Generator<I> {
  for (let next = items.next(); next.done !== true; next = items.next()) yield next.value.item;
}
