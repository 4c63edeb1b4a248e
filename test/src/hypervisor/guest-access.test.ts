/** What the hypervisor itself may touch: permissions count, but while CR0.WP is clear; and what it dies of. */
import { describe, expect, test } from '@jest/globals';
import { GuestAccess } from '../../../src/hypervisor/guest-access.js';
import { HostDied } from '../../../src/hypervisor/host-died.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import { Quiesce } from '../../../src/hypervisor/quiesce.js';
import { HandLaidGuest, XEN_DATA, XEN_RODATA, XEN_TEXT } from '../../support/hand-laid-payload.js';

const BYTE = Uint8Array.of(1);
/** Read-only, and neither Xen's nor a payload's. */
const ELSEWHERE = 0x7000n;

function accessOf(profile: keyof typeof PROFILES): GuestAccess {
  const guest = new HandLaidGuest(PROFILES[profile]);
  guest.memory.map(ELSEWHERE, 1, 1);
  return new GuestAccess(guest);
}

describe('the hypervisor', () => {
  test('reads what is mapped, and writes what is writable, or not a byte', () => {
    const access = accessOf('4.17');
    const before = access.read(XEN_RODATA + 0xff8n, 8, 'test');
    expect(() => access.write(XEN_RODATA + 0xff8n, new Uint8Array(16).fill(7), 'test')).toThrow(HostDied);
    expect(access.read(XEN_RODATA + 0xff8n, 8, 'test')).toEqual(before);
    access.write(XEN_DATA, BYTE, 'test');
    expect(access.u8(XEN_DATA, 'test')).toBe(1);
  });

  test.each([
    ['a read of nothing', 0x5000n, false, 'reads 0x5000', '0000', '0000000000005000'],
    ['a write of nothing', 0x5000n, true, 'writes to 0x5000', '0002', '0000000000005000'],
    ['a write of text', XEN_TEXT + 4n, true, 'writes to 0xffff82d040200004', '0003', 'ffff82d040200004'],
  ] as const)('dies of %s', (_, address, write, does, code, spelt) => {
    const access = accessOf('4.17');
    const touch = (): unknown =>
      write ? access.write(address, BYTE, 'a test') : access.read(address, 1, 'a test');
    expect(touch).toThrow(
      expect.objectContaining({
        reason: `page fault: a test ${does}`,
        lastWords: `FATAL PAGE FAULT\n[error_code=${code}]\nFaulting linear address: ${spelt}`,
      }),
    );
  });

  test.each([
    ['4.14', true],
    ['4.17', false],
  ] as const)('of %s writes elsewhere while it patches: %p, and never afterwards', (profile, allowed) => {
    const access = accessOf(profile);
    const quiesce = new Quiesce(access);
    const write = (): void => access.write(ELSEWHERE, BYTE, 'test');
    expect(write).toThrow(HostDied);
    quiesce.relax([], []);
    if (allowed) expect(write).not.toThrow();
    else expect(write).toThrow(HostDied);
    quiesce.tighten([], []);
    expect(write).toThrow(HostDied);
  });

  test('without the symbols at the ends of its text is none that can be patched', () => {
    const access = accessOf('4.17');
    access.guest.lookup = (): bigint => 0n;
    expect(() => new Quiesce(access).relax([], [])).toThrow('the guest has no _stext or no _etext');
  });
});
