/**
 * How the items of a lane are run: an Executor takes a chain and its items and gives the results back in the
 * order of the items, whatever ran where. Both implementations (inline.ts, pool.ts) go through runChain, so
 * they cannot differ in what they compute.
 */
import type { Chain, PassOptions } from './pass.js';
import type { Diagnostic } from '../diag/diagnostic.js';

export interface Outcome<R> {
  readonly results: readonly R[];
  /** In the order of the items that reported them. */
  readonly diagnostics: readonly Diagnostic[];
  /** Milliseconds per item pass, summed over items and threads. */
  readonly timings: readonly (readonly [string, number])[];
}

export interface Executor {
  map<I, R>(
    chain: Chain<I, R>,
    items: readonly I[],
    weights: readonly number[],
    options: PassOptions,
  ): Promise<Outcome<R>>;
  close(): Promise<void>;
}

/** Runs every item through the chain on this thread. */
export function runChain<I, R>(chain: Chain<I, R>, items: readonly I[], options: PassOptions): Outcome<R> {
  const diagnostics: Diagnostic[] = [];
  const spent = new Float64Array(chain.passes.length);
  const ctx = { ...options, report: (found: Diagnostic) => void diagnostics.push(found) };
  const results = items.map((item) => {
    let value: unknown = item;
    for (const [k, pass] of chain.passes.entries()) {
      const begin = performance.now();
      const step = pass.each(value, ctx);
      spent[k] += performance.now() - begin;
      if ('done' in step) return step.done;
      value = step.next;
    }
    // The last link hands on the lane's result: `end` takes only a pass whose output is R.
    return value as R;
  });
  return { results, diagnostics, timings: chain.passes.map((pass, k) => [pass.name, spent[k]] as const) };
}
