/**
 * Helpers of the semantics that translations do themselves: products, quotients, counts of bits, double shifts.
 * What a helper finds too hard here (a quotient of 128 bits, a division that faults) is left to the interpreter:
 * the instruction has changed nothing yet, and is done again there.
 */
import type { Expr } from '../ir.js';
import type { Expressions } from './expressions.js';
import type { Frame } from './frame.js';

type Temp = Expr & { op: 'temp' };

export interface Call {
  readonly helper: string;
  readonly args: readonly Expr[];
  readonly results: readonly Temp[];
}

/** What a helper is written with. */
export interface Writer {
  readonly frame: Frame;
  readonly expressions: Expressions;
  /** Whether anybody wants the temporary. */
  readonly isUsed: (temp: Temp) => boolean;
  /** Leaves for the interpreter when what is on the stack is not 0. */
  readonly bail: () => void;
}

const widthOf = ({ args }: Call): number | undefined => {
  const [width] = args;
  return width.op === 'const' ? Number(width.value) : undefined;
};

/** Helpers with their conditions: whether this call of it can be translated. */
const SUPPORTED: Readonly<Record<string, (call: Call) => boolean>> = {
  multiply: () => true,
  multiplySigned: () => true,
  divide: () => true,
  divideSigned: () => true,
  lowestBit: () => true,
  highestBit: () => true,
  countOnes: () => true,
  shiftLeftDouble: (call) => widthOf(call) !== 16,
  shiftRightDouble: (call) => widthOf(call) !== 16,
};

export function isIntrinsic(call: Call): boolean {
  return SUPPORTED[call.helper]?.(call) ?? false;
}

/** Whether it may leave for the interpreter. */
export function mayBail({ helper }: Call): boolean {
  return helper.startsWith('divide');
}

export function emitIntrinsic(writer: Writer, call: Call): void {
  const width = widthOf(call) ?? 64;
  switch (call.helper) {
    case 'multiply':
    case 'multiplySigned':
      return multiply(writer, call, width, call.helper === 'multiplySigned');
    case 'divide':
    case 'divideSigned':
      return divide(writer, call, width, call.helper === 'divideSigned');
    case 'shiftLeftDouble':
    case 'shiftRightDouble':
      return doubleShift(writer, call, width, call.helper === 'shiftLeftDouble');
    default:
      return countBits(writer, call);
  }
}

/** Takes the i64 on the stack, or the i32 of a truth value, as a result of the call. */
function give({ frame }: Writer, temp: Temp): void {
  const { code } = frame;
  if (temp.width > 1 && temp.width < 64) code.op('i32.wrap_i64');
  code.set(frame.temp(temp.number, temp.width));
}

function local(writer: Writer, value?: Expr): number {
  const { frame, expressions } = writer;
  const taken = frame.locals.take('i64');
  if (value !== undefined) {
    expressions.emit(value);
    frame.code.set(taken);
  }
  return taken;
}

function countBits(writer: Writer, { helper, args, results }: Call): void {
  const { code } = writer.frame;
  if (helper === 'highestBit') code.i64(63n);
  writer.expressions.emit(args[0]);
  if (helper === 'lowestBit') code.op('i64.ctz');
  else if (helper === 'countOnes') code.op('i64.popcnt');
  else {
    code.op('i64.clz');
    code.op('i64.sub');
  }
  give(writer, results[0]);
}

function multiply(writer: Writer, { args, results }: Call, width: number, isSigned: boolean): void {
  const { code } = writer.frame;
  const [low, high, carry] = results;
  const x = local(writer, args[1]);
  const y = local(writer, args[2]);
  const product = local(writer);
  code.get(x);
  code.get(y);
  code.op('i64.mul');
  code.set(product);
  const cut = (): void => {
    if (width === 64) return;
    code.i64((1n << BigInt(width)) - 1n);
    code.op('i64.and');
  };
  code.get(product);
  cut();
  give(writer, low);
  const wantsCarry = carry !== undefined && writer.isUsed(carry);
  if (!wantsCarry && !writer.isUsed(high)) return;
  const upper = local(writer);
  if (width === 64) highHalf(writer, x, y, isSigned);
  else {
    code.get(product);
    code.i64(BigInt(width));
    code.op(isSigned ? 'i64.shr_s' : 'i64.shr_u');
  }
  code.set(upper);
  code.get(upper);
  cut();
  give(writer, high);
  if (!wantsCarry) return;
  code.get(upper);
  if (isSigned) {
    // The sign of the low half, as all bits of the high one.
    code.get(product);
    code.i64(BigInt(64 - width));
    code.op('i64.shl');
    code.i64(63n);
    code.op('i64.shr_s');
  } else code.i64(0n);
  code.op('i64.ne');
  give(writer, carry);
}

