/**
 * The tasks of a run where there is no terminal, in the log of a pipeline: a line when a task has taken SLOW, with how
 * far it is, and one when such a task ends. Runs that are over soon say nothing.
 */
import type { Task, TaskTrack } from './tasks.js';

/** Milliseconds after which a reader of a log may wonder what goes on. */
const SLOW = 5_000;
/** Milliseconds after which it is told again how far it is. */
const AGAIN = 60_000;

export interface PlainLines {
  readonly look: () => void;
  readonly end: () => void;
}

/** `look` is called each second. */
export function plainLines(track: TaskTrack, write: (text: string) => void): PlainLines {
  const told = new Map<Task, number>();
  const look = (): void => {
    for (const task of track.begun) {
      const seconds = track.seconds(task);
      const spent = Number(seconds) * 1000;
      const last = told.get(task);
      if (task.ended !== undefined) {
        if (last !== undefined && last !== Infinity) {
          write(`${task.title}: ended after ${seconds} s\n`);
          told.set(task, Infinity);
        }
      } else if (last === undefined ? spent >= SLOW : spent >= last + AGAIN) {
        write(`${task.title}${task.text === '' ? '' : `: ${task.text}`}, ${seconds} s so far\n`);
        told.set(task, spent);
      }
    }
  };
  return {
    look,
    end: () => {
      track.end();
      look();
    },
  };
}
