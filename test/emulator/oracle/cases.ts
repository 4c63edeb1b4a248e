/**
 * Makes cases: bytes of a form with random operands, registers with values that are worth trying, and addresses
 * that lie in the window, across the border of two pages, or where an access must fault.
 */
import { decodeInstruction } from '../../../src/emulator/instruction.js';
import type { Instruction, MemoryOperand } from '../../../src/emulator/instruction.js';
import type { Template } from './forms.js';
import {
  ALWAYS_SET,
  BASELINE,
  BORDER,
  CODE,
  DATA,
  READ_ONLY,
  START,
  UNMAPPED,
  WINDOW,
  WINDOW_BYTES,
} from './layout.js';
import type { Input } from './layout.js';
import type { Random } from './random.js';

const STATUS_AND_DF = 0xcd5;

const VALUES: readonly bigint[] = [
  0n,
  1n,
  2n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x7fffffffffffffffn,
  0x8000000000000000n,
  0xffffffffffffffffn,
  0xfffffffffffffffen,
  0x5555555555555555n,
];

export interface Made {
  readonly input: Input;
  readonly instruction: Instruction;
}

function value(random: Random, seeds: readonly bigint[] = []): bigint {
  const way = random.below(10);
  if (way < 4) return random.pick(VALUES);
  if (way < 6) return BigInt(random.below(70));
  if (way < 7 && seeds.length > 0) return random.pick(seeds);
  return way < 8 ? random.wide() >> BigInt(random.below(64)) : random.wide();
}

/** An address for an access of so many bytes. */
function place(random: Random, bytes: number): bigint {
  const way = random.below(100);
  const inWindow = WINDOW + BigInt(random.below(Math.max(1, WINDOW_BYTES - bytes)));
  const aligned = random.chance(50) ? inWindow & ~15n : inWindow;
  if (way < 65) return aligned < WINDOW ? WINDOW : aligned;
  if (way < 80) return BORDER - BigInt(random.below(bytes + 1));
  if (way < 87) return READ_ONLY + BigInt(random.below(64));
  if (way < 90) return READ_ONLY - BigInt(random.below(bytes));
  if (way < 94) return UNMAPPED - BigInt(random.below(bytes));
  if (way < 97) return UNMAPPED + BigInt(random.below(0x1000));
  return 0x8000000000000000n ^ (random.wide() >> 1n);
}

/** The bytes of an instance of a form, or undefined when chance made another form of them. */
function bytesOf(
  random: Random,
  { form, prefixes, rex, opcode }: Template,
): (Instruction & { bytes: Uint8Array }) | undefined {
  const bytes = new Uint8Array(15);
  for (let k = 0; k < 15; k++)
    bytes[k] = random.chance(20) ? random.pick([0, 1, 0x7f, 0x80, 0xff]) : random.word();
  const vex = opcode[0] === 0xc4;
  const plainRex =
    vex || opcode[0] === 0xc5
      ? []
      : rex !== undefined
        ? [rex | (random.word() & 7)]
        : random.chance(40)
          ? [0x40 | (random.word() & 7)]
          : [];
  const head = [...prefixes, ...plainRex, ...opcode];
  if (vex) {
    head[prefixes.length + 1] ^= random.word() & 0xe0;
    head[prefixes.length + 2] ^= random.word() & 0x78;
  }
  bytes.set(head);
  const instruction = decodeInstruction(bytes, START);
  if (typeof instruction !== 'object' || instruction.form !== form) return undefined;
  return { ...instruction, bytes: bytes.slice(0, instruction.length) };
}

