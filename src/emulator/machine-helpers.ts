/**
 * Helpers of the instructions that only a kernel may use: privilege, control and debug registers, descriptor
 * tables, model-specific registers, and the way to the device. Segments are flat: loading a selector changes the
 * selector, and the base only of fs and gs, which become 0. SDM vol. 2 and vol. 3, chapter 2.
 */
import type { Device } from './device.js';
import { Vector } from './fault.js';
import { Helpers } from './helpers.js';
import { decodeInstruction } from './instruction.js';
import { Signal } from './memory.js';
import type { Memory } from './memory.js';
import { Flag, Gpr, Segment } from './state.js';
import type { CpuState } from './state.js';

/** MSRs that are registers of ours: SDM vol. 4, table 2-2. */
const BASE_MSRS = new Map([
  [0xc0000100, Segment.fs],
  [0xc0000101, Segment.gs],
  [0xc0000102, Segment.kernelGs],
]);

const IOPL = 0x3000;
const MAY_POP = Flag.tf | Flag.df | Flag.nt | Flag.ac | Flag.id | 0x8d5;
/** Segments whose base counts are numbered as ModRM has them; the tables behind them as here. */
const LDT_BASE = 4;
const TASK_BASE = 5;

export class MachineHelpers extends Helpers {
  constructor(
    state: CpuState,
    memory: Memory,
    private readonly device: Device,
  ) {
    super(state, memory);
  }

  private get level(): number {
    return this.state.selectors[Segment.cs] & 3;
  }

  private refuse(): never {
    throw this.memory.fault.raise(Vector.GP);
  }

  privileged(): void {
    if (this.level !== 0) this.refuse();
  }

  /** cli, sti, in and out need an IOPL that is not below the privilege level. */
  ioPrivileged(): void {
    if (this.level > (this.state.rflags & IOPL) >> 12) this.refuse();
  }

  popFlags(width: number, value: bigint): void {
    const now = this.state.rflags;
    let mask = MAY_POP;
    if (this.level === 0) mask |= IOPL;
    if (this.level <= (now & IOPL) >> 12) mask |= Flag.if;
    if (width === 16) mask &= 0xffff;
    const flags = Number(BigInt.asUintN(32, value)) | 0;
    this.state.rflags = ((now & ~mask) | (flags & mask)) & ~Flag.rf;
  }

  halt(): void {
    this.privileged();
    this.memory.signals[0] |= Signal.halted;
  }

  readControl(register: number): void {
    this.privileged();
    if (![0, 2, 3, 4, 8].includes(register)) throw this.memory.fault.raise(Vector.UD);
    this.state.out64[0] = this.state.cr[register];
  }

  writeControl(register: number, value: bigint): void {
    this.privileged();
    if (![0, 2, 3, 4, 8].includes(register)) throw this.memory.fault.raise(Vector.UD);
    this.state.cr[register] = value;
  }

  readDebug(register: number): void {
    this.privileged();
    this.state.out64[0] = this.state.dr[register & 7];
  }

  writeDebug(register: number, value: bigint): void {
    this.privileged();
    this.state.dr[register & 7] = value;
  }

  readSelector(register: number): void {
    this.state.out64[0] = BigInt(this.state.selectors[register]);
  }

  writeSelector(register: number, selector: number): void {
    if (register === Segment.cs) throw this.memory.fault.raise(Vector.UD);
    this.state.selectors[register] = selector;
    if (register === Segment.fs || register === Segment.gs) this.state.bases[register] = 0n;
  }

  /** `register`: 6 the LDT, 7 the task register. The base comes from the 16-byte descriptor in the GDT. */
  loadSystemSegment(register: number, selector: number): void {
    this.privileged();
    this.state.selectors[register] = selector;
    let base = 0n;
    if ((selector & ~7) !== 0) {
      const at = this.state.tables[0] + BigInt(selector & ~7);
      const view = new DataView(this.memory.read(at, 16).buffer);
      const low = view.getBigUint64(0, true);
      const upper = BigInt(view.getUint32(8, true));
      base = ((low >> 16n) & 0xffffffn) | (((low >> 56n) & 0xffn) << 24n) | (upper << 32n);
    }
    this.state.tables[register === 6 ? LDT_BASE : TASK_BASE] = base;
  }

