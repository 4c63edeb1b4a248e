/**
 * One scenario on a host of its own: calls before the payloads are there, calls while they are applied, meetings of
 * the CPUs that must fail or succeed, calls after everything was reverted.
 */
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { withoutControls } from '../diag/printable.js';
import { errnoName } from '../hypervisor/errno.js';
import type { Range } from '../hypervisor/guest.js';
import type { LoadedPayload } from '../hypervisor/payload.js';
import type { ProofProgress } from '../run/progress.js';
import type { Steps } from '../run/steps.js';
import { coverageOf } from './coverage.js';
import { Host } from './host.js';
import type { Death } from './host.js';
import { ScenarioPlayer, UnknownInScenario } from './scenario/play.js';
import type { CallResult } from './scenario/play.js';
import { missingLines } from './scenario/compare.js';
import { MOST_INSTRUCTIONS } from './scenario/scenario-file.js';
import type { Phase, Rendezvous, Scenario } from './scenario/scenario.js';
import type { RendezvousResult, ScenarioFile, ScenarioResult, ValidationInput } from './validation.js';

const SHOWN_LINES = 6;
/** What all calls of a scenario may take. */
const SCENARIO_INSTRUCTIONS = MOST_INSTRUCTIONS;

export interface ScenarioRun {
  readonly result: ScenarioResult;
  readonly diagnostics: readonly Diagnostic[];
}

/** `position` of `file` among the scenarios is told with each call. */
export function* runScenario(
  input: ValidationInput,
  names: readonly string[],
  file: ScenarioFile,
  position: number,
): Steps<ScenarioRun> {
  const { path, scenario } = file;
  const about = (call: string): ProofProgress => ({
    kind: 'proof',
    step: 'scenario',
    subject: `${scenario.title}: ${call}`,
    position,
    of: input.scenarios.length,
  });
  const host = hostFor(input, scenario);
  const player = new ScenarioPlayer(host.machine, scenario, () => textOf(host.loaded));
  const calls: CallResult[] = [];
  const meetings: RendezvousResult[] = [];
  const unknown: Diagnostic[] = [];
  let loaded: readonly LoadedPayload[] = [];
  try {
    yield* host.surviveSteps('the scenario', function* () {
      calls.push(...(yield* player.play('before', about)));
      putOn(host, input, names);
      ({ loaded } = host);
      for (const one of scenario.rendezvous) {
        yield about(one.title);
        meetings.push(meet(host, names, one));
      }
      calls.push(...(yield* player.play('applied', about)));
      takeOff(host);
      calls.push(...(yield* player.play('reverted', about)));
    });
  } catch (thrown) {
    if (!(thrown instanceof UnknownInScenario)) throw thrown;
    unknown.push(diagnostic('XS622', { message: withoutControls(thrown.message), at: { object: path } }));
  }
  const result: ScenarioResult = {
    path,
    title: scenario.title,
    calls,
    rendezvous: meetings,
    coverage: coverageOf(loaded, player.coverage),
  };
  const say = (what: string, unmet: Unmet): Diagnostic => complaint(scenario.title, path, what, unmet);
  return {
    result,
    diagnostics: [
      ...unknown,
      ...(host.death === undefined ? [] : [say(host.death.during, deadly(host.death))]),
      ...calls
        .filter(({ passed }) => !passed)
        .map((one) => say(`${one.title}, ${PHASE_WORDS[one.phase]}`, one)),
      ...meetings.filter(({ passed }) => !passed).map((one) => say(one.title, one)),
    ],
  };
}

function hostFor({ image, profile, buildId, engine }: ValidationInput, scenario: Scenario): Host {
  const { cpus, features, msrs } = scenario;
  return new Host(image, {
    profile,
    cpus,
    features,
    msrs,
    instructions: SCENARIO_INSTRUCTIONS,
    ...(buildId && { buildId }),
    ...(engine && { engine }),
  });
}

/** What was not as expected, and what the hypervisor printed. */
interface Unmet {
  readonly complaints: readonly string[];
  readonly console: readonly string[];
}

function deadly({ reason, console }: Death): Unmet {
  return { complaints: [`the host dies: ${reason}`], console };
}

