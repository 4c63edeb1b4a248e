/** What is written over old functions, in which memory, and that all of it is taken back. */
import { describe, expect, test } from '@jest/globals';
import { Permission } from '../../../src/emulator/page.js';
import { HostDied } from '../../../src/hypervisor/host-died.js';
import { PROFILES } from '../../../src/hypervisor/profiles.js';
import type { LoaderProfile } from '../../../src/hypervisor/profiles.js';
import {
  XEN_DATA,
  XEN_RODATA,
  XEN_TEXT,
  layHost,
  oldFunction,
  uploadAll,
} from '../../support/hand-laid-payload.js';
import type { Host, PlannedFunction } from '../../support/hand-laid-payload.js';

const ENDBR64 = 'f30f1efa';
const POISON = '660f1f01';
const OLD = oldFunction(0);

function bytesAt({ guest }: Host, address: bigint, length: number): string {
  return Buffer.from(guest.memory.read(address, length)).toString('hex');
}

function put({ guest }: Host, address: bigint, hex: string): void {
  guest.memory.write(address, Buffer.from(hex, 'hex'));
}

function hostOf(
  functions: readonly PlannedFunction[],
  profile: LoaderProfile = PROFILES['4.17'],
  writableFunctions = false,
): Host {
  return layHost({ p: { functions, writableFunctions } }, { profile });
}

describe('the jump', () => {
  test.each([
    ['4.17', '5548', 0],
    ['4.17', ENDBR64, 4],
    ['4.17', POISON, 4],
    ['4.14', ENDBR64, 0],
    ['4.7', POISON, 0],
    ['4.21', ENDBR64, 4],
  ] as const)('of %s, where %s stands, is written %i bytes in', (profile, begin, skipped) => {
    const host = hostOf([{ name: 'f', oldAddress: OLD }], PROFILES[profile]);
    put(host, OLD, begin);
    uploadAll(host);
    const before = bytesAt(host, OLD, 16);
    const text = bytesAt(host, XEN_TEXT, 0x2000);
    host.xen.apply('p');
    const after = bytesAt(host, OLD, 16);
    expect(after.slice(0, 2 * skipped)).toBe(before.slice(0, 2 * skipped));
    expect(after.slice(2 * skipped, 2 * skipped + 2)).toBe('e9');
    expect(after.slice(2 * skipped + 10)).toBe(before.slice(2 * skipped + 10));
    const from = OLD + BigInt(skipped);
    const distance = Buffer.from(host.guest.memory.read(from + 1n, 4)).readInt32LE();
    expect(from + 5n + BigInt(distance)).toBe(host.xen.lists.all()[0].loaded.functions[0].newAddress);
    host.xen.revert('p');
    expect(bytesAt(host, XEN_TEXT, 0x2000)).toBe(text);
  });

  test('goes back as well', () => {
    const host = hostOf([{ name: 'f', oldAddress: OLD, newAddress: OLD - 0x80n }]);
    uploadAll(host);
    host.xen.apply('p');
    expect(bytesAt(host, OLD, 5)).toBe('e97bffffff');
  });

  test('is cut to 32 bits by 4.7, which does not look how far it is', () => {
    const host = hostOf([{ name: 'f', oldAddress: OLD, newAddress: OLD + 0x1_0000_0105n }], PROFILES['4.7']);
    uploadAll(host);
    host.xen.apply('p');
    expect(bytesAt(host, OLD, 5)).toBe('e900010000');
  });
});

describe('NOPs', () => {
  test.each([
    [1, '90'],
    [9, '660f1f840000000000'],
    [10, '660f1f84000000000090'],
    [31, `${'660f1f840000000000'.repeat(3)}0f1f4000`],
  ])('of %i bytes are runs of the longest there are', (newSize, expected) => {
    const host = hostOf([{ name: 'f', oldAddress: OLD, newAddress: 0n, newSize }]);
    uploadAll(host);
    const before = host.guest.image();
    host.xen.apply('p');
    expect(bytesAt(host, OLD, newSize)).toBe(expected);
    host.xen.revert('p');
    expect(host.guest.image()).toBe(before);
  });

  test('spare an endbr64, and are as many fewer', () => {
    const host = hostOf([{ name: 'f', oldAddress: OLD, newAddress: 0n, newSize: 6 }]);
    put(host, OLD, `${ENDBR64}c3c3c3`);
    uploadAll(host);
    host.xen.apply('p');
    expect(bytesAt(host, OLD, 7)).toBe(`${ENDBR64}6690c3`);
  });

  test('of no bytes are nothing, but count as applied', () => {
    const host = hostOf([{ name: 'f', oldAddress: OLD, newAddress: 0n, newSize: 0 }]);
    uploadAll(host);
    const before = host.guest.image();
    expect(host.xen.apply('p').status).toEqual({ state: 2, rc: 0 });
    expect(host.guest.image()).toBe(before);
    expect(host.xen.revert('p').status).toEqual({ state: 1, rc: 0 });
  });

  test('of fewer bytes than an endbr64 kill the host: the length wraps around', () => {
    const host = hostOf([{ name: 'f', oldAddress: OLD, newAddress: 0n, newSize: 3 }]);
    put(host, OLD, ENDBR64);
    uploadAll(host);
    expect(() => host.xen.apply('p')).toThrow(
      new HostDied('memcpy() of 4294967295 bytes where a function keeps 31'),
    );
  });
});

