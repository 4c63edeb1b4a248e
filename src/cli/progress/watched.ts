/**
 * Runs a call of the library for a command: what it tells is shown, and ctrl-C and SIGTERM end it as an AbortSignal
 * does, so that compilers and scratch copies go, nothing is written, and the exit code is 130. Who presses ctrl-C again
 * has waited long enough: the process ends at once, as if it had no handler.
 */
import type { ProgressEvent, RunControls } from '../../index.js';
import type { Terminal } from '../terminal.js';
import type { ShownTasks } from './task-list.js';
import { plainLines } from './plain-lines.js';
import { TaskTrack } from './tasks.js';
import type { TaskName } from './tasks.js';

/** Milliseconds that a run may take before anything is shown: what is gone again at once only flickers. */
const LONG = 500;
const SECOND = 1000;
const SHOW_CURSOR = '\u001b[?25h';

export interface WatchOptions {
  readonly quiet?: boolean;
  readonly json?: boolean;
}

interface Display {
  /** After each event; the run waits for a promise. */
  readonly told: () => Promise<void> | undefined;
  readonly end: () => Promise<void> | void;
}

const NOTHING: Display = { told: () => undefined, end: () => undefined };

export async function watched<T>(
  terminal: Terminal,
  options: WatchOptions,
  tasks: readonly TaskName[],
  work: (controls: Required<RunControls>) => Promise<T>,
): Promise<T> {
  const track = new TaskTrack(tasks);
  const signals = abortOnSignals(terminal);
  const display = displayFor(terminal, options, track);
  const onProgress = (event: ProgressEvent): Promise<void> | undefined => {
    track.tell(event);
    return display.told();
  };
  try {
    return await work({ signal: signals.signal, onProgress });
  } finally {
    track.end();
    await display.end();
    signals.end();
  }
}

/** The first signal aborts, the second kills. */
function abortOnSignals(terminal: Terminal): { readonly signal: AbortSignal; readonly end: () => void } {
  const abort = new AbortController();
  const end = (): void => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  const stop = (name: NodeJS.Signals): void => {
    if (!abort.signal.aborted) {
      abort.abort();
      return;
    }
    end();
    if (terminal.live) terminal.stderr(SHOW_CURSOR);
    process.kill(process.pid, name);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return { signal: abort.signal, end };
}

/** With -q nothing; with --json no lines in logs, where programs read stderr, too. */
function displayFor(terminal: Terminal, { quiet, json }: WatchOptions, track: TaskTrack): Display {
  if (quiet === true) return NOTHING;
  if (terminal.live) return liveList(track);
  if (json === true) return NOTHING;
  const lines = plainLines(track, terminal.stderr);
  const timer = setInterval(lines.look, SECOND);
  return {
    told: () => undefined,
    end: () => {
      clearInterval(timer);
      lines.end();
    },
  };
}

/** Appears when the run is long: it is loaded then, for which the run makes room. */
function liveList(track: TaskTrack): Display {
  const due = performance.now() + LONG;
  let over = false;
  let list: Promise<ShownTasks | undefined> | undefined;
  let shown = false;
  const appear = async (): Promise<void> => {
    list ??= import('./task-list.js').then(({ showTasks }) => (over ? undefined : showTasks(track)));
    const there = await list;
    await there?.shown;
    shown = true;
  };
  let failure: { readonly thrown: unknown } | undefined;
  const timer = setTimeout(() => void appear().catch((thrown: unknown) => (failure = { thrown })), LONG);
  return {
    told: () => (shown || performance.now() < due ? undefined : appear()),
    end: async () => {
      over = true;
      clearTimeout(timer);
      await (await list)?.end();
      if (failure !== undefined) throw failure.thrown;
    },
  };
}
