/** The stack, jumps, calls, and what depends on a condition. SDM vol. 2; conditions: vol. 1, appendix B. */
import type { Builder } from '../builder.js';
import type { Expr, Width } from '../ir.js';
import { Vector } from '../fault.js';
import { Gpr } from '../state.js';
import { ALL_STATUS } from './operation.js';
import type { Operation } from './operation.js';

type Condition = (b: Builder) => Expr;

const either = (b: Builder, x: Expr, y: Expr): Expr => b.binary('or', x, y);
const differs = (b: Builder): Expr => b.binary('xor', b.flag('sf'), b.flag('of'));

/** Conditions by the suffix that iced uses. */
const CONDITIONS: Readonly<Record<string, Condition>> = {
  o: (b) => b.flag('of'),
  no: (b) => b.not(b.flag('of')),
  b: (b) => b.flag('cf'),
  ae: (b) => b.not(b.flag('cf')),
  e: (b) => b.flag('zf'),
  ne: (b) => b.not(b.flag('zf')),
  be: (b) => either(b, b.flag('cf'), b.flag('zf')),
  a: (b) => b.not(either(b, b.flag('cf'), b.flag('zf'))),
  s: (b) => b.flag('sf'),
  ns: (b) => b.not(b.flag('sf')),
  p: (b) => b.flag('pf'),
  np: (b) => b.not(b.flag('pf')),
  l: differs,
  ge: (b) => b.not(differs(b)),
  le: (b) => either(b, b.flag('zf'), differs(b)),
  g: (b) => b.not(either(b, b.flag('zf'), differs(b))),
};

const SUFFIXES = Object.keys(CONDITIONS);

function conditionOf(b: Builder, prefix: string): Expr {
  const condition = CONDITIONS[b.instruction.mnemonic.slice(prefix.length)];
  if (condition === undefined) throw new Error(`${b.instruction.mnemonic} names no condition`);
  return condition(b);
}

/** Pushes a value; the store may fault, rsp changes after it. */
export function push(b: Builder, value: Expr): void {
  const top = b.let(b.binary('sub', b.reg(Gpr.rsp), b.constant(64, value.width / 8)));
  b.store(top, value, true);
  b.setReg(Gpr.rsp, top);
}

/** Reads the value on top of the stack; `drop` is rsp without it. */
export function top(b: Builder, width: Width): { value: Expr; drop: Expr } {
  const rsp = b.reg(Gpr.rsp);
  const value = b.load(width, rsp, true);
  return { value, drop: b.let(b.binary('add', rsp, b.constant(64, width / 8))) };
}

function pop(b: Builder): void {
  const width = b.width(0);
  const { value, drop } = top(b, width);
  if (!b.inMemory(0)) {
    b.setReg(Gpr.rsp, drop);
    b.write(0, value);
    return;
  }
  // An address that counts from rsp counts from rsp as it is after the pop. SDM vol. 2, POP.
  const operand = b.memory(0);
  const extra = operand.base === Gpr.rsp ? BigInt(width / 8) : 0n;
  const shifted = { ...operand, displacement: operand.displacement + extra };
  const plain = b.effective(shifted);
  const { segment } = operand;
  const address = segment < 0 ? plain : b.binary('add', { op: 'base', width: 64, segment } as const, plain);
  b.store(address, value, operand.stack);
  b.setReg(Gpr.rsp, drop);
}

function pushOperand(b: Builder): void {
  const { form } = b.instruction;
  const operand = b.operand(0);
  const width = operand.kind === 'immediate' ? (form.startsWith('Pushq') ? 64 : 16) : b.width(0);
  push(b, b.let(b.read(0, width)));
}

/** rcx, or ecx with an address-size prefix, as loop and jrcxz count. */
function counter(b: Builder): { register: Expr; width: Width } {
  const width = /_64$|Jrcxz|_RCX/.test(b.instruction.form) && !/ECX|Jecxz/.test(b.instruction.form) ? 64 : 32;
  return { register: b.reg(Gpr.rcx, width), width };
}

function loop(b: Builder): void {
  const { register, width } = counter(b);
  const left = b.let(b.binary('sub', register, b.constant(width, 1)));
  let again = b.not(b.isZero(left));
  if (b.instruction.mnemonic === 'Loope') again = b.binary('and', again, b.flag('zf'));
  if (b.instruction.mnemonic === 'Loopne') again = b.binary('and', again, b.not(b.flag('zf')));
  const taken = b.let(again);
  b.setReg(Gpr.rcx, left);
  b.jump(b.select(taken, b.read(0), b.next));
}

/** #GP at the branch, not at its target, for an address that cannot be. */
function demandCanonical(b: Builder, target: Expr): void {
  if (target.op === 'const') return;
  const upper = b.binary('sar', target, b.constant(8, 47));
  const plus = b.let(b.binary('add', upper, b.constant(64, 1)));
  b.when(b.compare('ult', b.constant(64, 1), plus), () => b.raise(Vector.GP));
}

function jump(b: Builder): void {
  const target = b.read(0);
  demandCanonical(b, target);
  b.jump(target);
}

function call(b: Builder): void {
  const target = b.read(0);
  const top = b.let(b.binary('sub', b.reg(Gpr.rsp), b.constant(64, 8)));
  // Processors write the return address before they look at the target.
  b.store(top, b.next, true);
  demandCanonical(b, target);
  b.setReg(Gpr.rsp, top);
  b.jump(target);
}

