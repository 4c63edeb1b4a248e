/** Scenarios on a model: what is expected is checked, what cannot be done is told, death ends all. */
import { expect, test } from '@jest/globals';
import type { Step } from '../../src/qemu/scenario.js';
import { ownPayloadSteps } from './cases.js';
import { DiedOfIt } from './mutants/judge.js';
import type { ModelHost, PayloadState } from './replay.js';
import { replaySteps } from './replay.js';

/** A host on which everything succeeds, but for what `answers` says of an action. */
function obligingHost(answers: Readonly<Record<string, number>> = {}): ModelHost {
  const states = new Map<string, PayloadState>();
  const answer = (call: string): { rc: number; console: readonly string[] } => {
    const rc = answers[call] ?? 0;
    if (rc === 1) throw new DiedOfIt(['FATAL TRAP']);
    return { rc, console: [`did ${call}`] };
  };
  return {
    upload: (name) => {
      states.set(name, 'CHECKED');
      return answer(`upload ${name}`);
    },
    act: (action, name) => {
      const verdict = answer(`${action} ${name}`);
      if (verdict.rc !== 0) return verdict;
      if (action === 'unload') states.delete(name);
      else states.set(name, action === 'revert' ? 'CHECKED' : 'APPLIED');
      return verdict;
    },
    state: (name) => states.get(name),
    loaded: () => [...states.keys()],
    extraVersion: () => '.5',
  };
}

const STEPS: readonly Step[] = [
  { livepatch: 'list', output: ['Nothing to list'] },
  { livepatch: 'upload a', console: ['did upload a'] },
  { livepatch: 'revert a', output: ['No action needed'] },
  { livepatch: 'apply a' },
  { livepatch: 'unload a', exit: 1, output: ['wrong state'] },
  { livepatch: 'list', output: ['/^a +\\| APPLIED /'] },
  { shell: 'cat /sys/hypervisor/version/extra', output: ['/^\\.5$/'] },
  { livepatch: 'apply b', exit: 1, output: ['Error 2'] },
  { livepatch: 'revert a' },
  { livepatch: 'unload a' },
];

const payloads = (): Uint8Array => new Uint8Array(1);
const failures = (host: ModelHost, steps: readonly Step[]): string[] =>
  replaySteps(host, steps, payloads)
    .checks.filter(({ passed }) => !passed)
    .map(({ label }) => label);

test('what xen-livepatch makes of states and answers', () => {
  expect(failures(obligingHost(), STEPS)).toEqual([]);
});

test('an answer that is not expected fails its step', () => {
  expect(failures(obligingHost({ 'apply a': -22 }), STEPS.slice(1, 4))).toEqual(['apply a']);
  const busy: Step = { livepatch: 'apply a', exit: 2, output: ['Error 16'] };
  expect(failures(obligingHost({ 'apply a': -16 }), [STEPS[1], busy])).toEqual([]);
});

test('steps without a counterpart are told', () => {
  const { checks, left_out } = replaySteps(obligingHost(), [{ key: 'h' }, { shell: 'date' }], payloads);
  expect(checks).toEqual([]);
  expect(left_out).toEqual(['key h', 'date']);
});

test('a host dies where it is to die, and nowhere else', () => {
  const fatal: Step = { fatal: 'apply a' };
  expect(failures(obligingHost({ 'apply a': 1 }), [STEPS[1], fatal])).toEqual([]);
  expect(failures(obligingHost(), [STEPS[1], fatal])).toEqual(['apply a']);
  expect(failures(obligingHost({ 'apply a': 1 }), STEPS)).toEqual(['apply a']);
});

test('every step for Xen’s own payloads has a counterpart', () => {
  const { checks, left_out } = replaySteps(obligingHost(), ownPayloadSteps(), payloads);
  expect(left_out).toEqual([]);
  expect(checks).toHaveLength(ownPayloadSteps().length);
});
