/** From which registers the flags behind an instruction can be told, and which heads of loops may leave it at that. */
import { describe, expect, test } from '@jest/globals';
import { decodeInstruction } from '../../../../src/emulator/instruction.js';
import { deferredAtEnd, deferredAtStart } from '../../../../src/emulator/wasm/deferred.js';
import type { Deferred } from '../../../../src/emulator/wasm/deferred.js';
import { guestInstruction } from '../../../../src/emulator/wasm/guest-instruction.js';
import type { GuestInstruction } from '../../../../src/emulator/wasm/guest-instruction.js';

/** Instructions from lines of bytes; text behind # is a comment. */
function instructions(lines: string): GuestInstruction[] {
  const bytes = Uint8Array.from(Buffer.from(lines.replace(/#.*$/gm, '').replace(/\s/g, ''), 'hex'));
  const found: GuestInstruction[] = [];
  for (let at = 0; at < bytes.length;) {
    const decoded = decodeInstruction(bytes.subarray(at), BigInt(at));
    if (typeof decoded !== 'object') throw new Error(`${decoded} at ${at}`);
    found.push(guestInstruction(decoded));
    at += decoded.length;
  }
  return found;
}

function told(deferred: Deferred | undefined): string {
  if (deferred === undefined) return 'no';
  const { origin, a, b, r } = deferred;
  const operand = (name: string, of: typeof a): string =>
    of === undefined ? '' : ` ${name}=${'register' in of ? `r${of.register}` : of.constant}`;
  return `${origin.kind}${origin.width}${operand('a', a)}${operand('b', b)}${operand('r', r)}`;
}

describe('flags told from registers', () => {
  test.each([
    ['cmp %edx,%r8d', '41 39 d0', 'sub32 a=r8 b=r2'],
    ['cmp $63,%esi', '83 fe 3f', 'sub32 a=r6 b=63'],
    ['cmp %cl,%al', '38 c8', 'sub8 a=r0 b=r1'],
    ['cmp (%rdi),%eax: the operand is nowhere', '3b 07', 'no'],
    ['cmp %ah,%al: only low bits count', '38 e0', 'no'],
    ['add $1,%rdx: the result is there', '48 83 c2 01', 'add64 b=1 r=r2'],
    ['sub $1,%rax', '48 83 e8 01', 'sub64 b=1 r=r0'],
    ['add %rdx,%rax: one operand and the result', '48 01 d0', 'add64 b=r2 r=r0'],
    ['add %rax,%rax: no operand is left', '48 01 c0', 'no'],
    ['test %eax,%eax', '85 c0', 'logic32 r=r0'],
    ['test %edx,%eax: the result is nowhere', '85 d0', 'no'],
    ['and $127,%eax', '83 e0 7f', 'logic32 r=r0'],
    ['dec %ecx: CF is of what was before', 'ff c9', 'no'],
    ['adc $1,%eax: a carry came in', '83 d0 01', 'no'],
    ['shl %cl,%eax: perhaps', 'd3 e0', 'no'],
    ['add %eax,(%rdi)', '01 07', 'no'],
  ])('%s', (_, bytes, expected) => expect(told(deferredAtEnd(instructions(bytes)))).toBe(expected));

  test.each([
    ['what follows writes other registers', '39 d0  89 ce  75 fa', 'sub32 a=r0 b=r2'],
    ['what follows writes one of them', '39 d0  89 ca  75 fa', 'no'],
    ['what follows writes a part of one', '39 d0  b4 01  75 fa', 'no'],
    ['the last that sets flags counts', '39 d0  85 c9  75 fa', 'logic32 r=r1'],
    ['and may leave some', '39 d0  ff c9  75 fa', 'no'],
  ])('%s', (_, bytes, expected) => expect(told(deferredAtEnd(instructions(bytes)))).toBe(expected));
});

/** What the flags at the start of a loop of one node are left to. */
function loop(lines: string, isLive = true): string {
  const node = { address: 0n, instructions: instructions(lines), end: { kind: 'goes', to: [0n] } } as const;
  const left = deferredAtEnd(node.instructions);
  const [deferred] = deferredAtStart([{ node, inside: [0], leaves: true }], [left], [isLive], [0]);
  return told(deferred);
}

describe('the head of a loop', () => {
  const END = '39 d0  75 00 # cmp %edx,%eax; jne';

  test.each([
    ['reads, then sets flags', `48 8b 1f  48 83 c7 08 ${END}`, 'sub32 a=r0 b=r2'],
    ['reads and sets flags at once', `48 3b 1f ${END}`, 'sub32 a=r0 b=r2'],
    ['reads again behind a register that is not compared', `8b 1f  8b 4f 04 ${END}`, 'sub32 a=r0 b=r2'],
    ['reads again behind one that is', `8b 07  8b 4f 04 ${END}`, 'no'],
    ['asks for a flag', `0f 92 c3 ${END}`, 'no'],
    ['takes a carry', `11 cb ${END}`, 'no'],
    ['may set flags or not', `d3 e3 ${END}`, 'no'],
    ['leaves CF alone', `ff c3 ${END}`, 'no'],
  ])('%s', (_, bytes, expected) => expect(loop(bytes)).toBe(expected));

  test('where nobody looks at flags', () => expect(loop(`48 83 c7 08 ${END}`, false)).toBe('no'));

  test('where flags are set by nobody before the end', () => expect(loop('8b 1f  75 fc')).toBe('no'));
});
