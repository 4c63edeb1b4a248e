/**
 * What semantics call because it is too rare or too large to be written in the small language: wide products and
 * quotients, rotates through CF, counts of bits. Results go to `state.out64` in order. SDM vol. 2.
 */
import { Vector } from './fault.js';
import type { Memory } from './memory.js';
import { Gpr } from './state.js';
import type { CpuState } from './state.js';

const unsigned = (width: number, value: bigint): bigint => BigInt.asUintN(width, value);
const signed = (width: number, value: bigint): bigint => BigInt.asIntN(width, value);

export class Helpers {
  constructor(
    protected readonly state: CpuState,
    protected readonly memory: Memory,
  ) {}

  private give(...results: readonly (bigint | boolean)[]): void {
    results.forEach((result, k) => {
      this.state.out64[k] = typeof result === 'bigint' ? result : result ? 1n : 0n;
    });
  }

  /** The repeated comparison that is under way: where it is, how many elements are left, the flags before it. */
  private repetition = { address: -1n, left: 0n, rflags: 0 };

  /** To be called before each element of a repeated comparison. */
  beginElement(address: bigint, left: bigint): void {
    const { repetition } = this;
    if (repetition.address === address && repetition.left === left) return;
    this.repetition = { address, left, rflags: this.state.rflags };
  }

  endElement(left: bigint, again: boolean): void {
    this.repetition.left = left;
    if (!again) this.repetition.address = -1n;
  }

  /** A fault within a repeated comparison brings the flags back to what they were before it. SDM vol. 2, REP. */
  faultAt(address: bigint): void {
    const { repetition } = this;
    if (repetition.address !== address) return;
    repetition.address = -1n;
    if (repetition.left === this.state.r64[Gpr.rcx]) this.state.rflags = repetition.rflags;
  }

  multiply(width: number, x: bigint, y: bigint): void {
    const product = x * y;
    const high = product >> BigInt(width);
    this.give(unsigned(width, product), high, high !== 0n);
  }

  /** Operands are sign-extended to 64 bits. */
  multiplySigned(width: number, x: bigint, y: bigint): void {
    const product = signed(64, x) * signed(64, y);
    const low = unsigned(width, product);
    this.give(low, unsigned(width, product >> BigInt(width)), signed(width, product) !== product);
  }

  divide(width: number, high: bigint, low: bigint, divisor: bigint): void {
    if (divisor === 0n) throw this.memory.fault.raise(Vector.DE);
    const dividend = (high << BigInt(width)) | low;
    const quotient = dividend / divisor;
    if (quotient >> BigInt(width) !== 0n) throw this.memory.fault.raise(Vector.DE);
    this.give(quotient, dividend % divisor);
  }

  divideSigned(width: number, high: bigint, low: bigint, divisor: bigint): void {
    const by = signed(width, divisor);
    if (by === 0n) throw this.memory.fault.raise(Vector.DE);
    const dividend = signed(2 * width, (high << BigInt(width)) | low);
    const quotient = dividend / by;
    if (signed(width, quotient) !== quotient) throw this.memory.fault.raise(Vector.DE);
    this.give(unsigned(width, quotient), unsigned(width, dividend % by));
  }

  /** Result, CF, OF. The carry is one more bit above the operand. */
  rotateLeftThroughCarry(width: number, x: bigint, count: number, carry: boolean): void {
    const size = BigInt(width + 1);
    const by = BigInt(count % (width + 1));
    const all = ((carry ? 1n : 0n) << BigInt(width)) | x;
    const turned = unsigned(width + 1, (all << by) | (all >> (size - by)));
    const top = (turned >> BigInt(width - 1)) & 1n;
    const out = turned >> BigInt(width);
    this.give(unsigned(width, turned), out !== 0n, top !== out);
  }

  rotateRightThroughCarry(width: number, x: bigint, count: number, carry: boolean): void {
    const size = BigInt(width + 1);
    const by = BigInt(count % (width + 1));
    const all = ((carry ? 1n : 0n) << BigInt(width)) | x;
    const turned = unsigned(width + 1, (all >> by) | (all << (size - by)));
    const top = (turned >> BigInt(width - 1)) & 1n;
    const next = (turned >> BigInt(width - 2)) & 1n;
    this.give(unsigned(width, turned), turned >> BigInt(width) !== 0n, top !== next);
  }

  /** Result, CF. Bits of `y` come in from below; behind them, which the SDM leaves open, those of `x` once more. */
  shiftLeftDouble(width: number, x: bigint, y: bigint, count: number): void {
    const size = BigInt(width);
    const all = ((x << (2n * size)) | (y << size) | x) << BigInt(count);
    this.give(unsigned(width, all >> (2n * size)), ((all >> (3n * size)) & 1n) !== 0n);
  }

  shiftRightDouble(width: number, x: bigint, y: bigint, count: number): void {
    const size = BigInt(width);
    const all = (x << (2n * size)) | (y << size) | x;
    const by = BigInt(count);
    const carry = count === 0 ? 0n : (all >> (by - 1n)) & 1n;
    this.give(unsigned(width, all >> by), carry !== 0n);
  }

  /** Number of the lowest bit that is set; 64 for none. */
  lowestBit(x: bigint): void {
    const low = Number(x & 0xffffffffn) | 0;
    const high = Number(x >> 32n) | 0;
    const at = low !== 0 ? trailingZeros(low) : high !== 0 ? 32 + trailingZeros(high) : 64;
    this.give(BigInt(at));
  }

  /** Number of the highest bit that is set; all ones for none. */
  highestBit(x: bigint): void {
    const high = Number(x >> 32n);
    const at = high !== 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(Number(x & 0xffffffffn));
    this.give(BigInt(at));
  }

  countOnes(x: bigint): void {
    let ones = 0n;
    for (let rest = x; rest !== 0n; rest &= rest - 1n) ones++;
    this.give(ones);
  }
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
