/** Where a constant goes: along which ways, and what ends the search. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ALL_REGISTERS, registerSet } from '../../../src/x86/calling-convention.js';
import { Routine } from '../../../src/x86/routine.js';
import type { Disturbance, Surroundings, Transfer } from '../../../src/x86/routine.js';
import { followImmediate } from '../../../src/x86/value-flow.js';
import { sourcesOf } from '../../../src/x86/value-sources.js';
import { EDX_100, routineOf } from '../../support/routines.js';

/** Follows the constant of the first instruction, or of the one at a label. */
function follow(
  lines: readonly string[],
  more: Partial<Surroundings> = {},
  from?: string,
): string | undefined {
  const { routine, at } = routineOf(lines, more);
  const origin = from === undefined ? 0 : at(from);
  const flow = routine.reading(() => followImmediate(routine, origin, (name) => name === 'say'));
  if (flow === undefined) return undefined;
  const uses = flow.uses.map((use) => `${use.name} ${use.positions.join('+')}`);
  return [...uses, ...(flow.leftOver ? ['left over'] : [])].join(', ');
}

const f = (...lines: readonly string[]): string | undefined => follow(lines);

describe('a constant in a register', () => {
  test('ends in the argument of a call', () => {
    expect(f(EDX_100, 'call say', 'c3')).toBe('say 2');
    expect(f('be 64 00 00 00', 'call say', 'c3')).toBe('say 1');
    expect(f('41 b8 64 00 00 00 # r8d', 'call say', 'c3')).toBe('say 4');
    expect(f('48 c7 c2 64 00 00 00 # mov $100,%rdx', 'call say', 'c3')).toBe('say 2');
    expect(f('c7 c2 64 00 00 00 # mov $100,%edx, long', 'call say', 'c3')).toBe('say 2');
  });

  test('ends in the argument of a jump in place of a call', () => {
    expect(f(EDX_100, 'jmp say')).toBe('say 2');
    expect(f(EDX_100, 'jne say', '31 d2', 'c3')).toBe('say 2');
    expect(f('bb 64 00 00 00', '89 da # mov %ebx,%edx', '31 db', 'jmp say')).toBe('say 2');
    expect(f('bb 64 00 00 00', '89 da # mov %ebx,%edx', 'jmp say')).toBeUndefined();
  });

  test('ends where it is overwritten', () => {
    expect(f(EDX_100, 'ba 65 00 00 00', 'call say', 'c3')).toBe('');
    expect(f(EDX_100, '31 d2 # xor %edx,%edx', 'call say', 'c3')).toBe('');
    expect(f(EDX_100, '5a # pop %rdx', 'call say', 'c3')).toBe('');
    expect(f(EDX_100, '19 d2 # sbb %edx,%edx', 'call say', 'c3')).toBe('');
    expect(f(EDX_100, '83 ca ff # or $-1,%edx', 'call say', 'c3')).toBe('');
    expect(f(EDX_100, '48 83 ca ff # or $-1,%rdx', 'call say', 'c3')).toBe('');
    expect(f(EDX_100, '83 e2 00 # and $0,%edx', 'call say', 'c3')).toBe('');
    expect(f(EDX_100, '83 ca 00 # or $0,%edx', 'call say', 'c3')).toBeUndefined();
    expect(f(EDX_100, '83 e2 ff # and $-1,%edx', 'call say', 'c3')).toBeUndefined();
    expect(f(EDX_100, '19 c2 # sbb %eax,%edx', 'call say', 'c3')).toBeUndefined();
    expect(f(EDX_100, '18 d2 # sbb %dl,%dl', 'call say', 'c3')).toBeUndefined();
  });

  test('is followed through moves', () => {
    expect(f('bb 64 00 00 00 # mov $100,%ebx', '89 da # mov %ebx,%edx', '31 db', 'call say', 'c3')).toBe(
      'say 2',
    );
    expect(f(EDX_100, '48 89 d6 # mov %rdx,%rsi', 'call say', 'c3')).toBe('say 1+2');
    expect(f('b8 64 00 00 00 # eax', '0f 44 d0 # cmove %eax,%edx', '31 c0', 'call say', 'c3')).toBe('say 2');
    expect(f(EDX_100, '0f 44 d0 # cmove %eax,%edx', 'call say', 'c3')).toBe('say 2');
  });

  test.each([
    ['an addition', '01 d0'],
    ['an addition to it', '83 c2 01'],
    ['a store', '89 13'],
    ['an address', '8b 04 13'],
    ['a comparison', '83 fa 64'],
    ['a push', '52'],
    ['a shift by it', 'd3 e0', 'b9 64 00 00 00'],
    ['a move of a part of it', '88 d0'],
    ['a write of a part of it', 'b2 01'],
    ['a sometimes write', '0f bc d0'],
    ['a loop that counts it', 'e2 00', 'b9 64 00 00 00'],
    ['a jump that tests it', 'e3 00', 'b9 64 00 00 00'],
    ['a string instruction', 'f3 a4', 'b9 64 00 00 00'],
    ['a system call', '0f 05'],
    ['a breakpoint', 'cc'],
    ['a call to it', 'ff d2'],
    ['a jump to it', 'ff e2'],
    ['what is no instruction', '06'],
  ])('is lost in %s', (_what, code, origin = EDX_100) => {
    expect(f(origin, 'call say', 'c3')).toBeDefined();
    expect(f(origin, code, 'call say', 'c3')).toBeUndefined();
  });

  test('is dead behind a call that takes it, unless the register is the caller\u2019s own', () => {
    expect(f(EDX_100, 'call say', '01 d0', 'c3')).toBe('say 2');
    expect(f('bb 64 00 00 00', 'call say', '89 da', 'call say', '31 db', 'c3')).toBe('say 2');
    expect(f('bb 64 00 00 00', 'call say', '01 d8', 'c3')).toBeUndefined();
    expect(f('bb 64 00 00 00', '89 da', 'call say', 'c3')).toBeUndefined();
  });
});

