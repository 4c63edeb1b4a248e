/** Whether two outcomes agree in every bit that the SDM defines, and the shift counts that decide which these are. */
import type { Instruction } from '../../../src/emulator/instruction.js';
import { Vector } from '../../../src/emulator/fault.js';
import { operationOf } from '../../../src/emulator/ops/table.js';
import type { Input, Outcome } from './layout.js';

const NAMES = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split(' ');
/** The user bit of a page fault is the same on both sides; RF is set by faults and means nothing here. */
const FLAGS = 0xcd5;
export const ALL_FLAGS = FLAGS;

/** Flags that an instruction leaves undefined, given what it starts with. */
export function undefinedFlags(instruction: Instruction, input: Input): number {
  const last = instruction.operands.at(-1);
  const count = last?.kind === 'immediate' ? Number(last.value & 0xffn) : Number(input.gpr[1] & 0xffn);
  return operationOf(instruction)?.undefines?.({ instruction, count }) ?? 0;
}

/**
 * Whether the memory that a faulting instruction leaves counts. A call whose target is no canonical address may have
 * stored its return address before it faults, or not: Intel's processors have, AMD's have not.
 */
export function memoryCounts({ mnemonic }: Instruction, { vector }: Outcome): boolean {
  return mnemonic !== 'Call' || vector !== Vector.GP;
}

/**
 * Whether the flags count. A repeated comparison that faults at a later element leaves those from before it on Intel's
 * processors, and those of its last element on AMD's.
 */
export function flagsCount({ mnemonic, repeat }: Instruction, { vector }: Outcome): boolean {
  return repeat === '' || vector < 0 || !/^(Cmps|Scas)/.test(mnemonic);
}

const RDI = 7;
const OF_MEMORY: readonly number[] = [Vector.SS, Vector.GP, Vector.PF];

/**
 * Whether it counts which fault it is. When both operands of a comparison of strings fault, either may be told, the one
 * at RDI or the other: the SDM does not say which is read first, and processors of Intel and AMD differ.
 */
export function faultCounts({ mnemonic }: Instruction, host: Outcome, guest: Outcome): boolean {
  if (!mnemonic.startsWith('Cmps')) return true;
  if (!OF_MEMORY.includes(host.vector) || !OF_MEMORY.includes(guest.vector)) return true;
  const isSecond = ({ vector, address }: Outcome): boolean =>
    vector === Vector.PF && BigInt.asUintN(64, address - host.gpr[RDI]) < 8n;
  return host.vector === guest.vector && isSecond(host) === isSecond(guest);
}

/** What counts beside registers, exception and flags; all of it unless given. */
export interface Counting {
  readonly memory?: boolean;
  readonly fault?: boolean;
}

/** What differs, as text; empty when nothing does. `mask`: flags that do not count. */
export function differences(
  host: Outcome,
  guest: Outcome,
  mask: number,
  { memory = true, fault = true }: Counting = {},
): string[] {
  const hex = (value: bigint | number): string => value.toString(16);
  const found: string[] = [];
  const check = (name: string, real: bigint | number, ours: bigint | number): void => {
    if (real !== ours) found.push(`${name}: processor ${hex(real)}, emulator ${hex(ours)}`);
  };
  if (fault) {
    check('exception', host.vector, guest.vector);
    check('error code', host.errorCode, guest.errorCode);
    check('address', host.address, guest.address);
  }
  check('rip', host.rip, guest.rip);
  host.gpr.forEach((value, k) => check(NAMES[k], value, guest.gpr[k]));
  host.xmm.forEach((value, k) => check(`xmm${k >> 1}.${k & 1}`, value, guest.xmm[k]));
  const kept = host.vector >= 0 && mask !== ALL_FLAGS ? FLAGS : FLAGS & ~mask;
  check('flags', host.rflags & kept, guest.rflags & kept);
  const window = (side: Outcome): string => Buffer.from(side.window).toString('hex');
  if (memory && window(host) !== window(guest))
    found.push(`memory: processor ${window(host)}, emulator ${window(guest)}`);
  return found;
}
