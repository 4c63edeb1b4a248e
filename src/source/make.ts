/**
 * Runs the tree's own make: in its own process group, with everything pinned that would put the moment or the
 * machine into an object, its output counted for progress and kept whole in a log.
 *
 * Xen compiles date, time, user, host and domain into common/version.o (through include/xen/compile.h), and
 * asks git for the changeset; a scratch copy has no .git, so that is empty. The values pinned here make no
 * claim, they only have to be the same for every build.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createInterface } from 'node:readline';

/** Values that xen/Makefile takes from its environment instead of asking the machine. */
const PINNED: Readonly<Record<string, string>> = {
  XEN_BUILD_DATE: 'Thu Jan  1 00:00:00 UTC 1970',
  XEN_BUILD_TIME: '00:00:00',
  XEN_BUILD_HOST: 'localhost',
  XEN_WHOAMI: 'xsplice-build',
  XEN_DOMAIN: 'localdomain',
  SOURCE_DATE_EPOCH: '0',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** Variables of a surrounding make, or of a shell set up for another build, that would redirect this one. */
const DROPPED = [
  'MAKEFLAGS',
  'MAKELEVEL',
  'MFLAGS',
  'GNUMAKEFLAGS',
  'MAKEFILES',
  'MAKEOVERRIDES',
  'KBUILD_OUTPUT',
  'KBUILD_VERBOSE',
  'KBUILD_NOCMDDEP',
  'KCONFIG_CONFIG',
  'KCONFIG_ALLCONFIG',
  'O',
  'V',
  'GCC_COLORS',
];

/** How long compilers get to end after SIGTERM before they are killed, in milliseconds. */
const GRACE = 2000;

export interface MakeOptions {
  /** Folder to run in: the scratch tree's xen/. */
  readonly cwd: string;
  readonly args: readonly string[];
  /** Variables given on make's command line, so that they win over the makefiles. */
  readonly variables: Readonly<Record<string, string>>;
  /** The whole output goes here. */
  readonly logFile: string;
  readonly signal?: AbortSignal | undefined;
  /** Lets compilers write SAME_FOLDER into debug information instead of where they run. */
  readonly namelessFolder?: boolean;
  /** Called for each compiled object with its name and the count so far. */
  readonly onCompiled?: (object: string, count: number) => void;
}

export interface MakeRun {
  readonly ok: boolean;
  /** Objects that were compiled or assembled. */
  readonly compiled: number;
  readonly output: readonly string[];
}

/** Lines of output kept for the diagnosis of a failure; the log has all. */
const KEPT_LINES = 20_000;

/**
 * Runs make to its end. A failing make is a result, not an exception. Throws the signal's reason when it is
 * aborted, after the whole process group has ended, and an operating system error if make cannot be started.
 */
export async function runMake(options: MakeOptions): Promise<MakeRun> {
  options.signal?.throwIfAborted();
  const variables = Object.entries(options.variables).map(([name, value]) => `${name}=${value}`);
  const child = spawn('make', [...options.args, ...variables], {
    cwd: options.cwd,
    env: { ...buildEnvironment(process.env), ...(options.namelessFolder === true && namelessFolder()) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const log = createWriteStream(options.logFile);
  const output: string[] = [];
  let compiled = 0;
  const take = (line: string): void => {
    log.write(`${line}\n`);
    if (output.length < KEPT_LINES) output.push(line);
    const object = compiledObject(line);
    if (object !== undefined) options.onCompiled?.(object, (compiled += 1));
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', take);
  const release = killOnAbort(child, options.signal);
  try {
    const exitCode = await ended;
    options.signal?.throwIfAborted();
    return { ok: exitCode === 0, compiled, output };
  } finally {
    release();
    log.end();
    await finished(log).catch(() => undefined);
  }
}

/** The environment for make: the caller's, without what would redirect the build, with the pinned values. */
export function buildEnvironment(from: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...from, ...PINNED };
  for (const name of DROPPED) Reflect.deleteProperty(env, name);
  return env;
}

/** The working folder of whoever asks (Linux). */
const SAME_FOLDER = '/proc/self/cwd';

/**
 * A name for the working folder that is the same wherever that is. GCC takes PWD for it, if it leads there, and writes
 * it into debug information.
 */
export function namelessFolder(): NodeJS.ProcessEnv {
  return existsSync(SAME_FOLDER) ? { PWD: SAME_FOLDER } : {};
}

/** The object that a line of make's output says is being compiled: `  CC      common/x.o`, or a whole command. */
export function compiledObject(line: string): string | undefined {
  const quiet = /^\s+(?:CC|AS)\s+(\S+\.o)$/.exec(line);
  if (quiet !== null) return quiet[1];
  const whole = /^\S*(?:cc|clang)(?:-[\d.]+)? .*-c .*-o (\S+\.o)(?:\s|$)/.exec(line);
  return whole?.[1];
}

/** Ends a detached child with its whole process group when the signal comes; the answer takes the watch away. */
export function killOnAbort(child: ChildProcess, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    killGroup(child, 'SIGTERM');
    timer = setTimeout(() => killGroup(child, 'SIGKILL'), GRACE);
  };
  signal?.addEventListener('abort', stop, { once: true });
  return () => {
    signal?.removeEventListener('abort', stop);
    clearTimeout(timer);
  };
}

/** make, its shells and its compilers are one process group, so none outlives the scratch copy. */
function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended by itself.
  }
}
