/** Moves and two's complement arithmetic: mov, lea, add … cmp, inc, dec, neg, logic, extensions. SDM vol. 2. */
import type { Builder } from '../builder.js';
import type { Expr, LazyKind } from '../ir.js';
import { AF, ALL_STATUS } from './operation.js';
import type { Operation } from './operation.js';

/** An operation of two operands: reads both, writes the first unless it only compares. */
function binary(
  mnemonic: string,
  kind: LazyKind,
  compute: (b: Builder, x: Expr, y: Expr) => Expr,
  writes = true,
): Operation {
  return {
    name: mnemonic.toLowerCase(),
    mnemonics: [mnemonic],
    defines: ALL_STATUS,
    undefines: () => (kind === 'logic' ? AF : 0),
    semantics: (b) => {
      const x = writes ? b.readToModify(0) : b.read(0);
      const y = b.read(1);
      const result = b.let(compute(b, x, y));
      if (writes) b.write(0, result);
      b.lazy(kind, result, x, y);
    },
  };
}

const carryIn = (b: Builder, x: Expr): Expr => b.zext(x.width, b.flag('cf'));

/** Operations that step by one and leave CF alone. */
function step(mnemonic: 'Inc' | 'Dec'): Operation {
  return {
    name: mnemonic.toLowerCase(),
    mnemonics: [mnemonic],
    defines: ALL_STATUS,
    semantics: (b) => {
      const x = b.readToModify(0);
      const one = b.constant(x.width, 1);
      const result = b.let(b.binary(mnemonic === 'Inc' ? 'add' : 'sub', x, one));
      b.write(0, result);
      b.lazy(mnemonic === 'Inc' ? 'inc' : 'dec', result, x, one);
    },
  };
}

/** Widening of the accumulator: cbw, cwde, cdqe. */
function widenAccumulator(mnemonic: string, from: 8 | 16 | 32, to: 16 | 32 | 64): Operation {
  return {
    name: mnemonic.toLowerCase(),
    mnemonics: [mnemonic],
    defines: 0,
    implicit: [0],
    semantics: (b) => b.setReg(0, b.sext(to, b.reg(0, from))),
  };
}

/** The sign of the accumulator into rdx: cwd, cdq, cqo. */
function spreadSign(mnemonic: string, width: 16 | 32 | 64): Operation {
  return {
    name: mnemonic.toLowerCase(),
    mnemonics: [mnemonic],
    defines: 0,
    implicit: [0, 2],
    semantics: (b) => {
      const sign = b.sign(b.reg(0, width));
      b.setReg(2, b.select(sign, b.constant(width, -1n), b.constant(width, 0n)));
    },
  };
}

export const ARITHMETIC: readonly Operation[] = [
  {
    name: 'mov',
    mnemonics: ['Mov', 'Movnti'],
    forms: /^(Mov|Movnti)_(?!.*(Sreg|cr|dr|tr))/,
    defines: 0,
    semantics: (b) => b.write(0, b.read(1, b.width(0))),
  },
  {
    name: 'lea',
    mnemonics: ['Lea'],
    defines: 0,
    semantics: (b) => b.write(0, b.trunc(b.width(0), b.effective(b.memory(1)))),
  },
  binary('Add', 'add', (b, x, y) => b.binary('add', x, y)),
  binary('Adc', 'add', (b, x, y) => b.binary('add', b.binary('add', x, y), carryIn(b, x))),
  binary('Sub', 'sub', (b, x, y) => b.binary('sub', x, y)),
  binary('Sbb', 'sub', (b, x, y) => b.binary('sub', b.binary('sub', x, y), carryIn(b, x))),
  binary('Cmp', 'sub', (b, x, y) => b.binary('sub', x, y), false),
  binary('And', 'logic', (b, x, y) => b.binary('and', x, y)),
  binary('Or', 'logic', (b, x, y) => b.binary('or', x, y)),
  binary('Xor', 'logic', (b, x, y) => b.binary('xor', x, y)),
  binary('Test', 'logic', (b, x, y) => b.binary('and', x, y), false),
  step('Inc'),
  step('Dec'),
  {
    name: 'neg',
    mnemonics: ['Neg'],
    defines: ALL_STATUS,
    semantics: (b) => {
      const x = b.readToModify(0);
      const zero = b.constant(x.width, 0);
      const result = b.let(b.binary('sub', zero, x));
      b.write(0, result);
      b.lazy('sub', result, zero, x);
    },
  },
  {
    name: 'not',
    mnemonics: ['Not'],
    defines: 0,
    semantics: (b) => b.write(0, b.not(b.readToModify(0))),
  },
  {
    name: 'movzx',
    mnemonics: ['Movzx'],
    defines: 0,
    semantics: (b) => b.write(0, b.zext(b.width(0), b.read(1))),
  },
  {
    name: 'movsx',
    mnemonics: ['Movsx', 'Movsxd'],
    defines: 0,
    semantics: (b) => b.write(0, b.sext(b.width(0), b.read(1))),
  },
  widenAccumulator('Cbw', 8, 16),
  widenAccumulator('Cwde', 16, 32),
  widenAccumulator('Cdqe', 32, 64),
  spreadSign('Cwd', 16),
  spreadSign('Cdq', 32),
  spreadSign('Cqo', 64),
];
