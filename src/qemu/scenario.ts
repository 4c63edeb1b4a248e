/**
 * What is done to a booted host, and what must be seen. A scenario is plain data (it is read from a
 * case.json, see test/xen/README.md): steps in order, each with its expectations. Running it gives one check
 * per step; a step that fails does not stop the ones after it, a dead host does.
 *
 * Xen gives a live patch 30 ms to bring all CPUs together, and xen-livepatch waits twice that for the answer.
 * An emulated CPU on a busy machine may miss both, so an action that ran out of time is tried again; nothing
 * has changed in Xen when it did.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { HostDied } from './host.js';
import type { CommandOutcome, Machine } from './machine.js';

/** Text to look for in a line: itself, or a regular expression if it is written between slashes. */
export type TextPattern = string;

export interface Expectations {
  /** Lines of Xen's console, all of them, in this order; other lines may stand between. */
  readonly console?: readonly TextPattern[];
  /** No line of Xen's console may match one of these. */
  readonly console_not?: readonly TextPattern[];
  /** The same for what the command printed in dom0. */
  readonly output?: readonly TextPattern[];
  readonly output_not?: readonly TextPattern[];
  /** Exit code of the command; 0 unless given. A list allows any of them. */
  readonly exit?: number | readonly number[];
}

export type Step = Expectations & {
  /** What this step shows, in words; the step itself serves when this is missing. */
  readonly shows?: string;
} & (
    | { /** `upload NAME`, `apply NAME`, …: arguments of xen-livepatch. */ readonly livepatch: string }
    | { /** A shell command in dom0. */ readonly shell: string }
    | { /** One of Xen's debug keys. */ readonly key: string }
    | { /** As the last step: this livepatch action kills the host. */ readonly fatal: string }
  );

export interface Check {
  readonly label: string;
  readonly passed: boolean;
  /** Of a failed check: what was expected and what was seen. */
  readonly detail: readonly string[];
}

/** Where `upload NAME` finds the file, in the guest. */
export function payloadPath(name: string): string {
  return `/payloads/${name}.xsplice`;
}

/**
 * Runs all steps and tells each result to `report` at once. Returns true if the host is alive at the end; when
 * it died, the steps after that are not run. Throws HostDied when it went silent: that is no result of a step.
 */
export async function runScenario(
  machine: Machine,
  steps: readonly Step[],
  report: (check: Check) => void,
): Promise<boolean> {
  for (const step of steps) {
    const label = step.shows === undefined ? describe(step) : `${describe(step)}: ${step.shows}`;
    try {
      const detail = unmet(step, await perform(machine, step));
      report({ label, passed: detail.length === 0, detail });
    } catch (failure) {
      if (!(failure instanceof HostDied) || failure.isSilent) throw failure;
      report({ label, passed: 'fatal' in step, detail: failure.message.split('\n') });
      return false;
    }
  }
  return true;
}

function describe(step: Step): string {
  if ('key' in step) return `key ${step.key}`;
  if ('shell' in step) return step.shell;
  if ('fatal' in step) return `${step.fatal} (kills the host)`;
  return step.livepatch;
}

async function perform(machine: Machine, step: Step): Promise<CommandOutcome> {
  if ('key' in step) {
    const enough = (lines: readonly string[]): boolean =>
      lines.length > 0 && missingPatterns(step.console ?? [], lines).length === 0;
    return { exit_code: 0, output: [], console: await machine.pressKey(step.key, enough), lines: [] };
  }
  if ('shell' in step) return machine.command(step.shell);
  if ('fatal' in step) {
    await untilInTime(machine, livepatchCommand(step.fatal));
    const console = await machine.pressKey('h', (lines) => lines.length > 0);
    return { exit_code: -1, output: ['the host has survived'], console, lines: [] };
  }
  return untilInTime(machine, livepatchCommand(step.livepatch));
}

function livepatchCommand(action: string): string {
  const [verb, name] = action.split(' ');
  return `xen-livepatch ${verb === 'upload' && name !== undefined ? `upload ${name} ${payloadPath(name)}` : action}`;
}

const ATTEMPTS = 20;

async function untilInTime(machine: Machine, command: string): Promise<CommandOutcome> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await machine.command(command);
    if (!ranOutOfTime(outcome) || attempt === ATTEMPTS) return outcome;
    await sleep(200);
  }
}

/** True when Xen could not bring its CPUs together in time, or had no answer yet when it was asked. */
function ranOutOfTime(outcome: CommandOutcome): boolean {
  const late = [/Timed out on semaphore/, /Operation (didn't complete|already in progress)/];
  return (
    outcome.exit_code !== 0 &&
    late.some((text) => [...outcome.console, ...outcome.output].some((l) => text.test(l)))
  );
}

/** What of the expectations is not met, one complaint a line; empty when all is well. */
export function unmet(expected: Expectations, outcome: CommandOutcome): readonly string[] {
  const complaints: string[] = [];
  const codes = [expected.exit ?? 0].flat();
  if (!codes.includes(outcome.exit_code)) {
    complaints.push(`exit code ${String(outcome.exit_code)} instead of ${codes.join(' or ')}`);
  }
  for (const missing of missingPatterns(expected.console ?? [], outcome.console))
    complaints.push(`not on the console: ${missing}`);
  for (const missing of missingPatterns(expected.output ?? [], outcome.output))
    complaints.push(`not printed: ${missing}`);
  for (const line of forbidden(expected.console_not ?? [], outcome.console))
    complaints.push(`unwanted on the console: ${line}`);
  for (const line of forbidden(expected.output_not ?? [], outcome.output))
    complaints.push(`unwanted: ${line}`);
  if (complaints.length === 0) return [];
  const seen = [...outcome.output, ...outcome.console.map((line) => `(XEN) ${line}`)];
  return [
    ...complaints,
    'seen:',
    ...(seen.length === 0 ? ['  nothing'] : seen.slice(-60).map((line) => `  ${line}`)),
  ];
}

/** The patterns that were not found, looking for each behind the line where the one before it was found. */
export function missingPatterns(
  patterns: readonly TextPattern[],
  lines: readonly string[],
): readonly TextPattern[] {
  let from = 0;
  return patterns.filter((pattern) => {
    const found = lines.findIndex((line, index) => index >= from && matches(pattern, line));
    if (found >= 0) from = found + 1;
    return found < 0;
  });
}

function forbidden(patterns: readonly TextPattern[], lines: readonly string[]): readonly string[] {
  return lines.filter((line) => patterns.some((pattern) => matches(pattern, line)));
}

export function matches(pattern: TextPattern, line: string): boolean {
  if (pattern.length > 2 && pattern.startsWith('/') && pattern.endsWith('/'))
    return new RegExp(pattern.slice(1, -1)).test(line);
  return line.includes(pattern);
}
