/**
 * One run of the source stage: its request, where it works, what it has measured. Passed to each step, so
 * that the steps themselves are functions.
 */
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import { readFailure } from './build-log.js';
import { runMake } from './make.js';
import type { MakeRun } from './make.js';
import type { SourceStage } from '../run/progress.js';
import type { SourceRequest, StageTiming } from './request.js';
import type { XenTree } from './tree.js';

export interface Job {
  readonly request: SourceRequest;
  readonly report: Report;
  readonly tree: XenTree;
  /** Absolute path of this run's own folder. */
  readonly scratch: string;
  readonly timings: StageTiming[];
}

/** Logs of failed builds that are kept. */
const KEPT_LOGS = 10;

/** Runs one stage, measured and announced. */
export async function inStage<T>(job: Job, stage: SourceStage, work: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  job.request.signal?.throwIfAborted();
  job.request.onProgress?.({ kind: 'source', stage, state: 'begin', compiled: 0 });
  const result = await work();
  const seconds = (performance.now() - begin) / 1000;
  job.timings.push({ stage, seconds });
  job.request.onProgress?.({ kind: 'source', stage, state: 'end', compiled: 0, seconds });
  return result;
}

/**
 * Runs make for a stage in `xen` (absolute), with the request's jobs, variables and signal. A failure is
 * reported as `code` with the first errors and the path of the log; a success removes the log. `total` is how many
 * objects will be compiled, about.
 */
export async function makeInStage(
  job: Job,
  stage: SourceStage,
  xen: string,
  args: readonly string[],
  code: 'XS811' | 'XS812' | 'XS813',
  total?: number,
): Promise<MakeRun | undefined> {
  const { logs, logFile } = await logFor(job, stage);
  const run = await runMake({
    cwd: xen,
    args: [`-j${String(Math.max(1, Math.floor(job.request.jobs)))}`, ...args],
    variables: job.request.makeVariables ?? {},
    logFile,
    signal: job.request.signal,
    namelessFolder: job.request.verifyBuild === true,
    onCompiled: (object, compiled) =>
      job.request.onProgress?.({
        ...{ kind: 'source', stage, state: 'compiled', compiled, object },
        ...(total !== undefined && { total: Math.max(total, compiled), estimated: true }),
      }),
  }).finally(() => pruneLogs(logs));
  if (run.ok) {
    await rm(logFile, { force: true });
    return run;
  }
  reportFailure(job, { output: run.output, by: 'make' }, xen, logFile, code);
  return undefined;
}

/** Reports XS812 with what the compiler said to patched source, in `xen`, and leaves all of it in a log. */
export async function reportRefusedSource(job: Job, output: readonly string[], xen: string): Promise<void> {
  const { logs, logFile } = await logFor(job, 'replay');
  await writeFile(logFile, output.join('\n'));
  await pruneLogs(logs);
  reportFailure(job, { output, by: 'the compiler' }, xen, logFile, 'XS812');
}

async function logFor(job: Job, stage: SourceStage): Promise<{ logs: string; logFile: string }> {
  const logs = join(job.request.cacheDir, 'logs');
  await mkdir(logs, { recursive: true });
  return { logs, logFile: join(logs, `${basename(job.scratch)}-${stage}.log`) };
}

const FAILURES = {
  XS811: {
    what: 'the original source does not build',
    hint: 'the patch is not the cause: build the tree by hand first (make -C xen)',
  },
  XS812: {
    what: 'the patched source does not build',
    hint: 'the original source does build, so the patch is the cause',
  },
  XS813: {
    what: 'the configuration was refused by the tree',
    hint: 'give the .config that the running hypervisor was built with',
  },
};

function reportFailure(
  job: Job,
  { output, by }: { readonly output: readonly string[]; readonly by: string },
  xen: string,
  logFile: string,
  code: 'XS811' | 'XS812' | 'XS813',
): void {
  const failure = readFailure(output, xen);
  const { what, hint } = FAILURES[code];
  const first = failure.errors[0];
  job.report(
    diagnostic(code, {
      message: first === undefined ? what : `${what}: ${first.message}`,
      at:
        first === undefined
          ? { object: job.request.sourceDir }
          : { object: `xen/${first.file}`, line: first.line },
      frame: failure.excerpt,
      notes: [`the whole output of ${by} is in ${logFile}`],
      hint,
    }),
  );
}

async function pruneLogs(logs: string): Promise<void> {
  const names = await readdir(logs).catch(() => []);
  const aged = await Promise.all(
    names.map(async (name) => ({
      name,
      time: (await stat(join(logs, name)).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  );
  for (const { name } of aged.sort((a, b) => b.time - a.time).slice(KEPT_LOGS)) {
    await rm(join(logs, name), { force: true });
  }
}
