/**
 * The tasks of a run on a terminal, as a live list on stderr (the only importer of listr2, loaded when a run is long).
 *
 * listr2 draws to stdout, takes the width of stdout, and learns the size of the terminal once. Here it gets stderr for
 * stdout, and lines that are short enough for each of these widths, so that a line never becomes two and a terminal
 * that was made narrower is not garbled. When the run is over, the list goes without a trace: the report follows.
 */
import { DefaultRenderer, Listr, ListrLogger, ProcessOutput } from 'listr2';
import type { Task, TaskTrack } from './tasks.js';

/** A live list; `end` takes it away, and leaves the cursor visible. */
export interface ShownTasks {
  /** Fulfilled when it is there. */
  readonly shown: Promise<void>;
  end(): Promise<void>;
}

/** Milliseconds between two looks at what is told; events come faster than anyone reads. */
const LOOK = 100;
/** An icon, which may count as two columns, and a blank stand before a title; listr2 leaves two more free. */
const MARGIN = 6;

/** stderr is a terminal, whatever stdout is. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

interface Entry {
  readonly title: string;
  task: Task | undefined;
  /** Set when its turn has come. */
  show: ((line: string) => void) | undefined;
  finish: () => void;
}

export function showTasks(track: TaskTrack): ShownTasks {
  let over = false;
  const entries = [...track.begun.map(({ title }) => title), ...track.ahead].map(entryOf);
  const first = process.stderr.columns;
  const width = (): number => Math.min(first, process.stderr.columns, process.stdout.columns ?? 80) - MARGIN;
  const look = (): void => {
    for (const entry of entries) {
      entry.task ??= track.begun.find(({ title }) => title === entry.title);
      const { task, show } = entry;
      if (task === undefined) continue;
      show?.(cut(lineOf(task, track), width()));
      if (task.ended !== undefined) entry.finish();
    }
  };
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const output = new ProcessOutput(process.stderr, process.stderr);
  const list = new Listr(
    entries.map((entry) => ({
      title: cut(entry.title, width()),
      // Of a run that ended early, what was never begun.
      skip: () => over && entry.task === undefined,
      task: async (_context, wrapper) => {
        begin();
        entry.show = (line) => (wrapper.title = line);
        await new Promise<void>((done) => {
          entry.finish = done;
          look();
        });
      },
    })),
    {
      renderer: StderrRenderer,
      registerSignalListeners: false,
      rendererOptions: {
        clearOutput: true,
        logger: new ListrLogger({ useIcons: true, toStderr: [], processOutput: output }),
      },
    },
  );
  const timer = setInterval(look, LOOK);
  const run = list.run();
  return {
    shown: Promise.race([begun, run.then(() => undefined)]),
    end: async () => {
      clearInterval(timer);
      // What was never begun has nothing to wait for either.
      over = true;
      let ended = false;
      void run.finally(() => (ended = true)).catch(() => undefined);
      while (!ended) {
        for (const entry of entries) entry.finish();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await run;
    },
  };
}

function entryOf(title: string): Entry {
  return { title, task: undefined, show: undefined, finish: () => undefined };
}

function lineOf(task: Task, track: TaskTrack): string {
  const text = task.text === '' || task.ended !== undefined ? '' : `: ${task.text}`;
  return `${task.title} (${track.seconds(task)} s)${text}`;
}

/** Characters beyond ASCII may take two columns; there are none in what we write, and those of input are escaped. */
function cut(text: string, columns: number): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?');
  return plain.length <= columns ? plain : `${plain.slice(0, Math.max(1, columns - 3))}...`;
}
