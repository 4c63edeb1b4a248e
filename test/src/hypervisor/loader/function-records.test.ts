/** Function records: each rule, in the releases that differ, and what the loader writes into them. */
import { describe, expect, test } from '@jest/globals';
import { PROFILES } from '../../../../src/hypervisor/profiles.js';
import type { LoaderProfile } from '../../../../src/hypervisor/profiles.js';
import { sectionNames } from '../../../../src/hypervisor/loader/required-sections.js';
import { patchedSection } from '../../../support/elf-builder.js';
import { FakeGuest } from '../../../support/fake-guest.js';
import { record, sample, sampleGuest } from '../../../support/payload-samples.js';
import type { RecordFields } from '../../../support/payload-samples.js';
import { mustLoad, outcomeOf, refusal } from '../../../support/upload-outcome.js';
import type { Outcome } from '../../../support/upload-outcome.js';

const ALL = Object.values(PROFILES);
const { '4.7': v7, '4.14': v14, '4.17': v17 } = PROFILES;

/** An upload of one record; `code` is what victim begins with. */
function tried(profile: LoaderProfile, fields: RecordFields, code?: readonly number[]): Outcome {
  const guest = sampleGuest({ ...profile, printsErrors: true });
  if (code !== undefined) guest.define('victim', code);
  return outcomeOf(guest, sample(guest, { funcs: record(profile, fields) }).bytes());
}

/** A record of NOPs, for a place in Xen's code. */
const NOPS = { name: 1n, oldAddress: 0xffff_82d0_4020_0400n };