describe('ways', () => {
  test('are all followed', () => {
    const both = (other: string): readonly string[] => [
      EDX_100,
      'jne .other',
      'call say',
      'c3',
      '.other:',
      other,
      'c3',
    ];
    expect(follow(both('call say'))).toBe('say 2, say 2');
    expect(follow(both('31 d2'))).toBe('say 2');
    expect(follow(both('01 d0'))).toBeUndefined();
  });

  test('may be circles', () => {
    expect(f('.top:', EDX_100, 'jne .top', 'call say', 'c3')).toBe('say 2');
    expect(f(EDX_100, '.top:', 'jne .top', 'call say', 'c3')).toBe('say 2');
    expect(f(EDX_100, '.top:', '89 d3', '89 da', 'jne .top', '31 db', 'call say', 'c3')).toBe('say 2');
    expect(f(EDX_100, '.top:', 'jmp .top')).toBe('');
  });

  test('end where the run of the function ends', () => {
    const trap = [EDX_100, 'jne .bug', 'call say', 'c3', '.bug:', '0f 0b', '01 d0', 'c3'];
    expect(follow(trap)).toBeUndefined();
    expect(follow(trap, { ends: () => true })).toBe('say 2');
    expect(f(EDX_100, 'jne end', 'call say', 'c3')).toBe('say 2');
  });

  test('that leave the code or its instructions give no answer', () => {
    expect(f(EDX_100, 'jne nowhere', 'call say', 'c3')).toBeUndefined();
    expect(f(EDX_100, 'jmp nowhere')).toBeUndefined();
    expect(f(EDX_100, '90')).toBeUndefined();
    expect(f(EDX_100, 'e9 ff 00 00 00', 'call say', 'c3')).toBeUndefined();
    expect(f(EDX_100, 'eb ff', 'call say', 'c3')).toBeUndefined();
    expect(f(EDX_100, 'ff 24 c5 00 00 00 00 # jmp *(,%rax,8)', 'call say', 'c3')).toBeUndefined();
  });
});

describe('what the other side of a call or a return may read', () => {
  test('is told as left over where only that side knows', () => {
    const left = (...lines: readonly string[]): string | undefined =>
      f(EDX_100, 'jne .say', ...lines, '.say:', 'call say', 'c3');
    expect(left('c3')).toBe('say 2, left over');
    expect(left('jmp out')).toBe('say 2, left over');
    expect(left('call other', '31 d2', 'c3')).toBe('say 2, left over');
    expect(left('call nowhere', '31 d2', 'c3')).toBe('say 2, left over');
    expect(left('ff d0 # call *%rax', '31 d2', 'c3')).toBe('say 2, left over');
    expect(left('jmp other')).toBe('say 2, left over');
  });

  test('may still be there behind a call of something else', () => {
    expect(f(EDX_100, 'call other', '01 d0', 'c3')).toBeUndefined();
    expect(f(EDX_100, 'call other', 'call say', 'c3')).toBe('say 2, left over');
  });

  test('is not left over but handed out in the first register of results, or in the caller\u2019s own', () => {
    expect(f('b8 64 00 00 00', 'jne .say', 'c3', '.say:', '89 c2', 'call say', 'c3')).toBeUndefined();
    expect(
      f('bb 64 00 00 00', 'jne .say', 'c3', '.say:', '89 da', 'call say', '31 db', 'c3'),
    ).toBeUndefined();
    expect(f('b8 64 00 00 00', 'call other', '31 c0', 'c3')).toBeUndefined();
    expect(f('41 ba 64 00 00 00 # r10d', 'call other', '45 31 d2', 'c3')).toBeUndefined();
    expect(f('b9 64 00 00 00 # ecx', 'jne .say', 'c3', '.say:', 'call say', 'c3')).toBe('say 3');
  });
});

