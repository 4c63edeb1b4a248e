/**
 * From a Xen source and patches to pairs of objects.
 *
 *   check      the tree is one, every hunk of every patch fits           (nothing is written before this holds)
 *   base       the user's built tree, or one built once and kept         prepare-tree.ts
 *   replay     what the patches reach is compiled, nothing else          replay/replay.ts
 *
 * and that is all as a rule. Where it is not enough:
 *
 *   copy       scratch copy of the base                                  prepare-tree.ts
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
import { checkConfig, checkCoverage, checkFreshness, checkOutside, checkRecorded } from './checks.js';
import { compilerCommand, compilerOf, compilersOf, probeCompiler, versionLine } from './compiler.js';
import type { CompilerIdentity } from './compiler.js';
import { inStage, makeInStage } from './job.js';
import type { Job } from './job.js';
import { installHooksHeader } from './hooks-header.js';
import { linkedObjects } from './linked-objects.js';
import { collectPairs, dropSnapshot, takeSnapshot } from './object-snapshot.js';
import { planPatches } from './patch-series.js';
import type { PatchPlan } from './patch-series.js';
import { copyToScratch, objectsArguments, prepareBase } from './prepare-tree.js';
import type { PreparedBase } from './prepare-tree.js';
import type { Refusal } from './replay/refusal.js';
import { replay, withoutPairs } from './replay/replay.js';
import type { PairFolders, Replayed } from './replay/replay.js';
import type { SourceRequest, SourceResult } from './request.js';
import { makeScratch, removeScratch } from './scratch.js';
import { isSystemError, errnoOf, pathOf } from '../system-error.js';
import { hasRelativeRecords, inspectTree } from './tree.js';
import { verifyReplay } from './verify-build.js';
import { touchOriginals, writePlan } from './write-plan.js';

/**
 * Builds the objects of `request` before and after its patches, and returns those that differ.
 * Reports XS801 to XS852; returns undefined if one of them is an error, and then has left nothing behind but
 * a log (named in the diagnostic) and possibly a cached base. Throws only on a mistake of this tool.
 */