describe('a record', () => {
  test.each(ALL)('has the size of the release: $name', (profile) => {
    const { funcs } = sectionNames(profile.abi);
    const size = profile.abi.recordSize;
    const guest = sampleGuest({ ...profile, printsErrors: true });
    const bytes = sample(guest, { funcs: record(profile).slice(1) }).bytes();
    expect(outcomeOf(guest, bytes)).toEqual(
      refusal('EINVAL', `Wrong size ${size - 1} of ${funcs} (must be multiple of ${size})`),
    );
  });

  test.each(ALL)('has the version of the release: $name', (profile) => {
    expect(tried(profile, { version: 3, oldSize: 0 })).toEqual(
      refusal('EOPNOTSUPP', `Wrong version (3). Expected ${profile.abi.recordVersion}`),
    );
  });

  test('has an old size', () => {
    expect(tried(v17, { oldSize: 0 })).toEqual(refusal('EINVAL', 'Address or size fields are zero'));
    expect(tried(v7, { oldSize: 0 })).toEqual(refusal('EINVAL'));
  });

  test('has room for a jump', () => {
    expect(tried(v17, { oldSize: 5 })).toHaveProperty('payload');
    expect(tried(v17, { oldSize: 4 })).toEqual(refusal('EINVAL'));
  });

  test.each([
    ['endbr64', [0xf3, 0x0f, 0x1e, 0xfa]],
    ['what took its place', [0x66, 0x0f, 0x1f, 0x01]],
  ])('has room for a jump behind %s since 4.17', (_, code) => {
    expect(tried(v17, { oldSize: 9 }, code)).toHaveProperty('payload');
    expect(tried(v17, { oldSize: 8 }, code)).toEqual(refusal('EINVAL'));
    expect(tried(v14, { oldSize: 5 }, code)).toHaveProperty('payload');
  });

  test('of NOPs fills no more than can be saved, and no more than there is', () => {
    const named = { newAddress: 0n, name: '' };
    expect(tried(v17, { ...NOPS, newSize: 31, oldSize: 31 })).toHaveProperty(
      'payload.functions.0',
      expect.objectContaining(named),
    );
    expect(tried(v17, { ...NOPS, newSize: 0, oldSize: 1 })).toHaveProperty('payload');
    expect(tried(v17, { ...NOPS, newSize: 32, oldSize: 40 })).toEqual(refusal('EOPNOTSUPP'));
    expect(tried(v17, { ...NOPS, newSize: 8, oldSize: 7 })).toEqual(refusal('EINVAL'));
  });

  test('of NOPs is none before 4.8', () => {
    for (const fields of [NOPS, { newSize: 0 }])
      expect(tried(v7, fields)).toEqual(refusal('EINVAL', 'Address or size fields are zero'));
  });

  test('names a function that is there', () => {
    const guest = new FakeGuest();
    guest.define('printk');
    expect(outcomeOf(guest, sample(guest).bytes())).toEqual(
      refusal('ENOENT', 'Could not resolve old address of victim'),
    );
  });

  test('is checked for its size before it is looked up, before 4.17; after it since', () => {
    const without = (profile: LoaderProfile): Outcome => {
      const guest = new FakeGuest(profile);
      guest.define('printk');
      return outcomeOf(guest, sample(guest, { funcs: record(profile, { oldSize: 4 }) }).bytes());
    };
    expect(without(v14)).toEqual(refusal('EINVAL'));
    expect(without(v17)).toEqual(refusal('ENOENT', 'Could not resolve old address of victim'));
  });

  test('may name a function of another payload', () => {
    const guest = new FakeGuest();
    guest.define('printk');
    const first = guest.define('victim', [0x90, 0xc3]);
    const earlier = mustLoad(guest, sample(guest).bytes());
    const symbols = [{ name: 'victim', address: first + 1n, size: 1, isNew: true }];
    const other = new FakeGuest();
    other.define('printk');
    const loaded = { ...earlier, buildId: Uint8Array.of(1), symbols };
    expect(mustLoad(other, sample(other).bytes(), [loaded]).functions[0].oldAddress).toBe(first + 1n);
  });

  test('reaches 2 GiB, and not a byte further, except for NOPs and before 4.8', () => {
    const far = (profile: LoaderProfile, distance: bigint): Outcome => {
      const guest = sampleGuest(profile);
      const oldAddress = guest.lookup('victim');
      const fields = { name: 1n, oldAddress, newAddress: oldAddress - distance };
      return outcomeOf(guest, sample(guest, { funcs: record(profile, fields) }).bytes());
    };
    expect(far(v17, 0x7fff_ffffn)).toHaveProperty('payload');
    expect(far(v17, 0x8000_0000n)).toEqual(refusal('EOVERFLOW'));
    expect(far(v17, -0x8000_0000n)).toHaveProperty('payload');
    expect(far(v17, -0x8000_0001n)).toEqual(refusal('EOVERFLOW'));
    expect(far(v7, 0x8000_0000n)).toHaveProperty('payload');
  });

  test('gets the address that its name was resolved to', () => {
    const guest = sampleGuest();
    const [{ at }] = mustLoad(guest, sample(guest).bytes()).functions;
    const bytes = guest.memory.read(at + 16n, 8);
    expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(guest.lookup('victim'));
  });
});

describe('a dead host is', () => {
  test('an old address that is not mapped, where its first instruction is looked at', () => {
    const fields = { name: 1n, oldAddress: 0xffff_82d0_7000_0000n, newAddress: 0xffff_82d0_7000_1000n };
    expect(tried(v17, fields)).toHaveProperty(
      'died',
      'page fault: the first instruction at old_addr reads 0xffff82d070000000',
    );
    expect(tried(v14, fields)).toHaveProperty('payload');
  });

  test('an old address that no processor has', () => {
    expect(tried(v17, { name: 1n, oldAddress: 1n << 62n, newAddress: (1n << 62n) + 64n })).toHaveProperty(
      'died',
    );
  });

  test('a name that is nowhere', () => {
    expect(tried(v17, { name: 0x1000n })).toHaveProperty(
      'died',
      'page fault: the name of a function reads 0x1000',
    );
  });

  test('a table of records that is not loaded', () => {
    const guest = sampleGuest();
    const bytes = patchedSection(sample(guest).bytes(), '.livepatch.funcs', 'sh_flags', 0);
    expect(outcomeOf(guest, bytes)).toHaveProperty('died', 'page fault: a function record reads 0x0');
  });
});
