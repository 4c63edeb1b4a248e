/**
 * The library: what the command line does, without a command line. Nothing here prints, exits or reads
 * process.argv; what went wrong comes back as diagnostics.
 */
import { diagnostic, hasErrors } from './diag/diagnostic.js';
import type { Diagnostic, Report } from './diag/diagnostic.js';
import { printableName } from './diag/printable.js';
import type { Artifact } from './engine/artifact.js';
import type { Threads } from './engine/choose.js';
import type { RunState } from './engine/pipeline.js';
import type { ObjectPaths, PairDiff } from './model/artifacts.js';
import { answers, nearest } from './model/function-names.js';
import type { FinishedPayload } from './model/payload-artifacts.js';
import { baseDiagnostics } from './model/base-diagnostics.js';
import type { BaseObjects, BaseProof } from './model/base-artifacts.js';
import { BASE_PIPELINE, DIFF_PIPELINE, PAYLOAD_PIPELINE } from './pipeline.js';
import { proveRelied } from './prove-relied.js';
import type { ObjectPath, Originals } from './prove-relied.js';
import { readFileOrReport } from './read-file.js';
import { readInputs, readThrough } from './read-inputs.js';
import type { Prepared } from './read-inputs.js';
import { readXenImage } from './xen/image.js';
import { linkedImage } from './xen/linked-image.js';
import { checkFixesKept } from './xen/stack-order.js';
import type { FileHashes, Patch, SourceRequest, StackedSourceResult } from './source/index.js';
import type { ProfileName } from './hypervisor/profiles.js';
import type { SplicePlan } from './splice/plan.js';
import type { Validation } from './validate/validation.js';
import type { Reporter } from './xen/reporting-functions.js';
import { TARGETS } from './xen/versions.js';
import type { AbiName, TargetProfile } from './xen/versions.js';

export type { Diagnostic, Location, Severity } from './diag/diagnostic.js';
export type { PairDiff, PairVerdict } from './model/artifacts.js';
export type { ChangedFunction, ExplainedFunction } from './model/explanation.js';
export type { BuildChoice, Patch, SourceProgress, SourceRequest, SourceResult } from './source/index.js';
export type { BaseCounts, BaseProof, UnprovenFunction } from './model/base-artifacts.js';
export type { FinishedPayload } from './model/payload-artifacts.js';
export type { ProfileName } from './hypervisor/profiles.js';
export type { SplicePlan } from './splice/plan.js';
export type { Validation } from './validate/validation.js';

/** What every run takes and gives beside its subject. */
export interface RunSettings {
  /** Threads for the work on objects; `auto` (the default) takes as many as pay off. */
  readonly threads?: Threads;
  /** Prove after each pass what it promises; a breach throws. */
  readonly verifyEach?: boolean;
  /** Functions to show whole, by name (`f`, or `file.c#f` for a local one); an unknown name is XS902. */
  readonly explain?: readonly string[];
  /** Called after each pass with its name and artifact. */
  readonly observe?: (pass: string, artifact: Artifact) => void;
}

export interface RunResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Milliseconds per pass, in order; passes on objects are summed over threads. */
  readonly timings: ReadonlyMap<string, number>;
}

export interface DiffRequest extends RunSettings {
  readonly pairs: ObjectPaths['pairs'];
  /** `xen` (the default) knows Xen's special sections, `generic` none. */
  readonly target?: TargetProfile['name'];
  /** Losses that are accepted, by the keys that refusals name: `init:setup_apic`. */
  readonly allowLost?: readonly string[];
  /** Functions that report line numbers, beside those of the target. */
  readonly reporters?: readonly Reporter[];
}

export interface DiffResult extends RunResult {
  /** One verdict a pair, in order of their names; empty when a file could not be read. */
  readonly diffs: readonly PairDiff[];
}

/** Compares pairs of objects. Reports XS1xx for files that cannot be read; what differs is in the verdicts. */
export function diff(request: DiffRequest): Promise<DiffResult> {
  return compare(request, true);
}

