/**
 * Code of WebAssembly as text: the instructions of the text format, as many on a line as belong to one statement, so
 * that a line begins and ends with an empty stack. Locals are written by their numbers.
 */
import { OPCODES } from '../../src/emulator/wasm/opcodes.js';

const NAMES = new Map<number, string>(Object.entries(OPCODES).map(([name, code]) => [code, name]));
/** What takes everything from the stack. */
const ENDS =
  /^(local\.set|i(32|64)\.store|br|br_if|br_table|if|else|end|block|loop|unreachable|return_call_indirect)/;

export function wasmText(code: Uint8Array): string {
  return new TextWriter(code).write();
}

class TextWriter {
  private at = 0;
  private depth = 0;

  constructor(private readonly code: Uint8Array) {}

  write(): string {
    const lines: string[] = [];
    let words: string[] = [];
    while (this.at < this.code.length) {
      const name = this.name();
      if (name === 'end' || name === 'else') this.depth--;
      words.push(`${name}${this.immediates(name)}`);
      if (ENDS.test(name) || this.at === this.code.length) {
        lines.push(`${' '.repeat(2 * this.depth)}${words.join(' ')}\n`);
        words = [];
      }
      if (/^(block|loop|if|else)$/.test(name)) this.depth++;
    }
    return lines.join('');
  }

  private name(): string {
    const byte = this.code[this.at++];
    const name = NAMES.get(byte);
    if (name === undefined) throw new Error(`no opcode 0x${byte.toString(16)} at ${this.at - 1}`);
    return name;
  }

  private immediates(name: string): string {
    if (name === 'block' || name === 'loop' || name === 'if') {
      this.at++;
      return '';
    }
    if (name === 'i32.const' || name === 'i64.const') return ` ${this.signed()}`;
    if (name === 'br_table') return ` ${this.table()}`;
    if (name === 'return_call_indirect') return ` ${this.unsigned()} ${this.unsigned()}`;
    if (/^i(32|64)\.(load|store)/.test(name)) {
      this.unsigned();
      return ` 0x${this.unsigned().toString(16)}`;
    }
    return /^(local\.|br|call)/.test(name) ? ` ${this.unsigned()}` : '';
  }

  private table(): string {
    const count = this.unsigned() + 1n;
    return Array.from({ length: Number(count) }, () => this.unsigned()).join(' ');
  }

  private unsigned(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(this.code[this.at++]);
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
  }

  private signed(): bigint {
    let value = 0n;
    for (let shift = 0n; ;) {
      const byte = BigInt(this.code[this.at++]);
      value |= (byte & 0x7fn) << shift;
      shift += 7n;
      if (byte < 0x80n) return BigInt.asIntN(Number(shift), value);
    }
  }
}
