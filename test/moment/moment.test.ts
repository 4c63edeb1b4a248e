/**
 * No processor ever finds a function half patched: all interleavings of up to three processors, one instruction and one
 * byte at a time; and rules that would not do are found out.
 */
import { describe, expect, test } from '@jest/globals';
import { Cpu } from '../../src/emulator/cpu.js';
import { Permission } from '../../src/emulator/page.js';
import { Gpr } from '../../src/emulator/state.js';
import { jump } from '../../src/hypervisor/trampoline.js';
import { explore } from './explore.js';
import { checkMoment, XEN_RULES } from './moment.js';
import type { CallUnderTest, MomentOptions, PatchByte } from './moment.js';

const TEXT = 0x10000n;
const NEW = 0x11000n;
const STACKS = 0x20000n;
const RETURN = 0x30000n;
/** xor %eax,%eax; inc %eax; nop; ret – the jump is written over the first three. */
const OLD_CODE = [0x31, 0xc0, 0xff, 0xc0, 0x90, 0xc3];
/** mov $7,%eax; ret */
const NEW_CODE = [0xb8, 7, 0, 0, 0, 0xc3];
const { read, write, execute } = Permission;

function underTest(): { code: CallUnderTest; patch: PatchByte[] } {
  const cpu = new Cpu();
  const { memory, state } = cpu;
  for (const page of [TEXT, NEW, RETURN]) memory.map(page, 4096, read | execute);
  memory.map(STACKS, 4096, read | write);
  memory.write(TEXT, Uint8Array.from(OLD_CODE));
  memory.write(NEW, Uint8Array.from(NEW_CODE));
  const stacks = [0, 1].map((k) => ({ address: STACKS + BigInt(k * 64), length: 16 }));
  const entries = stacks.map(({ address }) => {
    state.r64.fill(0n);
    state.r64[Gpr.rsp] = address + 8n;
    state.rip64[0] = TEXT;
    const back = new BigUint64Array([RETURN]);
    memory.write(address + 8n, new Uint8Array(back.buffer));
    return state.save();
  });
  const bytes = jump(TEXT, NEW);
  const patch = Array.from(bytes, (byte, k) => ({ address: TEXT + BigInt(k), old: OLD_CODE[k], new: byte }));
  return { code: { cpu, entries, stacks, returned: RETURN, results: [1n, 7n] }, patch };
}

const check = (options: MomentOptions): ReturnType<typeof checkMoment> => {
  const { code, patch } = underTest();
  return checkMoment(code, patch, options);
};

describe("as the hypervisor's processors meet", () => {
  test.each([
    [1, 0],
    [2, 1],
    [2, 3],
    [3, 1],
    [3, 2],
  ])('%d processors, %d calls on each of the others', (processors, calls) => {
    const found = check({ processors, calls });
    expect(found.violation).toBeUndefined();
    expect(found.ends).toBeGreaterThan(0);
    expect(found.states).toBeGreaterThan(processors === 1 ? 8 : 30);
  });

  test('the deadline may pass at any time', () => {
    const found = check({ processors: 3, calls: 2, deadline: true });
    expect(found.violation).toBeUndefined();
    // It may be all old at the end, or all new.
    expect(found.ends).toBeGreaterThan(1);
  });
});

describe('rules that would not do', () => {
  test.each([
    [
      'nobody is waited for',
      { gathers: false, waitsForIrqs: false },
      /not stopped while the patch is half written/,
    ],
    ['interrupts may still come', { waitsForIrqs: false }, /not stopped while the patch is half written/],
    ['a function may be on the stack', { idleOnly: false }, /^CPU1 (gets|faults)/],
  ])('%s', (_what, rules, why) => {
    const { violation } = check({ processors: 2, calls: 1, rules: { ...XEN_RULES, ...rules } });
    expect(violation?.why).toMatch(why);
    expect(violation?.path.length).toBeGreaterThan(3);
  });
});

describe('the search', () => {
  test('tells the shortest path to what is wrong, and a deadlock', () => {
    const counter = (wrongAt: number, last: number): ReturnType<typeof explore<number>> =>
      explore<number>({
        initial: 0,
        steps: (n) => (n < last ? [1, 2].map((by) => ({ label: `+${by}`, next: n + by })) : []),
        key: String,
        wrong: (n) => (n === wrongAt ? 'it is the number' : undefined),
        ended: (n) => n >= 10,
      });
    expect(counter(4, 10).violation).toEqual({ why: 'it is the number', path: ['+2', '+2'] });
    expect(counter(-1, 10)).toMatchObject({ states: 12, ends: 2, violation: undefined });
    expect(counter(-1, 5).violation?.why).toBe('nobody can go on');
  });

  test('has a limit', () => {
    const endless = (): unknown =>
      explore<number>(
        {
          initial: 0,
          steps: (n) => [{ label: '', next: n + 1 }],
          key: String,
          wrong: () => undefined,
          ended: () => true,
        },
        100,
      );
    expect(endless).toThrow('more than 100 states');
  });
});
