/** Runs cases on the emulator, in the same surroundings as oracle.c has. */
import { Cpu } from '../../../src/emulator/cpu.js';
import type { WriteRecord } from '../../../src/emulator/memory.js';
import { Permission } from '../../../src/emulator/page.js';
import { CODE, DATA, READ_ONLY, START, WINDOW, WINDOW_BYTES } from './layout.js';
import type { Input, Outcome } from './layout.js';

const { read, write, execute } = Permission;
const LONGEST_REPETITION = 100_000;

export class Guest {
  private readonly cpu = new Cpu();

  constructor() {
    const { memory, state } = this.cpu;
    memory.map(DATA, 0x2000, read | write);
    memory.map(READ_ONLY, 0x1000, read);
    memory.map(CODE, 0x1000, read | write | execute);
    memory.write(CODE, new Uint8Array(0x1000).fill(0xcc));
    state.selectors.set([0x2b, 0x33, 0x2b, 0x2b, 0, 0]);
  }

  run(input: Input): Outcome {
    const { memory, state } = this.cpu;
    memory.write(START, new Uint8Array(32).fill(0xcc));
    memory.write(START, input.code);
    memory.write(WINDOW, input.window);
    state.r64.set(input.gpr);
    state.xmm.set(input.xmm);
    state.rflags = input.rflags;
    state.bases[5] = DATA;
    this.cpu.rip = START;
    memory.startLog();
    let stop = this.cpu.step();
    for (let k = 0; stop.reason === 'budget' && this.cpu.rip === START && k < LONGEST_REPETITION; k++) {
      if (!repeats(input.code)) break;
      stop = this.cpu.step();
    }
    const stray = this.cleanAfter(memory.takeLog());
    const fault = stop.reason === 'exception' ? stop : undefined;
    return {
      gpr: [...state.r64],
      xmm: [...state.xmm],
      rip: this.cpu.rip,
      rflags: state.rflags,
      window: memory.read(WINDOW, WINDOW_BYTES),
      vector: fault?.vector ?? -1,
      errorCode: fault?.errorCode ?? 0,
      address: fault?.address ?? 0n,
      stray,
    };
  }

  /** Zeroes what was written outside of the window; whether anything but zeros was left there. */
  private cleanAfter(log: readonly WriteRecord[]): boolean {
    const { memory } = this.cpu;
    const end = WINDOW + BigInt(WINDOW_BYTES);
    const outside = log.some(
      ({ address, bytes }) => address < WINDOW || address + BigInt(bytes.length) > end,
    );
    if (!outside) return false;
    const inCode = log.filter(({ address }) => address >= CODE && address < CODE + 0x1000n);
    let found = inCode.length > 0;
    if (found) memory.write(CODE, new Uint8Array(0x1000).fill(0xcc));
    for (const [from, to] of [
      [DATA, WINDOW],
      [end, READ_ONLY],
    ]) {
      found ||= memory.read(from, Number(to - from)).some((byte) => byte !== 0);
      memory.write(from, new Uint8Array(Number(to - from)));
    }
    return found;
  }
}

/** A jump to itself is done when it has been made; only a repeated string operation is run to its end. */
function repeats(code: Uint8Array): boolean {
  return code.includes(0xf3) || code.includes(0xf2);
}
