/**
 * Where a constant goes: from the instruction that loads it, along every path, until it is overwritten or handed to
 * a call. It may be moved between registers on the way; whoever does anything else with it ends the search without
 * an answer, and so does everything that is not understood.
 *
 * At each instruction there is a set of registers that may hold the constant. It only grows, so the work ends.
 */
import {
  ARGUMENT_REGISTERS,
  CALLEE_SAVED,
  CALLER_SAVED,
  registerSet,
  RESULTS,
  SLOT,
} from './calling-convention.js';
import type { InstructionFacts } from './instruction-facts.js';
import type { Routine, Transfer } from './routine.js';

/** A call, or a jump in place of one, at which the constant may be an argument. */
export interface Use {
  readonly instruction: number;
  readonly name: string;
  /** Positions of the arguments that may be the constant: 0 is the first one. */
  readonly positions: readonly number[];
}

export interface ValueFlow {
  readonly origin: number;
  /** In the order of the code. */
  readonly uses: readonly Use[];
  /**
   * Whether it may still be in a register at a return or at a call of something else, where only the other side knows
   * whether it is read: in the second register of results, or in one for arguments.
   */
  readonly leftOver: boolean;
  /** Whether control may come to the instruction with the constant in some register. */
  reaches(instruction: number): boolean;
}

/** What holds the constant: registers, or a slot so many bytes from where rsp points. Never both. */
interface Held {
  readonly registers: number;
  readonly slot: number | undefined;
}

const NOTHING: Held = { registers: 0, slot: undefined };

/**
 * Follows the immediate that `origin` stores. `taken` tells by name which functions are meant to get it. Undefined
 * when anything else reads it, or may well read it. Only inside of `routine.reading`.
 */
export function followImmediate(
  routine: Routine,
  origin: number,
  taken: (name: string) => boolean,
): ValueFlow | undefined {
  const to = routine.facts(origin).immediate?.to;
  // Nothing keeps what lies below rsp.
  if (to === undefined || ('stack' in to && to.stack < 0)) return undefined;
  const held =
    'register' in to
      ? { registers: registerSet(to.register), slot: undefined }
      : { registers: 0, slot: to.stack };
  const search = new Search(routine, taken);
  if (!search.run(origin, held)) return undefined;
  const uses = [...search.uses.values()].sort((a, b) => a.instruction - b.instruction);
  const { leftOver } = search;
  return { origin, uses, leftOver, reaches: (instruction) => search.seen.has(instruction) };
}

class Search {
  readonly seen = new Map<number, Held>();
  readonly uses = new Map<number, Use>();
  leftOver = false;
  private readonly waiting: number[] = [];

  constructor(
    private readonly routine: Routine,
    private readonly taken: (name: string) => boolean,
  ) {}

  run(origin: number, held: Held): boolean {
    if (!this.arrive(origin + 1, held)) return false;
    while (this.routine.step()) {
      const instruction = this.waiting.pop();
      if (instruction === undefined) return true;
      if (!this.pass(instruction, this.seen.get(instruction) ?? NOTHING)) return false;
    }
    return false;
  }

  /** Control may come to an instruction; false when there is none, or when the stack is not as on the other ways. */
  private arrive(instruction: number | undefined, held: Held): boolean {
    if (held.registers === 0 && held.slot === undefined) return true;
    if (instruction === undefined || instruction >= this.routine.code.count) return false;
    const before = this.seen.get(instruction);
    if (before !== undefined && before.slot !== held.slot) return false;
    const registers = held.registers | (before?.registers ?? 0);
    if (before !== undefined && registers === before.registers) return true;
    this.seen.set(instruction, { registers, slot: held.slot });
    this.waiting.push(instruction);
    return true;
  }

  /** Goes over one instruction; false when it does what is not understood. */
  private pass(instruction: number, held: Held): boolean {
    const { routine } = this;
    const facts = routine.facts(instruction);
    if (!this.disturb(facts, held)) return false;
    const { exit } = facts;
    switch (exit.kind) {
      case 'next': {
        const after = step(facts, held);
        return after !== undefined && this.arrive(instruction + 1, after);
      }
      case 'trap':
        return routine.surroundings.ends(facts.start) || this.arrive(instruction + 1, held);
      case 'call':
        return this.call(instruction, held, routine.transferOf(exit));
      case 'indirect-call':
        return untouched(facts, held) && this.afterOther(instruction, held);
      case 'jump':
        return this.leave(instruction, held, routine.transferOf(exit));
      case 'conditional': {
        // jrcxz and loop read a register.
        if (!untouched(facts, held)) return false;
        return this.arrive(instruction + 1, held) && this.leave(instruction, held, routine.transferOf(exit));
      }
      case 'return':
        return this.leaveOver(held, RESULTS | CALLEE_SAVED);
      case 'unknown':
        return false;
    }
  }

