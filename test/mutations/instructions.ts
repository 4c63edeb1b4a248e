/**
 * Changes one instruction so that another one of the same length stands in its place: another register, another
 * operation. Immediate operands are left alone, because a line number is one; so are branches, relocated fields and
 * bytes that only fill space.
 */
import { decodeCode, Flow } from '../../src/x86/decode.js';
import type { DecodedCode } from '../../src/x86/decode.js';
import { relocWidth } from '../../src/elf/reloc-x86-64.js';
import type { Random } from './random.js';
import type { Thing } from './things.js';
import type { View } from './view.js';

/** One byte of a thing, counted from its start, and what to write there. */
export interface ByteChange {
  readonly at: number;
  readonly value: number;
}

const TRIES = 40;

export function changedInstruction(view: View, thing: Thing, random: Random): ByteChange | undefined {
  const code = view.code(thing);
  const bytes = view.bytesOf(thing);
  const written = writtenBytes(view, thing);
  for (let tries = 0; tries < TRIES && code.count > 0; tries++) {
    const k = random.below(code.count);
    if (code.flow[k] !== Flow.next) continue;
    const bit = random.pick(bitsOf(bytes.subarray(code.start[k], code.start[k] + code.length[k])));
    if (bit === undefined) continue;
    const at = code.start[k] + bit.at;
    const value = bytes[at] ^ (1 << bit.bit);
    if (!written.has(at) && isSameShape(code, bytes, { at, value })) return { at, value };
  }
  return undefined;
}

/** Positions in a thing that relocations fill. */
export function writtenBytes(view: View, thing: Thing): ReadonlySet<number> {
  const written = new Set<number>();
  for (const { r_offset, r_type } of view.relasIn(thing)) {
    for (let k = 0; k < relocWidth(r_type); k++) written.add(r_offset - thing.start + k);
  }
  return written;
}

/** Bits of an instruction that say which register and which operation (SDM vol. 2, appendix A). */
function bitsOf(instruction: Uint8Array): { at: number; bit: number }[] {
  let at = 0;
  while (at < instruction.length && isPrefix(instruction[at])) at++;
  const opcode = instruction[at];
  const registers = (position: number): { at: number; bit: number }[] =>
    position < instruction.length ? [3, 4, 5].map((bit) => ({ at: position, bit })) : [];
  // push, pop, mov of an immediate: the register is in the opcode.
  if ((opcode & 0xf0) === 0x50 || (opcode & 0xf8) === 0xb8) return [0, 1, 2].map((bit) => ({ at, bit }));
  if (opcode === 0x0f) return isTwoByte(instruction[at + 1]) ? registers(at + 2) : [];
  return isOneByte(opcode) ? registers(at + 1) : [];
}

function isPrefix(byte: number): boolean {
  return (byte & 0xf0) === 0x40 || [0x65, 0x66, 0xf0, 0xf2, 0xf3].includes(byte);
}

/** Opcodes of one byte that a ModRM byte follows. */
function isOneByte(opcode: number): boolean {
  const arithmetic = opcode < 0x40 && (opcode & 7) < 4;
  return arithmetic || (opcode >= 0x80 && opcode <= 0x8d && opcode !== 0x8c) || [0x63, 0xc1, 0xd3, 0xf7].includes(opcode);
}

/** The same behind 0f: cmov, movzx, movsx, imul. */
function isTwoByte(opcode: number): boolean {
  return (opcode & 0xf0) === 0x40 || [0xaf, 0xb6, 0xb7, 0xbe, 0xbf].includes(opcode);
}

/** Whether the code still has the same instructions but one: same places, same ways out. */
function isSameShape(code: DecodedCode, bytes: Uint8Array, { at, value }: ByteChange): boolean {
  const changed = Uint8Array.from(bytes);
  changed[at] = value;
  const after = decodeCode(changed);
  if (after.count !== code.count) return false;
  for (let k = 0; k < code.count; k++) {
    if (after.start[k] !== code.start[k] || after.flow[k] !== code.flow[k]) return false;
    if (after.target[k] !== code.target[k]) return false;
  }
  return true;
}
