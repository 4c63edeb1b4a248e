/** A whole upload: what becomes of a good payload, in every release, and that a refused one leaves nothing. */
import { describe, expect, test } from '@jest/globals';
import { Permission } from '../../../../src/emulator/page.js';
import { loadPayload, unloadPayload } from '../../../../src/hypervisor/loader/load.js';
import { PROFILES } from '../../../../src/hypervisor/profiles.js';
import { mustLoad, outcomeOf } from '../../../support/upload-outcome.js';
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

  test('is loaded from wherever its bytes lie, and left as it is', () => {
    const guest = sampleGuest();
    const good = sample(guest).bytes();
    const among = Buffer.concat([Buffer.alloc(3), good]).subarray(3);
    mustLoad(guest, among);
    expect(Uint8Array.from(among)).toEqual(good);
  });

  test('is loaded without a word, but for a debug build', () => {
    const said = (debug: boolean): readonly string[] => {
      const guest = sampleGuest('4.17', debug);
      mustLoad(guest, sample(guest).bytes());
      return guest.console.lines.map((line) => line.replace(/(0x)?ffff82d0[0-9a-f]{8}/, '$1@'));
    };
    expect(said(false)).toEqual([]);
    expect(said(true)).toEqual(
      [
        'Loaded .text.replacement at @',
        'Loaded .rodata.names at @',
        'Loaded .livepatch.funcs at @',
        'Loaded .note.gnu.build-id at @',
        'Loaded .livepatch.depends at @',
        'Loaded .livepatch.xen_depends at @',
        'Symbol resolved:  => 0x@ (.rodata.names)',
        'Symbol resolved: replacement => 0x@ (.text.replacement)',
        'Undefined symbol resolved: printk => 0x@',
        ...['load', 'unload', 'preapply', 'apply', 'postapply', 'prerevert', 'revert', 'postrevert'].map(
          (kind) => `.livepatch.hooks.${kind} is missing`,
        ),
        'Resolved old address victim => @',
        'overriding symbol replacement',
      ].map((line) => `livepatch: p: ${line}`),
    );
  });
});

describe('a line on the console', () => {
  test('has room for 1020 characters; of a longer one not even the end arrives', () => {
    const guest = sampleGuest();
    const bytes = sample(guest).symbol('x'.repeat(1200)).bytes();
    expect(outcomeOf(guest, bytes)).toHaveProperty('refused', 'ENOENT');
    guest.console.print(' and on');
    const prefix = 'livepatch: p: Unknown symbol: ';
    expect(guest.console.lines).toEqual([`${prefix}${'x'.repeat(1020 - prefix.length)} and on`]);
  });
});
