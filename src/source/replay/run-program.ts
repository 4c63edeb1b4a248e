/**
 * Runs compilers and their like: by their words, never by a shell, several at a time, in process groups that end with
 * the run.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { killOnAbort } from '../make.js';

export interface ProgramRun {
  readonly ok: boolean;
  readonly stdout: string;
  /** Lines of both streams as they came. */
  readonly output: readonly string[];
}

/** Output that is kept, in characters; compilers can go on for long. */
const KEPT = 1024 * 1024;

/**
 * The absolute path of a program: as given, or by PATH, of which only absolute folders count, or a file of the tree
 * could be run. undefined if there is none.
 */
export function findProgram(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  if (name.includes('/')) return isAbsolute(name) && isExecutable(name) ? name : undefined;
  return path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export interface ProgramPlace {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs an absolute `program` to its end. Failing is a result. Throws the signal's reason when aborted, after the
 * program has ended, and an operating system error if it cannot be started.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env, signal }: ProgramPlace,
): Promise<ProgramRun> {
  signal?.throwIfAborted();
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let stdout = '';
  let both = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (stdout.length < KEPT) stdout += chunk.toString('latin1');
    if (both.length < KEPT) both += chunk.toString('latin1');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (both.length < KEPT) both += chunk.toString('latin1');
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const release = killOnAbort(child, signal);
  try {
    const code = await ended;
    signal?.throwIfAborted();
    return { ok: code === 0, stdout, output: both.split('\n') };
  } finally {
    release();
  }
}

/**
 * Does `work` for each item, at most `width` at a time. After one has thrown, no further is begun, all that run are
 * waited for, and it is thrown.
 */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      if (failed) return;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = Array.from({ length: Math.max(1, Math.min(width, items.length)) }, lane);
  for (const end of await Promise.allSettled(lanes)) if (end.status === 'rejected') throw end.reason;
}
