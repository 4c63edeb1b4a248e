/**
 * Runs a program by the interpreter and by the engine, and compares both whenever translated code comes back: all
 * registers and flags at every such point, all memory whenever the processor stops.
 */
import { Cpu } from '../../../src/emulator/cpu.js';
import type { Stop } from '../../../src/emulator/cpu.js';
import type { EngineMaker } from '../../../src/emulator/engine.js';
import { Permission } from '../../../src/emulator/page.js';
import type { Random } from '../oracle/random.js';
import {
  BASE,
  DATA,
  DATA_BYTES,
  PROGRAM,
  PROGRAM_BYTES,
  STACK,
  STACK_BYTES,
  TABLE,
  TABLE_SLOTS,
} from './program.js';
import type { Program } from './program.js';

const { read, write, execute } = Permission;
const ALL_FLAGS = 0xcd5;
const CS = 1;
const AREAS = [
  [PROGRAM, PROGRAM_BYTES],
  [DATA, DATA_BYTES],
  [STACK, STACK_BYTES],
] as const;

export interface Lockstep {
  /** How often they were compared. */
  readonly comparisons: number;
  /** Instructions in all, and those that ran as translated code. */
  readonly instructions: number;
  readonly translated: number;
  readonly faults: number;
  /** What differed first; undefined: nothing. */
  readonly difference: string | undefined;
}

export function runInLockstep(
  program: Program,
  random: Random,
  maker: EngineMaker,
  length: number,
): Lockstep {
  return new Runner(program, random, maker).run(length);
}

class Runner {
  private readonly plain: Cpu;
  private readonly fast: Cpu;
  private comparisons = 0;
  private faults = 0;
  private difference: string | undefined;

  constructor(
    private readonly program: Program,
    private readonly random: Random,
    maker: EngineMaker,
  ) {
    this.plain = machine(program);
    const watched: EngineMaker = (parts) => {
      const engine = maker(parts);
      const arrived = (): void => this.arrived();
      return {
        threshold: engine.threshold,
        reserve: engine.reserve,
        translate: (block) => engine.translate(block),
        get mustInterpret() {
          arrived();
          return engine.mustInterpret;
        },
      };
    };
    this.fast = machine(program, watched);
  }

  /** Runs at least so many instructions, unless something differs. */
  run(length: number): Lockstep {
    this.restart();
    while (this.fast.instructions < length && this.difference === undefined) this.round();
    const { comparisons, faults, difference, fast } = this;
    return { comparisons, faults, difference, instructions: fast.instructions, translated: fast.translated };
  }

  /** One run until something stops it. */
  private round(): void {
    const { fast, plain, random } = this;
    const budget = random.below(3000) + 1;
    const stop = fast.run(budget);
    const left = fast.instructions - plain.instructions;
    const isFault = stop.reason === 'exception';
    const other = plain.run(isFault ? left + 1 : left);
    const said = describe(stop);
    if (isFault && said !== describe(other))
      this.difference ??= `stopped by ${said}, not by ${describe(other)}`;
    this.compare('at a stop');
    this.compareMemory();
    if (isFault) this.faults++;
    if (isFault || random.chance(50)) this.restart();
  }

  /** Translated code came back. */
  private arrived(): void {
    const { fast, plain } = this;
    const left = fast.instructions - plain.instructions;
    if (left > 0) {
      const stop = plain.run(left);
      if (stop.reason !== 'budget')
        this.difference ??= `no exception where the interpreter has ${describe(stop)}`;
    }
    this.compare('behind a unit');
  }

  private compare(where: string): void {
    this.comparisons++;
    if (this.difference !== undefined) return;
    const [ours, theirs] = [registers(this.fast), registers(this.plain)];
    const k = ours.findIndex((value, index) => value !== theirs[index]);
    if (k >= 0)
      this.difference = `${where}, rip ${this.fast.rip.toString(16)}: register ${k} is ${ours[k].toString(16)}, not ${theirs[k].toString(16)}`;
  }

  private compareMemory(): void {
    for (const [at, size] of AREAS) {
      const [ours, theirs] = [this.fast.memory.read(at, size), this.plain.memory.read(at, size)];
      const k = ours.findIndex((byte, index) => byte !== theirs[index]);
      if (k >= 0) this.difference ??= `memory at ${(at + BigInt(k)).toString(16)}`;
    }
  }

  /** Both go on at some block, with registers that make sense. */
  private restart(): void {
    const { random, program } = this;
    const values = Array.from({ length: 16 }, () =>
      random.chance(50) ? random.wide() : BigInt(random.below(300)),
    );
    values[4] = STACK + BigInt(STACK_BYTES - 0x800);
    values[15] = BASE + BigInt(random.below(16));
    const rip = random.pick(program.blocks);
    const rflags = 2 | (random.word() & ALL_FLAGS & ~0x400);
    for (const cpu of [this.fast, this.plain]) {
      cpu.state.r64.set(values);
      cpu.state.rflags = rflags;
      cpu.rip = rip;
    }
  }
}

function machine({ bytes, blocks }: Program, engine?: EngineMaker): Cpu {
  const cpu = new Cpu({ memoryBytes: 1 << 20, ...(engine === undefined ? {} : { engine }) });
  const { memory, state } = cpu;
  memory.map(PROGRAM, PROGRAM_BYTES, read | write | execute);
  memory.map(TABLE, 0x1000, read);
  memory.map(DATA, DATA_BYTES, read | write);
  memory.map(DATA + BigInt(DATA_BYTES), 0x1000, read);
  memory.map(STACK, STACK_BYTES, read | write);
  memory.write(PROGRAM, bytes);
  const table = new BigUint64Array(TABLE_SLOTS).map((_, k) => blocks[k % blocks.length]);
  memory.write(TABLE, new Uint8Array(table.buffer));
  state.selectors[CS] = 0x33;
  return cpu;
}

function registers({ state, rip }: Cpu): bigint[] {
  return [...state.r64, rip, BigInt(state.rflags & ALL_FLAGS), ...state.xmm];
}

function describe(stop: Stop): string {
  return stop.reason === 'exception'
    ? `exception ${stop.vector}, ${stop.errorCode}, ${stop.address.toString(16)}`
    : stop.reason;
}
