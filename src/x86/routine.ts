/**
 * The code of one function with the ways through it: which instruction follows which. What the bytes alone do not
 * tell (where a relocated branch leads, whether code elsewhere comes back into the middle) is asked of
 * Surroundings, so that nothing here knows of files.
 *
 * Instructions go by their position in DecodedCode. Everything is found when it is first asked for.
 */
import { branchWidth, decodeCode, Flow, instructionAt } from './decode.js';
import type { DecodedCode } from './decode.js';
import { FactReader } from './instruction-facts.js';
import type { InstructionFacts } from './instruction-facts.js';

/** Where a branch or a call leads. */
export type Transfer =
  /** To a place in the same function. */
  | { readonly to: 'inside'; readonly place: number }
  /** To the start of a function that goes by the rules of the psABI. */
  | { readonly to: 'function'; readonly name: string }
  /** Back to the caller. */
  | { readonly to: 'return' }
  /** To where the run of the function ends in a trap. */
  | { readonly to: 'end' }
  | { readonly to: 'unknown' };

/** Code elsewhere that may run besides or in place of an instruction: a fixup, a replacement. */
export interface Disturbance {
  /** The registers that it may read or write. */
  readonly registers: number;
  /** Places in the function at which it comes back, other than behind the instruction. */
  readonly resumes: readonly number[];
}

/** What is known of a function from outside of its bytes. All places are bytes from its start. */
export interface Surroundings {
  /** Where the branch leads whose displacement is the field at `field`; undefined: where the bytes say. */
  transfer(field: number): Transfer | undefined;
  /** Whether control may come to `place` from elsewhere than the function's own branches. */
  entered(place: number): boolean;
  /** What other code may run instead of, or on account of, what lies from `start` to `end`; undefined if none. */
  disturbance(start: number, end: number): Disturbance | undefined;
  /** Whether the ud2 at `place` ends the run of the function, so that the instruction behind it is no successor. */
  ends(place: number): boolean;
}

/** Steps that all searches in a function may take together, per instruction and besides: real ones take less than 1. */
const STEPS_PER_INSTRUCTION = 32;
const STEPS_BESIDES = 500;

export class Routine {
  private readonly known = new Map<number, InstructionFacts>();
  private reader: FactReader | undefined;
  private jumps: ReadonlyMap<number, readonly number[]> | undefined;
  private steps: number;

  constructor(
    readonly bytes: Uint8Array,
    readonly surroundings: Surroundings,
    readonly code: DecodedCode = decodeCode(bytes),
  ) {
    this.steps = STEPS_BESIDES + STEPS_PER_INSTRUCTION * this.code.count;
  }

  /** Takes one step of a search; false when no more are left, so that code made for it cannot stop the program. */
  step(): boolean {
    this.steps -= 1;
    return this.steps >= 0;
  }

  /** Runs `work`, in which facts may be asked for. */
  reading<T>(work: () => T): T {
    const outer = this.reader;
    this.reader = outer ?? new FactReader(this.bytes);
    try {
      return work();
    } finally {
      if (outer === undefined) {
        this.reader.free();
        this.reader = undefined;
      }
    }
  }

  /** The facts of an instruction; only inside of `reading`. */
  facts(instruction: number): InstructionFacts {
    let found = this.known.get(instruction);
    if (found === undefined) {
      if (this.reader === undefined) throw new Error('facts are asked for outside of reading()');
      found = this.reader.read(this.code.start[instruction]);
      this.known.set(instruction, found);
    }
    return found;
  }

  /** The instruction that begins at `place`, or undefined. */
  beginningAt(place: number): number | undefined {
    const found = instructionAt(this.code, place);
    return found >= 0 && this.code.start[found] === place ? found : undefined;
  }

  /** Where a direct branch or call leads. A call into the function's own middle is of no known kind. */
  transferOf(exit: { readonly field: number; readonly target: number }): Transfer {
    const told = this.surroundings.transfer(exit.field);
    if (told !== undefined) return told;
    const inside = exit.target >= 0 && exit.target < this.bytes.length;
    return inside ? { to: 'inside', place: exit.target } : { to: 'unknown' };
  }

  /** The instructions after which control may come to this one without leaving the function. */
  predecessors(instruction: number): readonly number[] {
    this.jumps ??= this.findJumps();
    const jumps = this.jumps.get(instruction) ?? [];
    const above = instruction - 1;
    return above >= 0 && this.fallsThrough(above) ? [above, ...jumps] : jumps;
  }

  /** Of each instruction that is jumped to, those that do. */
  private findJumps(): Map<number, number[]> {
    const { code, bytes } = this;
    const found = new Map<number, number[]>();
    for (let i = 0; i < code.count; i++) {
      const flow = code.flow[i];
      if (flow !== Flow.jump && flow !== Flow.conditional) continue;
      const field = code.start[i] + code.length[i] - branchWidth(bytes, code.start[i]);
      const transfer = this.transferOf({ field, target: code.target[i] });
      const target = transfer.to === 'inside' ? this.beginningAt(transfer.place) : undefined;
      if (target === undefined) continue;
      const known = found.get(target);
      if (known === undefined) found.set(target, [i]);
      else known.push(i);
    }
    return found;
  }

  private fallsThrough(i: number): boolean {
    const { code, bytes } = this;
    const flow = code.flow[i];
    if (flow === Flow.jump || flow === Flow.invalid) return false;
    if (flow !== Flow.leaves) return true;
    const start = code.start[i];
    const ud2 = code.length[i] === 2 && bytes[start] === 0x0f && bytes[start + 1] === 0x0b;
    return ud2 && !this.surroundings.ends(start);
  }
}
