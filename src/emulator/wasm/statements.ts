/**
 * Statements of one instruction as WebAssembly. Where control leaves the instruction (a jump, or the way to the
 * interpreter) is for the unit to say.
 *
 * A guest address becomes a place in memory by the look-aside table: its slot is asked for the page of the last byte
 * of the access, so one comparison tells that the page is known and that the access does not leave it.
 */
import { READS_AT, WRITES_AT } from '../arena.js';
import type { Expr, FlagName, Statement, Width } from '../ir.js';
import type { Expressions } from './expressions.js';
import type { Flags, Value } from './flags.js';
import { typeOf } from './frame.js';
import type { Frame } from './frame.js';
import type { GuestInstruction } from './guest-instruction.js';
import { emitIntrinsic } from './intrinsics.js';
import { sameOrigin } from './origin.js';
import { expressionsOf, flatten, isPlain, setsFlags, visitWithin } from './statement-walk.js';

/** Slots are 16 bytes: the number of the page, times 16, modulo the size of the table. */
const SLOT_SHIFT = 8n;
const SLOT_MASK = 0x3fff0;
const PLACE = 8;
/** The region of addresses that come from no register. */
export const ELSEWHERE = 16;

const LOADS = {
  1: 'i32.load8_u',
  8: 'i32.load8_u',
  16: 'i32.load16_u',
  32: 'i32.load',
  64: 'i64.load',
} as const;
const STORES = {
  1: 'i32.store8',
  8: 'i32.store8',
  16: 'i32.store16',
  32: 'i32.store',
  64: 'i64.store',
} as const;

export interface Ways {
  /** Leaves for the interpreter, at this instruction, when what is on the stack is not 0. */
  readonly bail: () => void;
  readonly jump: (target: Expr) => void;
}

export class StatementWriter {
  /** The temporary that holds an address where stores are known to be possible, and the place in memory. */
  private writable: { readonly temp: number; readonly width: Width; readonly place: number } | undefined;
  private used = new Set<number>();
  private flagsMatter = true;
  /** What temporaries were assigned. */
  private definitions = new Map<number, Expr>();

  constructor(
    private readonly frame: Frame,
    private readonly flags: Flags,
    private readonly expressions: Expressions,
    private readonly ways: Ways,
  ) {}

  /** `flagsMatter`: whether anybody looks at the flags that it sets. */
  instruction({ statements }: GuestInstruction, flagsMatter: boolean): void {
    this.writable = undefined;
    this.definitions = new Map();
    this.flagsMatter = flagsMatter;
    this.used = new Set();
    const use = (e: Expr): void => {
      if (e.op === 'temp') this.used.add(e.number);
    };
    for (const s of flatten(statements)) {
      if (this.isIdle(s)) continue;
      for (const e of expressionsOf(s)) visitWithin(e, use);
    }
    this.list(statements);
    this.frame.endInstruction(this.flags.pinned());
  }

  private list(statements: readonly Statement[]): void {
    for (const s of statements) if (!this.isIdle(s)) this.statement(s);
  }

  /** Whether it only sets flags that nobody looks at. */
  private isIdle(s: Statement): boolean {
    if (this.flagsMatter) return false;
    if (s.st === 'lazy' || s.st === 'result') return true;
    if (s.st === 'setFlags') return s.flags.every(([name]) => name !== 'df');
    return s.st === 'if' && [...s.then, ...s.else].every((inner) => inner.st === 'let' || this.isIdle(inner));
  }

  private statement(s: Statement): void {
    const { frame, expressions } = this;
    switch (s.st) {
      case 'let':
        expressions.emit(s.value);
        this.definitions.set(s.temp.number, s.value);
        return frame.code.set(frame.temp(s.temp.number, s.temp.width));
      case 'load':
        return this.load(s);
      case 'store':
        return this.store(s.address, s.value);
      case 'setReg':
        return this.setReg(s.index, s.value);
      case 'setHigh':
        return this.replaceBits(s.index, s.value, 8n);
      case 'lazy':
      case 'result':
      case 'setFlags':
        return this.setFlags(s);
      case 'if':
        return this.branch(s);
      case 'jump':
        return this.jump(s.target);
      case 'raise':
        frame.code.i32(1);
        return this.ways.bail();
      case 'call':
        return emitIntrinsic(
          { frame, expressions, isUsed: (temp) => this.used.has(temp.number), bail: this.ways.bail },
          s,
        );
      default:
        throw new Error(`no translation of ${s.st}`);
    }
  }

  /** What follows the jump may be written at once, and is of other instructions. */
  private jump(target: Expr): void {
    const { writable, used, flagsMatter, definitions } = this;
    this.ways.jump(target);
    this.writable = writable;
    this.used = used;
    this.flagsMatter = flagsMatter;
    this.definitions = definitions;
  }

  private load({ temp, address, modify }: Statement & { st: 'load' }): void {
    const { code } = this.frame;
    const place = this.locate(address, temp.width, modify);
    code.get(place);
    code.memory(LOADS[temp.width], 0);
    code.set(this.frame.temp(temp.number, temp.width));
    if (modify && address.op === 'temp') this.writable = { temp: address.number, width: temp.width, place };
  }

  private store(address: Expr, value: Expr): void {
    const { code } = this.frame;
    const { writable } = this;
    const known =
      writable !== undefined &&
      address.op === 'temp' &&
      address.number === writable.temp &&
      value.width === writable.width;
    code.get(known ? writable.place : this.locate(address, value.width, true));
    this.expressions.emit(value);
    code.memory(STORES[value.width], 0);
  }

