/**
 * Instructions of kernels: control, debug and segment registers, tables, MSRs, ports, interrupt return, and those
 * that are the device's altogether. A user program cannot run them, so nothing here is proved against a real
 * processor; the tests of the machine say what they do. SDM vol. 2.
 */
import type { Builder } from '../builder.js';
import type { Expr } from '../ir.js';
import { Flag, Gpr, Segment } from '../state.js';
import { ALL_STATUS } from './operation.js';
import type { Operation } from './operation.js';

const PRIVILEGED = 'privileged, or a matter of the machine';

function system(
  mnemonics: readonly string[],
  semantics: (b: Builder) => void,
  more: { readonly forms?: RegExp; readonly defines?: number } = {},
): Operation {
  const name = mnemonics[0].toLowerCase();
  return { name, mnemonics, semantics, defines: 0, notOnHost: PRIVILEGED, ...more };
}

/** Assigns results of 32 bits to registers. */
function into(b: Builder, helper: string, ...registers: readonly number[]): void {
  const values = b.call(
    helper,
    [],
    registers.map(() => 32 as const),
  );
  values.forEach((value, k) => b.setReg(registers[k], value));
}

function registerNumber(b: Builder, k: number): Expr {
  const operand = b.operand(k);
  if (!('index' in operand)) throw new Error(`operand ${k} of ${b.instruction.form} is no register`);
  return b.own(32, BigInt(operand.index));
}

/** After these, blocks are looked up anew. */
function endsBlock(b: Builder): void {
  b.jump(b.next);
}

function tableOperand(b: Builder): { limit: Expr; base: Expr } {
  const address = b.address(0);
  const limit = b.load(16, address);
  const base = b.load(64, b.binary('add', address, b.constant(64, 2)));
  return { limit, base };
}

function storeTable(b: Builder, table: number): void {
  const [base, limit] = b.call('getTable', [b.constant(32, table)], [64, 16]);
  const address = b.address(0);
  b.store(address, limit);
  b.store(b.binary('add', address, b.constant(64, 2)), base);
}

function setFlagBit(mask: number, on: boolean, check: 'ioPrivileged' | 'privileged'): (b: Builder) => void {
  return (b) => {
    b.call(check, []);
    b.add({ st: 'setRflags', value: b.constant(32, on ? mask : 0), mask });
    endsBlock(b);
  };
}

function portOf(b: Builder, k: number): Expr {
  const operand = b.operand(k);
  return operand.kind === 'immediate' ? b.own(32, operand.value & 0xffn) : b.zext(32, b.read(k));
}

function interruptReturn(b: Builder): void {
  const rsp = b.reg(Gpr.rsp);
  const word = (k: number): Expr => b.load(64, b.binary('add', rsp, b.constant(64, 8 * k)), true);
  const rip = word(0);
  b.call('interruptReturn', [word(1), word(2), word(3), word(4)]);
  b.jump(rip);
}

function moveSelector(b: Builder): void {
  if (b.operand(0).kind === 'segment') {
    b.call('writeSelector', [registerNumber(b, 0), b.zext(32, b.trunc(16, b.read(1)))]);
    return;
  }
  const [selector] = b.call('readSelector', [registerNumber(b, 1)], [64]);
  b.write(0, b.trunc(b.width(0), selector));
}

function accessBase(segment: number): (b: Builder) => void {
  return (b) => {
    const base: Expr = { op: 'base', width: 64, segment };
    if (b.instruction.mnemonic.startsWith('Rd')) b.write(0, b.trunc(b.width(0), base));
    else b.add({ st: 'setBase', segment, value: b.zext(64, b.read(0)) });
  };
}

function toDevice(b: Builder): void {
  b.call('deviceInstruction', []);
  endsBlock(b);
}

/** What the device executes, if it wants to. */
const OF_THE_DEVICE = [
  ['Vmclear', 'Vmlaunch', 'Vmptrld', 'Vmptrst', 'Vmread', 'Vmresume', 'Vmwrite', 'Vmxoff', 'Vmxon', 'Vmcall'],
  ['Invept', 'Invvpid', 'Clgi', 'Stgi', 'Vmload', 'Vmsave', 'Vmrun', 'Vmmcall', 'Invlpga', 'Skinit'],
  ['Fxsave', 'Fxsave64', 'Fxrstor', 'Fxrstor64', 'Xsave', 'Xsave64', 'Xsavec', 'Xsavec64', 'Xsaveopt'],
  ['Xsaveopt64', 'Xsaves', 'Xsaves64', 'Xrstor', 'Xrstor64', 'Xrstors', 'Xrstors64', 'Ldmxcsr', 'Stmxcsr'],
  ['Fninit', 'Fnclex', 'Fnstcw', 'Fnstsw', 'Fldcw', 'Fnsave', 'Frstor', 'Fldenv', 'Fnstenv', 'Ffree', 'Fild'],
  [
    'Femms',
    'Emms',
    'Rdrand',
    'Rdseed',
    'Monitor',
    'Mwait',
    'Rdpkru',
    'Wrpkru',
    'Crc32',
    'Lsl',
    'Lar',
    'Verr',
  ],
  ['Incsspd', 'Incsspq', 'Setssbsy', 'Wrssd', 'Wrssq', 'Clrssbsy', 'Saveprevssp', 'Rstorssp'],
  [
    'Enqcmds',
    'Enqcmd',
    'Movdir64b',
    'Movdiri',
    'Xabort',
    'Xbegin',
    'Xend',
    'Xtest',
    'Sysret',
    'Sysretq',
    'Syscall',
  ],
  ['Sysenter', 'Sysexit', 'Outsb', 'Outsw', 'Outsd', 'Insb', 'Insw', 'Insd', 'Retf', 'Int', 'Verw', 'Rdpmc'],
].flat();

