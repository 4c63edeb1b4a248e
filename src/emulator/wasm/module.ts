/**
 * A module of WebAssembly with one function that is exported, in the binary format: imports of a memory and of a
 * table, functions beside it that it calls. Source: core 2.0, 5.5.
 */
import { Bytes } from './code.js';
import { TYPE_CODES } from './opcodes.js';
import type { ValueType } from './opcodes.js';

export interface FunctionBody {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Declarations of locals, as they are encoded. */
  readonly locals: Uint8Array;
  /** Instructions without the last `end`. */
  readonly code: Uint8Array;
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const Section = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;
const FUNCTION_TYPE = 0x60;
const FUNCTION_REFERENCE = 0x70;
const ImportKind = { table: 1, memory: 2 } as const;
const END = 0x0b;

/** Function 0 is exported as `run`, and type 0 is its type. `pages`: size of the memory, which does not grow. */
export function moduleOf(functions: readonly FunctionBody[], pages: number): Uint8Array {
  const out = new Bytes();
  for (const byte of MAGIC) out.byte(byte);
  section(out, Section.type, (bytes) => {
    bytes.unsigned(functions.length);
    for (const { parameters, results } of functions) {
      bytes.byte(FUNCTION_TYPE);
      for (const types of [parameters, results]) {
        bytes.unsigned(types.length);
        for (const type of types) bytes.byte(TYPE_CODES[type]);
      }
    }
  });
  section(out, Section.import, (bytes) => {
    bytes.unsigned(2);
    bytes.text('host');
    bytes.text('memory');
    bytes.byte(ImportKind.memory);
    bytes.byte(1);
    bytes.unsigned(pages);
    bytes.unsigned(pages);
    bytes.text('host');
    bytes.text('table');
    bytes.byte(ImportKind.table);
    bytes.byte(FUNCTION_REFERENCE);
    bytes.byte(0);
    bytes.unsigned(0);
  });
  section(out, Section.function, (bytes) => {
    bytes.unsigned(functions.length);
    functions.forEach((_, k) => bytes.unsigned(k));
  });
  section(out, Section.export, (bytes) => {
    bytes.unsigned(1);
    bytes.text('run');
    bytes.byte(0);
    bytes.unsigned(0);
  });
  section(out, Section.code, (bytes) => {
    bytes.unsigned(functions.length);
    for (const { locals, code } of functions) {
      bytes.unsigned(locals.length + code.length + 1);
      bytes.append(locals);
      bytes.append(code);
      bytes.byte(END);
    }
  });
  return out.take();
}

function section(out: Bytes, number: number, write: (bytes: Bytes) => void): void {
  const bytes = new Bytes();
  write(bytes);
  out.byte(number);
  out.unsigned(bytes.length);
  out.append(bytes.take());
}
