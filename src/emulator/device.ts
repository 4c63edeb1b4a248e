/**
 * What lies outside of the registers and the memory that the emulator models: ports, model-specific registers,
 * cpuid, the clock, and whole instructions (VMX, SVM, XSAVE, x87 …) that mean something only to a machine.
 */
import type { Instruction } from './instruction.js';
import type { Memory } from './memory.js';
import type { CpuState } from './state.js';

export interface Device {
  /** `width` in bits: 8, 16 or 32; of the result, as many count. */
  portIn(port: number, width: number): number;
  portOut(port: number, width: number, value: number): void;
  /** Undefined: there is no such register, the instruction raises #GP(0). */
  readMsr(register: number): bigint | undefined;
  /** False: #GP(0). */
  writeMsr(register: number, value: bigint): boolean;
  /** eax, ebx, ecx, edx. */
  cpuid(leaf: number, subleaf: number): readonly [number, number, number, number];
  timestamp(): bigint;
  /** Extended control register, for xgetbv and xsetbv; undefined or false: #GP(0). */
  readExtended(register: number): bigint | undefined;
  writeExtended(register: number, value: bigint): boolean;
  /**
   * Executes an instruction that the operation table leaves to the machine. False: #UD. It may change registers
   * and memory as the host, and throws `memory.fault.raise(…)` for other exceptions; rip moves on by itself.
   */
  execute(instruction: Instruction, state: CpuState, memory: Memory): boolean;
}

const MOST_MSRS = 1 << 16;

/**
 * The default: no ports (reads give all ones), MSRs that hold what was written and are 0 before, no cpuid leaves
 * but the highest number, a clock that ticks once a look, XCR0 with x87 and SSE; and no instruction of its own.
 * It has room for 65,536 MSRs; more than any processor has cannot be written.
 */
export class PlainMachine implements Device {
  protected readonly msrs = new Map<number, bigint>();
  private ticks = 0n;
  private xcr0 = 3n;

  portIn: Device['portIn'] = () => -1;

  portOut: Device['portOut'] = () => undefined;

  readMsr(register: number): bigint | undefined {
    return this.msrs.get(register) ?? 0n;
  }

  writeMsr(register: number, value: bigint): boolean {
    if (this.msrs.size >= MOST_MSRS && !this.msrs.has(register)) return false;
    this.msrs.set(register, value);
    return true;
  }

  cpuid: Device['cpuid'] = () => [0, 0, 0, 0];

  timestamp(): bigint {
    return ++this.ticks;
  }

  readExtended(register: number): bigint | undefined {
    return register === 0 ? this.xcr0 : undefined;
  }

  writeExtended(register: number, value: bigint): boolean {
    if (register !== 0 || (value & 1n) === 0n) return false;
    this.xcr0 = value;
    return true;
  }

  execute: Device['execute'] = () => false;
}
