/** Where an argument comes from, in a register or on the stack: along which ways, and what ends the search. */
import { describe, expect, test } from '@jest/globals';
import { registerSet } from '../../../src/x86/calling-convention.js';
import type { Place } from '../../../src/x86/calling-convention.js';
import type { Surroundings } from '../../../src/x86/routine.js';
import { followImmediate } from '../../../src/x86/value-flow.js';
import { sourcesOf } from '../../../src/x86/value-sources.js';
import { EDX_100, routineOf } from '../../support/routines.js';

/** Places of the loads of rdi, or of a slot, at the first call of say, as the constant at .k sees it. */
function sourcesAt(
  place: Place,
  lines: readonly string[],
  more: Partial<Surroundings> = {},
): number[] | undefined {
  const { routine, at } = routineOf(lines, more);
  return routine.reading(() => {
    const flow = followImmediate(routine, at('.k'), (name) => name === 'say');
    if (flow === undefined) throw new Error('the constant is lost');
    const loads = sourcesOf(routine, flow, flow.uses[0].instruction, place);
    return loads?.map((load) => routine.code.start[load]);
  });
}

describe('where a register comes from', () => {
  const sources = (lines: readonly string[], more?: Partial<Surroundings>): number[] | undefined =>
    sourcesAt({ register: 7 }, lines, more);

  test('is the load before the call', () => {
    expect(sources(['.k:', EDX_100, 'lea rdi x', 'call say', 'c3'])).toEqual([5]);
    expect(sources(['.k:', EDX_100, 'bf 00 00 00 00 # mov $x,%edi', 'call say', 'c3'])).toEqual([5]);
    expect(sources(['.k:', EDX_100, '48 bf 00 00 00 00 00 00 00 00', 'call say', 'c3'])).toEqual([5]);
    expect(sources(['lea rdi x', '.k:', EDX_100, 'call say', 'c3'])).toEqual([0]);
  });

  test('is followed through moves and calls', () => {
    const kept = ['lea rbx x', 'call other', '48 89 df # mov %rbx,%rdi', '.k:', EDX_100, 'call say', 'c3'];
    expect(sources(kept)).toEqual([0]);
    expect(sources(['lea rdi x', 'call other', '.k:', EDX_100, 'call say', 'c3'])).toBeUndefined();
    const one = ['lea rdi x', 'lea rbx y', '48 0f 44 fb # cmove %rbx,%rdi', '.k:', EDX_100, 'call say', 'c3'];
    expect(sources(one)).toEqual([0, 7]);
  });

  test('is asked only on the ways of the constant', () => {
    const tail = [
      'jne .b',
      'lea rdi x',
      '.k:',
      EDX_100,
      '.tail:',
      'call say',
      'c3',
      '.b:',
      'lea rdi y',
      'jmp .tail',
    ];
    expect(sources(tail)).toEqual([6]);
    const both = ['jne .b', 'lea rdi x', 'jmp .k', '.b:', 'lea rdi y', '.k:', EDX_100, 'call say', 'c3'];
    expect(sources(both)).toEqual([6, 18]);
  });

  test('is unknown when it is computed, given from outside, or changed by other code', () => {
    expect(sources(['.k:', EDX_100, '48 8b 3b # mov (%rbx),%rdi', 'call say', 'c3'])).toBeUndefined();
    expect(sources(['.k:', EDX_100, 'lea rdi x', '48 ff c7 # inc %rdi', 'call say', 'c3'])).toBeUndefined();
    expect(
      sources(['.k:', EDX_100, 'lea rdi x', '40 b7 01 # mov $1,%dil', 'call say', 'c3']),
    ).toBeUndefined();
    expect(sources(['.k:', EDX_100, 'call say', 'c3'])).toBeUndefined();
    const plain = ['lea rdi x', '90', '.k:', EDX_100, 'call say', 'c3'];
    expect(sources(plain)).toEqual([0]);
    expect(sources(plain, { entered: (place) => place === 0 || place === 8 })).toBeUndefined();
    const other = (registers: number): Partial<Surroundings> => ({
      disturbance: (start) => (start === 7 ? { registers, resumes: [] } : undefined),
    });
    expect(sources(plain, other(registerSet(0)))).toEqual([0]);
    expect(sources(plain, other(registerSet(7)))).toBeUndefined();
  });

  test('is not asked of filling that nothing enters', () => {
    const padded = ['lea rdi x', 'jmp .k', '90', '90', '.k:', EDX_100, 'call say', 'c3'];
    expect(sources(padded)).toEqual([0]);
  });
});

