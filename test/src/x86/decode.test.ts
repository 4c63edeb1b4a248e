/** Code decoded into columns: lengths, flows, targets; operands that count from their instruction; filling. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  branchWidth,
  decodeCode,
  Flow,
  instructionAt,
  ipRelativeOperands,
  isFiller,
} from '../../../src/x86/decode.js';

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

describe('decodeCode', () => {
  test.each([
    ['90', Flow.next],
    ['e9 00 00 00 00', Flow.jump],
    ['eb fe', Flow.jump],
    ['0f 84 00 00 00 00', Flow.conditional],
    ['74 00', Flow.conditional],
    ['e3 00', Flow.conditional],
    ['e2 00', Flow.conditional],
    ['c7 f8 00 00 00 00', Flow.conditional],
    ['e8 00 00 00 00', Flow.call],
    ['ff 15 00 00 00 00', Flow.indirectCall],
    ['ff e0', Flow.leaves],
    ['c3', Flow.leaves],
    ['0f 0b', Flow.leaves],
    ['cc', Flow.next],
    ['06', Flow.invalid],
  ])('says how control leaves %s', (hex, flow) => {
    const code = decodeCode(bytesOf(hex));
    expect([code.count, code.flow[0], code.length[0]]).toEqual([1, flow, bytesOf(hex).length]);
  });

  test('gives targets from the start of the range, before it and behind it, too', () => {
    const code = decodeCode(bytesOf('90 eb fd e8 fa 00 00 00'));
    expect([...code.start]).toEqual([0, 1, 3]);
    expect([code.target[1], code.target[2]]).toEqual([0, 8 + 0xfa]);
    expect(decodeCode(bytesOf('eb 80')).target[0]).toBe(2 - 128);
  });

  test('covers any bytes without a gap', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const code = decodeCode(bytes);
        let at = 0;
        for (let k = 0; k < code.count; k++) {
          expect(code.start[k]).toBe(at);
          for (let inside = at; inside < at + code.length[k]; inside++)
            expect(instructionAt(code, inside)).toBe(k);
          at += code.length[k];
        }
        expect(at).toBe(bytes.length);
        expect(instructionAt(code, bytes.length)).toBe(-1);
        expect(instructionAt(code, -1)).toBe(-1);
      }),
    );
  });
});

test.each([
  ['eb 00', 1],
  ['70 00', 1],
  ['3e 75 00', 1],
  ['e3 00', 1],
  ['67 e3 00', 1],
  ['e8 00 00 00 00', 4],
  ['e9 00 00 00 00', 4],
  ['f2 e9 00 00 00 00', 4],
  ['0f 8f 00 00 00 00', 4],
  ['2e 40 e8 00 00 00 00', 4],
])('the displacement of %s has %i bytes', (hex, width) => {
  expect(branchWidth(bytesOf(hex), 0)).toBe(width);
});

test('rip-relative operands count from the end of their instruction', () => {
  expect(
    ipRelativeOperands(bytesOf('90 c6 05 10 00 00 00 01 48 8d 05 f0 ff ff ff c3 06 8b 05 00 00 00 00')),
  ).toEqual([
    { at: 3, end: 8, target: 0x18 },
    { at: 11, end: 15, target: -1 },
    { at: 19, end: 23, target: 23 },
  ]);
});

describe('filling', () => {
  test.each([
    ['', true],
    ['90', true],
    ['66 90 0f 1f 00 0f 1f 40 00', true],
    ['66 66 2e 0f 1f 84 00 00 00 00 00', true],
    ['cc cc cc', true],
    ['00 00 00 00', true],
    ['00 00 00 90 66 90 00', true],
    ['90 00 0f 1f 40 00 cc', true],
    ['00 00 90 c3', false],
    ['0f 1f 40', false],
    ['eb 02 90 90', true],
    ['eb 00', true],
    ['eb 03 90 90', false],
    ['ff e0 90', false],
    ['c3 90', false],
    ['90 31 c0', false],
    ['00 01', false],
    ['90 06', false],
  ])('%s is filling: %s', (hex, filler) => {
    expect(isFiller(bytesOf(hex))).toBe(filler);
  });
});