async function compare(request: DiffRequest, dropGraphs: boolean): Promise<DiffResult> {
  const state: RunState = { diagnostics: [], timings: new Map() };
  const { explain = [], allowLost = [], reporters = [] } = request;
  const changed = await DIFF_PIPELINE.run(
    { kind: 'object-paths', pairs: request.pairs },
    {
      ...runOptions(request, request.target ?? 'xen'),
      dropGraphs,
      explain,
      allowLost,
      reporters,
    },
    state,
  );
  const diffs = changed?.diffs ?? [];
  if (changed !== undefined) state.diagnostics.push(...unknownNames(explain, diffs));
  return { ...state, diffs };
}

/** XS902 for each name that no function bears. */
function unknownNames(asked: readonly string[], diffs: readonly PairDiff[]): Diagnostic[] {
  const explained = diffs.flatMap((diff) => diff.explained);
  return [...new Set(asked)]
    .filter((name) => !explained.some((found) => answers(name, found.name, found.sourceFile)))
    .map((name) => {
      const near = nearest(diffs.flatMap((diff) => diff.near).filter((found) => found.asked === name));
      return diagnostic('XS902', {
        message: `there is no function ${printableName(name)} in the objects that were compared`,
        notes:
          near.length === 0 ? [] : [`near it: ${near.map((found) => printableName(found.name)).join(', ')}`],
        hint: 'give the name of its symbol, or `file.c#name` for a local function',
      });
    });
}

export interface PayloadSettings {
  /** Path of xen-syms. */
  readonly image: string;
  /**
   * Paths of the payloads below this one, oldest first: with `replace`, those whose place it takes, which are
   * only looked at for what would be lost, and for the proof.
   */
  readonly onTopOf?: readonly string[];
  /** Build-ids in hexadecimal; taken from the topmost payload and from the image unless given. */
  readonly depends?: string;
  readonly xenDepends?: string;
  /** `livepatch-v2` unless given. */
  readonly abi?: AbiName;
  readonly prelink?: boolean;
  readonly replace?: boolean;
  /** `key=value` lines for .modinfo. */
  readonly modinfo?: readonly string[];
  /** Prove that what is replaced and relied on is what the image holds; true unless given. */
  readonly baseProof?: boolean;
  /** Let the loader compare the first bytes of each function that is replaced. */
  readonly expect?: boolean;
  /** Prove the payload in an emulated hypervisor; without it, it is not proven. */
  readonly proof?: ProofSettings;
}

/** What a payload is proven against. */
export interface ProofSettings {
  /** What to call the payload in diagnostics: where it will be written. */
  readonly as?: string;
  /** Rules of this release's loader, instead of those of the image. */
  readonly profile?: ProfileName;
  /** Paths of scenarios to play: docs/scenarios.md. */
  readonly scenarios?: readonly string[];
}

export interface LinkRequest extends DiffRequest, PayloadSettings {}

export interface LinkResult extends DiffResult {
  /** Absent when the input was refused. */
  readonly payload?: FinishedPayload;
  /** Build-ids of the payloads of `onTopOf`, with `payload`. */
  readonly below?: readonly Uint8Array[];
  /** What the emulated hypervisor did with it, if that was asked for. */
  readonly validation?: Validation;
}

/** Makes a payload from pairs of objects: compares them, then links what changed against the image. */
export async function link(request: LinkRequest): Promise<LinkResult> {
  const diagnostics: Diagnostic[] = [];
  const prepared = readInputs(request, (found) => diagnostics.push(found));
  if (prepared === undefined) return { diffs: [], diagnostics, timings: new Map() };
  return await linkWith(request, prepared);
}

