/**
 * Works out lazy flags at run time, as CpuState.settle does, for places where a translation does not know what they
 * come from: a function of the operands, the result, rflags and the origin that gives rflags.
 */
import { Lazy } from '../state.js';
import { Code, Locals, writeParity } from './code.js';
import { FLAG_BITS } from './formulas.js';
import type { FunctionBody } from './module.js';

const PARAMETERS = ['i64', 'i64', 'i64', 'i32', 'i32'] as const;
const [A, B, RESULT, RFLAGS, ORIGIN] = [0, 1, 2, 3, 4];
const STATUS = 0x8d5;

export function settleBody(): FunctionBody {
  const locals = new Locals(PARAMETERS.length);
  const writer = new SettleWriter(locals);
  return { parameters: PARAMETERS, results: ['i32'], locals: locals.declaration(), code: writer.write() };
}

class SettleWriter {
  private readonly code = new Code();
  private readonly kind: number;
  private readonly top: number;
  private readonly isDifference: number;

  constructor(locals: Locals) {
    this.kind = locals.own('i32');
    this.top = locals.own('i64');
    this.isDifference = locals.own('i32');
  }

  write(): Uint8Array {
    const { code } = this;
    this.prepare();
    code.get(RFLAGS);
    code.i32(~STATUS);
    code.op('i32.and');
    this.carry();
    code.op('i32.or');
    this.overflow();
    code.i32(FLAG_BITS.of);
    code.op('i32.shl');
    code.op('i32.or');
    this.adjust();
    code.op('i32.or');
    this.ofResult();
    code.get(RFLAGS);
    code.get(ORIGIN);
    code.op('select');
    return code.take();
  }

  private prepare(): void {
    const { code } = this;
    code.get(ORIGIN);
    code.i32(2);
    code.op('i32.shr_u');
    code.set(this.kind);
    // The highest bit of the width: 8 << code, less 1.
    code.i32(8);
    code.get(ORIGIN);
    code.i32(3);
    code.op('i32.and');
    code.op('i32.shl');
    code.i32(1);
    code.op('i32.sub');
    code.op('i64.extend_i32_u');
    code.set(this.top);
    this.isOne([Lazy.sub, Lazy.dec]);
    code.set(this.isDifference);
    // The interpreter leaves the upper half of narrow values as it was.
    code.get(RESULT);
    code.i64(-1n);
    code.i64(0xffffffffn);
    code.get(ORIGIN);
    code.i32(3);
    code.op('i32.and');
    code.i32(3);
    code.op('i32.eq');
    code.op('select');
    code.op('i64.and');
    code.set(RESULT);
  }

  /** Puts on the stack whether the origin is one of these. */
  private isOne(kinds: readonly number[]): void {
    const { code } = this;
    const mask = kinds.reduce((bits, kind) => bits | (1 << kind), 0);
    code.i32(mask);
    code.get(this.kind);
    code.op('i32.shr_u');
    code.i32(1);
    code.op('i32.and');
  }

  /** The highest bit of the i64 on the stack. */
  private topBit(): void {
    const { code } = this;
    code.get(this.top);
    code.op('i64.shr_u');
    code.op('i32.wrap_i64');
    code.i32(1);
    code.op('i32.and');
  }

  private bitOfRflags(at: number): void {
    const { code } = this;
    code.get(RFLAGS);
    code.i32(at);
    code.op('i32.shr_u');
    code.i32(1);
    code.op('i32.and');
  }

  /** What is on the stack for the first kinds, a bit of rflags for the others but logic, which has 0. */
  private choose(kinds: readonly number[], at: number): void {
    const { code } = this;
    this.bitOfRflags(at);
    this.isOne(kinds);
    code.op('select');
    code.i32(0);
    code.get(this.kind);
    code.i32(Lazy.logic);
    code.op('i32.ne');
    code.op('select');
  }

  /** (a & b) | ((a | b) & ~r), of a difference with ~a and r. */
  private carry(): void {
    const { code } = this;
    const flipped = (local: number, sense: 'i64.ne' | 'i64.eq'): void => {
      code.get(local);
      code.get(this.isDifference);
      code.op('i64.extend_i32_u');
      code.i64(1n);
      code.op(sense);
      code.op('i64.extend_i32_u');
      code.i64(1n);
      code.op('i64.sub');
      code.op('i64.xor');
    };
    flipped(A, 'i64.ne');
    code.get(B);
    code.op('i64.and');
    flipped(A, 'i64.ne');
    code.get(B);
    code.op('i64.or');
    flipped(RESULT, 'i64.eq');
    code.op('i64.and');
    code.op('i64.or');
    this.topBit();
    this.choose([Lazy.add, Lazy.sub], FLAG_BITS.cf);
  }

  /** (a ^ r) & (b ^ r), of a difference (a ^ r) & (b ^ a). */
  private overflow(): void {
    const { code } = this;
    code.get(A);
    code.get(RESULT);
    code.op('i64.xor');
    code.get(B);
    code.get(A);
    code.get(RESULT);
    code.get(this.isDifference);
    code.op('select');
    code.op('i64.xor');
    code.op('i64.and');
    this.topBit();
    this.choose([Lazy.add, Lazy.sub, Lazy.inc, Lazy.dec], FLAG_BITS.of);
  }

  private adjust(): void {
    const { code } = this;
    code.get(A);
    code.get(B);
    code.op('i64.xor');
    code.get(RESULT);
    code.op('i64.xor');
    code.op('i32.wrap_i64');
    code.i32(FLAG_BITS.af);
    code.op('i32.shr_u');
    code.i32(1);
    code.op('i32.and');
    this.choose([Lazy.add, Lazy.sub, Lazy.inc, Lazy.dec], FLAG_BITS.af);
    code.i32(FLAG_BITS.af);
    code.op('i32.shl');
  }

  private ofResult(): void {
    const { code } = this;
    code.get(RESULT);
    code.op('i64.eqz');
    code.i32(FLAG_BITS.zf);
    code.op('i32.shl');
    code.op('i32.or');
    code.get(RESULT);
    this.topBit();
    code.i32(FLAG_BITS.sf);
    code.op('i32.shl');
    code.op('i32.or');
    code.get(RESULT);
    code.op('i32.wrap_i64');
    writeParity(code);
    code.i32(FLAG_BITS.pf);
    code.op('i32.shl');
    code.op('i32.or');
  }
}