function complaint(title: string, path: string, what: string, { complaints, console }: Unmet): Diagnostic {
  const lines = [...complaints.slice(1), ...console.slice(-SHOWN_LINES).map((line) => `(XEN) ${line}`)];
  return diagnostic('XS621', {
    message: withoutControls(`${title}: ${what}: ${complaints[0]}`),
    at: { object: path },
    notes: lines.map((line) => withoutControls(line)),
  });
}

export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  before: 'before',
  applied: 'applied',
  reverted: 'reverted',
};

function textOf(payloads: readonly LoadedPayload[]): Range[] {
  return payloads.map(({ text }) => text).filter(({ start, end }) => end > start);
}

/** The levels before this one have shown that it works. */
function putOn(host: Host, input: ValidationInput, names: readonly string[]): void {
  for (const [k, { bytes }] of input.payloads.entries()) host.upload(names[k], bytes);
  for (const [k, name] of names.entries()) {
    if (input.replaces === true && k === names.length - 1) host.replace(name);
    else host.apply(name, k === 0 && input.nodeps === true);
  }
}

/** `name`, or `name+0x12`. */
function addressOf(machine: Host['machine'], place: string): bigint {
  const [, name, distance] = /^(.+?)(?:\+(0x[0-9a-f]+|\d+))?$/i.exec(place) ?? ['', place, undefined];
  const address = machine.lookup(name);
  if (address === 0n) throw new UnknownInScenario(`there is no symbol ${name} in the image`);
  return address + BigInt(distance ?? 0);
}

function takeOff(host: Host): void {
  for (const { name } of host.patching.lists.applied().reverse()) if (!host.revert(name)) host.revert(name);
}

/**
 * The top payload is reverted, or applied again, with the CPUs busy as the scenario says, and left applied once they
 * are idle.
 */
function meet(
  host: Host,
  names: readonly string[],
  { title, action, cpus, timeout, expect }: Rendezvous,
): RendezvousResult {
  const { patching, machine } = host;
  const { processors } = patching.scenario;
  const top = names[names.length - 1];
  if (action === 'apply') patching.revert(top);
  for (const { cpu, doing, arrivesAfter, interruptsOffAfter, stack } of cpus) {
    const addresses = stack.map((place) => addressOf(machine, place));
    if (doing === 'inside') processors.set(cpu, { kind: doing, nanoseconds: arrivesAfter, stack: addresses });
    else if (doing === 'busy')
      processors.set(cpu, { kind: 'busy', nanoseconds: arrivesAfter, interrupts: 'on', stack: addresses });
    else processors.set(cpu, { kind: doing });
    if (interruptsOffAfter > 0)
      processors.interrupt(cpu, { after: 0, nanoseconds: interruptsOffAfter, stack: addresses });
  }
  const outcome = action === 'apply' ? patching.apply(top, { timeout }) : patching.revert(top, { timeout });
  const rc = outcome.rc < 0 ? outcome.rc : (outcome.status?.rc ?? 0);
  for (let cpu = 0; cpu < processors.count; cpu++) processors.set(cpu, { kind: 'idle' });
  if ((rc === 0) === (action === 'revert')) patching.apply(top);
  const met = outcome.work?.rendezvous;
  const attempts = met?.attempts.length ?? 0;
  const complaints = [
    ...(errnoName(rc) === expect.errno ? [] : [`the answer is ${errnoName(rc)} instead of ${expect.errno}`]),
    ...(expect.attempts === undefined || expect.attempts === attempts
      ? []
      : [`the CPUs were called ${attempts} times instead of ${expect.attempts}`]),
    ...missingLines(expect.console ?? [], outcome.console),
  ];
  return {
    title,
    passed: complaints.length === 0,
    complaints,
    rc,
    console: outcome.console,
    lateness: outcome.work?.lateness ?? [],
    duration: met?.attempts.at(-1)?.to ?? 0,
    attempts,
    waitedFor: met?.phases[0].expected ?? 0,
    obstructed: met?.attempts.filter(({ obstructions }) => obstructions.length > 0).length ?? 0,
  };
}
