/**
 * Shifts and rotates. The count is masked to 5 bits, to 6 for operands of 64; with a masked count of 0 no flag
 * changes, but the destination is written (a 32-bit register loses its upper half). SDM vol. 2, SAL/SAR/SHL/SHR,
 * RCL/RCR/ROL/ROR, SHLD, SHRD.
 */
import type { Builder } from '../builder.js';
import type { Expr, Width } from '../ir.js';
import { AF, ALL_STATUS, CF, OF } from './operation.js';
import type { Operation, Use } from './operation.js';

/** Runs `body` with the masked count; flags inside belong under `b.when` of a count that is not known. */
function masked(b: Builder, k: number, width: Width): Expr {
  const mask = width === 64 ? 63 : 31;
  const operand = b.operand(k);
  if (operand.kind === 'immediate') return b.constant(8, Number(operand.value) & mask);
  return b.let(b.binary('and', b.read(k, 8), b.constant(8, mask)));
}

function unlessZero(b: Builder, count: Expr, body: () => void): void {
  if (count.op !== 'const') b.when(b.not(b.isZero(count)), body);
  else if (count.value !== 0n) body();
}

/** Narrow operands are shifted at 32 bits, because the count may be larger than they are. */
const room = (width: Width): Width => (width === 64 ? 64 : 32);
const maskedCount = ({ instruction, count }: Use): number =>
  count & (/64/.test(instruction.form.split('_')[1]) ? 63 : 31);
const widthOfForm = ({ instruction }: Use): number => {
  const [first] = instruction.operands;
  return first.width;
};

function shift(mnemonic: 'Shl' | 'Shr' | 'Sar', mnemonics: readonly string[]): Operation {
  const undefines = (use: Use): number => {
    const count = maskedCount(use);
    if (count === 0) return 0;
    const carry = mnemonic !== 'Sar' && count >= widthOfForm(use) ? CF : 0;
    return AF | carry | (count === 1 ? 0 : OF);
  };
  return {
    name: mnemonic.toLowerCase(),
    mnemonics,
    defines: ALL_STATUS,
    undefines,
    implicit: [1],
    semantics: (b) => {
      const width = b.width(0);
      const count = masked(b, 1, width);
      const x = b.readToModify(0);
      const wide = b.let(mnemonic === 'Sar' ? b.sext(room(width), x) : b.zext(room(width), x));
      const kind = mnemonic === 'Shl' ? 'shl' : mnemonic === 'Shr' ? 'shr' : 'sar';
      const result = b.let(b.trunc(width, b.binary(kind, wide, count)));
      b.write(0, result);
      unlessZero(b, count, () => {
        const before = b.let(b.binary(kind, wide, b.binary('sub', count, b.constant(8, 1))));
        const carry = b.let(mnemonic === 'Shl' ? b.bit(before, width - 1) : b.trunc(1, before));
        const overflow =
          mnemonic === 'Shl'
            ? b.binary('xor', b.sign(result), carry)
            : mnemonic === 'Shr'
              ? b.sign(x)
              : b.constant(1, 0);
        b.result(result, carry, overflow);
      });
    },
  };
}

const rotateUndefines = (use: Use): number => (maskedCount(use) > 1 ? OF : 0);

function rotate(mnemonic: 'Rol' | 'Ror'): Operation {
  return {
    name: mnemonic.toLowerCase(),
    mnemonics: [mnemonic],
    defines: CF | OF,
    undefines: rotateUndefines,
    implicit: [1],
    semantics: (b) => {
      const width = b.width(0);
      const count = masked(b, 1, width);
      const x = b.readToModify(0);
      const by = b.let(b.binary('and', count, b.constant(8, width - 1)));
      const back = b.binary('and', b.binary('sub', b.constant(8, width), by), b.constant(8, width - 1));
      const [left, right] = mnemonic === 'Rol' ? [by, back] : [back, by];
      const result = b.let(b.binary('or', b.binary('shl', x, left), b.binary('shr', x, right)));
      b.write(0, result);
      unlessZero(b, count, () => {
        const top = b.sign(result);
        const carry = mnemonic === 'Rol' ? b.trunc(1, result) : top;
        const other = mnemonic === 'Rol' ? top : b.bit(result, width - 2);
        b.setFlags(['cf', carry], ['of', b.binary('xor', carry, other)]);
      });
    },
  };
}

/** Rotates through CF go bit by bit in a helper: compilers use them by one, and hardly that. */
function rotateThroughCarry(mnemonic: 'Rcl' | 'Rcr'): Operation {
  return {
    name: mnemonic.toLowerCase(),
    mnemonics: [mnemonic],
    defines: CF | OF,
    undefines: rotateUndefines,
    implicit: [1],
    semantics: (b) => {
      const width = b.width(0);
      const count = masked(b, 1, width);
      const x = b.readToModify(0);
      const helper = mnemonic === 'Rcl' ? 'rotateLeftThroughCarry' : 'rotateRightThroughCarry';
      const args = [b.constant(32, width), b.zext(64, x), count, b.flag('cf')];
      const [result, carry, overflow] = b.call(helper, args, [64, 1, 1]);
      b.write(0, b.trunc(width, result));
      unlessZero(b, count, () => b.setFlags(['cf', carry], ['of', overflow]));
    },
  };
}

function doubleShift(mnemonic: 'Shld' | 'Shrd'): Operation {
  return {
    name: mnemonic.toLowerCase(),
    mnemonics: [mnemonic],
    defines: ALL_STATUS,
    implicit: [1],
    undefines: (use) => {
      const count = maskedCount(use);
      if (count === 0) return 0;
      return count > widthOfForm(use) ? ALL_STATUS : AF | (count === 1 ? 0 : OF);
    },
    semantics: (b) => {
      const width = b.width(0);
      const count = masked(b, 2, width);
      const x = b.readToModify(0);
      const y = b.read(1);
      const args = [b.constant(32, width), b.zext(64, x), b.zext(64, y), count];
      const [wide, carry] = b.call(
        mnemonic === 'Shld' ? 'shiftLeftDouble' : 'shiftRightDouble',
        args,
        [64, 1],
      );
      const result = b.let(b.trunc(width, wide));
      b.write(0, result);
      unlessZero(b, count, () => b.result(result, carry, b.binary('xor', b.sign(result), b.sign(x))));
    },
  };
}

/** BMI2 shifts, which set no flags. */
function plainShift(mnemonic: 'Shlx' | 'Shrx' | 'Sarx'): Operation {
  return {
    name: mnemonic.toLowerCase(),
    mnemonics: [mnemonic],
    defines: 0,
    semantics: (b) => {
      const width = b.width(0);
      const count = b.binary('and', b.trunc(8, b.read(2)), b.constant(8, width - 1));
      const kind = mnemonic === 'Shlx' ? 'shl' : mnemonic === 'Shrx' ? 'shr' : 'sar';
      b.write(0, b.binary(kind, b.read(1), b.let(count)));
    },
  };
}

export const SHIFTS: readonly Operation[] = [
  shift('Shl', ['Shl', 'Sal']),
  shift('Shr', ['Shr']),
  shift('Sar', ['Sar']),
  rotate('Rol'),
  rotate('Ror'),
  rotateThroughCarry('Rcl'),
  rotateThroughCarry('Rcr'),
  doubleShift('Shld'),
  doubleShift('Shrd'),
  plainShift('Shlx'),
  plainShift('Shrx'),
  plainShift('Sarx'),
];