  /** The local that holds where the bytes at an address lie; leaves when that cannot be told. */
  private locate(address: Expr, width: Width, write: boolean): number {
    const { code, locals } = this.frame;
    const table = write ? WRITES_AT : READS_AT;
    const at = locals.take('i64');
    const slot = locals.take('i32');
    this.expressions.emit(address);
    code.tee(at);
    code.i64(SLOT_SHIFT);
    code.op('i64.shr_u');
    code.op('i32.wrap_i64');
    code.i32(SLOT_MASK);
    code.op('i32.and');
    code.tee(slot);
    code.memory('i64.load', table);
    code.get(at);
    if (width > 8) {
      code.i64(BigInt(width / 8 - 1));
      code.op('i64.add');
    }
    code.i64(-4096n);
    code.op('i64.and');
    code.op('i64.ne');
    this.ways.bail();
    this.guess(slot, table + PLACE, this.frame.distance(this.regionOf(address)));
    code.get(at);
    code.op('i32.wrap_i64');
    code.op('i32.add');
    code.set(slot);
    return slot;
  }

  /**
   * Puts on the stack what is to be added to an address. It hardly changes for addresses that come from one register,
   * so it is kept, and compared with what the table says: the processor need not wait for the table.
   */
  private guess(slot: number, at: number, kept: number): void {
    const { code } = this.frame;
    code.get(slot);
    code.memory('i32.load', at);
    code.get(kept);
    code.op('i32.ne');
    code.open('if');
    code.get(slot);
    code.memory('i32.load', at);
    code.set(kept);
    code.close();
    code.get(kept);
  }

  /** The register that an address comes from: what it points to lies together. */
  private regionOf(address: Expr): number {
    if (address.op === 'reg') return address.index;
    if (address.op === 'temp') {
      const value = this.definitions.get(address.number);
      return value === undefined ? ELSEWHERE : this.regionOf(value);
    }
    if (address.op === 'binary') {
      const region = this.regionOf(address.a);
      return region === ELSEWHERE ? this.regionOf(address.b) : region;
    }
    return address.op === 'zext' || address.op === 'trunc' ? this.regionOf(address.a) : ELSEWHERE;
  }

  private setReg(index: number, value: Expr): void {
    const { frame, expressions } = this;
    if (value.width < 32) {
      this.replaceBits(index, value, 0n);
      return;
    }
    expressions.emit(value);
    if (value.width === 32) frame.code.op('i64.extend_i32_u');
    frame.setGpr(index);
  }

  /** Replaces some of the low bits of a register. */
  private replaceBits(index: number, value: Expr, from: bigint): void {
    const { code } = this.frame;
    const mask = ((1n << BigInt(value.width)) - 1n) << from;
    code.get(this.frame.gpr(index));
    code.i64(BigInt.asIntN(64, ~mask));
    code.op('i64.and');
    this.expressions.emit(value);
    code.op('i64.extend_i32_u');
    if (from > 0n) {
      code.i64(from);
      code.op('i64.shl');
    }
    code.op('i64.or');
    this.frame.setGpr(index);
  }

  private setFlags(s: Statement & { st: 'lazy' | 'result' | 'setFlags' }): void {
    if (s.st === 'setFlags') {
      const flags = s.flags.map(([name, value]): readonly [FlagName, number] => [name, this.hold(value)]);
      this.flags.override(flags);
    } else if (s.st === 'result') {
      this.flags.assignResult(
        s.result.width,
        this.value(s.result),
        this.hold(s.carry),
        this.hold(s.overflow),
      );
    } else {
      const { kind, a, b, result } = s;
      const origin = { kind, width: result.width, plain: isPlain(s, this.definitions) };
      this.flags.assign(origin, this.value(a), this.value(b), this.value(result));
    }
  }

  private value(e: Expr): Value {
    if (e.op === 'const') return { constant: e.value };
    return { local: e.op === 'temp' ? this.frame.temp(e.number, e.width) : this.hold(e) };
  }

  /** Works a value out into a local of its own. */
  private hold(e: Expr): number {
    const local = this.frame.locals.take(typeOf(e.width));
    this.expressions.emit(e);
    this.frame.code.set(local);
    return local;
  }

  private branch(s: Statement & { st: 'if' }): void {
    if (flatten([s]).some((inner) => inner.st === 'jump')) {
      this.arms(s, (statements) => this.flags.aside(() => this.list(statements)));
    } else if (this.changesFlags([s])) this.branchOfFlags(s);
    else this.arms(s, (statements) => this.list(statements));
  }

  private arms({ when, then, else: otherwise }: Statement & { st: 'if' }, arm: Arm): void {
    const { code } = this.frame;
    this.expressions.emit(when);
    code.open('if');
    arm(then);
    if (otherwise.length > 0) {
      code.otherwise();
      arm(otherwise);
    }
    code.close();
  }

  /** Flags that are set on one path only are written back before it, and on both paths. */
  private branchOfFlags(s: Statement & { st: 'if' }): void {
    const { flags } = this;
    this.expressions.emit(s.when);
    const when = this.frame.locals.take('i32');
    this.frame.code.set(when);
    flags.writeBack();
    const before = flags.origin;
    const { code } = this.frame;
    code.get(when);
    code.open('if');
    this.list(s.then);
    flags.writeBack();
    const after = flags.origin;
    flags.begin(before);
    code.otherwise();
    this.list(s.else);
    flags.writeBack();
    const agree = sameOrigin(flags.origin, after);
    code.close();
    flags.begin(agree ? after : 'unknown');
  }

  private changesFlags(statements: readonly Statement[]): boolean {
    return flatten(statements).some((s) => setsFlags(s) && !this.isIdle(s));
  }
}

type Arm = (statements: readonly Statement[]) => void;