  /** `table`: 0 the GDT, 2 the IDT. */
  setTable(table: number, base: bigint, limit: number): void {
    this.privileged();
    this.state.tables[table] = base;
    this.state.tables[table + 1] = BigInt(limit);
  }

  getTable(table: number): void {
    this.state.out64[0] = this.state.tables[table];
    this.state.out64[1] = this.state.tables[table + 1];
  }

  readMsr(): void {
    this.privileged();
    const register = this.state.r32[Gpr.rcx * 2] >>> 0;
    const base = BASE_MSRS.get(register);
    const value = base === undefined ? this.device.readMsr(register) : this.state.bases[base];
    if (value === undefined) this.refuse();
    this.splitResult(value);
  }

  writeMsr(): void {
    this.privileged();
    const register = this.state.r32[Gpr.rcx * 2] >>> 0;
    const value = this.joined();
    const base = BASE_MSRS.get(register);
    if (base !== undefined) this.state.bases[base] = value;
    else if (!this.device.writeMsr(register, value)) this.refuse();
  }

  readExtended(): void {
    const value = this.device.readExtended(this.state.r32[Gpr.rcx * 2] >>> 0);
    if (value === undefined) this.refuse();
    this.splitResult(value);
  }

  writeExtended(): void {
    this.privileged();
    if (!this.device.writeExtended(this.state.r32[Gpr.rcx * 2] >>> 0, this.joined())) this.refuse();
  }

  timestamp(): void {
    this.splitResult(this.device.timestamp());
  }

  cpuid(): void {
    const leaf = this.device.cpuid(this.state.r32[Gpr.rax * 2] >>> 0, this.state.r32[Gpr.rcx * 2] >>> 0);
    leaf.forEach((value, k) => {
      this.state.out64[k] = BigInt.asUintN(32, BigInt(value));
    });
  }

  portIn(port: number, width: number): void {
    this.ioPrivileged();
    this.state.out64[0] = BigInt.asUintN(64, BigInt(this.device.portIn(port, width)));
  }

  portOut(port: number, width: number, value: number): void {
    this.ioPrivileged();
    this.device.portOut(port, width, value);
  }

  interruptReturn(selector: bigint, flags: bigint, rsp: bigint, stack: bigint): void {
    const code = Number(selector & 0xffffn);
    this.popFlags(64, flags);
    this.state.selectors[Segment.cs] = code;
    this.state.selectors[Segment.ss] = Number(stack & 0xffffn);
    this.state.r64[Gpr.rsp] = rsp;
    this.memory.user = (code & 3) === 3;
  }

  /** Leaves the instruction at rip to the device. */
  deviceInstruction(): void {
    const [rip] = this.state.rip64;
    const room = Math.min(15, 4096 - Number(rip & 4095n));
    let decoded = decodeInstruction(this.memory.read(rip, room), rip);
    if (decoded === 'cut') decoded = decodeInstruction(this.memory.read(rip, 15), rip);
    const done = typeof decoded === 'object' && this.device.execute(decoded, this.state, this.memory);
    if (!done) throw this.memory.fault.raise(Vector.UD);
  }

  private joined(): bigint {
    const low = BigInt(this.state.r32[Gpr.rax * 2] >>> 0);
    return low | (BigInt(this.state.r32[Gpr.rdx * 2] >>> 0) << 32n);
  }

  private splitResult(value: bigint): void {
    this.state.out64[0] = BigInt.asUintN(32, value);
    this.state.out64[1] = BigInt.asUintN(32, value >> 32n);
  }
}
