/**
 * A process of our own that may be asked one thing after the other, and is killed when an answer takes too long or
 * too much memory. It is for code that is not ours: whatever that does to its process, it does not do to the build.
 *
 *   we ──► {"do": …}\n  on its standard input
 *   we ◄── {…}\n        on its standard output; what it writes to standard error is kept for the case that it dies
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

/** What a process may take. */
export interface Limits {
  /** Milliseconds for an answer. */
  readonly time: number;
  /** Bytes that it may hold in all. */
  readonly memory: number;
}

/** Why there was no answer. */
export type Failure =
  | { readonly failed: 'time' }
  | { readonly failed: 'memory' }
  /** It ended, or answered with what is no answer. */
  | { readonly failed: 'ended'; readonly how: string }
  | { readonly failed: 'interrupted' };

export type Answer = { readonly answer: unknown } | Failure;

type Process = ChildProcessByStdio<Writable, Readable, Readable>;

/** Milliseconds between looks at its memory. */
const LOOK = 50;
const LONGEST_ANSWER = 64 << 20;
const KEPT_ERRORS = 16 << 10;
const PAGE = 4096;
/** V8 speaks of its end in such words. */
const OUT_OF_MEMORY = /out of memory|Allocation failed|invalid (array|size|table)/i;

const INTERRUPTED: Failure = { failed: 'interrupted' };

export class Supervised {
  private child: Process | undefined;
  private complaints = '';
  private answer = '';
  private end: string | undefined;
  private wake: (() => void) | undefined;

  /** `program`: path of a module; `flags`: for node. */
  constructor(
    private readonly program: string,
    private readonly flags: readonly string[],
    private readonly limits: Limits,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Asks one thing; after a failure the process is gone, and the next question starts another. */
  async ask(question: object, signal?: AbortSignal): Promise<Answer> {
    if (this.isOver(signal)) return INTERRUPTED;
    const child = (this.child ??= this.start());
    this.answer = '';
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const until = performance.now() + this.limits.time;
    for (;;) {
      const failure = this.isOver(signal) ? INTERRUPTED : this.look(child, until);
      if (failure !== undefined) {
        this.close();
        return failure;
      }
      if (this.answer.endsWith('\n')) return this.parsed();
      await this.sleep();
    }
  }

  /** Ends the process; an answer that is waited for will not come. */
  close(): void {
    const { child } = this;
    this.child = undefined;
    child?.kill('SIGKILL');
  }

  private start(): Process {
    const child = spawn(process.execPath, [...this.flags, this.program], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Nothing of our surroundings leads into what a pass decides.
      env: {},
      cwd: '/',
    });
    this.complaints = '';
    this.end = undefined;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (this.answer.length <= LONGEST_ANSWER) this.answer += text;
      this.wake?.();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.complaints = `${this.complaints}${text}`.slice(0, KEPT_ERRORS);
    });
    child.on('close', (code, signal) => {
      if (this.child !== child) return;
      this.end = signal ?? `exit code ${String(code)}`;
      this.wake?.();
    });
    child.on('error', (thrown) => {
      this.end = thrown.message;
      this.wake?.();
    });
    // What is written to a process that has ended is told by its end.
    child.stdin.on('error', () => this.wake?.());
    return child;
  }

  /** `signal`: of the run that asks, beside that with which the process was made. */
  private isOver(signal: AbortSignal | undefined): boolean {
    return this.signal?.aborted === true || signal?.aborted === true;
  }

  private look(child: Process, until: number): Failure | undefined {
    if (this.end !== undefined)
      return OUT_OF_MEMORY.test(this.complaints) ? { failed: 'memory' } : { failed: 'ended', how: this.end };
    if (this.answer.length > LONGEST_ANSWER) return { failed: 'ended', how: 'its answer is too long' };
    if (memoryOf(child.pid) > this.limits.memory) return { failed: 'memory' };
    return performance.now() > until && !this.answer.endsWith('\n') ? { failed: 'time' } : undefined;
  }

  private parsed(): Answer {
    try {
      return { answer: JSON.parse(this.answer) };
    } catch {
      this.close();
      return { failed: 'ended', how: 'it wrote something that is no answer' };
    }
  }

  private async sleep(): Promise<void> {
    await new Promise<void>((done) => {
      const timer = setTimeout(done, LOOK);
      this.wake = () => {
        clearTimeout(timer);
        done();
      };
    });
    this.wake = undefined;
  }
}

/** Bytes that a process holds; 0 where the system does not tell, and then V8's own limit is all there is. */
function memoryOf(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${String(pid)}/statm`, 'utf8').split(' ')[1]) * PAGE;
  } catch {
    return 0;
  }
}
