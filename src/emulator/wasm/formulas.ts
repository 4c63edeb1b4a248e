/**
 * Each status flag from what lazy flags come from: operands and result, or what is in rflags. Each method puts 0 or 1
 * on the stack.
 */
import type { FlagName, Width } from '../ir.js';
import { writeParity } from './code.js';
import type { Code } from './code.js';
import type { Origin } from './origin.js';

export const FLAG_BITS = { cf: 0, pf: 2, af: 4, zf: 6, sf: 7, df: 10, of: 11 } as const;

export class Formulas {
  /** `rflags`: its local. `value` puts an operand or the result on the stack. */
  constructor(
    private readonly code: Code,
    private readonly rflags: number,
    private readonly value: (which: 'a' | 'b' | 'r', width: Width) => void,
  ) {}

  stored(name: FlagName): void {
    this.code.get(this.rflags);
    this.bit(FLAG_BITS[name]);
  }

  bit(at: number): void {
    const { code } = this;
    if (at > 0) {
      code.i32(at);
      code.op('i32.shr_u');
    }
    code.i32(1);
    code.op('i32.and');
  }

  carry(origin: Origin): void {
    const { code } = this;
    const { kind, width, plain } = origin;
    const less = width === 64 ? 'i64.lt_u' : 'i32.lt_u';
    if (kind === 'logic') code.i32(0);
    else if (kind !== 'add' && kind !== 'sub') this.stored('cf');
    else if (plain) {
      this.value(kind === 'add' ? 'r' : 'a', width);
      this.value(kind === 'add' ? 'a' : 'b', width);
      code.op(less);
    } else this.sign(origin, () => this.carries(width, kind === 'sub'));
  }

  /** (a & b) | ((a | b) & ~r) at each bit; for a difference with ~a and r. */
  private carries(width: Width, isDifference: boolean): void {
    const { code } = this;
    const type = width === 64 ? 'i64' : 'i32';
    const inverted = (which: 'a' | 'r'): void => {
      this.value(which, width);
      if (type === 'i64') code.i64(-1n);
      else code.i32(-1);
      code.op(`${type}.xor`);
    };
    const a = (): void => (isDifference ? inverted('a') : this.value('a', width));
    a();
    this.value('b', width);
    code.op(`${type}.and`);
    a();
    this.value('b', width);
    code.op(`${type}.or`);
    if (isDifference) this.value('r', width);
    else inverted('r');
    code.op(`${type}.and`);
    code.op(`${type}.or`);
  }

  overflow(origin: Origin): void {
    const { code } = this;
    const { kind, width } = origin;
    const type = width === 64 ? 'i64' : 'i32';
    if (kind === 'logic') code.i32(0);
    else if (kind === 'result') this.stored('of');
    else {
      const adds = kind === 'add' || kind === 'inc';
      const differ = (x: 'a' | 'b', y: 'b' | 'r'): void => {
        this.value(x, width);
        this.value(y, width);
        code.op(`${type}.xor`);
      };
      this.sign(origin, () => {
        differ('a', 'r');
        if (adds) differ('b', 'r');
        else differ('a', 'b');
        code.op(`${type}.and`);
      });
    }
  }

  zero({ kind, width, plain }: Origin): void {
    const { code } = this;
    if (kind === 'sub' && plain) {
      this.value('a', width);
      this.value('b', width);
      code.op(width === 64 ? 'i64.eq' : 'i32.eq');
      return;
    }
    this.value('r', width);
    code.op(width === 64 ? 'i64.eqz' : 'i32.eqz');
  }

  /** The highest bit of what `push` puts on the stack. */
  sign({ width }: Origin, push: () => void): void {
    const { code } = this;
    push();
    if (width === 64) {
      code.i64(0n);
      code.op('i64.lt_s');
    } else this.bit(width - 1);
  }

  parity({ width }: Origin): void {
    const { code } = this;
    this.value('r', width);
    if (width === 64) code.op('i32.wrap_i64');
    writeParity(code);
  }

  adjust({ kind, width }: Origin): void {
    const { code } = this;
    if (kind === 'logic') {
      code.i32(0);
      return;
    }
    const type = width === 64 ? 'i64' : 'i32';
    this.value('a', width);
    this.value('b', width);
    code.op(`${type}.xor`);
    this.value('r', width);
    code.op(`${type}.xor`);
    if (width === 64) code.op('i32.wrap_i64');
    this.bit(FLAG_BITS.af);
  }
}
