/**
 * The library: what the command line does, without a command line. Nothing here prints, exits or reads
 * process.argv; what went wrong comes back as diagnostics.
 */
import { diagnostic } from './diag/diagnostic.js';
import type { Diagnostic, Report } from './diag/diagnostic.js';
import { printableName } from './diag/printable.js';
import type { RunState } from './engine/pipeline.js';
import { linkCompared, readInputs, readThrough, runOptions } from './link.js';
import type { PairDiff } from './model/artifacts.js';
import { answers, nearest } from './model/function-names.js';
import { baseDiagnostics } from './model/base-diagnostics.js';
import type { BaseObjects, BaseProof } from './model/base-artifacts.js';
import { BASE_PIPELINE, DIFF_PIPELINE } from './pipeline.js';
import { readFileOrReport } from './read-file.js';
import type {
  DiffRequest,
  DiffResult,
  LinkRequest,
  LinkResult,
  PayloadSettings,
  ProofSettings,
  RunResult,
  RunSettings,
} from './requests.js';
import { readXenImage } from './xen/image.js';
import { linkedImage } from './xen/linked-image.js';
import type { SourceProgress } from './run/progress.js';
import { controlled } from './run/run-control.js';
import type { RunControl, RunControls } from './run/run-control.js';
import type { FileHashes, Patch, SourceSettings, StackedSourceResult } from './source/index.js';
import type { ProfileName } from './hypervisor/profiles.js';
import type { SplicePlan } from './splice/plan.js';
import type { UserCode, UserCodeSettings } from './user/user-code.js';
import type { Validation } from './validate/validation.js';
import type { Reporter } from './xen/reporting-functions.js';
import type { TargetProfile } from './xen/versions.js';

export type { AddressUse, AlternativeSite, CallSite, SiteKind, Slot } from './atlas/call-sites.js';
export type { FunctionRef } from './config.js';
export type { DiagnosticCode } from './diag/codes.js';
export type { Diagnostic, Location, Report, Severity } from './diag/diagnostic.js';
export type { Threads } from './engine/choose.js';
export type { ProfileName } from './hypervisor/profiles.js';
export type { LayoutVerdict, PairDiff, PairVerdict } from './model/artifacts.js';
export type {
  BaseCause,
  BaseCounts,
  BaseProof,
  ObjectProof,
  UnprovenFunction,
} from './model/base-artifacts.js';
export type { BaseKind } from './model/base-fields.js';
export type { BaseExcerpt } from './model/explain-base.js';
export type {
  ChangedFunction,
  ChangeKind,
  CodeExcerpt,
  ExcerptLine,
  ExplainedFunction,
  ExplainedLine,
} from './model/explanation.js';
export type { FinishedPayload, ReplacedFunction, SpliceWay } from './model/payload-artifacts.js';
export { parseSpliceWish, spellSpliceWish } from './model/splice-wishes.js';
export type { SpliceChoice, SpliceWish } from './model/splice-wishes.js';
export type {
  DiffRequest,
  DiffResult,
  LinkRequest,
  LinkResult,
  ObjectPair,
  PayloadSettings,
  ProofSettings,
  RunResult,
  RunSettings,
} from './requests.js';
export type {
  ObjectsProgress,
  PassProgress,
  ProgressEvent,
  ProofProgress,
  SourceProgress,
  SourceStage,
} from './run/progress.js';
export type { RunControls } from './run/run-control.js';
export type {
  BuildChoice,
  BuildSummary,
  CompilerIdentity,
  FileHashes,
  HunkRecord,
  ObjectPairPaths,
  Patch,
  PatchInput,
  PatchRecord,
  Refusal,
  RefusalKind,
  SourceResult,
  SourceSettings,
  StackedSourceResult,
  StageTiming,
  TouchedFile,
  XenVersion,
} from './source/index.js';
export type {
  CallersWay,
  FunctionPlan,
  InPlaceWay,
  Span,
  SplicedAlready,
  SplicePlan,
  TrampolineWay,
  Way,
} from './splice/plan.js';
export type { Choices } from './user/choices.js';
export type { MadeFile } from './user/answers.js';
export type { UserCode, UserCodeSettings, UserFile } from './user/user-code.js';
export type { CallResult } from './validate/scenario/play.js';
export type {
  Coverage,
  Level,
  LevelVerdict,
  PayloadFacts,
  RendezvousResult,
  ScenarioResult,
  StepResult,
  Validation,
} from './validate/validation.js';
export type { Reporter } from './xen/reporting-functions.js';
export type { AbiName } from './xen/versions.js';

