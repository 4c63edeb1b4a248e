/**
 * Proves payloads on a modelled host, level by level: the loader accepts them, they apply and everything is as
 * before when they are reverted, nothing in them is a hazard that the loader does not see, and scenarios come out.
 */
import { diagnostic, hasErrors } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { withoutControls } from '../diag/printable.js';
import { errnoName } from '../hypervisor/errno.js';
import { UnusableImage } from '../hypervisor/machine/map-image.js';
import type { LoadedPayload } from '../hypervisor/payload.js';
import { finish } from '../run/steps.js';
import type { Steps } from '../run/steps.js';
import type { ProofProgress } from '../run/progress.js';
import { checkEntries } from './entries.js';
import { findHazards } from './hazards/find-hazards.js';
import { Host, namesOf } from './host.js';
import { runScenario } from './run-scenario.js';
import { copyImage, differences } from './unchanged.js';
import type { Difference, ImageCopy } from './unchanged.js';
import type {
  LevelVerdict,
  PayloadFacts,
  ScenarioResult,
  StepResult,
  Validation,
  ValidationInput,
} from './validation.js';

const HOST_CPUS = 2;
const SHOWN_LINES = 6;
/** Findings of one code that are told one by one. */
const MOST_OF_A_KIND = 50;
/** How often a step is tried that a hook refuses. */
const ATTEMPTS = 3;

/** Proves the payloads of the input; never throws for what is in them. */
export function provePayloads(input: ValidationInput): Validation {
  return finish(proveInSteps(input));
}

/** The same, telling each step. */
export function* proveInSteps(input: ValidationInput): Steps<Validation> {
  try {
    return yield* prove(input);
  } catch (thrown) {
    if (!(thrown instanceof UnusableImage)) throw thrown;
    return unusable(input, thrown.message);
  }
}

function unusable({ image, profile }: ValidationInput, why: string): Validation {
  const found = diagnostic('XS607', {
    message: `${image.name} cannot be put into memory: ${why}`,
    at: { object: image.name },
    hint: 'give the xen-syms of the running hypervisor, or skip the proof with --no-validate',
  });
  return {
    image: image.name,
    profile: profile.name,
    levels: { accepts: 'not reached', applies: 'not reached', hazards: 'not reached', runs: 'not reached' },
    payloads: [],
    steps: [],
    comparedBytes: 0,
    scenarios: [],
    diagnostics: [found],
  };
}

/** One proof under way: what it found so far. */
interface Proof {
  readonly input: ValidationInput;
  readonly host: Host;
  readonly names: readonly string[];
  readonly found: Diagnostic[];
}

function* prove(input: ValidationInput): Steps<Validation> {
  const { image, profile, buildId, payloads } = input;
  yield about('boot', 1, 1);
  const host = new Host(image, { profile, cpus: HOST_CPUS, ...(buildId && { buildId }) });
  const proof: Proof = { input, host, names: namesOf(payloads), found: [] };
  const before = copyImage(host.machine);
  const accepts = yield* level(proof, () => uploadAll(proof));
  const { loaded } = host;
  const facts = loaded.map((payload) => factsOf(payload, payloads[proof.names.indexOf(payload.name)].path));
  const { memory } = host.machine;
  const hazards =
    loaded.length === 0
      ? 'not reached'
      : yield* level(proof, function* () {
          yield about('hazards', 1, 1);
          const subject = { image, stack: loaded, memory, profile };
          if (accepts === 'passed') input.observe?.(subject);
          for (const hazard of fewOfEach(findHazards(subject))) proof.found.push(withPath(proof, hazard));
        });
  const applies =
    accepts === 'passed'
      ? yield* level(proof, () => applyAndRevert(proof, before))
      : ('not reached' as const);
  const scenarios: ScenarioResult[] = [];
  const runs = yield* level(proof, function* () {
    for (const [k, file] of (applies === 'passed' ? input.scenarios : []).entries()) {
      const { result, diagnostics } = yield* runScenario(input, proof.names, file, k + 1);
      scenarios.push(result);
      proof.found.push(...diagnostics);
    }
  });
  const asked = input.scenarios.length === 0 ? 'not asked' : scenarios.length === 0 ? 'not reached' : runs;
  return {
    image: image.name,
    profile: profile.name,
    levels: { accepts, applies, hazards, runs: asked },
    payloads: facts,
    steps: host.steps,
    comparedBytes: applies === 'passed' ? before.bytes : 0,
    scenarios,
    diagnostics: proof.found,
  };
}

