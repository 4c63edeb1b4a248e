/**
 * From a Xen source and patches to pairs of objects.
 *
 *   check      the tree is one, every hunk of every patch fits           (nothing is written before this holds)
 *   copy       scratch copy of the built tree                            prepare-tree.ts
 *   original   what the patches touch is compiled as it was              make, the tree's own
 *   snapshot   all objects of the hypervisor are remembered              linked-objects.ts, object-snapshot.ts
 *   patched    the patches are written, make again
 *   collect    objects that differ, one by one
 *
 * The user's tree is only read. Whatever happens, the scratch folder goes: with dispose(), with a refusal,
 * with an abort; after kill -9, with the next run.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import { checkConfig, checkCoverage, checkFreshness, checkOutside } from './checks.js';
import { compilerCommand, compilerOf, probeCompiler, versionLine } from './compiler.js';
import type { CompilerIdentity } from './compiler.js';
import { inStage, makeInStage } from './job.js';
import type { Job } from './job.js';
import { installHooksHeader } from './hooks-header.js';
import { linkedObjects } from './linked-objects.js';
import { collectPairs, dropSnapshot, takeSnapshot } from './object-snapshot.js';
import { planPatches } from './patch-series.js';
import type { PatchPlan } from './patch-series.js';
import { objectsArguments, prepareTree } from './prepare-tree.js';
import type { PreparedTree } from './prepare-tree.js';
import type { SourceRequest, SourceResult } from './request.js';
import { makeScratch, removeScratch } from './scratch.js';
import { isSystemError, errnoOf, pathOf } from './system-error.js';
import { hasRelativeRecords, inspectTree } from './tree.js';
import { touchOriginals, writePlan } from './write-plan.js';

/**
 * Builds the objects of `request` before and after its patches, and returns those that differ.
 * Reports XS801 to XS819; returns undefined if one of them is an error, and then has left nothing behind but
 * a log (named in the diagnostic) and possibly a cached base. Throws only on a mistake of this tool.
 */
export async function buildObjectPairs(
  request: SourceRequest,
  report: Report,
): Promise<SourceResult | undefined> {
  let scratch: string | undefined;
  let result: SourceResult | undefined;
  try {
    request.onProgress?.({ stage: 'check', state: 'begin', compiled: 0 });
    const tree = await inspectTree(request.sourceDir, report);
    if (tree === undefined) return undefined;
    const plan = await planPatches(tree.top, tree.namedXenFolder ? 'xen' : '', request.patches, report);
    if (plan === undefined) return undefined;
    checkOutside(plan, report);
    request.signal?.throwIfAborted();
    scratch = await makeScratch(request.scratchRoot ?? join(request.cacheDir, 'scratch'));
    result = await buildBoth({ request, report, tree, scratch, timings: [] }, plan);
    return result;
  } catch (error) {
    reportStop(error, request, report);
    return undefined;
  } finally {
    if (result === undefined && scratch !== undefined && request.keepScratch !== true)
      await removeScratch(scratch);
  }
}

