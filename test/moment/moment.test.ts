/**
 * No processor ever finds a function half patched: all interleavings of up to three processors, one instruction and one
 * byte at a time, for each way to splice; and rules that would not do are found out.
 */
import { describe, expect, test } from '@jest/globals';
import { explore } from './explore.js';
import { checkMoment, STOPPING_RULES, XEN_RULES } from './moment.js';
import type { MeetingRules, MomentOptions } from './moment.js';
import { KINDS, underTest } from './splices.js';
import type { SpliceUnderTest } from './splices.js';

const check = (
  options: MomentOptions,
  kind: SpliceUnderTest = 'trampoline',
): ReturnType<typeof checkMoment> => {
  const { code, patch } = underTest(kind);
  return checkMoment(code, patch, options);
};

/** Processors, and calls on each of the others. */
const SIZES = [
  [1, 0],
  [2, 1],
  [2, 3],
  [3, 1],
  [3, 2],
] as const;

describe.each([
  ["as the hypervisor's processors meet, with empty stacks", XEN_RULES],
  ['as they meet where they stop anywhere', STOPPING_RULES],
])('%s', (_how, rules) => {
  describe.each(KINDS)('%s', (kind) => {
    test.each(SIZES)('%d processors, %d calls on each of the others', (processors, calls) => {
      const found = check({ processors, calls, rules }, kind);
      expect(found.violation).toBeUndefined();
      expect(found.ends).toBeGreaterThan(0);
      expect(found.states).toBeGreaterThan(processors === 1 ? 8 : 30);
    });

    test('the deadline may pass at any time', () => {
      const found = check({ processors: 3, calls: 1, deadline: true, rules }, kind);
      expect(found.violation).toBeUndefined();
      // It may be all old at the end, or all new.
      expect(found.ends).toBeGreaterThan(1);
    });
  });
});

describe('rules that would not do', () => {
  const broken = (rules: Partial<MeetingRules>, kind?: SpliceUnderTest): ReturnType<typeof checkMoment> =>
    check({ processors: 2, calls: 1, rules: { ...XEN_RULES, ...rules } }, kind);

  test.each([
    [
      'nobody is waited for',
      { gathers: false, waitsForIrqs: false },
      /not stopped while the patch is half written/,
    ],
    ['interrupts may still come', { waitsForIrqs: false }, /not stopped while the patch is half written/],
  ])('%s', (_what, rules, why) => {
    const { violation } = broken(rules);
    expect(violation?.why).toMatch(why);
    expect(violation?.path.length).toBeGreaterThan(3);
  });

  test.each(KINDS)('a function that changes may be on the stack: %s', (kind) => {
    const { violation } = broken({ idleOnly: false }, kind);
    expect(violation?.why).toMatch(/^CPU1 (gets|faults)/);
    expect(violation?.path.length).toBeGreaterThan(3);
  });

  test('the callers may be on the stack as long as the old function is not', () => {
    const { code, patch, entry, size } = underTest('callers');
    const onlyTheOld = (address: bigint): boolean => address >= entry && address < entry + size;
    const { violation } = checkMoment({ ...code, changes: onlyTheOld }, patch, {
      processors: 2,
      calls: 1,
      rules: STOPPING_RULES,
    });
    // Its first call went to the old function, the others go to the new one.
    expect(violation?.why).toMatch(/^CPU1 gets 0xf/);
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
