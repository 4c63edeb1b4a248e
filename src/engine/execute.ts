/**
 * How the items of a lane are run: an Executor pulls items, runs each through the chain and gives the results
 * back in the order of the items, whatever ran where. Items are pulled when there is room for them, so a lane
 * over a whole tree holds a few objects in memory at a time, and reading overlaps with comparing. Both
 * implementations (inline.ts, pool.ts) go through runChain, so they cannot differ in what they compute.
 */
import { verifyMade } from './pass.js';
import type { Chain, PassOptions } from './pass.js';
import type { Diagnostic } from '../diag/diagnostic.js';

export interface Outcome<R> {
  readonly results: readonly R[];
  /** In the order of the items that reported them. */
  readonly diagnostics: readonly Diagnostic[];
  /** Milliseconds per item pass, summed over items and threads. */
  readonly timings: readonly (readonly [string, number])[];
}

/** An item with the bytes of input that it stands for: the unit in which work is shared out. */
export interface Weighed<I> {
  readonly item: I;
  readonly weight: number;
}

/** What a lane tells while it runs, and where it may be stopped. */
export interface LaneWatch {
  /** That so many more items are done. */
  done(items: number): void;
  /** Called between items; throws when the lane is to end. */
  pause(): Promise<void>;
  /** Ends what other threads do. */
  readonly signal?: AbortSignal;
}

export const UNWATCHED: LaneWatch = { done: () => undefined, pause: () => Promise.resolve() };

export interface Executor {
  /** `expected` is about how many items there are; it decides where they run, not what comes out. */
  map<I, R>(
    chain: Chain<I, R>,
    items: Iterator<Weighed<I>>,
    options: PassOptions,
    expected: number,
    watch?: LaneWatch,
  ): Promise<Outcome<R>>;
  close(): Promise<void>;
}

/** Runs one item after the other through the chain on this thread. */
export function runChain<I, R>(chain: Chain<I, R>, items: Iterable<I>, options: PassOptions): Outcome<R> {
  const steps = itemByItem(chain, items, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same, watched: others get the thread between items now and then, and may end the run. */
export async function runWatched<I, R>(
  chain: Chain<I, R>,
  items: Iterable<I>,
  options: PassOptions,
  watch: LaneWatch,
): Promise<Outcome<R>> {
  const steps = itemByItem(chain, items, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    watch.done(1);
    await watch.pause();
  }
}

/** Stops after each item. */
function* itemByItem<I, R>(
  chain: Chain<I, R>,
  items: Iterable<I>,
  options: PassOptions,
): Generator<undefined, Outcome<R>, void> {
  const diagnostics: Diagnostic[] = [];
  const spent = new Float64Array(chain.passes.length);
  const ctx = { ...options, report: (found: Diagnostic) => void diagnostics.push(found) };
  const results: R[] = [];
  for (const item of items) {
    results.push(runItem(chain, item, ctx, spent));
    yield;
  }
  return { results, diagnostics, timings: chain.passes.map((pass, k) => [pass.name, spent[k]] as const) };
}

function runItem<I, R>(
  chain: Chain<I, R>,
  item: I,
  ctx: PassOptions & { report: (found: Diagnostic) => void },
  spent: Float64Array,
): R {
  let value: unknown = item;
  for (const [k, pass] of chain.passes.entries()) {
    const begin = performance.now();
    const step = pass.each(value, ctx);
    spent[k] += performance.now() - begin;
    if ('done' in step) return step.done;
    if (ctx.verifyEach === true) verifyMade(pass, step.next);
    value = step.next;
  }
  // The last link hands on the lane's result: `end` takes only a pass whose output is R.
  return value as R;
}

/** Puts the outcomes of consecutive runs of items together. */
export function joinOutcomes<R>(outcomes: readonly Outcome<R>[]): Outcome<R> {
  const timings = new Map<string, number>();
  for (const outcome of outcomes) {
    for (const [name, ms] of outcome.timings) timings.set(name, (timings.get(name) ?? 0) + ms);
  }
  return {
    results: outcomes.flatMap((o) => o.results),
    diagnostics: outcomes.flatMap((o) => o.diagnostics),
    timings: [...timings],
  };
}
