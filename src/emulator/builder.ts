/**
 * What semantics are written with: reads and writes operands of the instruction at hand, builds expressions, and
 * collects statements. A value that was read is a temporary, so that a later write does not change it.
 *
 * Whoever writes semantics keeps one rule, so that a fault leaves everything as it was: loads, stores and raised
 * exceptions come first, registers and flags are assigned when nothing can fault any more.
 */
import type { Instruction, MemoryOperand, Operand } from './instruction.js';
import type { BinaryKind, CompareKind, Expr, FlagName, LazyKind, Statement, Width } from './ir.js';
import { maskOf } from './ir.js';

type Temp = Expr & { op: 'temp' };

export class Builder {
  statements: Statement[] = [];
  private temps = 0;
  private readonly addresses = new Map<number, Expr>();

  constructor(readonly instruction: Instruction) {}

  add(statement: Statement): void {
    this.statements.push(statement);
  }

  temp(width: Width): Temp {
    return { op: 'temp', width, number: this.temps++ };
  }

  let(value: Expr): Expr {
    const temp = this.temp(value.width);
    this.add({ st: 'let', temp, value });
    return temp;
  }

  when(condition: Expr, then: () => void, otherwise?: () => void): void {
    const collect = (body: (() => void) | undefined): readonly Statement[] => {
      const outer = this.statements;
      this.statements = [];
      body?.();
      const inner = this.statements;
      this.statements = outer;
      return inner;
    };
    this.add({ st: 'if', when: condition, then: collect(then), else: collect(otherwise) });
  }

  operand(k: number): Operand {
    const operand = this.instruction.operands[k];
    if (operand === undefined) throw new Error(`${this.instruction.form} has no operand ${k}`);
    return operand;
  }

  /** Width of an operand that is a register or in memory, or of the first that is, for an immediate. */
  width(k = 0): Width {
    const operand = this.operand(k);
    return operand.kind === 'immediate' && k > 0 ? this.width(0) : widthOf(operand.width);
  }

  memory(k: number): MemoryOperand {
    const operand = this.operand(k);
    if (operand.kind !== 'memory')
      throw new Error(`operand ${k} of ${this.instruction.form} is not in memory`);
    return operand;
  }

  /** The address of a memory operand without its segment base, as lea gives it. */
  effective(operand: MemoryOperand): Expr {
    const width = operand.addressWidth;
    let sum: Expr | undefined;
    const plus = (term: Expr): void => {
      sum = sum === undefined ? term : this.binary('add', sum, term);
    };
    if (operand.base >= 0) plus({ op: 'reg', width, index: operand.base });
    if (operand.index >= 0) {
      const index: Expr = { op: 'reg', width, index: operand.index };
      const shift = Math.log2(operand.scale);
      plus(shift === 0 ? index : this.binary('shl', index, this.constant(8, BigInt(shift))));
    }
    const displacement = BigInt.asUintN(width, operand.displacement);
    if (displacement !== 0n || sum === undefined)
      plus({ op: 'const', width, value: displacement, fromBytes: true });
    return this.zext(64, sum ?? this.constant(64, 0n));
  }

  /** The linear address of a memory operand, worked out once. */
  address(k: number): Expr {
    let address = this.addresses.get(k);
    if (address === undefined) {
      const operand = this.memory(k);
      const plain = this.effective(operand);
      const { segment } = operand;
      address = this.let(segment < 0 ? plain : this.binary('add', { op: 'base', width: 64, segment }, plain));
      this.addresses.set(k, address);
    }
    return address;
  }

  load(width: Width, address: Expr, stack = false, modify = false): Expr {
    const temp = this.temp(width);
    this.add({ st: 'load', temp, address, modify, stack });
    return temp;
  }

  store(address: Expr, value: Expr, stack = false): void {
    this.add({ st: 'store', address, value, stack });
  }

  /** Reads an operand; an immediate takes the given width. `modify`: the instruction writes it back. */
  read(k: number, width: Width = this.width(k), modify = false): Expr {
    const operand = this.operand(k);
    switch (operand.kind) {
      case 'gpr':
        return this.let({ op: 'reg', width, index: operand.index });
      case 'high':
        return this.let({ op: 'high', width: 8, index: operand.index });
      case 'immediate':
        return { op: 'const', width, value: BigInt.asUintN(width, operand.value), fromBytes: true };
      case 'target':
        return { op: 'const', width: 64, value: operand.value, fromBytes: true };
      case 'memory':
        return this.load(width, this.address(k), operand.stack, modify);
      default:
        throw new Error(`operand ${k} of ${this.instruction.form} is no general operand`);
    }
  }

