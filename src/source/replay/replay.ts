/**
 * From a built tree and a patch to pairs of objects, without make: what the patch reaches is compiled by the recorded
 * commands, in parallel, in an overlay of the tree, which itself is only read.
 *
 *   plan       is this enough, and for which units?                 plan.ts, reach.ts
 *   originals  as they lie in the tree if provably so, else made    freshness.ts
 *   patched    from the cache or by the compiler                    compile-units.ts, object-cache.ts
 *   probes     generated files come out as they are                 or it is not enough after all
 *   steps      what is made of objects before they are linked       link-steps.ts
 */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { probeCompiler } from '../compiler.js';
import type { CompilerIdentity } from '../compiler.js';
import { reportRefusedSource } from '../job.js';
import type { Job } from '../job.js';
import { buildEnvironment, namelessFolder } from '../make.js';
import type { ObjectPairPaths } from '../object-snapshot.js';
import type { PatchPlan } from '../patch-series.js';
import { comesOutTheSame, makeLinked, makeObject } from './compile-units.js';
import type { Workbench } from './compile-units.js';
import { isAsRecorded } from './freshness.js';
import type { LinkStep } from './link-steps.js';
import { CACHE_LIMIT, ObjectCache } from './object-cache.js';
import { planReplay } from './plan.js';
import type { ReplayPlan } from './plan.js';
import type { Probe, Unit } from './reach.js';
import { refuse } from './refusal.js';
import type { Refusal } from './refusal.js';
import { findProgram, inParallel } from './run-program.js';
import { Side } from './side.js';
import { describeToolchain } from './toolchain.js';

export interface Replayed {
  readonly pairs: readonly ObjectPairPaths[];
  /** The originals of all other objects. */
  readonly unchanged: readonly { readonly object: string; readonly path: string }[];
  /** All objects of the hypervisor. */
  readonly linked: readonly string[];
  /** Units that the patch reaches. */
  readonly units: readonly Unit[];
  /** Files of the patch that records name, relative to xen/. */
  readonly recorded: ReadonlySet<string>;
  /** As the records name it; undefined if there was nothing to compile. */
  readonly compiler: Pick<CompilerIdentity, 'command' | 'version'> | undefined;
  readonly compiledOriginal: number;
  readonly compiledPatched: number;
  /** Objects of both sides that came from the cache, and originals that lay in the tree as recorded. */
  readonly cached: number;
  readonly asRecorded: number;
}

/** The folders that get the two sides of the pairs, absolute. */
export interface PairFolders {
  readonly origDir: string;
  readonly patchedDir: string;
}

interface Task {
  readonly side: Side;
  readonly unit: Unit;
}

interface Failure extends Task {
  readonly output: readonly string[];
}

/**
 * Replays `plan` in the built tree at `top` (absolute). Returns why it cannot be done, or undefined after XS812 was
 * reported. Throws operating system errors and the signal's reason.
 */
export async function replay(
  job: Job,
  plan: PatchPlan,
  top: string,
  folders: PairFolders,
): Promise<Replayed | { readonly refused: Refusal } | undefined> {
  const planned = await planReplay(top, job.tree.version, plan);
  if ('refused' in planned) return planned;
  const bench = await setUp(job, planned);
  if (bench !== undefined && 'refused' in bench) return bench;
  const folder = join(job.scratch, 'replay');
  const { listing, changed, reach } = planned;
  const named = new Set(reach.units.flatMap((unit) => unit.named));
  const original = new Side('original', listing, join(folder, 'original'), { changed: [], named: [] });
  const patched = new Side('patched', listing, join(folder, 'patched'), { changed, named });
  const counts = { compiledOriginal: 0, compiledPatched: 0, cached: 0, asRecorded: 0 };
  if (bench !== undefined) {
    const outdated = await outdatedUnits(bench, planned);
    counts.asRecorded = reach.units.length - outdated.length;
    const tasks = [
      ...reach.units.map((unit) => ({ side: patched, unit })),
      ...outdated.map((unit) => ({ side: original, unit })),
    ];
    const stopped = await makeAll(bench, job, { planned, patched, tasks }, counts);
    await bench.cache?.trim();
    if (stopped !== undefined) return 'refused' in stopped ? stopped : judgeFailure(job, stopped);
    const refused = await makeSteps(bench, planned, original, patched);
    if (refused !== undefined) return refused;
  }
  const pairs = await collect(reach.objects, original, patched, folders);
  const recorded = new Set(changed.map(({ path }) => path.slice('xen/'.length)));
  const compiler = bench && { command: bench.program, version: bench.toolchain.versionLine };
  const unchanged = withoutPairs(planned.linked, pairs).map((object) => {
    return { object, path: original.objectPath(object) };
  });
  return { pairs, unchanged, linked: planned.linked, units: reach.units, recorded, compiler, ...counts };
}

/** The objects that are in no pair. */
export function withoutPairs(
  objects: readonly string[],
  pairs: readonly ObjectPairPaths[],
): readonly string[] {
  const paired = new Set(pairs.map(({ object }) => object));
  return objects.filter((object) => !paired.has(object));
}