describe('functions', () => {
  test('are patched in order, and restored in the same', () => {
    const twice = { name: 'f', oldAddress: OLD };
    const host = hostOf([twice, { ...twice, newAddress: OLD + 0x205n }]);
    uploadAll(host);
    const before = bytesAt(host, OLD, 8);
    host.xen.apply('p');
    expect(bytesAt(host, OLD, 5)).toBe('e900020000');
    host.xen.revert('p');
    // The first restored what was there, the second the jump of the first.
    expect(bytesAt(host, OLD, 5).slice(0, 2)).toBe('e9');
    expect(bytesAt(host, OLD, 5)).not.toBe(before.slice(0, 10));
  });

  test.each([
    ['4.17', 'apply_payload', 'revert_payload'],
    ['4.14', 'common_livepatch_apply', 'common_livepatch_revert'],
  ] as const)('of %s that are in the state already are passed over', (profile, apply, revert) => {
    const host = layHost(
      {
        p: {
          functions: [{ name: 'f', oldAddress: OLD }],
          hooks: { load: [0x1000n], prerevert: [0x1010n] },
          writableFunctions: true,
        },
      },
      { profile: PROFILES[profile] },
    );
    uploadAll(host);
    const [state] = [...host.xen.lists.all()[0].functions()].map((f) => f.state);
    host.guest.scripts.set(0x1000n, () => (state.putApplied(1), 0));
    host.guest.scripts.set(0x1010n, () => (state.putApplied(0), 0));
    const before = bytesAt(host, OLD, 8);
    const applied = host.xen.apply('p');
    expect(applied.status).toEqual({ state: 2, rc: 0 });
    expect(applied.console).toContain(`livepatch: ${apply}: f has been already applied before`);
    expect(bytesAt(host, OLD, 8)).toBe(before);
    expect(host.xen.revert('p').console).toContain(`livepatch: ${revert}: f has not been applied before`);
  });
});

describe('memory', () => {
  const { read, write, execute } = Permission;
  const pages = ({ guest, xen }: Host): (number | undefined)[] => {
    const { text, rw, ro } = xen.lists.all()[0].loaded;
    const starts = [XEN_TEXT, XEN_TEXT + 0x1000n, XEN_RODATA, XEN_DATA, text.start, rw.start, ro.start];
    return starts.map((at) => guest.memory.permissionsAt(at));
  };
  const tight = [read | execute, read | execute, read, read | write, read | execute, read | write, read];
  const textOnly = tight.map((p) => ((p & execute) === 0 ? p : p | write));
  const all = tight.map((p) => p | write);
  const early: LoaderProfile = { ...PROFILES['4.17'], relaxesRodata: false, regionFrom: 'apply' };
  const xenOnly = textOnly.map((p, k) => (k === 4 ? tight[k] : p));

  test.each([
    ['4.17', PROFILES['4.17'], all, all],
    ['4.17 before its read-only data was thought of', early, xenOnly, textOnly],
    ['4.14', PROFILES['4.14'], all, all],
  ] as const)(
    'is opened by %s for hooks and patches, and closed again',
    (_, profile, applying, reverting) => {
      const host = layHost(
        { p: { functions: [{ name: 'f', oldAddress: OLD }], hooks: { load: [0x1000n], unload: [0x1010n] } } },
        { profile },
      );
      uploadAll(host);
      const seen: unknown[] = [];
      host.guest.scripts.set(0x1000n, () => seen.push(pages(host)));
      host.guest.scripts.set(0x1010n, () => seen.push(pages(host)));
      expect(pages(host)).toEqual(tight);
      host.xen.apply('p');
      expect(pages(host)).toEqual(tight);
      host.xen.revert('p');
      expect(pages(host)).toEqual(tight);
      expect(seen).toEqual([applying, reverting]);
    },
  );

  test.each([XEN_DATA + 0xffcn, XEN_RODATA + 0x900n])(
    'at 0x%x that is not text cannot be patched, if it is not written to at all times',
    (oldAddress) => {
      const host = hostOf([{ name: 'f', oldAddress }]);
      uploadAll(host);
      // Read-only data lies in a range that is relaxed; behind the data there is no page.
      if (oldAddress < XEN_DATA) expect(host.xen.apply('p').status).toEqual({ state: 2, rc: 0 });
      else expect(() => host.xen.apply('p')).toThrow('reads 0xffff82d040204000');
    },
  );

  test('of a release that keeps notes in records that nobody may write ends in a page fault', () => {
    const faulting: LoaderProfile = { ...early, stateInRecord: true };
    const host = hostOf([{ name: 'f', oldAddress: OLD }], faulting);
    uploadAll(host);
    const text = bytesAt(host, XEN_TEXT, 0x2000);
    expect(() => host.xen.apply('p')).toThrow(HostDied);
    expect(bytesAt(host, XEN_TEXT, 0x2000)).toBe(text);
    const record = host.xen.lists.all()[0].loaded.functions[0].at + 65n;
    expect(host.guest.console.lines.slice(-10)).toEqual([
      'livepatch: p: Applying 1 functions',
      '',
      '****************************************',
      'Panic on CPU 0:',
      'FATAL PAGE FAULT',
      '[error_code=0003]',
      `Faulting linear address: ${record.toString(16)}`,
      '****************************************',
      '',
      'Reboot in five seconds...',
    ]);
    const writable = hostOf([{ name: 'f', oldAddress: OLD }], faulting, true);
    uploadAll(writable);
    expect(writable.xen.apply('p').status).toEqual({ state: 2, rc: 0 });
  });

  test.each(['4.7', '4.14'] as const)('of %s holds its notes in the record, read-only or not', (profile) => {
    const host = hostOf([{ name: 'f', oldAddress: OLD }], PROFILES[profile]);
    uploadAll(host);
    const saved = bytesAt(host, OLD, 5);
    const { at } = host.xen.lists.all()[0].loaded.functions[0];
    host.xen.apply('p');
    expect(bytesAt(host, at + 33n, 5)).toBe(saved);
    if (profile === '4.14') expect(bytesAt(host, at + 64n, 1)).toBe('01');
  });
});
