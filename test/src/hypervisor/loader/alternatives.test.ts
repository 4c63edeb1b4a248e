/** Alternatives in the memory of a guest: what is written where, when, and what cannot be. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { XenError } from '../../../../src/hypervisor/errno.js';
import { HostDied } from '../../../../src/hypervisor/host-died.js';
import { applyAlternatives } from '../../../../src/hypervisor/loader/alternatives.js';
import type { ProfileName } from '../../../../src/hypervisor/profiles.js';
import { FakeGuest, XEN_DATA } from '../../../support/fake-guest.js';

/** Where things lie in a writable page: the table, code, replacements, a pointer. */
const TABLE = XEN_DATA + 0x1000n;
const CODE = XEN_DATA + 0x2000n;
const REPLACEMENTS = XEN_DATA + 0x3000n;
const POINTER = XEN_DATA + 0x4000n;
const HAD = 5;
const LACKED = 6;
/** X86_FEATURE_LM, which every processor of 64 bits has. */
const ALWAYS = 93;
const NOT = 0x8000;

interface Entry {
  readonly cpuid?: number;
  readonly place?: bigint;
  readonly origLen?: number;
  readonly padLen?: number;
  readonly replacement: readonly number[];
  readonly priv?: number;
}

let guest: FakeGuest;
beforeEach(() => {
  guest = guestOf('4.17');
});

function guestOf(profile: ProfileName): FakeGuest {
  const made = new FakeGuest(profile);
  made.features.add(HAD).add(ALWAYS);
  made.memory.write(CODE, new Uint8Array(64).fill(0x90));
  return made;
}

/** Writes entries, 64 bytes apart at both ends, and gives the table. */
function table(...entries: readonly Entry[]): { address: bigint; count: number } {
  const size = guest.profile.altInstrSize;
  for (const [k, entry] of entries.entries()) {
    const at = TABLE + BigInt(k * size);
    const replacement = REPLACEMENTS + BigInt(64 * k);
    const view = new DataView(new ArrayBuffer(14));
    view.setInt32(0, Number((entry.place ?? CODE) - at), true);
    view.setInt32(4, Number(replacement - at - 4n), true);
    view.setUint16(8, entry.cpuid ?? HAD, true);
    const lengths = [entry.origLen ?? 8, entry.replacement.length, entry.padLen ?? 0, entry.priv ?? 0];
    lengths.forEach((length, index) => view.setUint8(10 + index, length));
    guest.memory.write(at, new Uint8Array(view.buffer).subarray(0, size));
    guest.memory.write(replacement, Uint8Array.from(entry.replacement));
  }
  return { address: TABLE, count: entries.length };
}

function apply(entries: readonly Entry[], force = true): number[] {
  applyAlternatives(guest, table(...entries), { force });
  return [...guest.memory.read(CODE, 12)];
}

const priv = (k: number): number => guest.memory.read(TABLE + BigInt(14 * k + 13), 1)[0];
const NINETY = [0x90, 0x90, 0x90, 0x90];