describe('a constant on the stack', () => {
  const PUSH = '68 64 00 00 00 # push $100';

  test('ends in the argument of the next call', () => {
    expect(f(PUSH, 'call say', '58', 'c3')).toBe('say 6');
    expect(f('6a 64 # push $100', 'call say', '58', 'c3')).toBe('say 6');
    expect(f(PUSH, '50 # push %rax', 'call say', 'c3')).toBe('say 7');
    expect(f('c7 04 24 64 00 00 00 # movl $100,(%rsp)', 'call say', 'c3')).toBe('say 6');
    expect(f('48 c7 44 24 08 64 00 00 00 # movq $100,8(%rsp)', 'call say', 'c3')).toBe('say 7');
    expect(f('c7 44 24 04 64 00 00 00 # movl $100,4(%rsp)', 'call say', 'c3')).toBeUndefined();
  });

  test.each([
    ['a call of another', 'call other'],
    ['a return', 'c3'],
    ['a jump in place of a call', 'jmp say'],
    ['a read', '8b 04 24'],
    ['a read of a part', '8a 44 24 02'],
    ['a pop', '58'],
    ['a write', '89 04 24'],
    ['a move of the stack', '48 83 c4 08'],
    ['the taking of an address below it', '48 8d 04 24'],
    ['a copy of the stack pointer', '48 89 e0'],
    ['an indexed access', '8b 04 04'],
    ['a read below a frame pointer', '8b 45 e8'],
    ['a write below a frame pointer', '89 45 e8'],
    ['the taking of an address below a frame pointer', '48 8d 45 e8'],
    ['an indexed access by a frame pointer', '8b 44 85 08'],
    ['an access by a frame pointer as index', '8b 04 28'],
    ['a read by the lower half of the stack pointer', '67 8b 04 24'],
    ['a push of the slot', 'ff 34 24'],
    ['an arithmetic operation on it', '83 04 24 01'],
    ['a comparison with it', '39 04 24'],
    ['an operation on part of it', '66 c7 44 24 06 01 00'],
    ['room of a size that is not known', '48 29 c4'],
    ['an alignment of the stack', '48 83 e4 f0'],
    ['the end of the frame', 'c9'],
    ['a call of what it points to', 'ff 14 24'],
  ])('is lost in %s', (_what, code) => {
    expect(f(PUSH, code, 'call say', 'c3')).toBeUndefined();
  });

  test('is lost where ways meet on which the stack differs', () => {
    expect(f(PUSH, 'jne .say', '90', '.say:', 'call say', 'c3')).toBe('say 6');
    expect(f(PUSH, 'jne .say', '50 # push %rax', '.say:', 'call say', 'c3')).toBeUndefined();
  });

  test('is nothing below the end of the stack', () => {
    expect(f('48 c7 44 24 f8 64 00 00 00 # movq $100,-8(%rsp)', 'call say', 'c3')).toBeUndefined();
    expect(f('48 c7 44 24 f8 64 00 00 00 # movq $100,-8(%rsp)', '50', 'call say', 'c3')).toBeUndefined();
  });

  test('ends on each way in an argument', () => {
    const ways = (other: string): readonly string[] => [PUSH, 'jne .b', 'call say', 'c3', '.b:', other, 'c3'];
    expect(follow(ways('call say'))).toBe('say 6, say 6');
    expect(follow(ways('call other'))).toBeUndefined();
    expect(follow(ways('90'))).toBeUndefined();
    expect(f(PUSH, '.top:', '50', 'jne .top', 'call say', 'c3')).toBeUndefined();
  });

  test('is followed from where it is pushed to where ways join', () => {
    const join = ['jne .b', '.k:', PUSH, 'jmp .say', '.b:', '6a 07', '.say:', 'call say', 'c3'];
    expect(follow(join, {}, '.k')).toBe('say 6');
  });

  test('is not followed into a register, or out of one', () => {
    expect(f(PUSH, '8b 14 24 # mov (%rsp),%edx', 'call say', 'c3')).toBeUndefined();
    expect(f(EDX_100, '52 # push %rdx', 'call say', 'c3')).toBeUndefined();
    expect(f(EDX_100, '89 14 24 # mov %edx,(%rsp)', 'call say', 'c3')).toBeUndefined();
  });

  test('is given up where other code may run', () => {
    const at =
      (place: number): Surroundings['disturbance'] =>
      (start) =>
        start === place ? { registers: 0, resumes: [] } : undefined;
    expect(follow([PUSH, '90', 'call say', 'c3'], { disturbance: at(5) })).toBeUndefined();
    expect(follow([PUSH, '90', 'call say', 'c3'], { disturbance: at(11) })).toBe('say 6');
  });

  test('is the callee\u2019s own behind the call', () => {
    expect(f(PUSH, 'call say', '8b 04 24 # mov (%rsp),%eax', 'c3')).toBe('say 6');
  });

  test('is not disturbed by its neighbours', () => {
    const frame = '8b 45 10 # mov 16(%rbp),%eax';
    expect(f(PUSH, frame, '83 44 24 08 01 # addl $1,8(%rsp)', 'call say', 'c3')).toBe('say 6');
    expect(f(PUSH, '51', '52', '5a # pop %rdx', 'call say', 'c3')).toBe('say 7');
    expect(f(PUSH, '8b 44 24 08 # mov 8(%rsp),%eax', '89 13 # mov %edx,(%rbx)', 'call say', 'c3')).toBe(
      'say 6',
    );
  });
});