function ret(b: Builder): void {
  const { value, drop } = top(b, 64);
  demandCanonical(b, value);
  const extra = b.instruction.operands.length > 0 ? b.read(0, 64) : b.constant(64, 0);
  b.setReg(Gpr.rsp, b.binary('add', drop, extra));
  b.jump(value);
}

/** Copies of the frame pointers of outer levels are pushed between the old rbp and the new frame's locals. */
function enter(b: Builder): void {
  const size = b.read(0, 64);
  const operand = b.operand(1);
  const level = operand.kind === 'immediate' ? Number(operand.value) & 31 : 0;
  const rbp = b.reg(Gpr.rbp);
  const frame = b.let(b.binary('sub', b.reg(Gpr.rsp), b.constant(64, 8)));
  const below = (base: Expr, k: number): Expr => b.binary('sub', base, b.constant(64, 8 * k));
  b.store(frame, rbp, true);
  for (let k = 1; k < level; k++) b.store(below(frame, k), b.load(64, below(rbp, k), true), true);
  if (level > 0) b.store(below(frame, level), frame, true);
  const bottom = b.let(b.binary('sub', below(frame, level), size));
  b.add({ st: 'probe', address: bottom, bytes: 1, stack: true });
  b.setReg(Gpr.rbp, frame);
  b.setReg(Gpr.rsp, bottom);
}

const RSP = [Gpr.rsp];
const NEAR = /_(rel8_64|rel32_64|rm64)$/;

export const CONTROL: readonly Operation[] = [
  {
    name: 'push',
    mnemonics: ['Push'],
    forms: /^Push(_r|_rm|q_imm|w_imm|_imm16)/,
    defines: 0,
    implicit: RSP,
    semantics: pushOperand,
  },
  { name: 'pop', mnemonics: ['Pop'], forms: /^Pop_r/, defines: 0, implicit: RSP, semantics: pop },
  { name: 'call', mnemonics: ['Call'], forms: NEAR, defines: 0, implicit: RSP, semantics: call },
  {
    name: 'ret',
    mnemonics: ['Ret'],
    forms: /^Retnq/,
    defines: 0,
    implicit: RSP,
    semantics: ret,
  },
  {
    name: 'jmp',
    mnemonics: ['Jmp'],
    forms: NEAR,
    defines: 0,
    semantics: jump,
  },
  {
    name: 'jcc',
    mnemonics: SUFFIXES.map((suffix) => `J${suffix}`),
    forms: /_64$/,
    defines: 0,
    semantics: (b) => b.jump(b.select(conditionOf(b, 'J'), b.read(0), b.next)),
  },
  {
    name: 'setcc',
    mnemonics: SUFFIXES.map((suffix) => `Set${suffix}`),
    defines: 0,
    semantics: (b) => b.write(0, b.zext(8, conditionOf(b, 'Set'))),
  },
  {
    name: 'cmovcc',
    mnemonics: SUFFIXES.map((suffix) => `Cmov${suffix}`),
    defines: 0,
    // The source is read, and a 32-bit destination zero-extended, whatever the condition says.
    semantics: (b) => {
      const source = b.read(1);
      b.write(0, b.select(conditionOf(b, 'Cmov'), source, b.read(0)));
    },
  },
  {
    name: 'loop',
    mnemonics: ['Loop', 'Loope', 'Loopne'],
    forms: /_64_(RCX|ECX)$/,
    defines: 0,
    implicit: [Gpr.rcx],
    semantics: loop,
  },
  {
    name: 'jrcxz',
    mnemonics: ['Jrcxz', 'Jecxz'],
    forms: /_64$/,
    defines: 0,
    implicit: [Gpr.rcx],
    semantics: (b) => b.jump(b.select(b.isZero(counter(b).register), b.read(0), b.next)),
  },
  {
    name: 'leave',
    mnemonics: ['Leave'],
    forms: /^Leaveq$/,
    defines: 0,
    implicit: [Gpr.rsp, Gpr.rbp],
    semantics: (b) => {
      const frame = b.reg(Gpr.rbp);
      const value = b.load(64, frame, true);
      b.setReg(Gpr.rsp, b.binary('add', frame, b.constant(64, 8)));
      b.setReg(Gpr.rbp, value);
    },
  },
  {
    name: 'enter',
    mnemonics: ['Enter'],
    forms: /^Enterq/,
    defines: 0,
    implicit: [Gpr.rsp, Gpr.rbp],
    semantics: enter,
  },
  {
    name: 'pushf',
    mnemonics: ['Pushfq', 'Pushf'],
    forms: /^Pushf[qw]$/,
    defines: 0,
    implicit: RSP,
    // RF and VM are pushed clear.
    semantics: (b) => {
      const width = b.instruction.form === 'Pushfq' ? 64 : 16;
      const flags = b.binary('and', { op: 'rflags', width: 32 }, b.constant(32, 0xfcffff));
      push(b, b.let(width === 64 ? b.zext(64, flags) : b.trunc(16, flags)));
    },
  },
  {
    name: 'popf',
    mnemonics: ['Popfq', 'Popf'],
    forms: /^Popf[qw]$/,
    defines: ALL_STATUS,
    implicit: RSP,
    semantics: (b) => {
      const width = b.instruction.form === 'Popfq' ? 64 : 16;
      const { value, drop } = top(b, width);
      b.setReg(Gpr.rsp, drop);
      b.call('popFlags', [b.constant(32, width), b.zext(64, value)]);
    },
  },
];