describe('an alternative', () => {
  test('is taken for a feature that is there, and filled up with few NOPs', () => {
    const code = apply([{ origLen: 3, padLen: 9, replacement: [1, 2, 3] }]);
    expect(code).toEqual([1, 2, 3, 0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0]);
    expect(priv(0)).toBe(1);
  });

  test('is not taken for one that is not; its padding becomes better NOPs', () => {
    const code = apply([{ cpuid: LACKED, origLen: 3, padLen: 5, replacement: [1, 2, 3] }]);
    expect(code).toEqual([0x90, 0x90, 0x90, 0x0f, 0x1f, 0x44, 0, 0, ...NINETY]);
    expect(priv(0)).toBe(1);
  });

  test('with the other polarity is the other way round, since 4.17', () => {
    expect(apply([{ cpuid: NOT | LACKED, replacement: [1] }])[0]).toBe(1);
    expect(apply([{ cpuid: NOT | HAD, place: CODE + 4n, replacement: [2] }])[4]).not.toBe(2);
    guest = guestOf('4.14');
    expect(() => apply([{ cpuid: NOT | LACKED, replacement: [1] }])).toThrow(HostDied);
  });

  test('leaves padding that is good already, or a single byte', () => {
    apply([{ cpuid: LACKED, origLen: 3, padLen: 1, replacement: [1] }]);
    expect(guest.memory.read(CODE, 4)).toEqual(Uint8Array.from(NINETY));
    guest.toolchainNopsAreIdeal = true;
    apply([{ cpuid: LACKED, origLen: 3, padLen: 5, replacement: [1] }]);
    expect(guest.memory.read(CODE, 8)).toEqual(new Uint8Array(8).fill(0x90));
  });

  test('may be empty, and then is nothing but NOPs', () => {
    expect(apply([{ origLen: 2, padLen: 0, replacement: [] }]).slice(0, 3)).toEqual([0x66, 0x90, 0x90]);
  });

  test('that is done is not done again', () => {
    expect(apply([{ replacement: [1, 2], priv: 1 }]).slice(0, 4)).toEqual(NINETY);
  });

  test.each([0xe8, 0xe9])('that is a branch %p leads where it led', (opcode) => {
    const code = apply([{ origLen: 5, replacement: [opcode, 0x10, 0, 0, 0] }]);
    const target = CODE + 5n + BigInt(new DataView(Uint8Array.from(code).buffer).getInt32(1, true));
    expect(code[0]).toBe(opcode);
    expect(target).toBe(REPLACEMENTS + 5n + 0x10n);
  });

  test('that is shorter than a branch is copied as it is', () => {
    expect(apply([{ origLen: 5, replacement: [0xe8, 0x10, 0, 0] }]).slice(0, 4)).toEqual([0xe8, 0x10, 0, 0]);
  });

  test('of 12 bytes, up to 4.10, has no padding and is never marked', () => {
    guest = guestOf('4.7');
    const code = apply([
      { cpuid: LACKED, origLen: 4, replacement: [1] },
      { cpuid: HAD, place: CODE + 4n, origLen: 4, replacement: [0xcc] },
    ]);
    expect(code).toEqual([...NINETY, 0xcc, 0x0f, 0x1f, 0x00, ...NINETY]);
  });

  test('is announced with its table', () => {
    apply([{ replacement: [1] }]);
    expect(guest.console.lines).toEqual(['alt table ffff82d040801000 -> ffff82d04080100e']);
  });
});

describe('two alternatives for one place', () => {
  const two = (first: number, second: number): number[] =>
    apply([
      { cpuid: first, origLen: 4, padLen: 4, replacement: [0x11] },
      { cpuid: second, origLen: 4, padLen: 4, replacement: [0x22] },
    ]).slice(0, 8);
  const filled = (byte: number): number[] => [byte, 0x0f, 0x1f, 0x80, 0, 0, 0, 0];

  test('are tried in order: the later one wins', () => {
    expect(two(HAD, HAD)).toEqual(filled(0x22));
    expect([priv(0), priv(1)]).toEqual([1, 1]);
  });

  test('leave what the first one wrote when the second is not taken', () => {
    expect(two(HAD, LACKED)).toEqual(filled(0x11));
    expect([priv(0), priv(1)]).toEqual([1, 0]);
  });

  test('are tried further when the first one is not taken', () => {
    expect(two(LACKED, HAD)).toEqual(filled(0x22));
    guest.memory.write(CODE, new Uint8Array(8).fill(0x90));
    expect(two(LACKED, LACKED)).toEqual([...NINETY, 0x0f, 0x1f, 0x40, 0]);
  });
});

