/**
 * All forms of instructions that the operation table has and that a user program can run, found by trying opcodes
 * with prefixes: what iced decodes to a mnemonic of the table is a form, and the bytes up to the opcode are its
 * template. So no list of encodings can disagree with the decoder.
 */
import { decodeInstruction } from '../../../src/emulator/instruction.js';
import type { Operation } from '../../../src/emulator/ops/operation.js';
import { operationOf } from '../../../src/emulator/ops/table.js';

/** Bytes of an instruction up to its ModRM byte, if it has one. */
export interface Template {
  readonly form: string;
  readonly operation: Operation;
  readonly prefixes: readonly number[];
  /** undefined: no REX, or a prefix that rules it out. */
  readonly rex: number | undefined;
  readonly opcode: readonly number[];
}

const PREFIXES: readonly (readonly number[])[] = [
  [],
  [0x66],
  [0xf2],
  [0xf3],
  [0x66, 0xf3],
  [0x66, 0xf2],
  [0x67],
  [0x67, 0xf3],
  [0xf0],
  [0x66, 0xf0],
  [0x65],
];

function opcodes(): number[][] {
  const all: number[][] = [];
  for (let byte = 0; byte < 256; byte++) {
    all.push([byte], [0x0f, byte]);
    if (byte >= 0xf0) all.push([0x0f, 0x38, byte]);
  }
  // VEX: three bytes, map 2 (BMI), and two bytes, map 1 (vpxor, vpor). SDM vol. 2, 2.3.5.
  for (const w of [0x00, 0x80])
    for (const pp of [0, 1, 2, 3])
      for (const byte of [0xf2, 0xf3, 0xf5, 0xf6, 0xf7]) all.push([0xc4, 0xe2, 0x58 | w | pp, byte]);
  all.push([0xc5, 0xd9, 0xef], [0xc5, 0xd9, 0xeb]);
  return all;
}

/** Forms that a case cannot hold: absolute addresses, which would have to lie in the window. */
const LEFT_OUT = /moffs/;

/** Templates by form, in order of their discovery. */
export function discoverForms(): Map<string, Template[]> {
  const found = new Map<string, Template[]>();
  const bytes = new Uint8Array(15);
  for (const prefixes of PREFIXES)
    for (const rex of [undefined, 0x48])
      for (const opcode of opcodes()) {
        const head = [...prefixes, ...(rex === undefined ? [] : [rex]), ...opcode];
        const forms = new Set<string>();
        for (let modrm = 0; modrm < 16; modrm++) {
          bytes.fill(0);
          bytes.set(head);
          bytes[head.length] = (modrm & 8 ? 0xc0 : 0) | ((modrm & 7) << 3);
          const instruction = decodeInstruction(bytes, 0n);
          if (typeof instruction !== 'object' || instruction.length < head.length) continue;
          const { form } = instruction;
          const operation = operationOf(instruction);
          if (operation === undefined || operation.notOnHost !== undefined) continue;
          if (forms.has(form) || LEFT_OUT.test(form)) continue;
          forms.add(form);
          const template: Template = { form, operation, prefixes, rex, opcode };
          found.set(form, [...(found.get(form) ?? []), template]);
        }
      }
  return found;
}