  /** Goes over other code that may run in place of the instruction; then that itself need not overwrite anything. */
  private disturb(facts: InstructionFacts, held: Held): boolean {
    const other = this.routine.surroundings.disturbance(facts.start, facts.end);
    if (other === undefined) return true;
    if (held.slot !== undefined || ((other.registers | facts.overwrites) & held.registers) !== 0)
      return false;
    return other.resumes.every((place) => this.arrive(this.routine.beginningAt(place), held));
  }

  private call(instruction: number, held: Held, transfer: Transfer): boolean {
    if (transfer.to !== 'function' || !this.taken(transfer.name)) return this.afterOther(instruction, held);
    if (!this.use(instruction, transfer.name, held)) return false;
    // It calls others in turn, so that not even a compiler that sees it may count on what the ABI gives up.
    return this.arrive(instruction + 1, { registers: held.registers & CALLEE_SAVED, slot: undefined });
  }

  /**
   * Behind a call of something else. Such a call may leave what is in the registers or not: compilers know of some
   * functions what they spare, and what assembly calls need not keep to any convention.
   */
  private afterOther(instruction: number, held: Held): boolean {
    return this.leaveOver(held, CALLER_SAVED) && this.arrive(instruction + 1, held);
  }

  /** Whether of `suspects` it can only be in a register that means nothing unless the other side says so. */
  private leaveOver(held: Held, suspects: number): boolean {
    if (held.slot !== undefined) return false;
    const there = held.registers & suspects;
    if (there === 0) return true;
    this.leftOver = true;
    return (there & ~registerSet(...ARGUMENT_REGISTERS)) === 0;
  }

  private leave(instruction: number, held: Held, transfer: Transfer): boolean {
    switch (transfer.to) {
      case 'inside':
        return this.arrive(this.routine.beginningAt(transfer.place), held);
      case 'return':
        return this.leaveOver(held, RESULTS | CALLEE_SAVED);
      case 'function':
        if ((held.registers & CALLEE_SAVED) !== 0 || held.slot !== undefined) return false;
        if (!this.taken(transfer.name)) return this.leaveOver(held, CALLER_SAVED);
        return this.use(instruction, transfer.name, held);
      case 'end':
        return true;
      case 'unknown':
        return false;
    }
  }

  private use(instruction: number, name: string, held: Held): boolean {
    const positions = ARGUMENT_REGISTERS.flatMap((register, k) =>
      (held.registers & registerSet(register)) === 0 ? [] : [k],
    );
    if (held.slot !== undefined) {
      if (held.slot % SLOT !== 0) return false;
      positions.push(ARGUMENT_REGISTERS.length + held.slot / SLOT);
    }
    if (positions.length > 0) this.uses.set(instruction, { instruction, name, positions });
    return true;
  }
}

/** What holds the constant behind an ordinary instruction; undefined when that reads it. */
function step(facts: InstructionFacts, held: Held): Held | undefined {
  if (held.slot !== undefined) return stepStack(facts, held.slot);
  const { copy } = facts;
  if (copy === undefined) {
    if (!untouched(facts, held)) return undefined;
    return { registers: held.registers & ~facts.overwrites, slot: undefined };
  }
  const kept = copy.always ? held.registers & ~registerSet(copy.to) : held.registers;
  const copied = (held.registers & registerSet(copy.from)) === 0 ? 0 : registerSet(copy.to);
  return { registers: kept | copied, slot: undefined };
}

function stepStack(facts: InstructionFacts, slot: number): Held | undefined {
  const overlaps = facts.stack.some(({ from, to }) => from < slot + SLOT && to > slot);
  if (overlaps || facts.stackIncrement === undefined) return undefined;
  // Never below rsp: what takes the slot off the stack has read it.
  return { registers: 0, slot: slot - facts.stackIncrement };
}

function untouched(facts: InstructionFacts, held: Held): boolean {
  return ((facts.reads | facts.touches) & held.registers) === 0;
}