export async function buildObjectPairs(
  request: SourceRequest,
  report: Report,
): Promise<SourceResult | undefined> {
  let scratch: string | undefined;
  let result: SourceResult | undefined;
  try {
    request.onProgress?.({ kind: 'source', stage: 'check', state: 'begin', compiled: 0 });
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

/** Finds the base, and has the objects made in the way that was asked for, or that will do. */
async function buildBoth(job: Job, plan: PatchPlan): Promise<SourceResult | undefined> {
  const prepared = await prepareBase(job);
  if (prepared === undefined) return undefined;
  const { build = 'auto', verifyBuild = false } = job.request;
  if (build === 'make') return makeBoth(job, plan, prepared, {});
  const folders = pairFolders(job.scratch);
  const replayed = await inStage(job, 'replay', () => replay(job, plan, prepared.base.top, folders));
  if (replayed === undefined) return undefined;
  if ('refused' in replayed) {
    const { refused } = replayed;
    if (build === 'auto') {
      if (verifyBuild) reportUnverified(job, refused);
      return makeBoth(job, plan, prepared, { because: refused });
    }
    const message = `single files are not enough: ${refused.text}`;
    job.report(
      diagnostic('XS850', { message, at: { object: job.request.sourceDir }, hint: 'use --build=auto' }),
    );
    return undefined;
  }
  const result = await describeReplay(job, plan, prepared, replayed);
  if (!verifyBuild) return result;
  // Everything else was said already.
  const errorsOnly: Report = (found) => {
    if (found.severity === 'error') job.report(found);
  };
  const verified = await verifyReplay(job, replayed, folders, () =>
    makeBoth({ ...job, report: errorsOnly }, plan, prepared, {}),
  );
  return verified && { ...result, build: { ...result.build, verified } };
}

function reportUnverified(job: Job, { text }: Refusal): void {
  const message = `make had to build, so there is nothing to compare: ${text}`;
  job.report(diagnostic('XS852', { message, at: { object: job.request.sourceDir } }));
}

async function describeReplay(
  job: Job,
  plan: PatchPlan,
  prepared: PreparedBase,
  replayed: Replayed,
): Promise<SourceResult> {
  const xen = join(prepared.base.top, 'xen');
  const config = await readFile(join(xen, '.config'));
  checkConfig(job, config.toString('latin1'));
  checkRecorded(job, plan, replayed.recorded);
  const { pairs, unchanged, linked, units, cached, asRecorded, compiledOriginal, compiledPatched } = replayed;
  return {
    ...commonFacts(job, plan, xen, config),
    pairs,
    unchanged,
    compiler: await identify(job, compilersOf(xen, linked), replayed.compiler),
    base: prepared.kind,
    build: { how: 'replay', reached: units.length, cached, asRecorded },
    linkedObjects: linked.length,
    compiledOriginal,
    compiledPatched,
  };
}

/** The folders in which a run leaves the two sides. */
function pairFolders(scratch: string): PairFolders {
  return { origDir: join(scratch, 'orig'), patchedDir: join(scratch, 'patched') };
}

/** What a result says however the objects were made. */
function commonFacts(job: Job, plan: PatchPlan, xen: string, config: Buffer) {
  return {
    ...pairFolders(job.scratch),
    version: job.tree.version,
    configFile: join(xen, '.config'),
    configSha256: createHash('sha256').update(config).digest('hex'),
    patches: plan.records,
    touched: plan.touched,
    timings: job.timings,
    scratchDir: job.scratch,
    dispose: async () => {
      if (job.request.keepScratch !== true) await removeScratch(job.scratch);
    },
  };
}

/** Has make decide what to compile, in a copy of the base. */
async function makeBoth(
  job: Job,
  plan: PatchPlan,
  prepared: PreparedBase,
  why: { readonly because?: Refusal },
): Promise<SourceResult | undefined> {
  const top = await copyToScratch(job, prepared);
  if (top === undefined) return undefined;
  const xen = join(top, 'xen');
  const keep = join(job.scratch, 'objects');
  const { origDir, patchedDir } = pairFolders(job.scratch);

  const original = await inStage(job, 'build-original', async () => {
    if (!(await areTrusted(job, prepared.kind, xen))) await touchOriginals(plan, top);
    return makeInStage(job, 'build-original', xen, await objectsArguments(xen, job.scratch), 'XS811');
  });
  if (original === undefined) return undefined;
  checkFreshness(job, plan, prepared.kind, original.compiled);
  const config = await readFile(join(xen, '.config'));
  checkConfig(job, config.toString('latin1'));
  const snapshot = await inStage(job, 'collect', async () =>
    takeSnapshot(xen, await linkedObjects(xen), keep, job.request.signal),
  );
  const compiler = await identify(job, snapshot.compilers);

  const patched = await inStage(job, 'build-patched', async () => {
    await writePlan(plan, top);
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
    ...commonFacts(job, plan, xen, config),
    pairs,
    unchanged: withoutPairs(objects, pairs).map((object) => ({ object, path: join(xen, object) })),
    compiler,
    base: prepared.kind,
    build: { how: 'make', ...why, reached: 0, cached: 0, asRecorded: 0 },
    linkedObjects: objects.length,
    compiledOriginal: original.compiled,
    compiledPatched: patched.compiled,
  };
}

/**
 * Whether objects that are there can stand as original sides beside patched ones compiled now. They cannot if
 * another compiler made them, or (before 4.17) in another folder, whose name they contain.
 */
async function areTrusted(job: Job, base: SourceResult['base'], xen: string): Promise<boolean> {
  if (!hasRelativeRecords(job.tree.version)) return false;
  if (base !== 'tree') return true;
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
async function identify(
  job: Job,
  found: ReadonlyMap<string, number>,
  present?: Pick<CompilerIdentity, 'command' | 'version'>,
): Promise<CompilerIdentity> {
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
  const comments = ranked.map(([name]) => name);
  if (present !== undefined) return { ...present, comments };
  const command = compilerCommand(job.request.makeVariables ?? {});
  return { command, version: await versionLine(command), comments };
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
