/**
 * The emulated hypervisor against what the real 4.17.5 answered: to every mutant of our own payloads, deadly ones too,
 * word for word. The tiny hypervisor has what these payloads need, so no file of Xen is needed.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import { GOLDEN } from '../../support/golden.js';
import { tinyImage } from '../../support/tiny-xen.js';
import { emulatorJudge } from '../emulated-host.js';
import { OWN_MUTANTS } from './all-mutants.js';
import { DEADLY_MUTANTS } from './deadly-mutants.js';
import { disagreements } from './judge.js';
import type { Mutant } from './mutant.js';
import { OWN_PAYLOADS, ownPayload } from './own-payloads.js';
import { readRecord, RECORDED, RECORDED_DEADLY } from './recorded.js';

const image = tinyImage();

function payloadOf(name: string): Uint8Array {
  const own = OWN_PAYLOADS.find((one) => one === name);
  if (own === undefined) throw new Error(`${name} is none of ours`);
  return ownPayload(own, image.buildId);
}

test.each([
  ['those that the host survives', OWN_MUTANTS, RECORDED, 450],
  ['those that kill it', DEADLY_MUTANTS, RECORDED_DEADLY, 20],
] as const)('it answers to %s as the real one does', (_what, mutants: readonly Mutant[], record, least) => {
  const recorded = readRecord(readFileSync(path.join(GOLDEN, record), 'utf8'));
  expect(mutants.length).toBeGreaterThanOrEqual(least);
  expect(disagreements(emulatorJudge(image, PROFILES['4.17']), mutants, recorded, payloadOf)).toEqual([]);
});

test('a loader of another release is told from this one', () => {
  const recorded = readRecord(readFileSync(path.join(GOLDEN, RECORDED), 'utf8'));
  const judge = emulatorJudge(image, PROFILES['4.14']);
  expect(disagreements(judge, OWN_MUTANTS, recorded, payloadOf).length).toBeGreaterThan(5);
});