/** Compares pairs of objects. Reports XS1xx for files that cannot be read; what differs is in the verdicts. */
export async function diff(request: DiffRequest): Promise<DiffResult> {
  return await controlled(request, (control, found) => compare(request, true, control, found), noResult);
}

/** What an interrupted call comes to. */
function noResult(diagnostics: Diagnostic[]): DiffResult {
  return { diffs: [], diagnostics, timings: new Map() };
}

async function compare(
  request: DiffRequest,
  dropGraphs: boolean,
  control: RunControl,
  diagnostics: Diagnostic[],
): Promise<DiffResult> {
  const state: RunState = { diagnostics, timings: new Map() };
  const { explain = [], whole = false, allowLost = [], reporters = [] } = request;
  const changed = await DIFF_PIPELINE.run(
    { kind: 'object-paths', pairs: request.pairs },
    {
      ...runOptions(request, request.target ?? 'xen', control),
      dropGraphs,
      explain,
      whole,
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

/** Makes a payload from pairs of objects: compares them, then links what changed against the image. */
export async function link(request: LinkRequest): Promise<LinkResult> {
  return await controlled(
    request,
    async (control, found): Promise<LinkResult> => {
      const prepared = readInputs(request, (problem) => found.push(problem));
      if (prepared === undefined) return noResult(found);
      return await linkCompared(request, prepared, await compare(request, false, control, found), control);
    },
    noResult,
  );
}

export interface ValidateRequest extends RunControls, Omit<ProofSettings, 'as'> {
  /** Path of xen-syms. */
  readonly image: string;
  /** Paths of payloads, in the order in which they are applied. */
  readonly payloads: readonly string[];
  /** The last payload takes the place of the others instead of going on top of them. */
  readonly replaces?: boolean;
  /** Apply the first payload whatever it says that it goes on top of. */
  readonly nodeps?: boolean;
}

/** What a proof came to. */
export interface ValidateResult {
  /** Those of files that cannot be read, then those of the proof. Errors mean: do not ship. */
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when a file could not be read. */
  readonly validation?: Validation;
}

/** Proves payloads, of any builder, in an emulated hypervisor. */
export async function validate(request: ValidateRequest): Promise<ValidateResult> {
  return await controlled(
    request,
    async (control, found): Promise<ValidateResult> => {
      const report: Report = (problem) => found.push(problem);
      const image = readThrough(request.image, report, readXenImage);
      const { prove } = await import('./validate/index.js');
      const { payloads, profile, scenarios, replaces, nodeps } = request;
      const settings = {
        ...(profile !== undefined && { profile }),
        ...(scenarios !== undefined && { scenarios }),
        ...(replaces !== undefined && { replaces }),
        ...(nodeps !== undefined && { nodeps }),
      };
      const validation =
        image &&
        (await prove({ ...settings, control, image, payloads: payloads.map((path) => ({ path })) }, report));
      return {
        diagnostics: [...found, ...(validation?.diagnostics ?? [])],
        ...(validation && { validation }),
      };
    },
    (diagnostics) => ({ diagnostics }),
  );
}

export interface CheckBaseRequest extends RunSettings {
  /** Path of xen-syms. */
  readonly image: string;
  /** The objects of a built tree; `member`: of an archive, which need not be linked. */
  readonly objects: BaseObjects['objects'];
  /** `xen` (the default) knows Xen's special sections, `generic` none. */
  readonly target?: TargetProfile['name'];
}

/** What the comparison of objects with the image came to. */
export interface CheckBaseResult extends RunResult {
  /** Absent when the image or an object could not be read. */
  readonly proof?: BaseProof;
}

/** Proves every function of a tree to be that of the image. Reports XS431 when some are not, XS1xx for bad files. */
export async function checkBase(request: CheckBaseRequest): Promise<CheckBaseResult> {
  return await controlled(
    request,
    async (control, diagnostics): Promise<CheckBaseResult> => {
      const state: RunState = { diagnostics, timings: new Map() };
      const image = readThrough(request.image, (found) => state.diagnostics.push(found), readXenImage);
      if (image === undefined) return state;
      const proof = await BASE_PIPELINE.run(
        {
          kind: 'base-objects',
          image: linkedImage(image),
          objects: request.objects,
          question: { wanted: null, renumbered: false, whole: true },
        },
        runOptions(request, request.target ?? 'xen', control),
        state,
      );
      if (proof === undefined) return state;
      return { ...state, proof, diagnostics: [...state.diagnostics, ...baseDiagnostics(proof)] };
    },
    (diagnostics) => ({ diagnostics, timings: new Map() }),
  );
}

export interface BuildRequest extends RunSettings, PayloadSettings {
  /** Losses that are accepted, by the keys that refusals name: `init:setup_apic`. */
  readonly allowLost?: readonly string[];
  /** Functions that report line numbers, beside those that Xen is known to have. */
  readonly reporters?: readonly Reporter[];
  /** The tree, the patches, and how to build them. */
  readonly source: SourceSettings;
  /** Patches of the payloads below, oldest first, that the tree does not have: applied to both sides. */
  readonly applied?: readonly Patch[];
}

/** What a build from source came to. */
export interface BuildResult extends LinkResult {
  /** What the source stage did; absent when it refused. Its scratch copy is gone. */
  readonly source?: Omit<StackedSourceResult, 'dispose' | 'identify'>;
  /** SHA-256 of the files of the tree that decided the payload, by path; absent without a payload. */
  readonly sourceFiles?: FileHashes;
}

/** Makes a payload from a source tree and patches: builds what they touch before and after, then links. */
export async function build(request: BuildRequest): Promise<BuildResult> {
  return await controlled(request, (control, found) => buildControlled(request, control, found), noResult);
}

async function buildControlled(
  request: BuildRequest,
  control: RunControl,
  found: Diagnostic[],
): Promise<BuildResult> {
  const report: Report = (problem) => found.push(problem);
  // First what costs nothing: nobody waits for a compiler to hear that a path is wrong.
  const prepared = readInputs(request, report);
  if (prepared === undefined) return noResult(found);
  const begin = performance.now();
  const { buildOnTop } = await import('./source/index.js');
  const { applied = [] } = request;
  const asked = {
    ...request.source,
    signal: control.signal,
    onProgress: (event: SourceProgress) => control.tell(event),
  };
  const source = await buildOnTop(asked, applied, report);
  const timings = new Map([['source', performance.now() - begin]]);
  if (source === undefined) return { ...noResult(found), timings };
  try {
    const compared = { ...request, pairs: source.pairs, unchanged: source.unchanged };
    const before = [...found];
    const linked = await linkCompared(
      compared,
      prepared,
      await compare(compared, false, control, []),
      control,
    );
    return {
      ...linked,
      ...(linked.payload && { sourceFiles: await source.identify() }),
      source,
      diagnostics: [...before, ...linked.diagnostics],
      timings: new Map([...timings, ...linked.timings]),
    };
  } finally {
    await source.dispose();
  }
}

/**
 * Loads passes, reporters and a configuration of the user; `close` ends their process. Reports XS701 to XS706 and XS713,
 * or XS819 when its signal is aborted, and returns undefined when something of it cannot be run.
 */
export async function loadPasses(settings: UserCodeSettings, report: Report): Promise<UserCode | undefined> {
  const { UserCode } = await import('./user/user-code.js');
  return await UserCode.open(settings, report);
}

export interface PlanRequest extends RunControls {
  /** Path of xen-syms. */
  readonly image: string;
  /** Paths of payloads, in the order in which they are applied. */
  readonly payloads: readonly string[];
  /** Rules of this release's loader, instead of those of the image. */
  readonly profile?: ProfileName;
}

/** What planning came to. */
export interface PlanResult {
  /** XS1xx for files that cannot be read, XS601, XS605 and XS607 for payloads and images that cannot be loaded, XS819. */
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when a file could not be read or loaded. */
  readonly plan?: SplicePlan;
}

/** Tells for each function of finished payloads which ways to splice it there are, and what each takes. */
export async function plan(request: PlanRequest): Promise<PlanResult> {
  return await controlled(
    request,
    async (control, diagnostics): Promise<PlanResult> => {
      const report: Report = (found) => diagnostics.push(found);
      const image = readThrough(request.image, report, readXenImage);
      const payloads = request.payloads.map((path) => ({ path, bytes: readFileOrReport(path, report) }));
      const whole = payloads.flatMap(({ path, bytes }) => (bytes === undefined ? [] : [{ path, bytes }]));
      if (image === undefined || whole.length < payloads.length) return { diagnostics };
      const { planInSteps } = await import('./splice/index.js');
      const { chooseProfile } = await import('./validate/index.js');
      const profile = chooseProfile(image, whole, request.profile);
      const made = await control.drive(planInSteps(image, whole, profile, report));
      return { diagnostics, ...(made && { plan: made }) };
    },
    (diagnostics) => ({ diagnostics }),
  );
}
