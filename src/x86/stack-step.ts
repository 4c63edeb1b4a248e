/**
 * How far one instruction moves the stack pointer: what push and pop do, and the additions by which compilers make
 * and drop stack frames. A call moves it back before the next instruction runs.
 */
import { FactReader } from './instruction-facts.js';

/** Opcode bytes of `sub`, `add` and `lea disp(%rsp),%rsp`; behind each stands an immediate of 1 or 4 bytes. SDM vol. 2. */
const ADJUSTMENTS: readonly {
  readonly opcode: readonly number[];
  readonly sign: 1 | -1;
  readonly width: 1 | 4;
}[] = [
  { opcode: [0x48, 0x83, 0xec], sign: -1, width: 1 },
  { opcode: [0x48, 0x81, 0xec], sign: -1, width: 4 },
  { opcode: [0x48, 0x83, 0xc4], sign: 1, width: 1 },
  { opcode: [0x48, 0x81, 0xc4], sign: 1, width: 4 },
  { opcode: [0x48, 0x8d, 0x64, 0x24], sign: 1, width: 1 },
  { opcode: [0x48, 0x8d, 0xa4, 0x24], sign: 1, width: 4 },
];

/** Bytes that the instruction, which is all of `bytes`, adds to rsp; undefined when it sets rsp otherwise. */
export function stackStep(bytes: Uint8Array): number | undefined {
  const reader = new FactReader(bytes);
  const { exit, stackIncrement } = reader.read(0);
  reader.free();
  if (exit.kind === 'call' || exit.kind === 'indirect-call') return 0;
  if (stackIncrement !== undefined) return stackIncrement;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const { opcode, sign, width } of ADJUSTMENTS) {
    const matches = bytes.length === opcode.length + width && opcode.every((byte, k) => bytes[k] === byte);
    if (matches)
      return sign * (width === 1 ? view.getInt8(opcode.length) : view.getInt32(opcode.length, true));
  }
  return undefined;
}