/** Sets registers or the displacement so that the operand lies at `target`. False when that cannot be. */
function aim(
  random: Random,
  operand: MemoryOperand,
  target: bigint,
  gpr: bigint[],
  made: { bytes: Uint8Array; instruction: Instruction },
): boolean {
  const { base, index, scale, displacement, segment, addressWidth } = operand;
  if (segment === 4) return false;
  const linear = segment === 5 ? target - DATA : target;
  if (base < 0 && index < 0) {
    const at = made.instruction.ipDisplacementAt;
    if (at < 0) return false;
    const distance = BigInt.asIntN(64, linear - made.instruction.next);
    if (BigInt.asIntN(32, distance) !== distance) return false;
    new DataView(made.bytes.buffer).setInt32(at, Number(distance), true);
    return true;
  }
  const assign = (register: number, wanted: bigint): void => {
    const upper = addressWidth === 32 ? random.wide() & ~0xffffffffn : 0n;
    gpr[register] = upper | BigInt.asUintN(addressWidth, wanted);
  };
  if (base >= 0) {
    if (base === index) return false;
    const indexed = index >= 0 ? gpr[index] * BigInt(scale) : 0n;
    assign(base, linear - displacement - indexed);
    return true;
  }
  const difference = BigInt.asUintN(addressWidth, linear - displacement);
  assign(index, difference / BigInt(scale));
  return true;
}

/** Makes one case of a form; undefined when chance did not give one. */
export function makeCase(random: Random, template: Template): Made | undefined {
  const found = bytesOf(random, template);
  if (found === undefined) return undefined;
  const { operation } = template;
  const gpr = [...BASELINE];
  const xmm = Array.from({ length: 32 }, () => 0n);
  const window = new Uint8Array(WINDOW_BYTES);
  const bytes = found.bytes;
  for (const register of operation.implicit ?? []) gpr[register] = value(random, operation.seeds);
  for (const operand of found.operands) {
    if (operand.kind === 'gpr' || operand.kind === 'high')
      gpr[operand.index] = value(random, operation.seeds);
    if (operand.kind === 'xmm') for (const half of [0, 1]) xmm[operand.index * 2 + half] = random.wide();
    if (operand.kind === 'memory' && operand.index >= 0) gpr[operand.index] = value(random);
  }
  specialRegisters(random, found, gpr);
  for (const operand of found.operands) {
    if (operand.kind !== 'memory') continue;
    const size = operand.width / 8;
    const target = place(random, Math.max(1, size));
    const ok = isString(found) || aim(random, operand, target, gpr, { bytes, instruction: found });
    if (!ok) return undefined;
    fill(random, window, target, size, operation.seeds);
  }
  const implicitStack = operation.implicit?.includes(4) === true || isString(found);
  if (implicitStack) fillNear(random, window);
  if (found.form.startsWith('Popf')) tamePoppedFlags(window, gpr[4]);
  if (!nearTargets(found, bytes) || isLeftOpen(template, found, gpr)) return undefined;
  const instruction = decodeInstruction(bytes, START);
  if (typeof instruction !== 'object') return undefined;
  const rflags = ALWAYS_SET | (random.word() & STATUS_AND_DF);
  return { input: { code: bytes, gpr, xmm, rflags, window }, instruction };
}

const NEAR_BRANCH = /^(J|Loop|Call_r|Retnq)/;

/**
 * What processors do each in their own way: a 16-bit operand size of near branches (ignored by Intel's, obeyed by
 * AMD's; SDM vol. 2, JMP; APM vol. 3, JMP), REX.B before `pause`, which is `xchg %r8,%rax` to some, a repeat prefix before
 * `loope` and `loopne`, whose condition it turns on AMD's, and double shifts
 * of 16 bits by more than 16, whose result the SDM leaves undefined.
 */
function isLeftOpen(
  { prefixes }: Template,
  { form, bytes, operands }: Instruction & { bytes: Uint8Array },
  gpr: readonly bigint[],
): boolean {
  if (NEAR_BRANCH.test(form) && prefixesOf(bytes).includes(0x66)) return true;
  if (/^Loopn?e/.test(form) && prefixes.some((byte) => byte >= 0xf2)) return true;
  if (form === 'Pause') return bytes.some((byte) => (byte & 0xf1) === 0x41);
  if (!/^Sh[lr]d_rm16/.test(form)) return false;
  const last = operands[operands.length - 1];
  const count = last.kind === 'immediate' ? last.value : gpr[1];
  return (count & 31n) > 16n;
}

