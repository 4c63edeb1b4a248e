/**
 * The second half of a build: reads what a payload is made for, links what changed, splices it as was asked, and proves
 * it on an emulated host.
 */
import { hasErrors } from './diag/diagnostic.js';
import type { Diagnostic, Report } from './diag/diagnostic.js';
import type { RunState } from './engine/pipeline.js';
import type { FinishedPayload, PayloadRequest } from './model/payload-artifacts.js';
import { CLOSE_PIPELINE, EMIT_PIPELINE, SELECT_PIPELINE, SPLICE_PIPELINE } from './pipeline.js';
import type { DIFF_PIPELINE } from './pipeline.js';
import { proveRelied } from './prove-relied.js';
import type { ObjectPath, Originals } from './prove-relied.js';
import { readFileOrReport } from './read-file.js';
import type {
  DiffRequest,
  DiffResult,
  LinkResult,
  PayloadSettings,
  ProofSettings,
  RunSettings,
} from './requests.js';
import type { RunControl } from './run/run-control.js';
import type { SplicePlan } from './splice/plan.js';
import { NO_CHOICES } from './user/choices.js';
import type { Choices } from './user/choices.js';
import { decideSelection, hearPasses, repeatChoices } from './user/decide.js';
import type { Decided } from './user/decide.js';
import type { PayloadFile } from './validate/validation.js';
import { readXenImage } from './xen/image.js';
import type { XenImage } from './xen/image.js';
import { checkFixesKept, checkStackOrder } from './xen/stack-order.js';
import { readStackedPayload } from './xen/stack.js';
import type { StackedPayload } from './xen/stack.js';
import { ABIS, TARGETS } from './xen/versions.js';
import type { TargetProfile } from './xen/versions.js';

/** Makes a payload of what was compared. Errors of the comparison end it. */
export async function linkCompared(
  request: PairsRequest,
  prepared: Prepared,
  compared: DiffResult,
  control: RunControl,
): Promise<LinkResult> {
  const state: RunState = { diagnostics: [...compared.diagnostics], timings: new Map(compared.timings) };
  if (hasErrors(state.diagnostics)) return compared;
  const options = runOptions(request, request.target ?? 'xen', control);
  const emitted = await emitWithPasses(request, prepared, compared.diffs, options, state, control);
  const jumping =
    emitted.payload && (await proveRelied(emitted.payload, originalsOf(request), options, state));
  const spliced = jumping && (await spliceAsWished(request, prepared, jumping, state, control));
  const payload = spliced?.payload;
  if (payload !== undefined && request.passes !== undefined) {
    await hearPasses(request.passes, payload, (found) => state.diagnostics.push(found), control.signal);
  }
  if (payload !== undefined && prepared.wishes.replace) {
    const replaced = new Set(payload.resolved.replaced.map(({ name }) => name));
    checkFixesKept(prepared.replaces, prepared.image, replaced, (found) => state.diagnostics.push(found));
  }
  const below = [...prepared.stack, ...prepared.replaces].map(({ buildId }) => buildId);
  const linked = {
    ...state,
    diffs: compared.diffs,
    ...(payload && { payload, below }),
    ...(spliced?.plan && { plan: spliced.plan }),
    ...(emitted.choices && { choices: emitted.choices }),
  };
  const { proof } = request;
  if (proof === undefined || payload === undefined || hasErrors(state.diagnostics)) return linked;
  const begin = performance.now();
  const { diagnostics, ...proven } = await proveBuilt(request, proof, prepared, payload, control);
  return {
    ...proven,
    ...linked,
    diagnostics: [...linked.diagnostics, ...diagnostics],
    timings: new Map([...linked.timings, ['prove', performance.now() - begin]]),
  };
}

/** From what changed to a payload with jumps for all functions; passes of the user speak between the parts of it. */
async function emitWithPasses(
  { passes, choices }: PayloadSettings,
  prepared: Prepared,
  diffs: DiffResult['diffs'],
  options: ReturnType<typeof runOptions>,
  state: RunState,
  { signal }: RunControl,
): Promise<{ readonly payload?: FinishedPayload; readonly choices?: Choices }> {
  const selected = await SELECT_PIPELINE.run({ ...prepared, kind: 'payload-request', diffs }, options, state);
  if (selected === undefined) return {};
  const report: Report = (found) => state.diagnostics.push(found);
  let decided: Decided = { selection: selected, choices: choices ?? NO_CHOICES };
  if (choices !== undefined) decided = { choices, selection: repeatChoices(selected, choices, report) };
  else if (passes !== undefined) decided = await decideSelection(passes, selected, diffs, report, signal);
  const closed = await CLOSE_PIPELINE.run(decided.selection, options, state);
  if (closed !== undefined && passes !== undefined) await hearPasses(passes, closed, report, signal);
  const payload = closed && (await EMIT_PIPELINE.run(closed, options, state));
  return { ...(payload && { payload }), choices: decided.choices };
}

/** Pairs, and of a whole tree the objects that did not change. */
export interface PairsRequest extends DiffRequest, PayloadSettings {
  readonly unchanged?: readonly ObjectPath[];
}

function originalsOf({ pairs, unchanged }: PairsRequest): Originals {
  const own = pairs.flatMap(({ object, orig }) => (orig === undefined ? [] : [{ object, path: orig }]));
  return { objects: [...own, ...(unchanged ?? [])], whole: unchanged !== undefined };
}