async function buildBoth(job: Job, plan: PatchPlan): Promise<SourceResult | undefined> {
  const prepared = await prepareTree(job);
  if (prepared === undefined) return undefined;
  const xen = join(prepared.top, 'xen');
  const keep = join(job.scratch, 'objects');
  const [origDir, patchedDir] = [join(job.scratch, 'orig'), join(job.scratch, 'patched')];

  const original = await inStage(job, 'build-original', async () => {
    if (!(await areTrusted(job, prepared, xen))) await touchOriginals(plan, prepared.top);
    return makeInStage(job, 'build-original', xen, await objectsArguments(xen, job.scratch), 'XS811');
  });
  if (original === undefined) return undefined;
  checkFreshness(job, plan, prepared.base, original.compiled);
  const config = await readFile(join(xen, '.config'));
  checkConfig(job, config.toString('latin1'));
  const snapshot = await inStage(job, 'collect', async () =>
    takeSnapshot(xen, await linkedObjects(xen), keep, job.request.signal),
  );
  const compiler = await identify(job, snapshot.compilers);

  const patched = await inStage(job, 'build-patched', async () => {
    await writePlan(plan, prepared.top);
    await installHooksHeader(xen);
    if (changesKconfig(plan) && !(await refreshConfig(job, xen))) return undefined;
    return makeInStage(job, 'build-patched', xen, await objectsArguments(xen, job.scratch), 'XS812');
  });
  if (patched === undefined) return undefined;
  const objects = await linkedObjects(xen);
  const pairs = await inStage(job, 'collect', () =>
    collectPairs(snapshot, xen, objects, origDir, patchedDir),
  );
  await checkCoverage(job, plan, xen);
  await dropSnapshot(keep);
  return {
    pairs,
    origDir,
    patchedDir,
    version: job.tree.version,
    compiler,
    configFile: join(xen, '.config'),
    configSha256: createHash('sha256').update(config).digest('hex'),
    patches: plan.records,
    touched: plan.touched,
    base: prepared.base,
    linkedObjects: objects.length,
    compiledOriginal: original.compiled,
    compiledPatched: patched.compiled,
    timings: job.timings,
    scratchDir: job.scratch,
    dispose: async () => {
      if (job.request.keepScratch !== true) await removeScratch(job.scratch);
    },
  };
}

/**
 * Whether objects that are there can stand as original sides beside patched ones compiled now. They cannot if
 * another compiler made them, or (before 4.17) in another folder, whose name they contain.
 */
async function areTrusted(job: Job, prepared: PreparedTree, xen: string): Promise<boolean> {
  if (!hasRelativeRecords(job.tree.version)) return false;
  if (prepared.base !== 'tree') return true;
  const present = await probeCompiler(compilerCommand(job.request.makeVariables ?? {}), job.scratch);
  const objects = await Promise.all(
    (await linkedObjects(xen)).map(async (object) => readFile(join(xen, object)).catch(() => undefined)),
  );
  const names = new Set(
    objects.map((bytes) => bytes && compilerOf(bytes)).filter((name) => name !== undefined),
  );
  return present !== undefined && names.size === 1 && names.has(present);
}

/** New options of a patched Kconfig get their defaults; without a terminal make would stop and ask. */
async function refreshConfig(job: Job, xen: string): Promise<boolean> {
  return (await makeInStage(job, 'build-patched', xen, ['olddefconfig'], 'XS812')) !== undefined;
}

function changesKconfig(plan: PatchPlan): boolean {
  return plan.touched.some((file) => /(?:^|\/)Kconfig[^/]*$/.test(file.path));
}

/** Names the compiler; several in one tree are reported as XS816. */
async function identify(job: Job, found: ReadonlyMap<string, number>): Promise<CompilerIdentity> {
  const command = compilerCommand(job.request.makeVariables ?? {});
  const ranked = [...found].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  if (ranked.length > 1) {
    job.report(
      diagnostic('XS816', {
        message: `the original objects come from ${String(ranked.length)} compilers`,
        at: { object: job.request.sourceDir },
        notes: ranked.map(([name, count]) => `${String(count)} objects by ${name}`),
        hint: 'build the tree afresh with the compiler that built the running hypervisor',
      }),
    );
  }
  return { command, version: await versionLine(command), comments: ranked.map(([name]) => name) };
}

/** An abort and an answer of the operating system are things of the user; anything else is ours and goes on. */
export function reportStop(error: unknown, request: SourceRequest, report: Report): void {
  if (request.signal?.aborted === true) {
    report(diagnostic('XS819', { message: 'interrupted; nothing was written' }));
    return;
  }
  if (!isSystemError(error)) throw error;
  const path = pathOf(error);
  const code = errnoOf(error);
  report(
    diagnostic('XS802', {
      message: `cannot read or write: ${code}`,
      ...(path === undefined ? {} : { at: { object: path } }),
      hint:
        code === 'ENOSPC'
          ? 'the disk is full: give another place for scratch copies and the cache'
          : 'check permissions of the source tree and of the cache directory',
    }),
  );
}
