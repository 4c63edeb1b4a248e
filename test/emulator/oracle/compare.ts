/** Whether two outcomes agree in every bit that the SDM defines, and the shift counts that decide which these are. */
import type { Instruction } from '../../../src/emulator/instruction.js';
import { operationOf } from '../../../src/emulator/ops/table.js';
import type { Input, Outcome } from './layout.js';

const NAMES = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split(' ');
/** The user bit of a page fault is the same on both sides; RF is set by faults and means nothing here. */
const FLAGS = 0xcd5;

/** Flags that an instruction leaves undefined, given what it starts with. */
export function undefinedFlags(instruction: Instruction, input: Input): number {
  const last = instruction.operands.at(-1);
  const count = last?.kind === 'immediate' ? Number(last.value & 0xffn) : Number(input.gpr[1] & 0xffn);
  return operationOf(instruction)?.undefines?.({ instruction, count }) ?? 0;
}

/** What differs, as text; empty when nothing does. `mask`: flags that do not count. */
export function differences(host: Outcome, guest: Outcome, mask: number): string[] {
  const hex = (value: bigint | number): string => value.toString(16);
  const found: string[] = [];
  const check = (name: string, real: bigint | number, ours: bigint | number): void => {
    if (real !== ours) found.push(`${name}: processor ${hex(real)}, emulator ${hex(ours)}`);
  };
  check('exception', host.vector, guest.vector);
  check('error code', host.errorCode, guest.errorCode);
  check('address', host.address, guest.address);
  check('rip', host.rip, guest.rip);
  host.gpr.forEach((value, k) => check(NAMES[k], value, guest.gpr[k]));
  host.xmm.forEach((value, k) => check(`xmm${k >> 1}.${k & 1}`, value, guest.xmm[k]));
  const kept = host.vector >= 0 ? FLAGS : FLAGS & ~mask;
  check('flags', host.rflags & kept, guest.rflags & kept);
  const memory = (side: Outcome): string => Buffer.from(side.window).toString('hex');
  if (memory(host) !== memory(guest))
    found.push(`memory: processor ${memory(host)}, emulator ${memory(guest)}`);
  return found;
}
