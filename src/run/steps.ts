/**
 * Long synchronous work in steps. An AbortSignal fires and a clock ticks only when the event loop turns, which it does
 * not while a function computes; so what computes long is written as a generator that stops now and then, with or
 * without something to tell. Who wants the result at once takes it with `finish`.
 */
import type { ProgressEvent } from './progress.js';

/** Work that may be left between any two steps. */
export type Steps<T> = Generator<ProgressEvent | undefined, T, void>;

/** Does all steps in one go. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
