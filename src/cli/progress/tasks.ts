/**
 * What a run tells, as a list of tasks that a reader can follow: a few per command, of which one is worked on. Events
 * of the library are finer than that; what they add becomes the text behind the task.
 */
import { withoutControls } from '../../diag/printable.js';
import type { ProgressEvent, SourceProgress } from '../../index.js';

export type TaskName = 'source' | 'compare' | 'link' | 'base' | 'prove' | 'plan';

const TITLES: Readonly<Record<TaskName, string>> = {
  source: 'make the objects of both sides',
  compare: 'compare the objects',
  link: 'link the payload',
  base: 'compare the tree with the hypervisor',
  prove: 'prove the payload in an emulated hypervisor',
  plan: 'find the ways to splice',
};

const STAGES: Readonly<Record<SourceProgress['stage'], string>> = {
  check: 'checking the tree and the patches',
  copy: 'copying the tree',
  'build-base': 'building the tree for the first time',
  'build-original': 'building the original',
  'build-patched': 'building the patched source',
  replay: 'compiling what the patch reaches',
  collect: 'collecting objects',
};

/** The stage and, while something is compiled, how far it is. */
export function describeSource(event: SourceProgress): string {
  if (event.compiled === 0) return STAGES[event.stage];
  const about = event.estimated === true ? 'about ' : '';
  const count =
    event.total === undefined ? `${event.compiled}` : `${event.compiled} of ${about}${event.total}`;
  const object = event.object === undefined ? '' : `, ${withoutControls(event.object)}`;
  return `${STAGES[event.stage]} (${count} compiled${object})`;
}

const PROOF = {
  boot: 'putting the image into memory',
  upload: 'uploading',
  hazards: 'looking at what the loader made',
  apply: 'applying',
  replace: 'replacing by',
  revert: 'reverting',
  unload: 'unloading',
  scenario: 'playing',
} as const;

/** Passes that are not of the task `link`. */
const TASK_OF_PASS: Readonly<Partial<Record<string, TaskName>>> = {
  'diff-pairs': 'compare',
  'recognise-build': 'compare',
  'prove-tree': 'base',
  'judge-base': 'base',
  'judge-relied': 'base',
};

function describe(event: ProgressEvent): { readonly task: TaskName; readonly text: string } {
  switch (event.kind) {
    case 'source':
      return { task: 'source', text: describeSource(event) };
    case 'pass':
      return { task: TASK_OF_PASS[event.pass] ?? 'link', text: '' };
    case 'objects': {
      const text = `${event.done} of ${event.total} objects`;
      return { task: TASK_OF_PASS[event.pass] ?? 'link', text };
    }
    case 'proof': {
      const { step, subject, position, of } = event;
      const count = of === 1 ? '' : ` (${position} of ${of})`;
      const what = subject === undefined ? '' : ` ${withoutControls(subject)}`;
      return { task: 'prove', text: `${PROOF[step]}${what}${count}` };
    }
  }
}

/** A task that was begun. `ended`: milliseconds, as `begun`. */
export interface Task {
  readonly title: string;
  readonly begun: number;
  text: string;
  ended?: number;
}

/** The tasks of one run, told from what it tells. */
export class TaskTrack {
  /** Those that were begun, in order; the last one is worked on. */
  readonly begun: Task[] = [];
  private position = -1;

  constructor(
    private readonly names: readonly TaskName[],
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Titles of what is still to come. */
  get ahead(): readonly string[] {
    return this.names.slice(this.position + 1).map((name) => TITLES[name]);
  }

  get current(): Task | undefined {
    return this.begun.at(-1);
  }

  tell(event: ProgressEvent): void {
    const { task, text } = describe(event);
    // A plan is made by the steps of a proof.
    const position = this.names.indexOf(task === 'prove' && this.names.includes('plan') ? 'plan' : task);
    // A payload that is spliced is linked twice: nobody wants to see a task undone.
    if (position > this.position) this.begin(position);
    if (this.current !== undefined && text !== '') this.current.text = text;
  }

  /** The run is over. */
  end(): void {
    if (this.current !== undefined) this.current.ended ??= this.clock();
  }

  /** Seconds that a task has taken, to a tenth up to ten, whole beyond. */
  seconds({ begun, ended = this.clock() }: Task): string {
    const seconds = (ended - begun) / 1000;
    return seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0);
  }

  private begin(position: number): void {
    this.end();
    this.position = position;
    this.begun.push({ title: TITLES[this.names[position]], begun: this.clock(), text: '' });
  }
}
