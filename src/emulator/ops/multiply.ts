/** Multiplication and division. Products of 64 bits and all quotients come from helpers. SDM vol. 2. */
import type { Builder } from '../builder.js';
import type { Expr, Width } from '../ir.js';
import { AF, ALL_STATUS, CF, OF, PF, SF, ZF } from './operation.js';
import type { Operation } from './operation.js';

/** Puts a double-width result or pair where mul and div have it: ax, or dx and ax of the width. */
function setPair(b: Builder, width: Width, low: Expr, high: Expr): void {
  if (width === 8) {
    b.setReg(0, b.trunc(8, low));
    b.add({ st: 'setHigh', index: 0, value: b.trunc(8, high) });
    return;
  }
  b.setReg(0, b.trunc(width, low));
  b.setReg(2, b.trunc(width, high));
}

function widening(b: Builder, signed: boolean): void {
  const width = b.width(0);
  const extend = (e: Expr): Expr => (signed ? b.sext(64, e) : b.zext(64, e));
  const x = extend(b.read(0));
  const y = extend(b.reg(0, width));
  const args = [b.constant(32, width), x, y];
  const [low, high, carry] = b.call(signed ? 'multiplySigned' : 'multiply', args, [64, 64, 1]);
  setPair(b, width, low, high);
  // SF, ZF, PF are undefined; those of the low half are what processors leave.
  b.result(b.let(b.trunc(width, low)), carry, carry);
}

function truncating(b: Builder): void {
  const width = b.width(0);
  const [p, q] = b.instruction.operands.length === 3 ? [1, 2] : [0, 1];
  const x = b.sext(64, b.read(p));
  const y = b.sext(64, b.read(q, width));
  const [low, , carry] = b.call('multiplySigned', [b.constant(32, width), x, y], [64, 64, 1]);
  const result = b.let(b.trunc(width, low));
  b.write(0, result);
  b.result(result, carry, carry);
}

function divide(b: Builder, signed: boolean): void {
  const width = b.width(0);
  const divisor = b.zext(64, b.read(0));
  const low = b.zext(64, b.reg(0, width));
  const high: Expr = width === 8 ? { op: 'high', width: 8, index: 0 } : b.reg(2, width);
  const args = [b.constant(32, width), b.zext(64, high), low, divisor];
  const [quotient, remainder] = b.call(signed ? 'divideSigned' : 'divide', args, [64, 64]);
  setPair(b, width, quotient, remainder);
}

const productUndefines = (): number => SF | ZF | AF | PF;
const SEEDS = [0n, 1n, 2n, 3n, 7n, 10n, 0xffffffffffffffffn, 0x8000000000000000n];

export const MULTIPLY: readonly Operation[] = [
  {
    name: 'mul',
    mnemonics: ['Mul'],
    defines: CF | OF,
    undefines: productUndefines,
    implicit: [0, 2],
    semantics: (b) => widening(b, false),
  },
  {
    name: 'imul',
    mnemonics: ['Imul'],
    defines: CF | OF,
    undefines: productUndefines,
    implicit: [0, 2],
    semantics: (b) => (b.instruction.operands.length === 1 ? widening(b, true) : truncating(b)),
  },
  {
    name: 'div',
    mnemonics: ['Div'],
    defines: 0,
    undefines: () => ALL_STATUS,
    implicit: [0, 2],
    seeds: SEEDS,
    semantics: (b) => divide(b, false),
  },
  {
    name: 'idiv',
    mnemonics: ['Idiv'],
    defines: 0,
    undefines: () => ALL_STATUS,
    implicit: [0, 2],
    seeds: SEEDS,
    semantics: (b) => divide(b, true),
  },
  {
    name: 'mulx',
    mnemonics: ['Mulx'],
    defines: 0,
    implicit: [2],
    semantics: (b) => {
      const width = b.width(0);
      const args = [b.constant(32, width), b.zext(64, b.read(2)), b.zext(64, b.reg(2, width))];
      const [low, high] = b.call('multiply', args, [64, 64]);
      b.write(1, b.trunc(width, low));
      b.write(0, b.trunc(width, high));
    },
  },
];