/** Bytes before the opcode: SDM vol. 2, 2.1.1 and 2.2.1. */
function prefixesOf(bytes: Uint8Array): readonly number[] {
  const others = bytes.findIndex((byte) => !LEGACY.has(byte) && (byte & 0xf0) !== 0x40);
  return [...bytes.subarray(0, Math.max(0, others))];
}
const LEGACY = new Set([0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65]);

const isString = ({ form }: Instruction): boolean =>
  /^(Movs|Stos|Lods|Scas|Cmps)[bwdq]_/.test(form) && !/xmm/.test(form);

/** Counts, pointers and stacks of instructions that use registers without naming them. */
function specialRegisters(random: Random, instruction: Instruction, gpr: bigint[]): void {
  const { form, operands } = instruction;
  const [first, second] = operands;
  if (isString(instruction)) {
    gpr[6] = WINDOW + BigInt(random.below(56));
    gpr[7] = random.chance(10) ? place(random, 8) : WINDOW + BigInt(random.below(56));
    gpr[1] = BigInt(random.below(5));
    // Whether a repetition that does nothing, or faults, clears upper halves is left open by the SDM.
    const narrow = operands.some((o) => o.kind === 'memory' && o.addressWidth === 32);
    if (narrow) for (const register of [1, 6, 7]) gpr[register] = BigInt.asUintN(32, gpr[register]);
  }
  if (/^(Push|Pop|Call|Ret|Enter)/.test(form)) gpr[4] = place(random, 8);
  if (form.startsWith('Leave')) gpr[5] = place(random, 8);
  if (/^Bt.*_r\d+$/.test(form) && first.kind === 'memory' && second.kind === 'gpr')
    gpr[second.index] = BigInt.asUintN(64, BigInt(random.below(160) - 64));
  if (/^(Jmp|Call)_rm64/.test(form) && first.kind === 'gpr' && random.chance(70))
    gpr[first.index] = CODE + BigInt(random.below(0x700));
}

function fill(
  random: Random,
  window: Uint8Array,
  target: bigint,
  size: number,
  seeds?: readonly bigint[],
): void {
  for (let done = 0; done < size; done += 8) {
    const wide = value(random, seeds);
    for (let k = 0; k < Math.min(8, size - done); k++) {
      const at = target + BigInt(done + k) - WINDOW;
      if (at >= 0n && at < WINDOW_BYTES) window[Number(at)] = Number((wide >> BigInt(8 * k)) & 0xffn);
    }
  }
}

/** Bytes all over the window, often code addresses, for what is popped and for strings. */
function fillNear(random: Random, window: Uint8Array): void {
  const same = random.chance(40);
  for (let k = 0; k < WINDOW_BYTES; k++) window[k] = same ? 0x41 : random.word();
}

function tamePoppedFlags(window: Uint8Array, rsp: bigint): void {
  const at = Number(BigInt.asIntN(32, rsp - WINDOW));
  window.forEach((byte, k) => {
    const within = (k - at) & 7;
    window[k] = within === 0 ? byte & 0xd5 : within === 1 ? byte & 0x0c : 0;
  });
}

/** Keeps direct branches within the code page; the displacement is the last one or four bytes. */
function nearTargets({ operands, next }: Instruction, bytes: Uint8Array): boolean {
  const target = operands.find((o) => o.kind === 'target');
  if (target === undefined) return true;
  const view = new DataView(bytes.buffer);
  // A jump into the instruction itself would be another instruction, or run for ever.
  if (target.value > next - BigInt(bytes.length) - 16n && target.value < next) return false;
  if (target.value >= CODE && target.value < CODE + 0xff0n) return true;
  if (bytes.length < 5) return false;
  const to = CODE + (target.value & 0x7f0n);
  view.setInt32(bytes.length - 4, Number(to - next), true);
  return true;
}