async function linkWith(request: PairsRequest, prepared: Prepared): Promise<LinkResult> {
  const compared = await compare(request, false);
  const state: RunState = { diagnostics: [...compared.diagnostics], timings: new Map(compared.timings) };
  if (hasErrors(state.diagnostics)) return compared;
  const options = runOptions(request, request.target ?? 'xen');
  const finished = await PAYLOAD_PIPELINE.run(
    { ...prepared, kind: 'payload-request', diffs: compared.diffs },
    options,
    state,
  );
  const payload = finished && (await proveRelied(finished, originalsOf(request), options, state));
  if (payload !== undefined && prepared.wishes.replace) {
    const replaced = new Set(payload.resolved.replaced.map(({ name }) => name));
    checkFixesKept(prepared.replaces, prepared.image, replaced, (found) => state.diagnostics.push(found));
  }
  const below = [...prepared.stack, ...prepared.replaces].map(({ buildId }) => buildId);
  const linked = { ...state, diffs: compared.diffs, ...(payload && { payload, below }) };
  const { proof } = request;
  if (proof === undefined || payload === undefined || hasErrors(state.diagnostics)) return linked;
  const begin = performance.now();
  const { validation, diagnostics } = await proveBuilt(request, proof, prepared, payload);
  return {
    ...linked,
    ...(validation && { validation }),
    diagnostics: [...linked.diagnostics, ...diagnostics],
    timings: new Map([...linked.timings, ['prove', performance.now() - begin]]),
  };
}

/** Pairs, and of a whole tree the objects that did not change. */
interface PairsRequest extends DiffRequest, PayloadSettings {
  readonly unchanged?: readonly ObjectPath[];
}

function originalsOf({ pairs, unchanged }: PairsRequest): Originals {
  const own = pairs.flatMap(({ object, orig }) => (orig === undefined ? [] : [{ object, path: orig }]));
  return { objects: [...own, ...(unchanged ?? [])], whole: unchanged !== undefined };
}

/** The payload on a host where what lies below it is applied. */
async function proveBuilt(
  { onTopOf = [], depends, xenDepends }: PayloadSettings,
  proof: ProofSettings,
  { image, wishes }: Prepared,
  { bytes }: FinishedPayload,
): Promise<Pick<LinkResult, 'validation' | 'diagnostics'>> {
  const { prove } = await import('./validate/index.js');
  const found: Diagnostic[] = [];
  const validation = prove(
    {
      ...proof,
      image,
      payloads: [...onTopOf.map((path) => ({ path })), { path: proof.as ?? 'the payload', bytes }],
      replaces: wishes.replace,
      // What it goes on top of was named, and is not here.
      nodeps: depends !== undefined,
      ...(xenDepends !== undefined && { buildId: wishes.xenDepends }),
    },
    (problem) => found.push(problem),
  );
  return { ...(validation && { validation }), diagnostics: [...found, ...(validation?.diagnostics ?? [])] };
}

export interface ValidateRequest extends Omit<ProofSettings, 'as'> {
  /** Path of xen-syms. */
  readonly image: string;
  /** Paths of payloads, in the order in which they are applied. */
  readonly payloads: readonly string[];
  /** The last payload takes the place of the others instead of going on top of them. */
  readonly replaces?: boolean;
  /** Apply the first payload whatever it says that it goes on top of. */
  readonly nodeps?: boolean;
}

export interface ValidateResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when a file could not be read. */
  readonly validation?: Validation;
}

/** Proves payloads, of any builder, in an emulated hypervisor. */
export async function validate(request: ValidateRequest): Promise<ValidateResult> {
  const diagnostics: Diagnostic[] = [];
  const report: Report = (found) => diagnostics.push(found);
  const image = readThrough(request.image, report, readXenImage);
  const { prove } = await import('./validate/index.js');
  const { payloads, ...settings } = request;
  const validation =
    image && prove({ ...settings, image, payloads: payloads.map((path) => ({ path })) }, report);
  return {
    diagnostics: [...diagnostics, ...(validation?.diagnostics ?? [])],
    ...(validation && { validation }),
  };
}

export interface CheckBaseRequest extends RunSettings {
  /** Path of xen-syms. */
  readonly image: string;
  /** The objects of a built tree; `member`: of an archive, which need not be linked. */
  readonly objects: BaseObjects['objects'];
  readonly target?: TargetProfile['name'];
}

export interface CheckBaseResult extends RunResult {
  /** Absent when the image or an object could not be read. */
  readonly proof?: BaseProof;
}

