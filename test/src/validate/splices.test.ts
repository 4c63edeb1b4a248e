/** Proofs of spliced payloads: levels, scenarios with CPUs inside, and what the checks find. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import { renderValidation } from '../../../src/report/validation.js';
import { findHazards } from '../../../src/validate/hazards/find-hazards.js';
import { provePayloads } from '../../../src/validate/prove.js';
import { readScenario } from '../../../src/validate/scenario/scenario-file.js';
import type { Validation } from '../../../src/validate/validation.js';
import { readXenImage } from '../../../src/xen/image.js';
import { readStackedPayload } from '../../../src/xen/stack.js';
import { goldenCase, imageOfCase, runCase } from '../../support/golden-cases.js';
import { HazardScene } from '../../support/hazard-scene.js';
import { call } from '../../support/scene-splices.js';
import type { SceneSplice } from '../../support/scene-splices.js';

const never = (found: Diagnostic): never => {
  throw new Error(found.message);
};
const made = new Map<string, Uint8Array>();

beforeAll(async () => {
  for (const name of ['splice-callers', 'splice-in-place', 'splice-auto'])
    made.set(name, (await runCase(goldenCase(name), 1)).payload?.bytes ?? new Uint8Array());
});

function proveCase(name: string, scenario: object): Validation {
  const path = imageOfCase(goldenCase(name));
  const image = readXenImage(path, readFileSync(path), never);
  const read = readScenario('s.json', JSON.stringify({ scenario: 1, title: 's', ...scenario }), never);
  if (image === undefined || read === undefined) throw new Error('not read');
  return provePayloads({
    image,
    payloads: [{ path: `${name}.xsplice`, bytes: made.get(name) ?? new Uint8Array() }],
    profile: PROFILES['xsplice-v1'],
    scenarios: [{ path: 's.json', scenario: read }],
  });
}

describe('functions do what the new code says, and again what the old code said', () => {
  test('at their callers', () => {
    const { diagnostics, levels } = proveCase('splice-callers', {
      calls: [
        {
          call: 'twice',
          arguments: [1],
          before: { returns: 4 },
          applied: { returns: 14 },
          reverted: 'before',
        },
        {
          call: 'last',
          arguments: [1],
          before: { returns: 6 },
          applied: { returns: 18 },
          reverted: 'before',
        },
        // Who calls the old function itself gets the old one.
        {
          call: 'reply',
          arguments: [2],
          before: { returns: 2 },
          applied: { returns: 2 },
          reverted: 'before',
        },
      ],
    });
    expect(diagnostics).toEqual([]);
    expect(levels).toEqual({ accepts: 'passed', applies: 'passed', hazards: 'passed', runs: 'passed' });
  });

  test('in place, and called there by new code', () => {
    const calls = [
      { call: 'fits', arguments: [1], before: { returns: 2 }, applied: { returns: 3 }, reverted: 'before' },
      { call: 'calls', arguments: [1], before: { returns: 3 }, applied: { returns: 5 }, reverted: 'before' },
    ];
    expect(proveCase('splice-auto', { calls }).diagnostics).toEqual([]);
  });
});

test('a CPU in a caller is waited for, and the report says how often', () => {
  const meeting = (action: string, place: string, errno: string, attempts?: number): object => ({
    title: `${action} with ${place}`,
    action,
    timeout_us: 1000,
    cpus: [{ cpu: 1, doing: 'inside', arrives_after_us: errno === '0' ? 250 : 60000, stack: [place] }],
    expect: { errno, ...(attempts !== undefined && { attempts }) },
  });
  const validation = proveCase('splice-callers', {
    cpus: 3,
    rendezvous: [
      meeting('apply', 'twice+0x9', '0', 4),
      meeting('revert', 'reply', '0', 4),
      meeting('apply', 'last', 'EBUSY'),
      meeting('revert', 'through', '0', 1),
    ],
  });
  expect(validation.diagnostics).toEqual([]);
  const [first, , third] = validation.scenarios[0].rendezvous;
  expect(first).toMatchObject({ attempts: 4, obstructed: 3, waitedFor: 2, rc: 0 });
  expect(third).toMatchObject({ rc: -16, obstructed: third.attempts });
  const text = renderValidation(validation, { color: false, verbose: true });
  expect(text).toMatch(
    /meeting {2}ok {3}apply with twice\+0x9: 0 \(4 attempts, in 3 of them a CPU stood in the way; waited for 2 CPUs, \d+ us\)/,
  );
  expect(text).toMatch(/CPU1 was in last, which is to change; \d+ attempts/);
});

test('what lies below is told by what it spliced', () => {
  const spliced = (name: string): unknown =>
    readStackedPayload(name, made.get(name) ?? new Uint8Array(), never)?.spliced;
  expect(spliced('splice-callers')).toEqual(new Map([['reply', 'callers']]));
  expect(spliced('splice-in-place')).toEqual(
    new Map([
      ['step', 'in-place'],
      ['other', 'in-place'],
    ]),
  );
});

describe('splices held against the code', () => {
  const BODY = ['b8 01 00 00 00', '83 c0 01', 'c3'];
  const found = (
    splices: (resolve: (name: string) => bigint) => readonly SceneSplice[],
    records: readonly { old: string; new: string }[] = [],
  ): string[] => {
    const scene = new HazardScene()
      .code('do_foo', ...BODY)
      .code('caller', 'call do_foo', 'c3')
      .code('enters', 'jmp do_foo+5');
    scene.payload('p', { text: { new_foo: BODY }, splices, records });
    return findHazards(scene.subject()).map(({ code, message }) => `${code}: ${message}`);
  };
  const turned = (resolve: (name: string) => bigint): SceneSplice => ({
    kind: 'branch',
    of: 'do_foo',
    at: 'caller',
    new: 'new_foo',
    old: call(resolve('caller'), resolve('do_foo')),
    bytes: call(resolve('caller'), resolve('new_foo')),
  });
  const inPlace = (at: string, old: readonly number[], bytes: readonly number[]): SceneSplice => ({
    kind: 'inPlace',
    of: 'do_foo',
    at,
    old,
    bytes,
  });

  test('nothing is wrong with one that turns the only caller', () => {
    expect(found((resolve) => [turned(resolve)]).filter((line) => !line.includes('enters'))).toEqual([]);
  });

  test('a branch that leads elsewhere', () => {
    const wrong = found((resolve) => [
      { ...turned(resolve), bytes: call(resolve('caller'), resolve('new_foo') + 5n) },
    ]);
    expect(wrong[0]).toBe('XS641: the splice of do_foo at caller does not lead to its new function');
  });

  test('code that is entered where an instruction was and is not', () => {
    const wrong = found(() => [
      inPlace('do_foo', [0xb8, 1, 0, 0, 0, 0x83, 0xc0, 1], [0x48, 0xc7, 0xc0, 1, 0, 0, 0, 0x90]),
    ]);
    expect(wrong).toEqual(['XS641: the splice of do_foo at do_foo is entered within an instruction']);
  });

  test('the same where one still is', () => {
    expect(
      found(() => [inPlace('do_foo', [0xb8, 1, 0, 0, 0, 0x83, 0xc0, 1], [0xb8, 2, 0, 0, 0, 0x83, 0xc0, 2])]),
    ).toEqual([]);
  });

  test('half an instruction', () => {
    expect(found(() => [inPlace('do_foo', [0xb8, 1, 0, 0, 0], [0x90, 0x90, 0x90, 0x90, 0xb8])])[0]).toBe(
      'XS641: the splice of do_foo at do_foo writes half of an instruction',
    );
  });

  test('a jump and a splice of the same bytes', () => {
    const both = found(
      () => [inPlace('do_foo', [0xb8, 1, 0, 0, 0], [0xb8, 2, 0, 0, 0])],
      [{ old: 'do_foo', new: 'new_foo' }],
    );
    expect(both.filter((line) => line.startsWith('XS612'))).toHaveLength(1);
  });
});