describe('other code', () => {
  const by =
    (registers: number, resumes: readonly number[] = []): Surroundings['disturbance'] =>
    (start): Disturbance | undefined =>
      start === 5 ? { registers, resumes } : undefined;
  const CODE = [EDX_100, '90', 'call say', '31 d2', 'c3'];

  test('that leaves the register alone does not matter', () => {
    expect(follow(CODE, { disturbance: by(registerSet(0)) })).toBe('say 2');
    expect(follow(CODE, { disturbance: by(registerSet(2)) })).toBeUndefined();
    expect(follow(CODE, { disturbance: by(ALL_REGISTERS) })).toBeUndefined();
  });

  test('comes back where it says', () => {
    expect(follow(CODE, { disturbance: by(0, [11]) })).toBe('say 2');
    const elsewhere = [...CODE, '01 d0', 'c3'];
    expect(follow(elsewhere, { disturbance: by(0, [14]) })).toBeUndefined();
    expect(follow(CODE, { disturbance: by(0, [99]) })).toBeUndefined();
  });

  test('may run in place of what overwrites the register', () => {
    const overwritten = [EDX_100, '31 d2', 'call say', 'c3'];
    expect(follow(overwritten)).toBe('');
    expect(follow(overwritten, { disturbance: by(0) })).toBeUndefined();
  });
});

describe('any bytes', () => {
  const PIECES = [
    'ba64000000',
    '89d6',
    'e800000000',
    '7500',
    '75f0',
    'ebf0',
    'eb05',
    'c3',
    '31d2',
    '6a64',
    '4152',
    '48890424',
    '0f44d0',
  ];
  const anyCode = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .array(fc.constantFrom(...PIECES), { maxLength: 60 })
      .map((p) => Uint8Array.from(Buffer.from(p.join(''), 'hex'))),
  );
  const anyTransfer = fc.constantFrom<Transfer | undefined>(
    undefined,
    { to: 'function', name: 'say' },
    { to: 'function', name: 'other' },
    { to: 'inside', place: 3 },
    { to: 'inside', place: -9 },
    { to: 'end' },
  );

  test('are followed to an end', () => {
    fc.assert(
      fc.property(anyCode, anyTransfer, fc.boolean(), (bytes, transfer, odd) => {
        const routine = new Routine(bytes, {
          transfer: () => transfer,
          entered: (place) => place === 0,
          disturbance: (start) =>
            odd && start % 3 === 0 ? { registers: 8, resumes: [start - 5] } : undefined,
          ends: () => odd,
        });
        routine.reading(() => {
          for (let i = 0; i < routine.code.count; i++) {
            const flow = followImmediate(routine, i, (name) => name === 'say');
            for (const use of flow?.uses ?? []) {
              if (flow === undefined) continue;
              sourcesOf(routine, flow, use.instruction, { register: 7 });
              sourcesOf(routine, flow, use.instruction, { stack: 0 });
            }
          }
        });
      }),
      { numRuns: 150 },
    );
  });

  test('give no answer any more when all steps are spent', () => {
    // A thousand constants, each of which has a thousand moves before it: a million steps.
    const { routine } = routineOf([
      ...Array.from({ length: 1_000 }, () => EDX_100),
      ...Array.from({ length: 1_000 }, () => '90'),
      'call say',
      'c3',
    ]);
    let answers = 0;
    routine.reading(() => {
      for (let k = 0; k < 1_000; k++) {
        if (followImmediate(routine, 999, (name) => name === 'say') !== undefined) answers += 1;
      }
    });
    expect(answers).toBeGreaterThan(10);
    expect(answers).toBeLessThan(200);
  });
});
