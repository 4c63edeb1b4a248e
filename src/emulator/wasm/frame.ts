/**
 * What the function of a unit works on: its code, and the locals that stand for the guest's registers, for what its
 * lazy flags come from, for the instructions that may still run, and for the temporaries of the instruction at hand.
 */
import { CLOCK_AT, FUEL_AT, LEFT_UNIT_AT, STATE_AT, USES_AT } from '../arena.js';
import type { Width } from '../ir.js';
import { Code, Locals } from './code.js';
import type { Label } from './code.js';
import type { ValueType } from './opcodes.js';

/** Places in the state: see state.ts. */
export const FLAGS_AT = STATE_AT + 0x88;
export const ORIGIN_AT = STATE_AT + 0x8c;
export const LAZY_AT = STATE_AT + 0x90;
export const BASES_AT = STATE_AT + 0xd0;
export const RIP_AT = STATE_AT + 0x80;

export const ENTRY = 0;

export function typeOf(width: Width): ValueType {
  return width === 64 ? 'i64' : 'i32';
}

export class Frame {
  readonly code = new Code();
  readonly locals = new Locals(1);
  /** Lazy flags as in CpuState: operands and result, zero-extended; rflags; what they come from. */
  readonly first = this.locals.own('i64');
  readonly second = this.locals.own('i64');
  readonly result = this.locals.own('i64');
  readonly rflags = this.locals.own('i32');
  readonly origin = this.locals.own('i32');
  readonly fuel = this.locals.own('i32');
  /** Number of the exit that is taken. */
  readonly exit = this.locals.own('i32');
  /** The unit to go on in, or -1. */
  readonly unit = this.locals.own('i32');
  /** Where an indirect branch leads. */
  readonly target = this.locals.own('i64');
  readonly leave: Label;
  private readonly gprs = new Map<number, number>();
  private readonly written = new Set<number>();
  private readonly distances = new Map<number, number>();
  private temps = new Map<number, number>();

  constructor() {
    this.leave = this.code.open('block');
  }

  /** The local of a general register. */
  gpr(index: number): number {
    let local = this.gprs.get(index);
    if (local === undefined) {
      local = this.locals.own('i64');
      this.gprs.set(index, local);
    }
    return local;
  }

  setGpr(index: number): void {
    const local = this.gpr(index);
    this.written.add(index);
    this.code.set(local);
  }

  /** The local that holds the distance from addresses of a region to their places. */
  distance(region: number): number {
    let local = this.distances.get(region);
    if (local === undefined) {
      local = this.locals.own('i32');
      this.distances.set(region, local);
    }
    return local;
  }

  temp(number: number, width: Width): number {
    let local = this.temps.get(number);
    if (local === undefined) {
      local = this.locals.take(typeOf(width));
      this.temps.set(number, local);
    }
    return local;
  }

  /** Forgets the temporaries of the last instruction; those in `kept` keep their locals. */
  endInstruction(kept: ReadonlySet<number>): void {
    this.temps = new Map();
    this.locals.keep(kept);
  }

  /** Runs `body`, which writes code that does not lead to what follows. */
  aside(body: () => void): void {
    const { temps } = this;
    this.locals.aside(() => {
      this.temps = new Map();
      body();
    });
    this.temps = temps;
  }

  /** The whole body of the function of unit `number`: loads what is used, and on leaving stores what was written. */
  finish(number: number, distanceOf: (region: number) => number): Uint8Array {
    const { code } = this;
    code.close();
    this.store(number);
    const whole = new Code();
    this.load(whole, number);
    for (const [region, local] of this.distances) {
      whole.i32(distanceOf(region));
      whole.set(local);
    }
    whole.append(code.take());
    return whole.take();
  }

  private load(head: Code, number: number): void {
    const load = (local: number, type: ValueType, at: number): void => {
      head.i32(0);
      head.memory(`${type}.load`, at);
      head.set(local);
    };
    for (const [index, local] of this.gprs) load(local, 'i64', STATE_AT + 8 * index);
    load(this.first, 'i64', LAZY_AT);
    load(this.second, 'i64', LAZY_AT + 8);
    load(this.result, 'i64', LAZY_AT + 16);
    load(this.rflags, 'i32', FLAGS_AT);
    load(this.origin, 'i32', ORIGIN_AT);
    load(this.fuel, 'i32', FUEL_AT);
    head.i32(-1);
    head.set(this.unit);
    head.i32(0);
    head.i32(0);
    head.memory('i32.load', CLOCK_AT);
    head.memory('i32.store', USES_AT + 4 * number);
  }

  private store(number: number): void {
    const { code } = this;
    const store = (local: number, type: ValueType, at: number): void => {
      code.i32(0);
      code.get(local);
      code.memory(`${type}.store`, at);
    };
    for (const index of this.written) store(this.gpr(index), 'i64', STATE_AT + 8 * index);
    store(this.first, 'i64', LAZY_AT);
    store(this.second, 'i64', LAZY_AT + 8);
    store(this.result, 'i64', LAZY_AT + 16);
    store(this.rflags, 'i32', FLAGS_AT);
    store(this.origin, 'i32', ORIGIN_AT);
    store(this.fuel, 'i32', FUEL_AT);
    code.get(this.unit);
    code.i32(0);
    code.op('i32.ge_s');
    code.open('if');
    code.get(ENTRY);
    code.get(this.unit);
    code.leaveFor(0);
    code.close();
    code.i32(0);
    code.i32(number);
    code.memory('i32.store', LEFT_UNIT_AT);
    code.get(this.exit);
  }
}