describe('where a slot of the stack comes from', () => {
  const sources = (...lines: readonly string[]): number[] | undefined => sourcesAt({ stack: 0 }, lines);
  const K = '68 64 00 00 00 # push $100';
  const PUSH = '41 52 # push %r10';

  test('is the load of the register that is pushed or stored there', () => {
    expect(sources('.k:', K, 'lea r10 x', PUSH, 'call say', 'c3')).toEqual([5]);
    expect(sources('lea r10 x', '.k:', K, PUSH, 'call say', 'c3')).toEqual([0]);
    expect(sources('.k:', K, 'lea r10 x', PUSH, 'jne .say', '.say:', 'call say', 'c3')).toEqual([5]);
    const stored = '4c 89 14 24 # mov %r10,(%rsp)';
    const above = '.k:|48 c7 44 24 08 64 00 00 00 # movq $100,8(%rsp)'.split('|');
    expect(sources('lea r10 x', stored, ...above, 'call say', 'c3')).toEqual([0]);
    expect(sources(...above, 'lea r10 x', stored, 'call say', 'c3')).toEqual([9]);
    expect(sources('lea r10 x', '4c 89 54 24 f8 # below rsp', ...above, PUSH, 'call say', 'c3')).toEqual([0]);
  });

  test('is the load itself, when an address goes there at once', () => {
    expect(sources('.k:', K, '68 00 00 00 00 # push $x', 'call say', 'c3')).toEqual([5]);
    const above = ['.k:', 'c7 44 24 08 64 00 00 00 # movl $100,8(%rsp)'];
    expect(sources(...above, '48 c7 04 24 00 00 00 00 # movq $x,(%rsp)', 'call say', 'c3')).toEqual([8]);
    expect(sources(...above, 'c7 04 24 00 00 00 00 # movl $x,(%rsp)', 'call say', 'c3')).toBeUndefined();
  });

  test('is found across what is pushed and popped besides', () => {
    const more = ['50 # push %rax', '5b # pop %rbx'];
    expect(sources('.k:', K, 'lea r10 x', PUSH, ...more, 'call say', 'c3')).toEqual([5]);
    const read = '8b 44 24 10 # mov 16(%rsp),%eax';
    expect(sources('.k:', K, 'lea r10 x', PUSH, read, 'call say', 'c3')).toEqual([5]);
  });

  test.each([
    ['a push of memory', 'ff 33'],
    ['a push of a short number', '6a 01'],
    ['a push of 2 bytes', '66 50'],
    ['a store of a part', '41 52|44 89 54 24 00'],
    ['a store beside it', '41 52|4c 89 54 24 fc'],
    ['a later store', '41 52|c6 04 24 01'],
    ['the taking of its address', '41 52|48 8d 44 24 08'],
    ['a store below a frame pointer', '41 52|4c 89 55 f8'],
    ['a move of the stack', '41 52|48 83 ec 08|48 83 c4 08'],
  ])('is unknown behind %s', (_what, code) => {
    const above = ['.k:', 'c7 44 24 10 64 00 00 00 # movl $100,16(%rsp)'];
    const place = { stack: 0 };
    const wrong = ['lea r10 x', ...code.split('|'), ...above, 'call say', 'c3'];
    expect(sourcesAt(place, ['lea r10 x', PUSH, ...above, 'call say', 'c3'])).toEqual([0]);
    expect(sourcesAt(place, wrong)).toBeUndefined();
  });

  test('is unknown across a call, beyond the start, and where other code may run', () => {
    const above = ['.k:', 'c7 44 24 08 64 00 00 00 # movl $100,8(%rsp)'];
    expect(sources('lea r10 x', PUSH, 'call other', ...above, 'call say', 'c3')).toBeUndefined();
    expect(sources(...above, 'call say', 'c3')).toBeUndefined();
    const calm = ['lea r10 x', PUSH, '90', ...above, 'call say', 'c3'];
    expect(sourcesAt({ stack: 0 }, calm)).toEqual([0]);
    const other: Partial<Surroundings> = {
      disturbance: (start) => (start === 9 ? { registers: 0, resumes: [] } : undefined),
    };
    expect(sourcesAt({ stack: 0 }, calm, other)).toBeUndefined();
  });

  test('is each of those on whose ways the constant may come', () => {
    const push = (name: string): readonly string[] => [K, `lea r10 ${name}`, PUSH];
    const join = ['jne .b', '.k:', ...push('x'), 'jmp .say', '.b:', ...push('y'), '.say:', 'call say', 'c3'];
    expect(sources(...join)).toEqual([11]);
    const one = ['.k:', K, 'lea r10 x', 'jne .say', 'lea r10 y', '.say:', PUSH, 'call say', 'c3'];
    expect(sources(...one)).toEqual([5, 18]);
  });
});
