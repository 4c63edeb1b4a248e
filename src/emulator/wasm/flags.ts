/**
 * Lazy flags at translation time: where the flags come from that an instruction finds, and the code that asks for
 * one of them or brings all of them into the form that CpuState has.
 *
 * An instruction that sets flags only notes which locals hold its operands and its result. They are written back
 * where somebody may look who cannot know of it: on leaving the unit, and where paths meet. At such a place the origin
 * is known when all paths agree; otherwise it is asked at run time.
 */
import type { FlagName, Width } from '../ir.js';
import { DEFERRED, recover } from './deferred.js';
import type { Deferred } from './deferred.js';
import { FLAG_BITS, Formulas } from './formulas.js';
import type { Frame } from './frame.js';
import { originCode, sameOrigin, SETTLED } from './origin.js';
import type { Known, Origin } from './origin.js';

/** A value of the width of the origin: in a local of its own type, or a constant. */
export type Value = { readonly local: number } | { readonly constant: bigint };

/** The local holds 0 or 1. */
type Overrides = ReadonlyMap<FlagName, number>;

interface State {
  readonly origin: Known;
  /** Undefined: written back. */
  readonly values: { readonly a: Value; readonly b: Value; readonly r: Value } | undefined;
  readonly overrides: Overrides;
  /** Whether single flags were set since: they have no place of their own, so all must be settled. */
  readonly isPartial: boolean;
  /** What the flags may have been left to; only as long as the registers that it names are what they were. */
  readonly deferred: Deferred | undefined;
}

const STATUS = ['cf', 'pf', 'af', 'zf', 'sf', 'of'] as const;
const NONE: Overrides = new Map();
const SETTLE = 1;

function writtenBack(origin: Known, deferred?: Deferred): State {
  return { origin, values: undefined, overrides: NONE, isPartial: false, deferred };
}

export class Flags {
  private state: State = writtenBack('unknown');
  /** Whether the function that works flags out at run time is called. */
  settles = false;

  private readonly formulas: Formulas;

  constructor(private readonly frame: Frame) {
    this.formulas = new Formulas(frame.code, frame.rflags, (which, width) => this.value(which, width));
  }

  /** At a place where flags are written back, or deferred. */
  begin(origin: Known, deferred?: Deferred): void {
    this.state = writtenBack(origin, deferred);
  }

  /** Leaves it to who looks to get the flags from registers, unless they are written back already. */
  defer(deferred: Deferred): void {
    const { origin, values, overrides } = this.state;
    if (values === undefined) return;
    if (overrides.size > 0 || !sameOrigin(origin, deferred.origin))
      throw new Error('flags are not what registers are said to tell');
    this.frame.code.i32(DEFERRED);
    this.frame.code.set(this.frame.origin);
  }

  get origin(): Known {
    return this.state.origin;
  }

  /** Code that is written by `body` finds the flags as they are now, and does not lead to what follows. */
  aside(body: () => void): void {
    const { state } = this;
    body();
    this.state = state;
  }

  /** Locals that must not be given back. */
  pinned(): Set<number> {
    const { values, overrides } = this.state;
    const pinned = new Set(overrides.values());
    if (values !== undefined)
      for (const value of [values.a, values.b, values.r]) if ('local' in value) pinned.add(value.local);
    return pinned;
  }

  /** Flags of an operation; inc and dec leave CF. */
  assign(origin: Origin, a: Value, b: Value, r: Value): void {
    const keepsCarry = origin.kind === 'inc' || origin.kind === 'dec';
    const overrides =
      keepsCarry && !this.carryIsStored() ? new Map([['cf', this.capture('cf')] as const]) : NONE;
    this.state = { origin, values: { a, b, r }, overrides, isPartial: false, deferred: undefined };
  }

  /** SF, ZF and PF of a result, AF clear; CF and OF in locals. */
  assignResult(width: Width, r: Value, carry: number, overflow: number): void {
    const origin: Origin = { kind: 'result', width, plain: false };
    const overrides: Overrides = new Map([
      ['cf', carry],
      ['of', overflow],
    ]);
    this.state = { origin, values: { a: r, b: r, r }, overrides, isPartial: false, deferred: undefined };
  }

  /** Single flags, in locals. */
  override(flags: readonly (readonly [FlagName, number])[]): void {
    const { code, rflags } = this.frame;
    const overrides = new Map(this.state.overrides);
    for (const [name, local] of flags) {
      if (name !== 'df') {
        overrides.set(name, local);
        continue;
      }
      code.get(rflags);
      code.i32(~(1 << FLAG_BITS.df));
      code.op('i32.and');
      code.get(local);
      this.shiftUp('df');
      code.op('i32.or');
      code.set(rflags);
    }
    this.state = { ...this.state, overrides, isPartial: this.state.isPartial || overrides.size > 0 };
  }

  /** Puts a flag on the stack, 0 or 1. */
  emit(name: FlagName): void {
    const { formulas } = this;
    const { code } = this.frame;
    const { origin, overrides, values, deferred } = this.state;
    if (deferred !== undefined) throw new Error('flags that were left to registers are asked for');
    const local = overrides.get(name);
    if (local !== undefined) code.get(local);
    else if (name === 'df') formulas.stored(name);
    else if (origin === 'unknown') this.askAll(FLAG_BITS[name]);
    else if (origin.kind === 'none') formulas.stored(name);
    else if (name === 'cf') formulas.carry(origin);
    else if (name === 'of') formulas.overflow(origin);
    else if (name === 'zf') formulas.zero(origin);
    else if (name === 'sf') formulas.sign(origin, () => this.value('r', origin.width));
    else if (name === 'pf') formulas.parity(origin);
    else if (origin.kind !== 'result') formulas.adjust(origin);
    else if (values === undefined) formulas.stored(name);
    else code.i32(0);
  }