export const SYSTEM: readonly Operation[] = [
  system(['Cli'], setFlagBit(Flag.if, false, 'ioPrivileged')),
  system(['Sti'], setFlagBit(Flag.if, true, 'ioPrivileged')),
  system(['Clac'], setFlagBit(Flag.ac, false, 'privileged')),
  system(['Stac'], setFlagBit(Flag.ac, true, 'privileged')),
  system(['Hlt'], (b) => {
    b.call('halt', []);
    endsBlock(b);
  }),
  system(['Cpuid'], (b) => into(b, 'cpuid', Gpr.rax, Gpr.rbx, Gpr.rcx, Gpr.rdx)),
  system(['Rdtsc'], (b) => into(b, 'timestamp', Gpr.rax, Gpr.rdx)),
  system(['Rdtscp'], (b) => {
    into(b, 'timestamp', Gpr.rax, Gpr.rdx);
    b.setReg(Gpr.rcx, b.constant(32, 0));
  }),
  system(['Rdmsr'], (b) => into(b, 'readMsr', Gpr.rax, Gpr.rdx)),
  system(['Wrmsr'], (b) => {
    b.call('writeMsr', []);
    endsBlock(b);
  }),
  system(['Xgetbv'], (b) => into(b, 'readExtended', Gpr.rax, Gpr.rdx)),
  system(['Xsetbv'], (b) => {
    b.call('writeExtended', []);
    endsBlock(b);
  }),
  system(['In'], (b) => {
    const width = b.width(0);
    const [value] = b.call('portIn', [portOf(b, 1), b.constant(32, width)], [64]);
    b.write(0, b.trunc(width, value));
  }),
  system(['Out'], (b) => {
    const value = b.read(1);
    b.call('portOut', [portOf(b, 0), b.constant(32, value.width), b.zext(32, value)]);
  }),
  system(
    ['Mov'],
    (b) => {
      const helper = b.operand(1).kind === 'control' ? 'readControl' : 'readDebug';
      const [value] = b.call(helper, [registerNumber(b, 1)], [64]);
      b.write(0, value);
    },
    { forms: /^Mov_r64_[cd]r$/ },
  ),
  system(
    ['Mov'],
    (b) => {
      const helper = b.operand(0).kind === 'control' ? 'writeControl' : 'writeDebug';
      b.call(helper, [registerNumber(b, 0), b.read(1)]);
      endsBlock(b);
    },
    { forms: /^Mov_[cd]r_r64$/ },
  ),
  system(['Mov'], moveSelector, { forms: /Sreg/ }),
  system(['Clts'], (b) => {
    const [now] = b.call('readControl', [b.constant(32, 0)], [64]);
    b.call('writeControl', [b.constant(32, 0), b.binary('and', now, b.constant(64, ~8n))]);
  }),
  system(['Swapgs'], (b) => {
    b.call('privileged', []);
    const user = b.let({ op: 'base', width: 64, segment: Segment.gs });
    const kernel = b.let({ op: 'base', width: 64, segment: Segment.kernelGs });
    b.add({ st: 'setBase', segment: Segment.gs, value: kernel });
    b.add({ st: 'setBase', segment: Segment.kernelGs, value: user });
  }),
  system(['Rdfsbase', 'Wrfsbase'], accessBase(Segment.fs)),
  system(['Rdgsbase', 'Wrgsbase'], accessBase(Segment.gs)),
  system(['Iretq', 'Iret'], interruptReturn, { forms: /^Iretq$/, defines: ALL_STATUS }),
  system(['Lgdt'], (b) => {
    const { limit, base } = tableOperand(b);
    b.call('setTable', [b.constant(32, 0), base, limit]);
  }),
  system(['Lidt'], (b) => {
    const { limit, base } = tableOperand(b);
    b.call('setTable', [b.constant(32, 2), base, limit]);
  }),
  system(['Sgdt'], (b) => storeTable(b, 0)),
  system(['Sidt'], (b) => storeTable(b, 2)),
  system(['Lldt'], (b) =>
    b.call('loadSystemSegment', [b.constant(32, 6), b.zext(32, b.trunc(16, b.read(0)))]),
  ),
  system(['Ltr'], (b) =>
    b.call('loadSystemSegment', [b.constant(32, 7), b.zext(32, b.trunc(16, b.read(0)))]),
  ),
  system(['Str', 'Sldt'], (b) => {
    const register = b.instruction.mnemonic === 'Str' ? 7 : 6;
    const [selector] = b.call('readSelector', [b.constant(32, register)], [64]);
    b.write(0, b.trunc(b.width(0), selector));
  }),
  // There are no caches and no translations to forget.
  system(
    ['Invlpg', 'Invpcid', 'Invd', 'Wbinvd', 'Wbnoinvd', 'Clflush', 'Clflushopt', 'Clwb', 'Cldemote'],
    () => undefined,
  ),
  // Without shadow stacks it leaves its operand alone, which is how kernels ask for them.
  system(['Rdsspd', 'Rdsspq'], () => undefined),
  system(OF_THE_DEVICE, toDevice),
];

/** Mnemonics that the device executes, for who lists what is covered. */
export const DEVICE_MNEMONICS: ReadonlySet<string> = new Set(OF_THE_DEVICE);
