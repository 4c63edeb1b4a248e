/**
 * Expressions of the small language as WebAssembly: 64 bits are i64, everything narrower is an i32 that is
 * zero-extended, truth values are 0 and 1.
 */
import type { BinaryKind, Expr, Width } from '../ir.js';
import type { Flags } from './flags.js';
import { BASES_AT, typeOf } from './frame.js';
import type { Frame } from './frame.js';

const MASKS: Readonly<Record<Width, number>> = { 1: 1, 8: 0xff, 16: 0xffff, 32: -1, 64: -1 };
const MNEMONICS = {
  add: 'add',
  sub: 'sub',
  mul: 'mul',
  and: 'and',
  or: 'or',
  xor: 'xor',
  shl: 'shl',
  shr: 'shr_u',
  sar: 'shr_s',
} as const;
/** Results of these may have bits above the width. */
const OVERFLOWING: ReadonlySet<BinaryKind> = new Set(['add', 'sub', 'mul', 'shl', 'sar']);

type Binary = Expr & { op: 'binary' };

export class Expressions {
  constructor(
    private readonly frame: Frame,
    private readonly flags: Flags,
  ) {}

  /** Puts the value on the stack. */
  emit(e: Expr): void {
    const { code } = this.frame;
    switch (e.op) {
      case 'const':
        return this.constant(e.width, e.value);
      case 'reg':
        code.get(this.frame.gpr(e.index));
        return this.cut(e.width);
      case 'high':
        code.get(this.frame.gpr(e.index));
        code.op('i32.wrap_i64');
        code.i32(8);
        code.op('i32.shr_u');
        return this.mask(8);
      case 'base':
        code.i32(0);
        return code.memory('i64.load', BASES_AT + 8 * e.segment);
      case 'temp':
        return code.get(this.frame.temp(e.number, e.width));
      case 'not':
        return this.not(e.width, e.a);
      case 'binary':
        return this.binary(e);
      case 'compare':
        return this.compare(e);
      case 'select':
        this.emit(e.a);
        this.emit(e.b);
        this.emit(e.when);
        return code.op('select');
      case 'zext':
        this.emit(e.a);
        if (e.width === 64 && e.a.width !== 64) code.op('i64.extend_i32_u');
        return;
      case 'sext':
        return this.signExtend(e.width, e.a);
      case 'trunc':
        this.emit(e.a);
        if (e.a.width === 64) this.cut(e.width);
        else this.mask(e.width);
        return;
      case 'flag':
        return this.flags.emit(e.name);
      default:
        throw new Error(`no translation of ${e.op}`);
    }
  }

  private constant(width: Width, value: bigint): void {
    if (width === 64) this.frame.code.i64(value);
    else this.frame.code.i32(Number(BigInt.asIntN(32, value)));
  }

  /** Cuts the i64 on the stack to a width. */
  private cut(width: Width): void {
    if (width === 64) return;
    this.frame.code.op('i32.wrap_i64');
    this.mask(width);
  }

  private mask(width: Width): void {
    if (width >= 32) return;
    this.frame.code.i32(MASKS[width]);
    this.frame.code.op('i32.and');
  }

  private not(width: Width, a: Expr): void {
    const { code } = this.frame;
    this.emit(a);
    if (width === 1) {
      code.op('i32.eqz');
      return;
    }
    this.constant(width, width === 64 ? -1n : BigInt(MASKS[width]));
    code.op(`${typeOf(width)}.xor`);
  }

  private binary(e: Binary): void {
    if (e.width === 1 ? this.condition(e) : this.rotation(e)) return;
    const { code } = this.frame;
    const { kind, width } = e;
    const isShift = kind === 'shl' || kind === 'shr' || kind === 'sar';
    if (kind === 'sar') this.signed(e.a);
    else this.emit(e.a);
    this.emit(e.b);
    if (isShift && width === 64 && e.b.width !== 64) code.op('i64.extend_i32_u');
    if (isShift && width !== 64 && e.b.width === 64) code.op('i32.wrap_i64');
    code.op(`${typeOf(width)}.${MNEMONICS[kind]}`);
    if (OVERFLOWING.has(kind)) this.mask(width);
  }

  /** Two shifts of one value by counts that make up its width. */
  private rotation({ kind, width, a, b }: Binary): boolean {
    if (kind !== 'or' || width < 32 || a.op !== 'binary' || b.op !== 'binary') return false;
    if (a.kind !== 'shl' || b.kind !== 'shr' || a.a.op !== 'temp' || b.a.op !== 'temp') return false;
    if (a.a.number !== b.a.number) return false;
    const toLeft = isRest(b.b, a.b, width);
    if (!toLeft && !isRest(a.b, b.b, width)) return false;
    const count = toLeft ? a.b : b.b;
    this.emit(a.a);
    this.emit(count);
    if (width === 64 && count.width !== 64) this.frame.code.op('i64.extend_i32_u');
    this.frame.code.op(`${width === 64 ? 'i64' : 'i32'}.${toLeft ? 'rotl' : 'rotr'}`);
    return true;
  }

  /** Conditions of two or three flags, where a comparison says the same. */
  private condition({ kind, a, b }: Binary): boolean {
    const isFlag = (e: Expr, name: string): boolean => e.op === 'flag' && e.name === name;
    const isLess = (e: Expr): boolean =>
      e.op === 'binary' && e.kind === 'xor' && isFlag(e.a, 'sf') && isFlag(e.b, 'of');
    if (kind === 'xor' && isFlag(a, 'sf') && isFlag(b, 'of')) return this.flags.emitLess(false);
    if (kind === 'or' && isFlag(a, 'zf') && isLess(b)) return this.flags.emitLess(true);
    if (kind === 'or' && isFlag(a, 'cf') && isFlag(b, 'zf')) return this.flags.emitBelowOrEqual();
    return false;
  }

  private compare({ kind, a, b }: Expr & { op: 'compare' }): void {
    const { code } = this.frame;
    const type = typeOf(a.width);
    if (kind === 'slt') {
      this.signed(a);
      this.signed(b);
      code.op(`${type}.lt_s`);
      return;
    }
    this.emit(a);
    if (kind === 'eq' && b.op === 'const' && b.value === 0n) {
      code.op(`${type}.eqz`);
      return;
    }
    this.emit(b);
    code.op(`${type}.${kind === 'ult' ? 'lt_u' : kind}`);
  }

  /** A value, sign-extended to its type. */
  private signed(a: Expr): void {
    this.emit(a);
    if (a.width === 8) this.frame.code.op('i32.extend8_s');
    if (a.width === 16) this.frame.code.op('i32.extend16_s');
  }

  private signExtend(width: Width, a: Expr): void {
    if (a.width === width) {
      this.emit(a);
      return;
    }
    this.signed(a);
    if (width === 64) this.frame.code.op('i64.extend_i32_s');
    else this.mask(width);
  }
}

/** Whether a count is what another leaves of the width, modulo the width. */
function isRest(rest: Expr, count: Expr, width: Width): boolean {
  const size = BigInt(width);
  if (rest.op === 'const' && count.op === 'const') return (rest.value + count.value) % size === 0n;
  if (rest.op !== 'binary' || rest.kind !== 'and' || rest.a.op !== 'binary' || rest.a.kind !== 'sub')
    return false;
  const { a: whole, b: taken } = rest.a;
  return (
    whole.op === 'const' &&
    whole.value === size &&
    taken.op === 'temp' &&
    count.op === 'temp' &&
    taken.number === count.number
  );
}