/** Runs the checks of a level: it has passed when they found no error, and the host survived them. */
function* level(proof: Proof, checks: () => Steps<void>): Steps<LevelVerdict> {
  const { found, host, input } = proof;
  const mark = found.length;
  const alive = host.death === undefined;
  yield* host.surviveSteps('looking at what became of the payloads', checks);
  if (alive) dead(proof, input.payloads[input.payloads.length - 1].path);
  return hasErrors(found.slice(mark)) ? 'failed' : 'passed';
}

/** Of findings of one kind the first; nobody reads thousands, which only broken payloads have. */
function fewOfEach(all: readonly Diagnostic[]): Diagnostic[] {
  const counts = new Map<string, number>();
  for (const { code } of all) counts.set(code, (counts.get(code) ?? 0) + 1);
  const kept = new Map<string, number>();
  return all.flatMap((one) => {
    const position = (kept.get(one.code) ?? 0) + 1;
    kept.set(one.code, position);
    if (position > MOST_OF_A_KIND) return [];
    const more = (counts.get(one.code) ?? 0) - MOST_OF_A_KIND;
    return [
      position === MOST_OF_A_KIND && more > 0
        ? { ...one, notes: [...(one.notes ?? []), `and ${more} more ${one.code}`] }
        : one,
    ];
  });
}

/** Hazards name payloads as the hypervisor knows them; users know paths. */
function withPath({ names, input }: Proof, found: Diagnostic): Diagnostic {
  const position = names.indexOf(found.at?.object ?? '');
  return position < 0 ? found : { ...found, at: { ...found.at, object: input.payloads[position].path } };
}

function factsOf(payload: LoadedPayload, path: string): PayloadFacts {
  return {
    path,
    name: payload.name,
    functions: payload.functions.length + new Set(payload.splices.map((splice) => splice.replaced)).size,
    hooks: [...payload.hooks.values()].reduce((sum, { count }) => sum + count, 0),
    relocations: payload.relocations.length,
    pages: payload.pages,
  };
}

/** Uploads all; one that is refused does not keep the others from being tried. */
function* uploadAll(proof: Proof): Steps<void> {
  const { host, names, input, found } = proof;
  for (const [k, { bytes, path }] of input.payloads.entries()) {
    yield about('upload', k + 1, names.length, names[k]);
    host.upload(names[k], bytes);
    if (dead(proof, path)) return;
    const step = host.steps[host.steps.length - 1];
    if (step.rc !== 0)
      found.push(refusal('XS601', step, path, 'see `xsplice-build inspect` for what the payload holds'));
  }
}

/** Applies all, looks where the functions lead, reverts all, and looks whether everything is as before. */
function* applyAndRevert(proof: Proof, before: ImageCopy): Steps<void> {
  const { host, input, names, found } = proof;
  if (!(yield* applyAll(proof))) return;
  found.push(...checkEntries(host, (name) => input.payloads[names.indexOf(name)].path));
  if (!(yield* revertAll(proof))) return;
  compare(proof, before, 'constant');
  const repeatable = host.loaded.every((payload) => payload.safeToReapply);
  if (repeatable && (!(yield* applyAll(proof)) || !(yield* revertAll(proof)))) return;
  // The lists of payloads are variables, too: what is left of them when all are gone counts.
  for (const name of [...names].reverse()) {
    yield about('unload', names.indexOf(name) + 1, names.length, name);
    if (!demand(proof, name, () => host.unload(name))) return;
  }
  if (repeatable) compare(proof, before, 'constant');
  compare(proof, before, 'data');
}

function* applyAll(proof: Proof): Steps<boolean> {
  const { host, names, input } = proof;
  for (const [k, name] of names.entries()) {
    const replaces = input.replaces === true && k === names.length - 1;
    const nodeps = k === 0 && input.nodeps === true;
    yield about(replaces ? 'replace' : 'apply', k + 1, names.length, name);
    if (!demand(proof, name, () => (replaces ? host.replace(name) : host.apply(name, nodeps)))) return false;
  }
  return true;
}

