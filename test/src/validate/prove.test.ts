/** The levels of the validator, each passed and each failed, on the tiny hypervisor. */
import { describe, expect, test } from '@jest/globals';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import { provePayloads } from '../../../src/validate/prove.js';
import type { Scenario, ScenarioCall } from '../../../src/validate/scenario/scenario.js';
import type { Validation, ValidationInput } from '../../../src/validate/validation.js';
import { tinyImage } from '../../support/tiny-xen.js';
import { returns, tinyPayload } from '../../support/tiny-payload.js';
import type { TinyPayload } from '../../support/tiny-payload.js';
import { hugeImage, mark, overlapping, vetoOnce, writeTo } from '../../support/verdict-samples.js';

function prove(payloads: readonly TinyPayload[], more: Partial<ValidationInput> = {}): Validation {
  return provePayloads({
    image: tinyImage(),
    profile: PROFILES['4.17'],
    payloads: payloads.map((made, k) => ({ path: `p${k + 1}.xsplice`, bytes: tinyPayload(made) })),
    scenarios: [],
    ...more,
  });
}

const codesOf = ({ diagnostics }: Validation): string[] => diagnostics.map(({ code }) => code);
const notesOf = ({ diagnostics }: Validation, code: string): readonly string[] =>
  diagnostics.find((found) => found.code === code)?.notes ?? [];

const chosen = { name: 'chosen', bytes: returns(7) };
describe('accepts and applies', () => {
  test('a payload that does its work', () => {
    const proof = prove([{ functions: [chosen] }]);
    expect(proof.diagnostics).toEqual([]);
    expect(proof.levels).toEqual({
      accepts: 'passed',
      applies: 'passed',
      hazards: 'passed',
      runs: 'not asked',
    });
    expect(proof.payloads).toEqual([
      { path: 'p1.xsplice', name: 'p1', functions: 1, hooks: 0, relocations: 2, pages: 2 },
    ]);
    expect(proof.steps.map(({ action, rc }) => `${action} ${rc}`)).toEqual([
      'upload 0',
      'apply 0',
      'revert 0',
      'apply 0',
      'revert 0',
      'unload 0',
    ]);
    expect(proof.comparedBytes).toBe(16384);
  });

  test('two that replace one function, the second on top', () => {
    const second = { functions: [{ ...chosen, bytes: returns(8) }], id: 0xa2, on: 0xa1 };
    const proof = prove([{ functions: [chosen] }, second]);
    expect(proof.levels.applies).toBe('passed');
    expect(proof.steps.filter(({ action }) => action === 'revert').map(({ payload }) => payload)).toEqual([
      'p2',
      'p1',
      'p2',
      'p1',
    ]);
  });

  test('one that takes the place of another', () => {
    const second = { functions: [{ ...chosen, bytes: returns(8) }], id: 0xa2 };
    const first = { functions: [chosen] };
    expect(codesOf(prove([first, second]))).toEqual(['XS602']);
    const proof = prove([first, second], { replaces: true });
    expect(proof.levels.applies).toBe('passed');
    expect(proof.steps.map(({ action, payload }) => `${action} ${payload}`)).toContain('replace p2');
  });

  test('one that is for another hypervisor is refused at upload', () => {
    const proof = prove([{ functions: [chosen], xenDepends: [1, 2, 3] }]);
    expect(codesOf(proof)).toEqual(['XS601']);
    expect(proof.levels).toMatchObject({ accepts: 'failed', applies: 'not reached', hazards: 'not reached' });
    expect(notesOf(proof, 'XS601')).toEqual([
      '(XEN) livepatch: p1: check against hypervisor build-id failed',
    ]);
  });

  test('one that goes on top of another is refused at apply, unless dependencies are ignored', () => {
    const lonely = { functions: [chosen], on: 0x99 };
    expect(codesOf(prove([lonely]))).toEqual(['XS602']);
    expect(prove([lonely], { nodeps: true }).levels.applies).toBe('passed');
  });

  test('the build-id of the hypervisor can be another than that of the image', () => {
    const forOther = { functions: [chosen], xenDepends: [1, 2, 3] };
    const buildId = Uint8Array.of(1, 2, 3);
    expect(codesOf(prove([forOther], { buildId, nodeps: true }))).toEqual([]);
  });
});