/** undefined if there is nothing to compile. */
async function setUp(
  job: Job,
  { reach }: ReplayPlan,
): Promise<Workbench | { readonly refused: Refusal } | undefined> {
  const programs = new Set([
    ...reach.units.map(({ command }) => command.program),
    ...reach.probes.map((p) => p.program),
  ]);
  const [program, ...others] = programs;
  if (program === undefined) return undefined;
  if (others.length > 0)
    return refuse('compiler', `the records name several compilers: ${[...programs].join(', ')}`);
  const { scratch, request } = job;
  const env: NodeJS.ProcessEnv = {
    ...buildEnvironment(process.env),
    ...namelessFolder(),
    TMPDIR: scratch,
  };
  const path = findProgram(program, env['PATH']);
  if (path === undefined) return refuse('compiler', `the compiler of the records, ${program}, is not here`);
  const [toolchain, compilerName] = await Promise.all([
    describeToolchain(path, scratch, env, request.signal),
    probeCompiler(path, scratch),
  ]);
  const cache =
    request.cache === false
      ? undefined
      : new ObjectCache(join(request.cacheDir, 'objects'), request.cacheLimit ?? CACHE_LIMIT);
  return { program, toolchain, compilerName, env, scratch, cache, signal: request.signal };
}

/** Units whose objects in the tree do not stand for the original. */
async function outdatedUnits(
  { compilerName }: Workbench,
  { listing, reach, times }: ReplayPlan,
): Promise<readonly Unit[]> {
  const judged = await Promise.all(
    reach.units.map(async (unit) => {
      const object = await readFile(join(listing.xen, unit.object)).catch(() => undefined);
      return object !== undefined && isAsRecorded(unit, object, compilerName, times);
    }),
  );
  return reach.units.filter((_, k) => judged[k] !== true);
}

interface Work {
  readonly planned: ReplayPlan;
  readonly patched: Side;
  readonly tasks: readonly Task[];
}

/** Makes all objects, after what may show that it is not enough; returns the first thing that stands against it. */
async function makeAll(
  bench: Workbench,
  job: Job,
  { planned, patched, tasks }: Work,
  counts: { compiledOriginal: number; compiledPatched: number; cached: number },
): Promise<Failure | { readonly refused: Refusal } | undefined> {
  let stopped: Failure | { readonly refused: Refusal } | undefined;
  let done = 0;
  const probing = planned.reach.probes.map((probe) => async () => {
    stopped ??= await checkProbe(bench, planned, patched, probe);
  });
  const making = tasks.map((task) => async () => {
    const { side, unit } = task;
    const made = await makeObject(bench, side, unit);
    if ('refusedWith' in made) {
      stopped ??= { ...task, output: made.refusedWith };
      return;
    }
    if (made.how === 'cached') counts.cached += 1;
    else if (side.name === 'original') counts.compiledOriginal += 1;
    else counts.compiledPatched += 1;
    const progress = { compiled: (done += 1), total: tasks.length, object: unit.object };
    job.request.onProgress?.({ kind: 'source', stage: 'replay', state: 'compiled', ...progress });
  });
  await inParallel([...probing, ...making], job.request.jobs, async (work) => {
    if (stopped === undefined) await work();
  });
  return stopped;
}

/**
 * An error in patched source is the user's to mend. Anything else may be a thing of the replay, and make, which does
 * not depend on records, is asked.
 */
async function judgeFailure(
  job: Job,
  { side, unit, output }: Failure,
): Promise<{ readonly refused: Refusal } | undefined> {
  const isError = output.some((line) => /^[^\s:][^:]*:\d+:(?:\d+:)? error: /.test(line));
  const isMissing = output.some((line) => /No such file|cannot find|not found/.test(line));
  if (side.name === 'original' || !isError || isMissing)
    return refuse('compiler', `${unit.command.source} could not be compiled by its record`);
  await reportRefusedSource(job, output, side.place());
  return undefined;
}

async function checkProbe(
  bench: Workbench,
  { listing, times }: ReplayPlan,
  patched: Side,
  probe: Probe,
): Promise<{ readonly refused: Refusal } | undefined> {
  const written = times.written(probe.target);
  const stale = probe.deps.some((path) => times.written(path) > written);
  const present = await readFile(join(listing.xen, probe.target)).catch(() => undefined);
  if (stale || present === undefined) return refuse('generated', `${probe.target} is not up to date`);
  if (await comesOutTheSame(bench, patched, probe, present)) return undefined;
  return refuse('generated', `${probe.target} becomes another file by the patch`);
}

async function makeSteps(
  bench: Workbench,
  { reach, times }: ReplayPlan,
  original: Side,
  patched: Side,
): Promise<{ readonly refused: Refusal } | undefined> {
  const isCurrent = ({ inputs, output }: LinkStep): boolean =>
    inputs.every((input) => !original.isMade(input) && times.written(input) <= times.written(output));
  for (const step of reach.steps) {
    const sides = isCurrent(step) ? [patched] : [original, patched];
    for (const side of sides) {
      const said = await makeLinked(bench, side, step);
      if (said !== undefined) return refuse('compiler', `${step.output} could not be made: ${said[0] ?? ''}`);
    }
  }
  return undefined;
}

/** The objects that differ, copied to where pairs lie. */
async function collect(
  objects: readonly string[],
  original: Side,
  patched: Side,
  { origDir, patchedDir }: PairFolders,
): Promise<readonly ObjectPairPaths[]> {
  await Promise.all([mkdir(origDir, { recursive: true }), mkdir(patchedDir, { recursive: true })]);
  const pairs: ObjectPairPaths[] = [];
  for (const object of objects) {
    const [a, b] = [original.objectPath(object), patched.objectPath(object)];
    const [before, after] = await Promise.all([readFile(a), readFile(b)]);
    if (before.equals(after)) continue;
    const pair = { object, orig: join(origDir, object), patched: join(patchedDir, object) };
    await Promise.all([pair.orig, pair.patched].map((path) => mkdir(dirname(path), { recursive: true })));
    await Promise.all([copyFile(a, pair.orig), copyFile(b, pair.patched)]);
    pairs.push(pair);
  }
  return pairs;
}
