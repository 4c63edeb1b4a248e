/**
 * Runs cases on the emulator, in the same surroundings as oracle.c has: by the interpreter or as translated code,
 * where the case has it or across the border of two pages.
 *
 * Translated code is what the second of two runs is about: the first decodes, translates and finds the pages. It
 * runs until the int3 behind the instruction, as on the real processor.
 */
import { Cpu } from '../../../src/emulator/cpu.js';
import type { Stop } from '../../../src/emulator/cpu.js';
import type { EngineMaker } from '../../../src/emulator/engine.js';
import type { WriteRecord } from '../../../src/emulator/memory.js';
import { Permission } from '../../../src/emulator/page.js';
import { CODE, DATA, READ_ONLY, START, WINDOW, WINDOW_BYTES } from './layout.js';
import type { Input, Outcome } from './layout.js';

const { read, write, execute } = Permission;
const LONGEST_REPETITION = 100_000;
const CODE_BYTES = 0x2000;
const BP = 3;
const INT3 = 0xcc;

export interface GuestOptions {
  readonly engine?: EngineMaker;
  /** Puts instructions across the border of two pages. */
  readonly crossing?: boolean;
}

export class Guest {
  private readonly cpu: Cpu;
  private readonly isTranslating: boolean;
  private readonly isCrossing: boolean;

  constructor({ engine, crossing = false }: GuestOptions = {}) {
    this.cpu = new Cpu(engine === undefined ? {} : { engine });
    this.isTranslating = engine !== undefined;
    this.isCrossing = crossing;
    const { memory, state } = this.cpu;
    memory.map(DATA, 0x2000, read | write);
    memory.map(READ_ONLY, 0x1000, read);
    memory.map(CODE, CODE_BYTES, read | write | execute);
    memory.write(CODE, new Uint8Array(CODE_BYTES).fill(INT3));
    state.selectors.set([0x2b, 0x33, 0x2b, 0x2b, 0, 0]);
  }

  /** Instructions that ran as translated code so far. */
  get translated(): number {
    return this.cpu.translated;
  }

  run(input: Input): Outcome {
    const { memory } = this.cpu;
    const start = this.startOf(input);
    const code = new Uint8Array(CODE_BYTES).fill(INT3);
    code.set(input.code, Number(start - CODE));
    memory.write(CODE, code);
    if (this.isTranslating) {
      this.prepare(input, start);
      this.cpu.run(LONGEST_REPETITION);
      this.clean();
      this.meetPages();
    }
    this.prepare(input, start);
    if (!this.isTranslating) memory.startLog();
    const stop = this.isTranslating ? this.runTranslated(input, start) : this.interpret(input, start);
    const stray = this.isTranslating
      ? this.clean() || Buffer.compare(memory.read(CODE, CODE_BYTES), code) !== 0
      : this.cleanAfter(memory.takeLog());
    return this.outcome(stop, stray, start);
  }

  private startOf({ code }: Input): bigint {
    return this.isCrossing ? CODE + 0x1000n - BigInt(code.length >> 1) : START;
  }

  private prepare(input: Input, start: bigint): void {
    const { memory, state } = this.cpu;
    memory.write(WINDOW, input.window);
    state.r64.set(input.gpr);
    state.xmm.set(input.xmm);
    state.rflags = input.rflags;
    state.bases[5] = DATA;
    this.cpu.rip = start;
  }

  private interpret({ code }: Input, start: bigint): Stop {
    let stop = this.cpu.step();
    for (let k = 0; stop.reason === 'budget' && this.cpu.rip === start && k < LONGEST_REPETITION; k++) {
      if (!repeats(code)) break;
      stop = this.cpu.step();
    }
    return stop;
  }

  /** Runs to the int3 behind the instruction, or where it led; that one is not of the case. */
  private runTranslated({ code }: Input, start: bigint): Stop {
    const stop = this.cpu.run(LONGEST_REPETITION);
    if (stop.reason !== 'exception') return stop;
    const isOwn = code.at(-1) === INT3 && this.cpu.rip === start + BigInt(code.length);
    const isBehind = stop.vector === BP && !isOwn;
    if (isBehind) this.cpu.rip -= 1n;
    return isBehind || isOfFetch(stop) ? { reason: 'budget' } : stop;
  }

  private outcome(stop: Stop, stray: boolean, start: bigint): Outcome {
    const { memory, state } = this.cpu;
    const fault = stop.reason === 'exception' ? stop : undefined;
    return {
      gpr: [...state.r64],
      xmm: [...state.xmm],
      rip: this.cpu.rip - start + START,
      rflags: state.rflags,
      window: memory.read(WINDOW, WINDOW_BYTES),
      vector: fault?.vector ?? -1,
      errorCode: fault?.errorCode ?? 0,
      address: fault?.address ?? 0n,
      stray,
    };
  }

  /** Makes the pages of data known to translated code. */
  private meetPages(): void {
    const { memory } = this.cpu;
    for (const page of [DATA, DATA + 0x1000n]) {
      memory.address64[0] = page;
      memory.store8(memory.load8(0, 0), 0);
    }
  }

  /** Zeroes all but the window; whether anything but zeros was there, or code was written. */
  private clean(): boolean {
    const { memory } = this.cpu;
    const end = WINDOW + BigInt(WINDOW_BYTES);
    let found = false;
    for (const [from, to] of [
      [DATA, WINDOW],
      [end, READ_ONLY],
    ]) {
      const dirty = memory.read(from, Number(to - from)).some((byte) => byte !== 0);
      if (dirty) memory.write(from, new Uint8Array(Number(to - from)));
      found ||= dirty;
    }
    return found;
  }

  private cleanAfter(log: readonly WriteRecord[]): boolean {
    const end = WINDOW + BigInt(WINDOW_BYTES);
    const outside = log.some(
      ({ address, bytes }) => address < WINDOW || address + BigInt(bytes.length) > end,
    );
    if (!outside) return false;
    const inCode = log.some(({ address }) => address >= CODE && address < CODE + BigInt(CODE_BYTES));
    return this.clean() || inCode;
  }
}

/** A page fault of the fetch behind the instruction is not its own. */
function isOfFetch(stop: Stop & { reason: 'exception' }): boolean {
  return stop.vector === 14 && (stop.errorCode & 16) !== 0;
}

/** A jump to itself is done when it has been made; only a repeated string operation is run to its end. */
function repeats(code: Uint8Array): boolean {
  return code.includes(0xf3) || code.includes(0xf2);
}
