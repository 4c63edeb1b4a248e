/** Expectations are met or named, late actions are repeated, a dead host ends a scenario. */
import { describe, expect, test } from '@jest/globals';
import { HostDied } from '../../../src/qemu/host.js';
import type { CommandOutcome, Machine } from '../../../src/qemu/machine.js';
import { matches, missingPatterns, runScenario, unmet } from '../../../src/qemu/scenario.js';
import type { Check, Step } from '../../../src/qemu/scenario.js';

const outcome = (part: Partial<CommandOutcome>): CommandOutcome => ({
  exit_code: 0,
  output: [],
  console: [],
  lines: [],
  ...part,
});

/** Answers one command after the other and remembers what was asked. */
function scriptedMachine(answers: readonly (CommandOutcome | HostDied)[]): {
  machine: Machine;
  asked: string[];
} {
  const asked: string[] = [];
  const next = (request: string): CommandOutcome => {
    const answer = answers[asked.length];
    asked.push(request);
    if (answer === undefined) throw new Error(`not expected: ${request}`);
    if (answer instanceof HostDied) throw answer;
    return answer;
  };
  const machine: Machine = {
    command: (line) => Promise.resolve(line).then(next),
    pressKey: (key) =>
      Promise.resolve(`key ${key}`)
        .then(next)
        .then(({ console }) => console),
    powerOff: () => Promise.resolve(),
  };
  return { machine, asked };
}

async function play(
  answers: readonly (CommandOutcome | HostDied)[],
  steps: readonly Step[],
): Promise<{ alive: boolean; asked: string[]; checks: Check[] }> {
  const { machine, asked } = scriptedMachine(answers);
  const checks: Check[] = [];
  const alive = await runScenario(machine, steps, (check) => checks.push(check));
  return { alive, asked, checks };
}

describe('patterns', () => {
  test('are found inside a line, or are regular expressions between slashes', () => {
    expect(matches('rc=0', 'finished APPLY with rc=0')).toBe(true);
    expect(matches('/^\\.5$/', '.5')).toBe(true);
    expect(matches('/^\\.5$/', '.5+alternative')).toBe(false);
    expect(matches('/', 'a/b')).toBe(true);
  });

  test('must be found in order, each in a line of its own', () => {
    expect(missingPatterns(['a', 'b'], ['xa', 'noise', 'xb'])).toEqual([]);
    expect(missingPatterns(['b', 'a'], ['xa', 'xb'])).toEqual(['a']);
    expect(missingPatterns(['a', 'a'], ['a a'])).toEqual(['a']);
  });
});

describe('what is not met', () => {
  test('is nothing when all is well', () => {
    expect(
      unmet({ output: ['done'], console_not: ['WARN'] }, outcome({ output: ['done'], console: ['rc=0'] })),
    ).toEqual([]);
  });

  test('is named, with what was seen instead', () => {
    const seen = outcome({ exit_code: 1, output: ['Error 22: Invalid argument'], console: ['Xen WARN'] });
    expect(unmet({ console: ['rc=0'], console_not: ['WARN'], output_not: ['Error'] }, seen)).toEqual([
      'exit code 1 instead of 0',
      'not on the console: rc=0',
      'unwanted on the console: Xen WARN',
      'unwanted: Error 22: Invalid argument',
      'seen:',
      '  Error 22: Invalid argument',
      '  (XEN) Xen WARN',
    ]);
  });

  test('an expected failure is no failure, an unexpected success is one', () => {
    expect(unmet({ exit: [1, 2] }, outcome({ exit_code: 2 }))).toEqual([]);
    expect(unmet({ exit: 1 }, outcome({}))[0]).toBe('exit code 0 instead of 1');
  });
});

describe('a scenario', () => {
  test('translates steps to commands and checks each', async () => {
    const { alive, asked, checks } = await play(
      [outcome({}), outcome({}), outcome({ console: ['hello'] }), outcome({ exit_code: 3 })],
      [
        { livepatch: 'upload p' },
        { livepatch: 'apply p --nodeps' },
        { key: 'h', console: ['hello'], shows: 'the text' },
        { shell: 'ls' },
      ],
    );
    expect(alive).toBe(true);
    expect(asked).toEqual([
      'xen-livepatch upload p /payloads/p.xsplice',
      'xen-livepatch apply p --nodeps',
      'key h',
      'ls',
    ]);
    expect(checks.map(({ label, passed }) => `${label} ${String(passed)}`)).toEqual([
      'upload p true',
      'apply p --nodeps true',
      'key h: the text true',
      'ls false',
    ]);
  });

  test('repeats an action that ran out of time, and only that', async () => {
    const late = outcome({
      exit_code: 2,
      console: ['livepatch: p: Timed out on semaphore in CPU quiesce phase 1/2'],
    });
    const unfinished = outcome({ exit_code: 2, output: ["Operation didn't complete."] });
    const refused = outcome({
      exit_code: 2,
      output: ['Error 16: Device or resource busy'],
      console: ["can't unload. Top is q"],
    });
    const { asked, checks } = await play(
      [late, unfinished, outcome({}), refused],
      [{ livepatch: 'apply p' }, { livepatch: 'revert p', exit: 2 }],
    );
    expect(asked).toHaveLength(4);
    expect(checks.map(({ passed }) => passed)).toEqual([true, true]);
  });

  test('ends when the host dies', async () => {
    const { alive, checks } = await play(
      [new HostDied('Panic on CPU 0:\n  last words')],
      [{ livepatch: 'apply p' }, { shell: 'ls' }],
    );
    expect(alive).toBe(false);
    expect(checks).toEqual([
      { label: 'apply p', passed: false, detail: ['Panic on CPU 0:', '  last words'] },
    ]);
  });

  test('has no result when the host goes silent', async () => {
    const silent = new HostDied('the host hangs', true);
    await expect(play([silent], [{ fatal: 'apply p' }])).rejects.toThrow('the host hangs');
  });

  test('may demand that the host dies', async () => {
    const died = await play([new HostDied('*** DOUBLE FAULT ***')], [{ fatal: 'apply p' }]);
    expect(died.checks.map(({ passed }) => passed)).toEqual([true]);
    const survived = await play([outcome({}), outcome({ console: ['x'] })], [{ fatal: 'apply p' }]);
    expect(survived.checks.map(({ passed }) => passed)).toEqual([false]);
  });
});