/** From the top. */
function* revertAll(proof: Proof): Steps<boolean> {
  const { host, names } = proof;
  const applied = host.patching.lists.applied().map(({ name }) => name);
  for (const name of applied.reverse()) {
    yield about('revert', names.indexOf(name) + 1, names.length, name);
    if (!demand(proof, name, () => host.revert(name))) return false;
  }
  return true;
}

function about(step: ProofProgress['step'], position: number, of: number, subject?: string): ProofProgress {
  return { kind: 'proof', step, position, of, ...(subject !== undefined && { subject }) };
}

/** Does a step; if it fails, says so. A hook may refuse now and let it happen later, so then it is tried again. */
function demand(proof: Proof, name: string, step: () => boolean): boolean {
  const { host, names, input, found } = proof;
  const { path } = input.payloads[names.indexOf(name)];
  for (let attempt = 1; !step(); attempt++) {
    if (dead(proof, path)) return false;
    const failed = host.steps[host.steps.length - 1];
    const refused = vetoed(failed) && attempt < ATTEMPTS;
    const code = refused ? 'XS609' : 'XS602';
    if (!refused || !found.some((other) => other.code === code))
      found.push(refusal(code, failed, path, hintFor(failed)));
    if (!refused) return false;
  }
  return true;
}

function hintFor({ console }: StepResult): string | undefined {
  const misplaced = console.some((line) => /: check against .* build-id failed$/.test(line));
  return misplaced
    ? 'it goes on top of something else: give the payloads below it first, oldest first, or --nodeps'
    : undefined;
}

/** Whether a hook refused what was asked for. */
function vetoed({ console }: StepResult): boolean {
  return console.some((line) => /: pre-(apply|revert) hook failed \(rc=-?\d+\), aborting!$/.test(line));
}

/** Whether the host has died; the first who asks reports it. */
function dead({ host, found }: Proof, path: string): boolean {
  const { death } = host;
  if (death === undefined) return false;
  if (!found.some(({ code }) => code === 'XS605'))
    found.push(
      diagnostic('XS605', {
        message: withoutControls(`the host dies during ${death.during}: ${death.reason}`),
        at: { object: path },
        notes: quoted(death.console),
        hint: 'do not load this payload into a host that matters',
      }),
    );
  return true;
}

function refusal(
  code: 'XS601' | 'XS602' | 'XS609',
  { action, payload, rc, console, why }: StepResult,
  path: string,
  hint?: string,
): Diagnostic {
  return diagnostic(code, {
    message: `${action} ${payload}: ${errnoName(rc)} (${String(rc)})`,
    at: { object: path },
    notes: [...unsaid(why, console), ...quoted(console)],
    ...(hint !== undefined && { hint }),
  });
}

/** The reason that the hypervisor keeps to itself. */
function unsaid(why: string | undefined, console: readonly string[]): string[] {
  if (why === undefined || console.join('\n').includes(why)) return [];
  return [`the hypervisor does not say why: ${withoutControls(why)}`];
}

/** The last lines that say something. */
function quoted(lines: readonly string[]): string[] {
  const telling = lines.filter((line) => !/^\**$/.test(line) && !line.startsWith('Reboot in '));
  return telling.slice(-SHOWN_LINES).map((line) => `(XEN) ${withoutControls(line)}`);
}

/** XS603 or XS606 for what differs from what was before; each is said once. */
function compare({ host, found, input }: Proof, before: ImageCopy, kind: Difference['kind']): void {
  const code = kind === 'constant' ? 'XS603' : 'XS606';
  const differing = differences(host.machine, before).filter((one) => one.kind === kind);
  if (differing.length === 0 || found.some((other) => other.code === code)) return;
  const what = kind === 'constant' ? 'code or constants' : 'variables';
  found.push(
    diagnostic(code, {
      message: `after revert, ${what} of the hypervisor are not what they were`,
      at: { object: input.payloads[input.payloads.length - 1].path },
      notes: [
        ...differing.slice(0, SHOWN_LINES).map(({ place, count }) => `${place}: ${count} bytes differ`),
        ...(differing.length > SHOWN_LINES ? [`and ${differing.length - SHOWN_LINES} more`] : []),
      ],
    }),
  );
}
