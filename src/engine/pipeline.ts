/**
 * Runs passes in their declared order. Diagnostics are collected within a stage and stop the pipeline between
 * stages, so that one run shows everything that is wrong. With `timings` each pass has its wall time; passes
 * inside a lane have the sum over all items and threads.
 */
import type { Artifact } from './artifact.js';
import type { LaneWatch } from './execute.js';
import { verifyMade } from './pass.js';
import type { Lane, PassContext, PassOptions, SerialPass } from './pass.js';
import { RunControl } from '../run/run-control.js';
import type { Threads } from './choose.js';
import { chooseExecutor } from './choose.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { hasErrors } from '../diag/diagnostic.js';

export interface RunState {
  readonly diagnostics: Diagnostic[];
  /** Milliseconds per pass name, in the order in which the passes ran. */
  readonly timings: Map<string, number>;
}

export interface RunOptions extends PassOptions {
  readonly threads: Threads;
  /** Called after every pass with its name and artifact: --dump-after and --verify-each hang here. */
  readonly observe?: (pass: string, artifact: Artifact) => void;
  /** Hears of passes and objects, and may end the run between them: Interrupted is thrown then. */
  readonly control?: RunControl;
}

/** What crosses to other threads: no more than passes may know. */
function passOptions(options: RunOptions): PassOptions {
  const {
    target,
    dropGraphs = false,
    explain = [],
    whole = false,
    verifyEach = false,
    allowLost = [],
    reporters = [],
  } = options;
  return { target, dropGraphs, explain, whole, verifyEach, allowLost, reporters };
}

type AnyPass = { readonly name: string } & (
  SerialPass<Artifact, Artifact> | Lane<Artifact, unknown, unknown, Artifact>
);

export class Pipeline<A extends Artifact, B extends Artifact> {
  private constructor(private readonly passes: readonly AnyPass[]) {}

  static start<A extends Artifact>(): Pipeline<A, A> {
    return new Pipeline<A, A>([]);
  }

  /** Adds a pass; its input must be what stands so far. */
  to<C extends Artifact, I, R>(pass: SerialPass<B, C> | Lane<B, I, R, C>): Pipeline<A, C> {
    return new Pipeline<A, C>([...this.passes, pass as unknown as AnyPass]);
  }

  /** Goes on with another pipeline. */
  then<C extends Artifact>(next: Pipeline<B, C>): Pipeline<A, C> {
    return new Pipeline<A, C>([...this.passes, ...next.passes]);
  }

  /** The names of all passes in order, those inside lanes included. */
  names(): string[] {
    return this.passes.flatMap((pass) =>
      'chain' in pass ? [pass.feed.name, ...pass.chain.passes.map((p) => p.name)] : [pass.name],
    );
  }

  /** Runs all passes; returns undefined when a pass reported errors (they are in `state.diagnostics`). */
  async run(input: A, options: RunOptions, state: RunState): Promise<B | undefined> {
    let artifact: Artifact = input;
    const ctx: PassContext = {
      ...passOptions(options),
      report: (found) => state.diagnostics.push(found),
    };
    const { control = new RunControl() } = options;
    for (const pass of this.passes) {
      if (hasErrors(state.diagnostics)) return undefined;
      await control.pause();
      control.tell({ kind: 'pass', pass: pass.name, state: 'begin' });
      const begin = performance.now();
      artifact = await runOne(pass, artifact, ctx, { ...options, control }, state);
      const milliseconds = performance.now() - begin;
      state.timings.set(pass.name, milliseconds);
      control.tell({ kind: 'pass', pass: pass.name, state: 'end', milliseconds });
      options.observe?.(pass.name, artifact);
    }
    return hasErrors(state.diagnostics) ? undefined : (artifact as B);
  }
}

async function runOne(
  pass: AnyPass,
  artifact: Artifact,
  ctx: PassContext,
  options: RunOptions & { readonly control: RunControl },
  state: RunState,
): Promise<Artifact> {
  if ('run' in pass) {
    const made = pass.run(artifact, ctx);
    // A pass that reported errors stands at the end of the run; what it made need not be whole.
    if (ctx.verifyEach === true && !hasErrors(state.diagnostics)) verifyMade(pass, made);
    return made;
  }
  const executor = await chooseExecutor(options.threads);
  const items = pass.feed.items(artifact, ctx);
  const total = pass.feed.count(artifact);
  const outcome = await executor
    .map(pass.chain, items, passOptions(options), total, watchOf(pass.name, total, options.control))
    .finally(() => executor.close());
  state.diagnostics.push(...outcome.diagnostics);
  for (const [name, ms] of outcome.timings) state.timings.set(name, (state.timings.get(name) ?? 0) + ms);
  return pass.join(artifact, outcome.results);
}

/** Counts the objects of a lane for whoever listens. */
function watchOf(pass: string, total: number, control: RunControl): LaneWatch {
  let done = 0;
  return {
    done: (items) => {
      done += items;
      control.tell({ kind: 'objects', pass, done, total });
    },
    pause: () => control.pause(),
    signal: control.signal,
  };
}
