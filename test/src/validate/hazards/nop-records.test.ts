/** What NOPs leave of a function. */
import { describe, expect, test } from '@jest/globals';
import { findHazards } from '../../../../src/validate/hazards/find-hazards.js';
import { HazardScene } from '../../../support/hazard-scene.js';

const THUNK = 'ff ff';

/** What is said of NOPs over `newSize` bytes from `old` on, in a function of these lines. */
function nopped(lines: readonly string[], newSize: number, old = 'f'): string[] {
  const scene = new HazardScene()
    .code('thunk', 'c3', 'cc', '90 90')
    .code('f', ...lines)
    .code('next', '31 c0', 'c3')
    .payload('p', { records: [{ old, newSize, oldSize: 31 }] });
  const found = findHazards(scene.subject());
  return found.map(({ code, message }) => `${code}: ${message.replace(/^.*break the function: /, '')}`);
}

describe('NOPs', () => {
  test('must not leave the last byte of a jump to the return thunk', () => {
    // As Xen's own xen_nop does: size - 1 bytes of `mov $17,%eax; jmp __x86_return_thunk`.
    expect(nopped(['b8 11 00 00 00', 'jmp thunk'], 9)).toEqual([
      'XS616: they end inside of `jmp thunk`, whose last byte is executed as something else',
    ]);
    expect(nopped(['b8 11 00 00 00', 'jmp thunk'], 7)).toEqual([
      'XS616: they end inside of `jmp thunk`, whose last 3 bytes are executed as something else',
    ]);
    expect(nopped(['b8 11 00 00 00', 'jmp thunk'], 5)).toEqual([]);
    expect(nopped(['b8 11 00 00 00', 'c3'], 5)).toEqual([]);
  });

  test('must not begin inside of an instruction', () => {
    expect(nopped(['31 c0', 'b8 11 00 00 00', 'c3'], 2, 'f+1')).toEqual([
      'XS616: they begin inside of `xor %eax,%eax`',
    ]);
    expect(nopped(['31 c0', 'b8 11 00 00 00', 'c3'], 5, 'f+2')).toEqual([]);
  });

  test('leave an endbr64 alone', () => {
    // The bytes count from old_addr, the endbr64 included.
    expect(nopped(['f3 0f 1e fa', '31 c0', 'c3'], 6)).toEqual([]);
    expect(nopped(['f3 0f 1e fa', 'b8 11 00 00 00', 'c3'], 5)).toHaveLength(1);
  });

  test('must not cover the way back', () => {
    expect(nopped(['31 c0', 'c3'], 3)).toEqual(['XS616: `ret` is gone, and control falls into f+0x3']);
    const early = ['85 ff', '75 03', '31 c0', 'c3', 'ff c0', 'c3'];
    expect(nopped(early, 1, 'f+6')).toEqual(['XS616: `ret` is gone, and control falls into f+0x7']);
    expect(nopped(['31 c0', 'jmp next'], 7)).toEqual([
      'XS616: `jmp next` is gone, and control falls into f+0x7',
    ]);
    // A ud2 behind which the function goes on is a warning.
    expect(nopped(['0f 0b', '31 c0', 'c3'], 2)).toEqual([]);
    expect(nopped(['31 c0', 'call next'], 7)).toEqual([
      'XS616: nothing is left of its end, and control falls into f+0x7',
    ]);
  });

  test('must not cover one half of what moves the stack pointer', () => {
    const frame = ['53', '48 83 ec 10', '31 c0', '48 83 c4 10', '5b', 'c3'];
    expect(nopped(frame, 1)).toEqual(['XS616: the stack pointer would be 8 bytes too high in what follows']);
    expect(nopped(frame, 5)).toEqual(['XS616: the stack pointer would be 24 bytes too high in what follows']);
    expect(nopped(frame, 5, 'f+7')).toEqual([
      'XS616: the stack pointer would be 24 bytes too low in what follows',
    ]);
    expect(nopped(frame, 12)).toEqual([]);
    expect(nopped(['48 89 ec', '5d', 'c3'], 3)).toEqual([
      'XS616: the stack pointer would not be set where the function sets it',
    ]);
    expect(nopped(['call next', '31 c0', 'c3'], 5)).toEqual([]);
  });

  test('must not be jumped into, but may be jumped over and between', () => {
    // Two bytes of 31 c0 at +0 and +2, a jump back to +2.
    const loop = (target: number): string[] => ['31 c0', '31 c0', '31 c0', 'c3', `eb ${hex(target - 9)}`];
    expect(nopped(loop(2), 6)).toEqual([
      'XS617: f+0x7 jumps to f+0x2, into the middle of the NOPs that are written there: f (p)',
    ]);
    expect(nopped(loop(0), 6)).toEqual([]);
    expect(nopped(loop(6), 6)).toEqual([]);
    const long = ['b8 11 00 00 00', '31 c0', '31 c0', '31 c0', 'c3', `eb ${hex(9 - 14)}`];
    expect(nopped(long, 11)).toEqual([]);
  });

  test('must not reach into the next function', () => {
    const scene = new HazardScene()
      .code('f', '31 c0')
      .nameless('31 c0', 'c3')
      .payload('p', { records: [{ old: 'f', newSize: 4, oldSize: 4 }] });
    expect(findHazards(scene.subject()).map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'XS615: f has 2 bytes, but the NOPs take 4: f+0x2 would be overwritten',
    ]);
  });

  test('of no bytes are nothing', () => {
    expect(nopped([THUNK], 0)).toEqual([]);
  });

  test('must cover the endbr64 behind which they are written', () => {
    const lines = ['f3 0f 1e fa', '31 c0', 'c3'];
    const wraps = (n: number): string =>
      `XS616: f: ${String(n)} bytes of NOPs are fewer than the 4 of the endbr64 that they are written behind, and the hypervisor would write 4 GiB of them`;
    expect([0, 1, 3].map((n) => nopped(lines, n))).toEqual([[wraps(0)], [wraps(1)], [wraps(3)]]);
    expect(nopped(lines, 4)).toEqual([]);
    expect(nopped(lines, 6)).toEqual([]);
  });
});

const hex = (value: number): string => (value & 0xff).toString(16).padStart(2, '0');
