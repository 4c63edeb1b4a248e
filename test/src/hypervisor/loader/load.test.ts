/** A whole upload: what becomes of a good payload, in every release, and that a refused one leaves nothing. */
import { describe, expect, test } from '@jest/globals';
import { Permission } from '../../../../src/emulator/page.js';
import { loadPayload, unloadPayload } from '../../../../src/hypervisor/loader/load.js';
import { PROFILES } from '../../../../src/hypervisor/profiles.js';
import { PAYLOAD_ID, sample, sampleGuest, VICTIM_SIZE } from '../../../support/payload-samples.js';

const ALL = Object.values(PROFILES);

describe('a good payload', () => {
  test.each(ALL)('is loaded by $name', (profile) => {
    const guest = sampleGuest(profile);
    const payload = loadPayload(guest, [], 'p', sample(guest).bytes());
    expect(payload.functions).toEqual([
      {
        at: payload.sections.find((s) => s.name.endsWith('.funcs'))?.address,
        name: 'victim',
        oldAddress: guest.lookup('victim'),
        newAddress: payload.text.start,
        oldSize: VICTIM_SIZE,
        newSize: 8,
      },
    ]);
    expect([...payload.buildId]).toEqual(PAYLOAD_ID);
    expect(payload.depends).toEqual(guest.buildId);
    expect(payload.xenDepends).toEqual(profile.abi.xenDepends ? guest.buildId : undefined);
    expect(guest.regions).toEqual(profile.regionFrom === 'upload' ? [payload.region] : []);
    expect(payload.safeToReapply).toBe(true);
    expect(guest.memory.permissionsAt(payload.text.start)).toBe(Permission.read | Permission.execute);
    unloadPayload(guest, payload);
    expect([guest.pages.size, guest.regions.length]).toEqual([0, 0]);
  });
});