  /** What an `a < b` asks for: SF differs from OF, of a plain difference or of a logical result. */
  emitLess(orEqual: boolean): boolean {
    const { origin, overrides } = this.state;
    if (origin === 'unknown' || overrides.size > 0) return false;
    const { code } = this.frame;
    const { width } = origin;
    const wide = width === 64;
    if (origin.kind === 'logic') {
      this.extended('r', width);
      if (wide) code.i64(0n);
      else code.i32(0);
    } else if (origin.kind === 'sub' && origin.plain) {
      this.extended('a', width);
      this.extended('b', width);
    } else return false;
    code.op(`${wide ? 'i64' : 'i32'}.${orEqual ? 'le_s' : 'lt_s'}`);
    return true;
  }

  /** CF or ZF, of a plain difference. */
  emitBelowOrEqual(): boolean {
    const { origin, overrides } = this.state;
    if (origin === 'unknown' || overrides.size > 0 || origin.kind !== 'sub' || !origin.plain) return false;
    this.value('a', origin.width);
    this.value('b', origin.width);
    this.frame.code.op(origin.width === 64 ? 'i64.le_u' : 'i32.le_u');
    return true;
  }

  /** Brings all flags into the form of CpuState. */
  writeBack(): void {
    const { origin, values, overrides, deferred } = this.state;
    if (deferred !== undefined) {
      recover(this.frame, deferred);
      this.state = { ...this.state, deferred: undefined };
    }
    if (values === undefined && overrides.size === 0) return;
    if (origin === 'unknown' || this.state.isPartial) {
      this.settle();
      this.begin(SETTLED);
      return;
    }
    if (origin.kind === 'result') this.storeBits(['cf', 'of'], 1 << FLAG_BITS.af);
    else if (overrides.size > 0) this.storeBits(['cf']);
    const { first, second, result, origin: from, code } = this.frame;
    if (values !== undefined) {
      if (origin.kind !== 'logic' && origin.kind !== 'result') {
        this.widened('a', origin.width, first);
        this.widened('b', origin.width, second);
      }
      this.widened('r', origin.width, result);
      code.i32(originCode(origin));
      code.set(from);
    }
    this.begin(origin);
  }

  private storeBits(names: readonly FlagName[], cleared = 0): void {
    const mask = names.reduce((bits, name) => bits | (1 << FLAG_BITS[name]), cleared);
    const { code, rflags } = this.frame;
    code.get(rflags);
    code.i32(~mask);
    code.op('i32.and');
    for (const name of names) {
      this.emit(name);
      this.shiftUp(name);
      code.op('i32.or');
    }
    code.set(rflags);
  }

  private settle(): void {
    const { code, origin, rflags } = this.frame;
    if (this.state.origin === 'unknown') {
      this.askAll();
      code.set(rflags);
      this.storeBits([...this.state.overrides.keys()]);
    } else this.storeBits(STATUS);
    code.i32(0);
    code.set(origin);
  }

  /** Whether CF is where inc and dec leave it. */
  private carryIsStored(): boolean {
    const { origin, overrides, values } = this.state;
    if (origin === 'unknown' || overrides.size > 0) return false;
    if (origin.kind === 'inc' || origin.kind === 'dec' || origin.kind === 'none') return true;
    return origin.kind === 'result' && values === undefined;
  }

  private capture(name: FlagName): number {
    this.emit(name);
    const local = this.frame.locals.take('i32');
    this.frame.code.set(local);
    return local;
  }

  private shiftUp(name: FlagName): void {
    if (FLAG_BITS[name] === 0) return;
    this.frame.code.i32(FLAG_BITS[name]);
    this.frame.code.op('i32.shl');
  }

  private askAll(bit?: number): void {
    const { code, first, second, result, rflags, origin } = this.frame;
    this.settles = true;
    for (const local of [first, second, result, rflags, origin]) code.get(local);
    code.call(SETTLE);
    if (bit !== undefined) this.formulas.bit(bit);
  }

  /** Puts an operand or the result on the stack. */
  private value(which: 'a' | 'b' | 'r', width: Width): void {
    const { code, first, second, result } = this.frame;
    const { values } = this.state;
    if (values === undefined) {
      code.get(which === 'a' ? first : which === 'b' ? second : result);
      if (width !== 64) code.op('i32.wrap_i64');
      return;
    }
    const value = values[which];
    if ('local' in value) code.get(value.local);
    else if (width === 64) code.i64(value.constant);
    else code.i32(Number(BigInt.asIntN(32, value.constant)));
  }

  private widened(which: 'a' | 'b' | 'r', width: Width, into: number): void {
    this.value(which, width);
    if (width !== 64) this.frame.code.op('i64.extend_i32_u');
    this.frame.code.set(into);
  }

  /** Sign-extended to the type. */
  private extended(which: 'a' | 'b' | 'r', width: Width): void {
    this.value(which, width);
    if (width === 8) this.frame.code.op('i32.extend8_s');
    if (width === 16) this.frame.code.op('i32.extend16_s');
  }
}