describe('what must not be', () => {
  test('a hook that kills the host', () => {
    const proof = prove([{ functions: [chosen], hooks: { load: { bytes: [0x0f, 0x0b] } } }]);
    expect(codesOf(proof)).toEqual(['XS605']);
    expect(proof.diagnostics[0].message).toMatch(/^the host dies during apply p1: #UD exception, in /);
    expect(proof.levels.applies).toBe('failed');
  });

  test('a hook that changes code and does not change it back', () => {
    const proof = prove([{ functions: [chosen], hooks: { load: writeTo('spins') } }]);
    expect(codesOf(proof)).toContain('XS603');
    expect(notesOf(proof, 'XS603')).toEqual(['spins: 1 bytes differ']);
  });

  test('a hook that changes a variable, which may be right', () => {
    const proof = prove([{ functions: [chosen], hooks: { load: writeTo('written', 5) } }]);
    expect(codesOf(proof)).toEqual(['XS606']);
    expect(notesOf(proof, 'XS606')).toEqual(['written: 1 bytes differ']);
    expect(proof.levels.applies).toBe('passed');
  });

  test('records that overwrite one another', () => {
    const proof = prove([{ functions: overlapping() ?? [] }]);
    expect(codesOf(proof)).toContain('XS604');
    expect(proof.levels.applies).toBe('failed');
  });

  test('a hook that refuses now and then is told, and one that always does fails', () => {
    const proof = prove([{ functions: [chosen], hooks: { prerevert: vetoOnce } }]);
    expect(codesOf(proof)).toEqual(['XS609', 'XS606']);
    expect(proof.levels.applies).toBe('passed');
    const always = { bytes: [0xb8, 0xff, 0xff, 0xff, 0xff, 0xc3] };
    const stubborn = prove([{ functions: [chosen], hooks: { preapply: always } }]);
    expect(codesOf(stubborn)).toEqual(['XS609', 'XS602']);
    expect(stubborn.steps.map(({ rc }) => rc)).toEqual([0, -1, -1, -1]);
  });

  test('an action hook that says that it applied, and did not', () => {
    const hooks = { apply: mark(1), revert: mark(0) };
    const proof = prove([{ functions: [chosen], hooks }]);
    expect(codesOf(proof)).toContain('XS608');
    expect(proof.levels.applies).toBe('passed');
  });

  test('an image that takes more memory than any hypervisor', () => {
    const proof = prove([{ functions: [chosen] }], { image: hugeImage() });
    expect(codesOf(proof)).toEqual(['XS607']);
    expect(proof.levels.accepts).toBe('not reached');
  });
});

describe('runs', () => {
  const call = (
    name: string,
    expect: ScenarioCall['expect'],
    more: Partial<ScenarioCall> = {},
  ): ScenarioCall => ({
    title: name,
    function: name,
    arguments: [],
    type: 'int',
    memory: {},
    keeps: false,
    cpu: 0,
    limit: 100_000,
    expect,
    ...more,
  });
  const scenario = (
    calls: readonly ScenarioCall[],
    more: Partial<Scenario> = {},
  ): ValidationInput['scenarios'] => [
    {
      path: 's.json',
      scenario: {
        title: 'test',
        cpus: 2,
        features: [],
        msrs: new Map(),
        memory: {},
        calls,
        rendezvous: [],
        ...more,
      },
    },
  ];

  test('calls come out before, applied and reverted', () => {
    const proof = prove([{ functions: [chosen] }], {
      scenarios: scenario([
        call('chosen', { before: { returns: 1n }, applied: { returns: 7n }, reverted: { returns: 1n } }),
      ]),
    });
    expect(proof.diagnostics).toEqual([]);
    expect(proof.levels.runs).toBe('passed');
    const [{ calls, coverage }] = proof.scenarios;
    expect(calls.map(({ phase, returned, instructions }) => [phase, returned, instructions])).toEqual([
      ['before', '1', 2],
      ['applied', '7', 3],
      ['reverted', '1', 2],
    ]);
    expect(coverage).toEqual({
      executed: 6,
      total: 8,
      functions: [{ name: 'new_chosen_0', executed: 6, size: 8 }],
    });
  });

  test('what does not come out is told, with what was seen', () => {
    const proof = prove([{ functions: [chosen] }], {
      scenarios: scenario([
        call('warns', { applied: { returns: 6n, warnings: 0, console: ['nothing'] } }, { arguments: [4n] }),
      ]),
    });
    expect(proof.levels.runs).toBe('failed');
    expect(proof.diagnostics).toMatchObject([
      {
        code: 'XS621',
        message: 'test: warns, applied: returns 5 instead of 6',
        notes: [
          'warnings: 1 instead of 0',
          'not on the console: nothing',
          '(XEN) Xen WARN at common/tiny.c:1234',
        ],
      },
    ]);
  });

  test('the processor has the features that the scenario gives it', () => {
    const one = call('chosen', { before: { returns: 2n }, applied: { returns: 7n } });
    const proof = prove([{ functions: [chosen] }], { scenarios: scenario([one], { features: [70] }) });
    expect(proof.diagnostics).toEqual([]);
  });

  test('each call begins from the same memory, unless it keeps what it wrote', () => {
    const counts = (keeps: boolean): readonly (string | undefined)[] => {
      const one = call('count_here', { before: {} }, { type: 'long', keeps });
      const proof = prove([{ functions: [chosen] }], { scenarios: scenario([one, one, one]) });
      return proof.scenarios[0].calls.map(({ returned }) => returned);
    };
    expect(counts(false)).toEqual(['1', '1', '1']);
    expect(counts(true)).toEqual(['1', '2', '3']);
  });

  test('memory is placed, passed and compared', () => {
    const into = { memory: 'into', plus: 0n };
    const block = (at?: bigint): { bytes: Uint8Array; size: number; at: bigint | undefined } => ({
      bytes: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      size: 16,
      at,
    });
    const proof = prove([{ functions: [chosen] }], {
      scenarios: scenario([
        call(
          'careful_load',
          { before: { returns: 0n, memory: { into: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) } } },
          {
            arguments: [{ memory: 'from', plus: 0n }, into],
            memory: { from: block(0x5000n), into: { ...block(), bytes: new Uint8Array() } },
          },
        ),
        call(
          'careful_load',
          { before: { returns: -14n, faults: 1 } },
          { arguments: [0x5000n, into], memory: { into: block() } },
        ),
        call('careless_load', { before: { dies: 'page fault at 0000000000000040' } }, { arguments: [0x40n] }),
        call(
          'seventh',
          { before: { returns: 78n } },
          { type: 'long', arguments: [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n] },
        ),
      ]),
    });
    expect(proof.diagnostics).toEqual([]);
  });

  test('names that are not there are told, and addresses that cannot be', () => {
    const bad = (one: ScenarioCall): string =>
      prove([{ functions: [chosen] }], { scenarios: scenario([one]) }).diagnostics[0].message;
    expect(bad(call('nobody', { before: {} }))).toBe('there is no symbol nobody in the image');
    const at = 0x8000_0000_0000n;
    const memory = { m: { bytes: new Uint8Array(1), size: 1, at } };
    expect(bad(call('chosen', { before: {} }, { memory }))).toMatch('not canonical');
  });

  test('CPUs that are busy too long make the action fail, and nothing changes', () => {
    const busy = (arrivesAfter: number, errno: string): ValidationInput['scenarios'] =>
      scenario([call('chosen', { applied: { returns: 7n } })], {
        rendezvous: [
          {
            title: 'busy',
            action: 'revert',
            timeout: 0,
            cpus: [{ cpu: 1, doing: 'busy', arrivesAfter, interruptsOffAfter: 0, stack: ['spins'] }],
            expect: { errno },
          },
        ],
      });
    const late = prove([{ functions: [chosen] }], { scenarios: busy(50e6, 'EBUSY') });
    expect(late.diagnostics).toEqual([]);
    expect(late.scenarios[0].rendezvous[0]).toMatchObject({ passed: true, rc: -16 });
    expect(late.scenarios[0].rendezvous[0].lateness.join()).toMatch('spins');
    const inTime = prove([{ functions: [chosen] }], { scenarios: busy(5e6, 'EBUSY') });
    expect(codesOf(inTime)).toEqual(['XS621']);
  });
});