/** The payload as it is when nothing but jumps is wanted; otherwise planned, chosen, and written again. */
async function spliceAsWished(
  request: DiffRequest & PayloadSettings,
  prepared: Prepared,
  jumping: FinishedPayload,
  state: RunState,
  control: RunControl,
): Promise<{ readonly payload?: FinishedPayload; readonly plan?: SplicePlan }> {
  const { splice = [], onTopOf = [], proof } = request;
  if (splice.length === 0) return { payload: jumping };
  const begin = performance.now();
  const report: Report = (found) => state.diagnostics.push(found);
  const { planBuilt } = await import('./splice/index.js');
  const { image, stack, wishes } = prepared;
  const path = proof?.as ?? 'payload';
  const steps = planBuilt(
    {
      image,
      stack,
      wishes: splice,
      resolved: jumping.resolved,
      path,
      payloads: [
        ...onTopOf.flatMap((below) => fileOf(below, readFileOrReport(below, report))),
        { path, bytes: jumping.bytes },
      ],
      profile: proof?.profile ?? request.profile,
      buildId: wishes.xenDepends,
    },
    report,
  );
  const planned = await control.drive(steps);
  state.timings.set('plan-splices', performance.now() - begin);
  if (planned === undefined || hasErrors(state.diagnostics)) return {};
  const { plan, spliced } = planned;
  if (spliced.length === 0) return { payload: jumping, plan };
  const payload = await SPLICE_PIPELINE.run(
    { kind: 'splice-request', resolved: jumping.resolved, spliced },
    runOptions(request, request.target ?? 'xen', control),
    state,
  );
  return { plan, ...(payload && { payload }) };
}

const fileOf = (path: string, bytes: Uint8Array | undefined): PayloadFile[] =>
  bytes === undefined ? [] : [{ path, bytes }];

/** The payload on a host where what lies below it is applied. */
async function proveBuilt(
  { onTopOf = [], depends, xenDepends, splice = [], profile }: PayloadSettings,
  proof: ProofSettings,
  { image, wishes }: Prepared,
  { bytes }: FinishedPayload,
  control: RunControl,
): Promise<Pick<LinkResult, 'validation' | 'diagnostics' | 'plan'>> {
  // One after the other: they share modules, which the test runner cannot link twice at a time.
  const { prove } = await import('./validate/index.js');
  const { planOfTop } = await import('./splice/index.js');
  const found: Diagnostic[] = [];
  let plan: SplicePlan | undefined;
  const validation = await prove(
    {
      ...(profile !== undefined && { profile }),
      ...proof,
      control,
      image,
      payloads: [...onTopOf.map((path) => ({ path })), { path: proof.as ?? 'the payload', bytes }],
      replaces: wishes.replace,
      // What it goes on top of was named, and is not here.
      nodeps: depends !== undefined,
      ...(xenDepends !== undefined && { buildId: wishes.xenDepends }),
      // It was planned already when a way was wished for.
      ...(splice.length === 0 && { observe: (subject) => (plan = planOfTop(subject)) }),
    },
    (problem) => found.push(problem),
  );
  return {
    ...(validation && { validation }),
    ...(plan && { plan }),
    diagnostics: [...found, ...(validation?.diagnostics ?? [])],
  };
}

export function runOptions(
  settings: RunSettings,
  target: TargetProfile['name'],
  control: RunControl,
): Parameters<typeof DIFF_PIPELINE.run>[1] {
  const { threads = 'auto', verifyEach = false, observe } = settings;
  return { target: TARGETS[target], threads, verifyEach, control, ...(observe && { observe }) };
}

export interface Prepared extends Omit<PayloadRequest, 'kind' | 'diffs'> {
  /** The payloads whose place this one takes; `stack` is empty then. */
  readonly replaces: readonly StackedPayload[];
}

export function readInputs(settings: PayloadSettings, report: Report): Prepared | undefined {
  const image = readThrough(settings.image, report, readXenImage);
  const stack = (settings.onTopOf ?? []).map((path) => readThrough(path, report, readStackedPayload));
  const whole = stack.filter((payload) => payload !== undefined);
  if (image === undefined || whole.length < stack.length) return undefined;
  const xenDepends = buildIdOf(settings.xenDepends, image.buildId);
  const {
    prelink = false,
    replace = false,
    modinfo = [],
    baseProof: proveBase = true,
    expect = false,
  } = settings;
  // Whoever takes the place of all others goes on top of the hypervisor, and uses nothing of theirs.
  const top = replace ? undefined : whole.at(-1);
  const depends = buildIdOf(settings.depends, top?.buildId ?? xenDepends);
  const expectation = { image, hypervisor: xenDepends, ...(top !== undefined && { depends }) };
  if (!checkStackOrder(whole, expectation, report)) return undefined;
  const abi = ABIS[settings.abi ?? 'livepatch-v2'];
  const wishes = { abi, depends, xenDepends, prelink, replace, modinfo, proveBase, expect };
  return { image, stack: replace ? [] : whole, replaces: replace ? whole : [], wishes };
}

/** A build-id as bytes; replaced payloads and hypervisors alike may have any length. */
function buildIdOf(given: string | undefined, otherwise: Uint8Array): Uint8Array {
  return given === undefined ? otherwise : new Uint8Array(Buffer.from(given, 'hex'));
}

export function readThrough<T extends XenImage | StackedPayload>(
  path: string,
  report: Report,
  read: (name: string, bytes: Uint8Array, report: Report) => T | undefined,
): T | undefined {
  const bytes = readFileOrReport(path, report);
  return bytes && read(path, bytes, report);
}