  readToModify(k: number): Expr {
    return this.read(k, this.width(k), true);
  }

  write(k: number, value: Expr): void {
    const operand = this.operand(k);
    if (operand.kind === 'gpr') this.add({ st: 'setReg', index: operand.index, value });
    else if (operand.kind === 'high') this.add({ st: 'setHigh', index: operand.index, value });
    else if (operand.kind === 'memory') this.store(this.address(k), value, operand.stack);
    else throw new Error(`operand ${k} of ${this.instruction.form} cannot be written`);
  }

  /** Whether writing the operand may fault, so that it has to come before all other effects. */
  inMemory(k: number): boolean {
    return this.operand(k).kind === 'memory';
  }

  reg(index: number, width: Width = 64): Expr {
    return this.let({ op: 'reg', width, index });
  }

  setReg(index: number, value: Expr): void {
    this.add({ st: 'setReg', index, value });
  }

  constant(width: Width, value: bigint | number): Expr {
    return { op: 'const', width, value: BigInt(value) & maskOf(width), fromBytes: false };
  }

  /** A constant that the instruction's bytes or place bring in. */
  own(width: Width, value: bigint): Expr {
    return { op: 'const', width, value: value & maskOf(width), fromBytes: true };
  }

  binary(kind: BinaryKind, a: Expr, b: Expr): Expr {
    if (a.op === 'const' && b.op === 'const' && !a.fromBytes && !b.fromBytes) {
      if (kind === 'add') return this.constant(a.width, a.value + b.value);
      if (kind === 'sub') return this.constant(a.width, a.value - b.value);
      if (kind === 'and') return this.constant(a.width, a.value & b.value);
    }
    return { op: 'binary', kind, width: a.width, a, b };
  }

  not(a: Expr): Expr {
    return { op: 'not', width: a.width, a };
  }

  compare(kind: CompareKind, a: Expr, b: Expr): Expr {
    return { op: 'compare', kind, width: 1, a, b };
  }

  isZero(a: Expr): Expr {
    return this.compare('eq', a, this.constant(a.width, 0n));
  }

  select(when: Expr, a: Expr, b: Expr): Expr {
    return { op: 'select', width: a.width, when, a, b };
  }

  zext(width: Width, a: Expr): Expr {
    return a.width === width ? a : { op: 'zext', width, a };
  }

  sext(width: Width, a: Expr): Expr {
    return a.width === width ? a : { op: 'sext', width, a };
  }

  trunc(width: Width, a: Expr): Expr {
    return a.width === width ? a : { op: 'trunc', width, a };
  }

  /** Bit number `at` of a value. */
  bit(a: Expr, at: number): Expr {
    return this.trunc(1, this.binary('shr', a, this.constant(8, at)));
  }

  sign(a: Expr): Expr {
    return this.compare('slt', a, this.constant(a.width, 0n));
  }

  flag(name: FlagName): Expr {
    return { op: 'flag', width: 1, name };
  }

  setFlags(...flags: readonly (readonly [FlagName, Expr])[]): void {
    this.add({ st: 'setFlags', flags });
  }

  lazy(kind: LazyKind, result: Expr, a: Expr = result, b: Expr = result): void {
    this.add({ st: 'lazy', kind, a, b, result });
  }

  /** The flags of a result: CF and OF as given, AF clear, the others from the result. */
  result(result: Expr, carry: Expr, overflow: Expr): void {
    this.add({ st: 'result', result, carry, overflow });
  }

  raise(vector: number, errorCode = 0): void {
    this.add({ st: 'raise', vector, errorCode });
  }

  jump(target: Expr): void {
    this.add({ st: 'jump', target });
  }

  /** Address of the instruction behind this one. */
  get next(): Expr {
    return this.own(64, this.instruction.next);
  }

  call(helper: string, args: readonly Expr[], results: readonly Width[] = []): Expr[] {
    const temps = results.map((width) => this.temp(width));
    this.add({ st: 'call', helper, args, results: temps });
    return temps;
  }
}

/** A width of the language; throws for those that only vectors have. */
export function widthOf(bits: number): Width {
  if (bits === 8 || bits === 16 || bits === 32 || bits === 64) return bits;
  throw new Error(`no operand of ${bits} bits here`);
}
