/** Single bits and counts of bits: bt, bts, btr, btc, bsf, bsr, tzcnt, lzcnt, popcnt, and BMI1/2 beside shifts. */
import type { Builder } from '../builder.js';
import type { Expr } from '../ir.js';
import { AF, ALL_STATUS, CF, OF, PF, SF, ZF } from './operation.js';
import type { Operation } from './operation.js';

/**
 * A bit in a register wraps at its width. With a bit number in a register, a bit in memory may lie anywhere: the
 * number is signed and counts from the operand's address, in units of the operand.
 */
function testBit(mnemonic: 'Bt' | 'Bts' | 'Btr' | 'Btc'): Operation {
  const writes = mnemonic !== 'Bt';
  return {
    name: mnemonic.toLowerCase(),
    mnemonics: [mnemonic],
    defines: CF,
    undefines: () => OF | SF | AF | PF,
    semantics: (b) => {
      const width = b.width(0);
      const number = b.read(1, width);
      const far = b.inMemory(0) && number.op !== 'const';
      const { address, stack } = far ? farOperand(b, number) : { address: undefined, stack: false };
      const x = address !== undefined ? b.load(width, address, stack, writes) : b.read(0, width, writes);
      const within = b.let(b.binary('and', number, b.constant(width, width - 1)));
      const bit = b.binary('shl', b.constant(width, 1), within);
      const carry = b.let(b.trunc(1, b.binary('shr', x, within)));
      if (writes) {
        const result =
          mnemonic === 'Bts'
            ? b.binary('or', x, bit)
            : mnemonic === 'Btr'
              ? b.binary('and', x, b.not(bit))
              : b.binary('xor', x, bit);
        if (address !== undefined) b.store(address, result, stack);
        else b.write(0, result);
      }
      b.setFlags(['cf', carry]);
    },
  };
}

function farOperand(b: Builder, number: Expr): { address: Expr; stack: boolean } {
  const width = b.width(0);
  const operand = b.memory(0);
  const log = Math.log2(width);
  const units = b.binary('sar', b.sext(64, number), b.constant(8, log));
  const bytes = b.binary('shl', units, b.constant(8, log - 3));
  const effective = b.binary('add', b.effective(operand), bytes);
  const narrow = operand.addressWidth === 32 ? b.zext(64, b.trunc(32, effective)) : effective;
  const { segment } = operand;
  const linear = segment < 0 ? narrow : b.binary('add', { op: 'base', width: 64, segment } as const, narrow);
  return { address: b.let(linear), stack: operand.stack };
}

/** bsf and bsr of zero leave the destination as it was: undefined by the SDM until 2023, and what processors do. */
function scan(mnemonic: 'Bsf' | 'Bsr'): Operation {
  return {
    name: mnemonic.toLowerCase(),
    mnemonics: [mnemonic],
    defines: ZF,
    undefines: () => CF | OF | SF | AF | PF,
    semantics: (b) => {
      const x = b.let(b.read(1));
      const [found] = b.call(mnemonic === 'Bsf' ? 'lowestBit' : 'highestBit', [b.zext(64, x)], [64]);
      const zero = b.let(b.isZero(x));
      b.when(b.not(zero), () => b.write(0, b.trunc(x.width, found)));
      b.setFlags(['zf', zero]);
    },
  };
}

function count(mnemonic: 'Tzcnt' | 'Lzcnt'): Operation {
  return {
    name: mnemonic.toLowerCase(),
    mnemonics: [mnemonic],
    defines: CF | ZF,
    undefines: () => OF | SF | AF | PF,
    semantics: (b) => {
      const x = b.let(b.read(1));
      const { width } = x;
      const [found] = b.call(mnemonic === 'Tzcnt' ? 'lowestBit' : 'highestBit', [b.zext(64, x)], [64]);
      const zero = b.let(b.isZero(x));
      const near = mnemonic === 'Tzcnt' ? found : b.binary('sub', b.constant(64, width - 1), found);
      const result = b.let(b.select(zero, b.constant(width, width), b.trunc(width, near)));
      b.write(0, result);
      b.setFlags(['cf', zero], ['zf', b.isZero(result)]);
    },
  };
}

/** BMI1 operations of one source that set flags of their result, and CF as told. */
function lowestBits(
  mnemonic: 'Blsr' | 'Blsi' | 'Blsmsk',
  compute: (b: Builder, x: Expr) => Expr,
  carry: (b: Builder, x: Expr) => Expr,
): Operation {
  return {
    name: mnemonic.toLowerCase(),
    mnemonics: [mnemonic],
    defines: CF | ZF | SF | OF,
    undefines: () => AF | PF,
    semantics: (b) => {
      const x = b.read(1);
      const result = b.let(compute(b, x));
      b.write(0, result);
      b.result(result, carry(b, x), b.constant(1, 0));
    },
  };
}

const isZero = (b: Builder, x: Expr): Expr => b.isZero(x);
const isNotZero = (b: Builder, x: Expr): Expr => b.not(b.isZero(x));
const minusOne = (b: Builder, x: Expr): Expr => b.binary('sub', x, b.constant(x.width, 1));

export const BITS: readonly Operation[] = [
  testBit('Bt'),
  testBit('Bts'),
  testBit('Btr'),
  testBit('Btc'),
  scan('Bsf'),
  scan('Bsr'),
  count('Tzcnt'),
  count('Lzcnt'),
  {
    name: 'popcnt',
    mnemonics: ['Popcnt'],
    defines: ALL_STATUS,
    semantics: (b) => {
      const x = b.let(b.read(1));
      const [ones] = b.call('countOnes', [b.zext(64, x)], [64]);
      b.write(0, b.trunc(x.width, ones));
      const no = b.constant(1, 0);
      b.setFlags(['zf', b.isZero(x)], ['cf', no], ['of', no], ['sf', no], ['af', no], ['pf', no]);
    },
  },
  lowestBits('Blsr', (b, x) => b.binary('and', x, minusOne(b, x)), isZero),
  lowestBits('Blsmsk', (b, x) => b.binary('xor', x, minusOne(b, x)), isZero),
  lowestBits('Blsi', (b, x) => b.binary('and', x, b.binary('sub', b.constant(x.width, 0), x)), isNotZero),
  {
    name: 'andn',
    mnemonics: ['Andn'],
    defines: CF | ZF | SF | OF,
    undefines: () => AF | PF,
    semantics: (b) => {
      const result = b.let(b.binary('and', b.not(b.read(1)), b.read(2)));
      b.write(0, result);
      b.lazy('logic', result);
    },
  },
];
