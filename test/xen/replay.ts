/**
 * Replays the steps of a scenario on a model of the hypervisor, without QEMU: what xen-livepatch asks and prints is
 * modelled here (tools/misc/xen-livepatch.c), the hypercalls are the model's. Of shell commands only the one that shows
 * xen_extra_version() has a counterpart; steps without one are told, not passed over.
 */
import { Errno } from '../../src/hypervisor/errno.js';
import type { CommandOutcome } from '../../src/qemu/machine.js';
import type { Check, Step } from '../../src/qemu/scenario.js';
import { unmet } from '../../src/qemu/scenario.js';
import type { MutantHost } from './mutants/judge.js';
import { DiedOfIt } from './mutants/judge.js';
import type { Action } from './mutants/mutant.js';
import type { Verdict } from './mutants/verdict.js';

export type PayloadState = 'CHECKED' | 'APPLIED';

export interface ModelHost extends MutantHost {
  /** Undefined when no payload of that name is loaded. */
  readonly state: (name: string) => PayloadState | undefined;
  /** Names in the order of their uploads. */
  readonly loaded: () => readonly string[];
  /** What a call of xen_extra_version() gives. */
  readonly extraVersion: () => string;
}

export const EXTRA_VERSION = 'cat /sys/hypervisor/version/extra';

/** What an action asks for, and what it leads to. */
const STATES: Readonly<
  Record<Action, { readonly from: PayloadState; readonly to: PayloadState | undefined }>
> = {
  apply: { from: 'CHECKED', to: 'APPLIED' },
  revert: { from: 'APPLIED', to: 'CHECKED' },
  replace: { from: 'CHECKED', to: 'APPLIED' },
  unload: { from: 'CHECKED', to: undefined },
};

export interface Replay {
  readonly checks: readonly Check[];
  /** Steps that a model cannot do, with why. */
  readonly left_out: readonly string[];
}

/** Replays until the end, or until the host dies; dying fails the step unless that is what it is there for. */
export function replaySteps(
  host: ModelHost,
  steps: readonly Step[],
  payloads: (name: string) => Uint8Array,
): Replay {
  const checks: Check[] = [];
  const left_out: string[] = [];
  for (const step of steps) {
    const label = labelOf(step);
    try {
      const outcome = performed(host, step, payloads);
      if (outcome === undefined) left_out.push(label);
      else checks.push(checked(label, step, outcome));
    } catch (failure) {
      if (!(failure instanceof DiedOfIt)) throw failure;
      checks.push({ label, passed: 'fatal' in step, detail: failure.console });
      break;
    }
  }
  return { checks, left_out };
}

function labelOf(step: Step): string {
  if ('key' in step) return `key ${step.key}`;
  if ('shell' in step) return step.shell;
  return 'fatal' in step ? step.fatal : step.livepatch;
}

function checked(label: string, step: Step, outcome: CommandOutcome): Check {
  const detail = 'fatal' in step ? ['the host has survived'] : unmet(step, outcome);
  return { label, passed: detail.length === 0, detail };
}

function performed(
  host: ModelHost,
  step: Step,
  payloads: (name: string) => Uint8Array,
): CommandOutcome | undefined {
  if ('key' in step) return undefined;
  if ('shell' in step) return step.shell === EXTRA_VERSION ? printed(0, [host.extraVersion()]) : undefined;
  const [verb, name = '', ...flags] = ('fatal' in step ? step.fatal : step.livepatch).split(' ');
  if (verb === 'list') return listed(host);
  if (verb === 'upload') return answered(host.upload(name, payloads(name)));
  const action = ACTIONS.find((one) => one === verb);
  if (action === undefined) throw new Error(`xen-livepatch has no ${verb}`);
  return acted(host, action, name, flags.includes('--nodeps'));
}

const ACTIONS: readonly Action[] = ['apply', 'revert', 'replace', 'unload'];

const printed = (exit_code: number, output: readonly string[]): CommandOutcome => ({
  ...{ exit_code, output, console: [], lines: [] },
});

function listed(host: ModelHost): CommandOutcome {
  const names = host.loaded();
  if (names.length === 0) return printed(0, ['Nothing to list.']);
  return printed(
    0,
    names.map((name) => `${name.padEnd(40)}| ${host.state(name) ?? ''} | `),
  );
}

/** xen-livepatch asks for the state first, and makes no call when it is not the right one. */
function acted(host: ModelHost, action: Action, name: string, nodeps: boolean): CommandOutcome {
  const state = host.state(name);
  const { from, to } = STATES[action];
  if (state === undefined) return printed(1, [`Failed to get status of ${name}.`, `Error ${Errno.ENOENT}:`]);
  if (state === to) return printed(0, ['No action needed.']);
  if (state !== from) return printed(1, [`${name} is in the wrong state.`, `Current state: ${state}`]);
  return answered(host.act(action, name, nodeps));
}

function answered({ rc, console }: Verdict): CommandOutcome {
  const again = rc === -Errno.EBUSY || rc === -Errno.EAGAIN;
  const exit_code = rc === 0 ? 0 : again ? 2 : 1;
  return { exit_code, output: rc === 0 ? ['completed'] : [`Error ${-rc}:`], console, lines: [] };
}
