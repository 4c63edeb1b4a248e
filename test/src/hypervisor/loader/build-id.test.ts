/** Build-ids: what a note must look like, which error tells what is wrong, and what is compared with what. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../../src/elf/constants.js';
import { PROFILES } from '../../../../src/hypervisor/profiles.js';
import { patchedSection } from '../../../support/elf-builder.js';
import { note, PAYLOAD_ID, sample, sampleGuest, u32 } from '../../../support/payload-samples.js';
import type { SampleParts } from '../../../support/payload-samples.js';
import { mustLoad, outcomeOf, refusal } from '../../../support/upload-outcome.js';
import type { Outcome } from '../../../support/upload-outcome.js';

const { '4.14': v14, '4.17': v17, '4.20': v20 } = PROFILES;
const OTHER = Array.from({ length: 20 }, (_, k) => 0xc0 + k);

function uploaded(profile: '4.14' | '4.17' | '4.20', parts: SampleParts): Outcome {
  const guest = sampleGuest(profile);
  return outcomeOf(guest, sample(guest, parts).bytes());
}

/** Notes that hold no build-id, with what 4.20 calls them. */
const BAD: readonly (readonly [string, readonly number[], 'EINVAL' | 'ENODATA'])[] = [
  ['nothing behind the header', note([]).slice(0, 12), 'EINVAL'],
  ['another type', note(OTHER, 'GNU\0', 1), 'ENODATA'],
  ['another owner', note(OTHER, 'Xen\0'), 'ENODATA'],
  ['a short name', note(OTHER, 'GN\0'), 'EINVAL'],
  ['more than the section', note(OTHER).slice(0, -1), 'EINVAL'],
  ['sizes that wrap', [...u32(0xffff_ffff), ...u32(2), ...u32(3), 0x47, 0x4e, 0x55, 0], 'EINVAL'],
  ['no description', note([]), 'EINVAL'],
];

describe('a note with', () => {
  test.each(BAD)('%s is no build-id', (_, bytes, exact) => {
    for (const part of ['buildId', 'depends'] as const) {
      expect(uploaded('4.17', { [part]: bytes })).toEqual(refusal('EINVAL'));
      expect(uploaded('4.20', { [part]: bytes })).toEqual(refusal(exact));
    }
  });

  test.each(BAD)('%s is not that of the hypervisor either', (_, bytes, exact) => {
    expect(uploaded('4.17', { xenDepends: bytes })).toEqual(refusal('EINVAL'));
    const rc = exact === 'EINVAL' ? -22 : -61;
    expect(uploaded('4.20', { xenDepends: bytes })).toEqual(
      refusal('EINVAL', `failed to parse section .livepatch.xen_depends as build-id: ${rc}`),
    );
  });

  test('a name that goes on after its end is one', () => {
    expect(uploaded('4.17', { buildId: note(OTHER, 'GNU\0more') })).toHaveProperty(
      'payload.buildId',
      Uint8Array.from(OTHER),
    );
  });

  test('another note behind it is read as the first alone', () => {
    expect(uploaded('4.17', { depends: [...note(OTHER), ...note(PAYLOAD_ID)] })).toHaveProperty(
      'payload.depends',
      Uint8Array.from(OTHER),
    );
  });
});

describe('the id of the hypervisor', () => {
  test('must be that of the one that runs', () => {
    expect(uploaded('4.17', { xenDepends: note(OTHER) })).toEqual(
      refusal('EINVAL', 'check against hypervisor build-id failed'),
    );
    expect(uploaded('4.14', { xenDepends: note(OTHER.slice(1)) })).toEqual(
      refusal('EINVAL', 'check against hypervisor build-id failed'),
    );
  });

  test('is shown beside it since 4.20', () => {
    expect(uploaded('4.20', { xenDepends: note(OTHER) })).toEqual({
      refused: 'EINVAL',
      said: [
        'livepatch: p: build-id mismatch:',
        '  livepatch: c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3',
        '        xen: 0102030405060708090a0b0c0d0e0f1011121314',
      ],
    });
  });

  test('is compared last up to 4.19, and first since 4.20', () => {
    const spoilt = { xenDepends: note(OTHER), funcs: [1] };
    expect(uploaded('4.17', spoilt)).toEqual(
      refusal('EINVAL', 'Wrong size 1 of .livepatch.funcs (must be multiple of 104)'),
    );
    expect(uploaded('4.20', spoilt)).toHaveProperty('said.0', 'livepatch: p: build-id mismatch:');
  });

  test('is missing when the hypervisor was linked without one', () => {
    const without = (profile: '4.17' | '4.20'): Outcome => {
      const guest = sampleGuest(profile);
      const bytes = sample(guest).bytes();
      guest.buildId = undefined;
      return outcomeOf(guest, bytes);
    };
    expect(without('4.17')).toEqual(refusal('ENODATA'));
    expect(without('4.20')).toEqual(refusal('ENODATA', 'unable to get running Xen build-id: -61'));
  });

  test('is read out of the file since 4.20, wherever a section without bytes says that they are', () => {
    const guest = sampleGuest('4.20');
    const good = sample(guest).bytes();
    const nobits = patchedSection(good, '.livepatch.xen_depends', 'sh_type', c.SHT_NOBITS);
    expect(
      outcomeOf(guest, patchedSection(nobits, '.livepatch.xen_depends', 'sh_offset', 1n << 40n)),
    ).toHaveProperty(
      'died',
      expect.stringMatching(/^the loader reaches 0xc bytes at offset 0x10000000000 of a payload of/),
    );
  });

  test('need not be loaded since 4.20; before, the host dies of it', () => {
    const unloaded = (profile: '4.17' | '4.20'): Outcome => {
      const guest = sampleGuest(profile);
      return outcomeOf(guest, patchedSection(sample(guest).bytes(), '.livepatch.xen_depends', 'sh_flags', 0));
    };
    expect(unloaded('4.20')).toHaveProperty('payload');
    expect(unloaded('4.17')).toHaveProperty(
      'died',
      'page fault: the note in .livepatch.xen_depends reads 0x0',
    );
  });
});

describe('the id of the payload', () => {
  test.each([v14, v17, v20])('is loaded once: $name', (profile) => {
    const guest = sampleGuest(profile);
    const first = mustLoad(guest, sample(guest).bytes());
    expect(outcomeOf(guest, sample(guest).bytes(), [first])).toEqual(refusal('EEXIST'));
    const debug = sampleGuest(profile, true);
    expect(outcomeOf(debug, sample(debug).bytes(), [{ ...first, name: 'earlier' }]).said).toContain(
      'livepatch: p: Already loaded as earlier!',
    );
  });
});
