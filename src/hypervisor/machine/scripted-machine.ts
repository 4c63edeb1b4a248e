/** The plain machine with model-specific registers that hold, or are not there, as a scenario says. */
import { PlainMachine } from '../../emulator/device.js';

export class ScriptedMachine extends PlainMachine {
  private readonly missing: ReadonlySet<number>;

  /** Undefined: there is no such register, and looking at it raises #GP(0). */
  constructor(msrs: ReadonlyMap<number, bigint | undefined>) {
    super();
    this.missing = new Set([...msrs].filter(([, held]) => held === undefined).map(([register]) => register));
    for (const [register, held] of msrs) if (held !== undefined) this.msrs.set(register, held);
  }

  override readMsr(register: number): bigint | undefined {
    return this.missing.has(register) ? undefined : super.readMsr(register);
  }

  override writeMsr(register: number, value: bigint): boolean {
    return !this.missing.has(register) && super.writeMsr(register, value);
  }
}