/** Bits 64 to 127 of a product, from products of halves. */
function highHalf(writer: Writer, x: number, y: number, isSigned: boolean): void {
  const { code } = writer.frame;
  const half = (value: number, upper: boolean): void => {
    code.get(value);
    code.i64(upper ? 32n : 0xffffffffn);
    code.op(upper ? 'i64.shr_u' : 'i64.and');
  };
  const partial = (upperX: boolean, upperY: boolean): void => {
    half(x, upperX);
    half(y, upperY);
    code.op('i64.mul');
  };
  const middle = local(writer);
  partial(true, false);
  code.set(middle);
  partial(false, true);
  half(middle, false);
  code.op('i64.add');
  partial(false, false);
  code.i64(32n);
  code.op('i64.shr_u');
  code.op('i64.add');
  code.i64(32n);
  code.op('i64.shr_u');
  partial(true, true);
  half(middle, true);
  code.op('i64.add');
  code.op('i64.add');
  if (!isSigned) return;
  for (const [sign, value] of [
    [x, y],
    [y, x],
  ]) {
    code.get(sign);
    code.i64(63n);
    code.op('i64.shr_s');
    code.get(value);
    code.op('i64.and');
    code.op('i64.sub');
  }
}

/** Quotients of 64 bits by the processor's own division; what does not fit goes to the interpreter. */
function divide(writer: Writer, { args, results }: Call, width: number, isSigned: boolean): void {
  const { code } = writer.frame;
  const high = local(writer, args[1]);
  const low = local(writer, args[2]);
  const divisor = local(writer, args[3]);
  const dividend = local(writer);
  const signExtend = (value: number, from: number): void => {
    code.get(value);
    if (from === 64) return;
    code.i64(BigInt(64 - from));
    code.op('i64.shl');
    code.i64(BigInt(64 - from));
    code.op('i64.shr_s');
  };
  if (width === 64) {
    code.get(high);
    if (isSigned) {
      code.get(low);
      code.i64(63n);
      code.op('i64.shr_s');
    } else code.i64(0n);
    code.op('i64.ne');
    writer.bail();
    code.get(low);
  } else {
    code.get(high);
    code.i64(BigInt(width));
    code.op('i64.shl');
    code.get(low);
    code.op('i64.or');
  }
  code.set(dividend);
  if (isSigned) {
    signExtend(dividend, Math.min(64, 2 * width));
    code.set(dividend);
    signExtend(divisor, width);
    code.set(divisor);
    // Beside 0, the divisor -1: the smallest dividend has no quotient by it, and traps.
    code.get(divisor);
    code.i64(1n);
    code.op('i64.add');
    code.i64(1n);
    code.op('i64.le_u');
  } else {
    code.get(divisor);
    code.op('i64.eqz');
  }
  writer.bail();
  quotient(writer, { dividend, divisor, width, isSigned, results });
}

interface Division {
  readonly dividend: number;
  readonly divisor: number;
  readonly width: number;
  readonly isSigned: boolean;
  readonly results: readonly Temp[];
}

function quotient(writer: Writer, { dividend, divisor, width, isSigned, results }: Division): void {
  const { code } = writer.frame;
  const found = local(writer);
  const sign = isSigned ? 's' : 'u';
  code.get(dividend);
  code.get(divisor);
  code.op(`i64.div_${sign}`);
  code.set(found);
  if (width < 64) {
    code.get(found);
    if (isSigned) {
      code.i64(1n << BigInt(width - 1));
      code.op('i64.add');
    }
    code.i64(BigInt(width));
    code.op('i64.shr_u');
    code.i64(0n);
    code.op('i64.ne');
    writer.bail();
  }
  const mask = (1n << BigInt(width)) - 1n;
  const cut = (): void => {
    if (width === 64) return;
    code.i64(mask);
    code.op('i64.and');
  };
  code.get(found);
  cut();
  give(writer, results[0]);
  code.get(dividend);
  code.get(divisor);
  code.op(`i64.rem_${sign}`);
  cut();
  give(writer, results[1]);
}

/** x shifted by a count below its width, with bits of y coming in; the carry is the last bit that went out. */
function doubleShift(writer: Writer, { args, results }: Call, width: number, isLeft: boolean): void {
  const { code } = writer.frame;
  const x = local(writer, args[1]);
  const y = local(writer, args[2]);
  const count = local(writer);
  writer.expressions.emit(args[3]);
  code.op('i64.extend_i32_u');
  code.set(count);
  const back = (): void => {
    code.i64(BigInt(width));
    code.get(count);
    code.op('i64.sub');
  };
  // With a count of 0, what comes in is shifted by the whole width, which WebAssembly takes for 0 at 64 bits.
  const incoming = (): void => {
    code.get(y);
    back();
    code.op(isLeft ? 'i64.shr_u' : 'i64.shl');
    code.i64(0n);
    code.get(count);
    code.i64(0n);
    code.op('i64.ne');
    code.op('select');
  };
  code.get(x);
  code.get(count);
  code.op(isLeft ? 'i64.shl' : 'i64.shr_u');
  incoming();
  code.op('i64.or');
  if (width < 64) {
    code.i64((1n << BigInt(width)) - 1n);
    code.op('i64.and');
  }
  give(writer, results[0]);
  code.get(x);
  if (isLeft) back();
  else {
    code.get(count);
    code.i64(1n);
    code.op('i64.sub');
  }
  code.op('i64.shr_u');
  code.i64(1n);
  code.op('i64.and');
  code.op('i32.wrap_i64');
  give(writer, results[1]);
}
