/**
 * Direct branches apart from their distance: `je` with 8 bits of displacement and `je` with 32 are the same
 * instruction to a reader, and assemblers choose between them by how far the target happens to be.
 * Opcodes: SDM vol. 2, Jcc, JMP, CALL, LOOP, JRCXZ, XBEGIN.
 */

/** Legacy prefixes and REX, which may stand before the opcode. */
const isPrefix = (byte: number): boolean =>
  [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf2, 0xf3].includes(byte) || (byte & 0xf0) === 0x40;

/** A number that two direct branches share when they differ in nothing but their displacement. */
export function branchForm(bytes: Uint8Array, start: number): number {
  let at = start;
  let prefixes = 0;
  for (; at < bytes.length && isPrefix(bytes[at]); at++) prefixes = (prefixes * 31 + bytes[at]) & 0xffff;
  return prefixes * 0x10000 + operation(bytes, at);
}

function operation(bytes: Uint8Array, at: number): number {
  const opcode = bytes[at];
  if (opcode === 0xeb) return 0xe9;
  if (opcode === 0x0f) return 0x70 | (bytes[at + 1] & 0x0f);
  return opcode === 0xc7 ? 0xc7f8 : opcode;
}
