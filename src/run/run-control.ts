/**
 * How a run is watched and stopped: one object that everything long gets, from the source stage to the emulator.
 *
 * Stopping. The caller's signal is looked at wherever the run pauses. A pause lets the event loop turn when it has not
 * for TURN milliseconds: before that no timer, no signal of the operating system and no abort() can be heard. Whoever
 * finds that the run is to end throws Interrupted, and `guard` makes the answer of it: XS819, and no result.
 *
 * Telling. A listener that throws ends the run in the same way, so that scratch copies and compilers go, and then the
 * call is rejected with what was thrown: it is a mistake of the caller's, which nobody else can tell him.
 */
import { setMaxListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { ProgressEvent } from './progress.js';
import type { Steps } from './steps.js';

/** What every long call takes. */
export interface RunControls {
  /**
   * Aborting ends the call early: compilers and worker threads are ended, the scratch copy is removed, and the call
   * resolves, as it does otherwise, with XS819 as its last diagnostic and nothing but diagnostics. Work on this thread
   * goes on to its next pause, usually within 100 ms. An aborted signal ends the call before it begins.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called with what is being done, on the calling thread, while the call works: return soon. For a promise that it
   * returns the run waits at its next pause, so who has to load or to write something gets the thread for that. When it
   * throws or the promise is rejected, the run ends as if it was aborted, and the call is rejected with the same.
   */
  readonly onProgress?: ((event: ProgressEvent) => void | Promise<void>) | undefined;
}

/** The run is to end. Never leaves the library. */
export class Interrupted extends Error {}

/** Milliseconds after which a run lets others have the thread. A turn itself takes microseconds. */
const TURN = 40;

export class RunControl {
  /** Aborted when the caller's is, and when a listener threw. */
  readonly signal: AbortSignal;
  private readonly own = new AbortController();
  private readonly abort = (): void => this.own.abort();
  private failure: { readonly thrown: unknown } | undefined;
  private turned = performance.now();
  private awaited: Promise<void> | undefined;

  constructor(private readonly controls: RunControls = {}) {
    this.signal = this.own.signal;
    // Each compiler that runs listens; node takes more than ten for a mistake, and prints that.
    setMaxListeners(0, this.signal);
    const { signal } = controls;
    if (signal?.aborted === true) this.abort();
    else signal?.addEventListener('abort', this.abort, { once: true });
  }

  tell(event: ProgressEvent): void {
    if (this.failure !== undefined) return;
    try {
      const promise = this.controls.onProgress?.(event);
      if (promise instanceof Promise) this.awaited = this.heard(promise, this.awaited);
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  private async heard(promise: Promise<void>, before: Promise<void> | undefined): Promise<void> {
    await before;
    await promise.catch((thrown: unknown) => this.fail(thrown));
  }

  private fail(thrown: unknown): void {
    this.failure ??= { thrown };
    this.abort();
  }

  /** Throws Interrupted when the run is to end. */
  check(): void {
    if (this.signal.aborted) throw new Interrupted();
  }

  /** Lets the event loop turn when that is due. Throws Interrupted when the run is to end. */
  async pause(): Promise<void> {
    if (performance.now() - this.turned > TURN) {
      await setImmediate();
      this.turned = performance.now();
    }
    await this.waitForListener();
    this.check();
  }

  /** Not longer than until the run is to end. */
  private async waitForListener(): Promise<void> {
    const { awaited, signal } = this;
    if (awaited === undefined || signal.aborted) return;
    this.awaited = undefined;
    let stop = (): void => undefined;
    const over = new Promise<void>((resolve) => signal.addEventListener('abort', (stop = () => resolve())));
    await Promise.race([awaited, over]);
    signal.removeEventListener('abort', stop);
    this.turned = performance.now();
  }

  /** Does work in steps, tells what they tell, and pauses between them. */
  async drive<T>(steps: Steps<T>): Promise<T> {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (step.value !== undefined) this.tell(step.value);
      await this.pause();
    }
  }

  /**
   * Runs `work` to its end, and lets go of the caller's signal. When it was interrupted, also at the very end, the
   * answer is `stopped` instead, whatever came of it. Rejects with what a listener threw, and with mistakes of this tool.
   */
  async guard<T>(work: () => Promise<T>, stopped: () => T): Promise<T> {
    try {
      this.check();
      const result = await work();
      // What came while nothing else could run is heard now: the first turn may be in a round that has polled already.
      await setImmediate();
      await setImmediate();
      this.check();
      return result;
    } catch (thrown) {
      if (this.failure !== undefined) throw this.failure.thrown;
      if (!(thrown instanceof Interrupted)) throw thrown;
      return stopped();
    } finally {
      this.controls.signal?.removeEventListener('abort', this.abort);
    }
  }
}

/** What was found before the run was interrupted, and that it was. */
export function interrupted(found: readonly Diagnostic[]): Diagnostic[] {
  const others = found.filter(({ code }) => code !== 'XS819');
  return [...others, diagnostic('XS819', { message: 'interrupted; nothing was written' })];
}

/** Runs `work`, which reports into the list that it gets; interrupted, it comes to `stopped` of that and XS819. */
export async function controlled<T>(
  controls: RunControls,
  work: (control: RunControl, found: Diagnostic[]) => Promise<T>,
  stopped: (diagnostics: Diagnostic[]) => T,
): Promise<T> {
  const control = new RunControl(controls);
  const found: Diagnostic[] = [];
  return await control.guard(
    () => work(control, found),
    () => stopped(interrupted(found)),
  );
}