describe('a call through a pointer', () => {
  /** `call *POINTER(%rip)`, or jmp. */
  const indirect = (second: number): Uint8Array => {
    const view = new DataView(new ArrayBuffer(6));
    view.setUint16(0, 0xff00 | second);
    view.setInt32(2, Number(POINTER - (CODE + 6n)), true);
    return new Uint8Array(view.buffer);
  };
  const itself = (opcode: number): Entry => ({
    cpuid: ALWAYS,
    origLen: 6,
    replacement: [opcode, 0xfb, 0xff, 0xff, 0xff],
  });
  const called = (second: number, opcode: number, force = true): number[] => {
    guest.memory.write(CODE, indirect(second));
    return apply([itself(opcode)], force).slice(0, 6);
  };
  const pointTo = (address: bigint): void =>
    guest.memory.write(POINTER, new Uint8Array(BigUint64Array.of(address).buffer));
  const targetOf = (code: readonly number[]): bigint =>
    CODE + 5n + BigInt(new DataView(Uint8Array.from(code).buffer).getInt32(1, true));

  test.each([
    [0x15, 0xe8],
    [0x25, 0xe9],
  ])('becomes a direct one, behind endbr64: ff %p', (second, opcode) => {
    const destination = guest.define('f', [0xf3, 0x0f, 0x1e, 0xfa, 0xc3]);
    pointTo(destination);
    const code = called(second, opcode);
    expect([code[0], code[5]]).toEqual([opcode, 0x90]);
    expect(targetOf(code)).toBe(destination + 4n);
    expect(guest.console.lines).toHaveLength(1);
  });

  test('becomes a direct one, with a warning, where there is no endbr64', () => {
    const destination = guest.define('f', [0xc3]);
    pointTo(destination);
    expect(targetOf(called(0x15, 0xe8))).toBe(destination);
    const warning = (from: string, to: string): string => `altcall ${from} dest ${to} has no endbr64`;
    expect(guest.console.lines.at(-1)).toBe(warning('ffff82d040802000', 'ffff82d040200000'));
    Object.assign(guest, {
      describeAddress: (address: bigint) => (address === destination ? 'f' : 'g+0x2/0x9'),
    });
    called(0x15, 0xe8);
    expect(guest.console.lines.at(-1)).toBe(warning('g+0x2/0x9', 'f'));
  });

  test('has no endbr64 to look for before 4.17', () => {
    guest = guestOf('4.14');
    const destination = guest.define('f', [0xf3, 0x0f, 0x1e, 0xfa]);
    pointTo(destination);
    expect(targetOf(called(0x15, 0xe8))).toBe(destination);
    expect(guest.console.lines).toHaveLength(1);
  });

  test('is sealed when the pointer is null in the end, and left alone before', () => {
    expect(called(0x15, 0xe8, false)).toEqual([...indirect(0x15)]);
    expect(priv(0)).toBe(0);
    expect(called(0x15, 0xe8)).toEqual([0x0f, 0x0b, 0x0f, 0xff, 0xff, 0x90]);
    expect(priv(0)).toBe(1);
  });

  test('is an ordinary alternative when the opcodes do not agree, and since 4.21', () => {
    pointTo(guest.define('f', [0xc3]));
    expect(targetOf(called(0x25, 0xe8))).toBe(REPLACEMENTS);
    guest = guestOf('4.21');
    expect(targetOf(called(0x15, 0xe8))).toBe(REPLACEMENTS);
  });

  test('whose pointer is nowhere kills the host', () => {
    guest.memory.write(CODE, Uint8Array.of(0xff, 0x15, 0, 0, 0, 0x40));
    expect(() => apply([itself(0xe8)])).toThrow(HostDied);
  });
});

describe('a jump to the return thunk at the end', () => {
  const entryTo = (thunk: bigint): Entry => {
    const distance = Number(thunk - (REPLACEMENTS + 6n));
    return { origLen: 8, replacement: [0xcc, 0xe9, ...new Uint8Array(Int32Array.of(distance).buffer)] };
  };

  test('still leads there since 4.21', () => {
    guest = guestOf('4.21');
    const thunk = guest.define('__x86_return_thunk');
    const code = apply([entryTo(thunk)]);
    expect(CODE + 6n + BigInt(new DataView(Uint8Array.from(code).buffer).getInt32(2, true))).toBe(thunk);
  });

  test('is copied as it is before, and where it leads elsewhere', () => {
    const thunk = guest.define('__x86_return_thunk');
    const entry = entryTo(thunk);
    expect(apply([entry]).slice(0, 6)).toEqual(entry.replacement);
    guest = guestOf('4.21');
    guest.define('__x86_return_thunk');
    const other = entryTo(thunk + 1n);
    expect(apply([other]).slice(0, 6)).toEqual(other.replacement);
  });
});

describe('an alternative that cannot be', () => {
  const tooLong: Entry = { origLen: 2, padLen: 1, replacement: [1, 2, 3, 4] };
  const tooBig: Entry = { origLen: 200, padLen: 55, replacement: [1] };
  const unknown = (profile: { capabilityWords: number }): Entry => ({
    cpuid: profile.capabilityWords * 32,
    replacement: [1],
  });

  test('kills the host before 4.20', () => {
    const entries = [tooLong, tooBig, unknown(guest.profile)];
    for (const [k, entry] of entries.entries())
      expect(() => apply([entry])).toThrow(`Xen BUG at arch/x86/alternative.c:${258 + k}: `);
  });

  test('is refused since', () => {
    guest = guestOf('4.20');
    const refused = (entry: Entry): readonly [string, string | undefined] => {
      try {
        apply([entry]);
      } catch (thrown) {
        if (thrown instanceof XenError) return [thrown.errno, guest.console.lines.at(-1)];
        throw thrown;
      }
      return ['', undefined];
    };
    const alt = 'Alt for ffff82d040802000,';
    expect(refused(tooLong)).toEqual(['ENOSPC', `${alt} replacement size 0x4 larger than origin 0x3`]);
    expect(refused(tooBig)).toEqual(['ENOSPC', `${alt} origin size 0xff bigger than buffer 0xfe`]);
    expect(refused(unknown(guest.profile))).toEqual([
      'ERANGE',
      `${alt} feature 0x2a0 outside of featureset range 0x2a0`,
    ]);
  });

  test('at a place that may not be written kills the host', () => {
    const place = guest.define('f');
    expect(() => apply([{ place, replacement: [1] }])).toThrow(/applying an alternative writes to/);
  });
});