/** Proves every function of a tree to be that of the image. Reports XS431 when some are not, XS1xx for bad files. */
export async function checkBase(request: CheckBaseRequest): Promise<CheckBaseResult> {
  const state: RunState = { diagnostics: [], timings: new Map() };
  const image = readThrough(request.image, (found) => state.diagnostics.push(found), readXenImage);
  if (image === undefined) return state;
  const proof = await BASE_PIPELINE.run(
    {
      kind: 'base-objects',
      image: linkedImage(image),
      objects: request.objects,
      question: { wanted: null, renumbered: false, whole: true },
    },
    runOptions(request, request.target ?? 'xen'),
    state,
  );
  if (proof === undefined) return state;
  return { ...state, proof, diagnostics: [...state.diagnostics, ...baseDiagnostics(proof)] };
}

export interface BuildRequest extends RunSettings, PayloadSettings {
  readonly allowLost?: readonly string[];
  readonly reporters?: readonly Reporter[];
  /** The tree, the patches, and how to build them. */
  readonly source: SourceRequest;
  /** Patches of the payloads below, oldest first, that the tree does not have: applied to both sides. */
  readonly applied?: readonly Patch[];
}

export interface BuildResult extends LinkResult {
  /** What the source stage did; absent when it refused. Its scratch copy is gone. */
  readonly source?: Omit<StackedSourceResult, 'dispose' | 'identify'>;
  /** SHA-256 of the files of the tree that decided the payload, by path; absent without a payload. */
  readonly sourceFiles?: FileHashes;
}

/** Makes a payload from a source tree and patches: builds what they touch before and after, then links. */
export async function build(request: BuildRequest): Promise<BuildResult> {
  const diagnostics: Diagnostic[] = [];
  // First what costs nothing: nobody waits for a compiler to hear that a path is wrong.
  const prepared = readInputs(request, (found) => diagnostics.push(found));
  if (prepared === undefined) return { diffs: [], diagnostics, timings: new Map() };
  const begin = performance.now();
  const { buildOnTop } = await import('./source/index.js');
  const { applied = [] } = request;
  const source = await buildOnTop(request.source, applied, (found) => diagnostics.push(found));
  const timings = new Map([['source', performance.now() - begin]]);
  if (source === undefined) return { diffs: [], diagnostics, timings };
  try {
    const linked = await linkWith({ ...request, pairs: source.pairs, unchanged: source.unchanged }, prepared);
    return {
      ...linked,
      ...(linked.payload && { sourceFiles: await source.identify() }),
      source,
      diagnostics: [...diagnostics, ...linked.diagnostics],
      timings: new Map([...timings, ...linked.timings]),
    };
  } finally {
    await source.dispose();
  }
}

export interface PlanRequest {
  /** Path of xen-syms. */
  readonly image: string;
  /** Paths of payloads, in the order in which they are applied. */
  readonly payloads: readonly string[];
  /** Rules of this release's loader, instead of those of the image. */
  readonly profile?: ProfileName;
}

export interface PlanResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when a file could not be read or loaded. */
  readonly plan?: SplicePlan;
}

/** Tells for each function of finished payloads which ways to splice it there are, and what each takes. */
export async function plan(request: PlanRequest): Promise<PlanResult> {
  const diagnostics: Diagnostic[] = [];
  const report: Report = (found) => diagnostics.push(found);
  const image = readThrough(request.image, report, readXenImage);
  const payloads = request.payloads.map((path) => ({ path, bytes: readFileOrReport(path, report) }));
  const whole = payloads.flatMap(({ path, bytes }) => (bytes === undefined ? [] : [{ path, bytes }]));
  if (image === undefined || whole.length < payloads.length) return { diagnostics };
  const [{ planSplices }, { chooseProfile }] = await Promise.all([
    import('./splice/index.js'),
    import('./validate/index.js'),
  ]);
  const made = planSplices(image, whole, chooseProfile(image, whole, request.profile), report);
  return { diagnostics, ...(made && { plan: made }) };
}

function runOptions(
  settings: RunSettings,
  target: TargetProfile['name'],
): Parameters<typeof DIFF_PIPELINE.run>[1] {
  const { threads = 'auto', verifyEach = false, observe } = settings;
  return { target: TARGETS[target], threads, verifyEach, ...(observe && { observe }) };
}
