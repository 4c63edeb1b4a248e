/**
 * A source tree with the patches of earlier payloads applied: what the hypervisor runs when those payloads are
 * applied, and so the original side of the next payload. The user's tree stays at the base and is only read.
 *
 *   tree ─copy─► CACHE/scratch/run-XXXXXX/tree ─earlier patches─► ─make (if the tree was built)─► sourceDir of the run
 *
 * make runs here, so that records and generated headers are up to date before anyone relies on them.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic, Report } from '../diag/diagnostic.js';
import { copyTree } from './copy-tree.js';
import { inStage, makeInStage } from './job.js';
import type { Job } from './job.js';
import { planPatches } from './patch-series.js';
import type { PatchRecord } from './patch-series.js';
import type { Patch } from './patch-input.js';
import { objectsArguments } from './prepare-tree.js';
import type { SourceRequest } from './request.js';
import { makeScratch, removeScratch } from './scratch.js';
import { inspectTree } from './tree.js';
import { listTree } from './tree-files.js';
import { writePlan } from './write-plan.js';

export interface AppliedTree {
  /** Stands for the request's own sourceDir. */
  readonly sourceDir: string;
  readonly applied: readonly PatchRecord[];
  readonly dispose: () => Promise<void>;
}

/**
 * Makes the tree of `request` with `applied` applied; `request.patches` are left to the run itself. Reports
 * what planPatches and make report, and then returns undefined and leaves nothing behind. Throws operating
 * system errors, and the signal's reason when aborted.
 */
export async function makeAppliedTree(
  request: SourceRequest,
  applied: readonly Patch[],
  report: Report,
): Promise<AppliedTree | undefined> {
  const tree = await inspectTree(request.sourceDir, report);
  if (tree === undefined) return undefined;
  const plan = await planPatches(tree.top, tree.namedXenFolder ? 'xen' : '', applied, report);
  if (plan === undefined) return undefined;
  const scratch = await makeScratch(request.scratchRoot ?? join(request.cacheDir, 'scratch'));
  const top = join(scratch, 'tree');
  const sourceDir = tree.namedXenFolder ? join(top, 'xen') : top;
  const dispose = async (): Promise<void> => {
    if (request.keepScratch !== true) await removeScratch(scratch);
  };
  const job = { request, report, tree, scratch, timings: [] };
  let done = false;
  try {
    await inStage(job, 'copy', () => copyWhole(job, top));
    await writePlan(plan, top);
    done = !tree.built || (await rebuild(job, join(top, 'xen')));
    return done ? { sourceDir, applied: plan.records, dispose } : undefined;
  } finally {
    if (!done) await dispose();
  }
}

async function copyWhole({ request, tree }: Job, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const files = await listTree(tree.top, request.signal);
  await copyTree({ files, to, builtAt: tree.top, signal: request.signal });
}

/** Compiles what the earlier patches reach. */
async function rebuild(job: Job, xen: string): Promise<boolean> {
  const run = await inStage(job, 'build-base', async () =>
    makeInStage(job, 'build-base', xen, await objectsArguments(xen, job.scratch), 'XS811'),
  );
  return run !== undefined;
}

/** The same diagnostic with the user's tree in the place of its copy, which is gone when it is read. */
export function nameOwnTree(found: Diagnostic, copy: string, own: string): Diagnostic {
  const said = (text: string): string => text.replaceAll(copy, own);
  return {
    ...found,
    message: said(found.message),
    notes: found.notes.map(said),
    ...(found.at?.object !== undefined && { at: { ...found.at, object: said(found.at.object) } }),
  };
}
