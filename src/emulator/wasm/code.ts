/**
 * Writes the body of one function of WebAssembly: opcodes with their immediates, labels by name instead of depth,
 * and locals that are taken and given back. Code is written once, in order; what must come before it (loading the
 * registers that it turned out to use) is written by another of these and put in front.
 */
import { OPCODES, TYPE_CODES } from './opcodes.js';
import type { MemoryOp, PlainOp, ValueType } from './opcodes.js';

/** A block, loop or if that is open. */
export interface Label {
  readonly depth: number;
}

const VOID = 0x40;

export class Bytes {
  private bytes = new Uint8Array(1024);
  length = 0;

  byte(value: number): void {
    if (this.length === this.bytes.length) this.grow(this.length + 1);
    this.bytes[this.length++] = value;
  }

  /** LEB128, unsigned. */
  unsigned(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** LEB128, signed 32 bits. */
  signed(value: number): void {
    let rest = value | 0;
    while (rest > 63 || rest < -64) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  signed64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    while (rest > 63n || rest < -64n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest & 0x7fn));
  }

  append(other: Uint8Array): void {
    if (this.length + other.length > this.bytes.length) this.grow(this.length + other.length);
    this.bytes.set(other, this.length);
    this.length += other.length;
  }

  text(text: string): void {
    this.unsigned(text.length);
    for (const letter of text) this.byte(letter.charCodeAt(0));
  }

  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

export class Code extends Bytes {
  /** How many labels are open. */
  private depth = 0;

  op(name: PlainOp): void {
    this.byte(OPCODES[name]);
  }

  i32(value: number): void {
    this.byte(OPCODES['i32.const']);
    this.signed(value);
  }

  i64(value: bigint): void {
    this.byte(OPCODES['i64.const']);
    this.signed64(value);
  }

  get(local: number): void {
    this.byte(OPCODES['local.get']);
    this.unsigned(local);
  }

  set(local: number): void {
    this.byte(OPCODES['local.set']);
    this.unsigned(local);
  }

  tee(local: number): void {
    this.byte(OPCODES['local.tee']);
    this.unsigned(local);
  }

  /** A load or store; nothing is promised about alignment. */
  memory(name: MemoryOp, at: number): void {
    this.byte(OPCODES[name]);
    this.byte(0);
    this.unsigned(at);
  }

  open(kind: 'block' | 'loop' | 'if'): Label {
    this.byte(OPCODES[kind]);
    this.byte(VOID);
    return { depth: ++this.depth };
  }

  otherwise(): void {
    this.byte(OPCODES.else);
  }

  close(): void {
    this.depth--;
    this.byte(OPCODES.end);
  }

  branch(label: Label, how: 'br' | 'br_if' = 'br'): void {
    this.byte(OPCODES[how]);
    this.unsigned(this.depth - label.depth);
  }

  /** Branches to one of the labels by a number; to the last for those that are too large. */
  branchTable(labels: readonly Label[]): void {
    this.byte(OPCODES.br_table);
    this.unsigned(labels.length - 1);
    for (const label of labels) this.unsigned(this.depth - label.depth);
  }

  call(index: number): void {
    this.byte(OPCODES.call);
    this.unsigned(index);
  }

  /** Leaves for the function of table 0 whose number is on the stack; `type` is its number among the types. */
  leaveFor(type: number): void {
    this.byte(OPCODES.return_call_indirect);
    this.unsigned(type);
    this.byte(0);
  }
}

/** From an i32 to its PF: 1 when its low byte has an even number of bits. SDM vol. 1, 3.4.3.1. */
export function writeParity(code: Code): void {
  code.i32(0xff);
  code.op('i32.and');
  code.op('i32.popcnt');
  code.i32(1);
  code.op('i32.and');
  code.op('i32.eqz');
}

/** Locals by type: those that are free are taken again, so that a function has few. */
export class Locals {
  private readonly types: ValueType[] = [];
  private readonly free: Record<ValueType, number[]> = { i32: [], i64: [] };
  private taken = new Set<number>();

  /** `first`: the number of parameters. */
  constructor(private readonly first: number) {}

  /** A local that is never given back. */
  own(type: ValueType): number {
    return this.first + this.types.push(type) - 1;
  }

  take(type: ValueType): number {
    const local = this.free[type].pop() ?? this.own(type);
    this.taken.add(local);
    return local;
  }

  /** Gives back all that were taken but these. */
  keep(kept: ReadonlySet<number>): void {
    for (const local of this.taken) {
      if (kept.has(local)) continue;
      this.taken.delete(local);
      this.free[this.typeOf(local)].push(local);
    }
  }

  /** Gives back all while `body` runs, which is for code that does not lead to what follows. */
  aside(body: () => void): void {
    const outer = this.taken;
    this.taken = new Set();
    for (const local of outer) this.free[this.typeOf(local)].push(local);
    body();
    this.keep(new Set());
    for (const type of ['i32', 'i64'] as const)
      this.free[type] = this.free[type].filter((local) => !outer.has(local));
    this.taken = outer;
  }

  declaration(): Uint8Array {
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.types) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    const bytes = new Bytes();
    bytes.unsigned(runs.length);
    for (const { type, count } of runs) {
      bytes.unsigned(count);
      bytes.byte(TYPE_CODES[type]);
    }
    return bytes.take();
  }

  private typeOf(local: number): ValueType {
    return this.types[local - this.first];
  }
}
