/**
 * The bytes being read, and the way out when they turn out to be unusable.
 *
 * Input is hostile: a header may claim anything. Three budgets keep the work of reading in proportion to the
 * size of the file, whatever it claims: sections together may not be larger than the file (else a thousand
 * sections over the same bytes would be read a thousand times), the names together may not be longer than
 * NAME_BUDGET times the file (else all symbols could share the tails of one string of a megabyte), and no
 * name is searched for its end beyond the string table.
 */
import type { Diagnostic } from '../diag/diagnostic.js';
import { diagnostic } from '../diag/diagnostic.js';
import { asBuffer } from './file.js';
import { printableName } from '../diag/printable.js';

const U32 = 0x1_0000_0000;

/** Real files stay below 1: every name is stored, and each costs a record of 24 bytes besides. */
const NAME_BUDGET = 16;

/** A JavaScript string holds at most 2^29 - 24 characters; no object has half of that in names. */
const MAX_STRING_TABLE = 0x1000_0000;

export type ReadCode = 'XS101' | 'XS102' | 'XS103' | 'XS105';

/** Thrown and caught inside src/elf only: unwinds from the place where the file turned out to be unusable. */
export class Refusal {
  constructor(readonly found: Diagnostic) {}
}

export class ElfInput {
  readonly view: DataView;
  readonly buffer: Buffer;
  private nameBytesLeft: number;

  constructor(
    readonly name: string,
    readonly bytes: Uint8Array,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.buffer = asBuffer(bytes);
    this.nameBytesLeft = NAME_BUDGET * bytes.length;
  }

  /** An unsigned 64-bit field as a double: exact below 2^53, and beyond that too large for every bounds check. */
  u64(at: number): number {
    const high = this.view.getUint32(at + 4, true);
    const low = this.view.getUint32(at, true);
    // Without the test V8 would box every zero and every small size as a heap number.
    return high === 0 ? low : low + high * U32;
  }

  refuse(code: ReadCode, message: string, section?: { name: string }): never {
    throw new Refusal(
      diagnostic(code, {
        message,
        at: section === undefined ? { object: this.name } : { object: this.name, section: section.name },
        hint:
          code === 'XS102'
            ? 'give an ELF64 x86-64 object; leave 32-bit boot objects out'
            : 'build the file again, or check that the path names the file you mean',
      }),
    );
  }

  spendNameBytes(count: number): void {
    this.nameBytesLeft -= count;
    if (this.nameBytesLeft < 0) {
      this.refuse('XS103', `the names are together longer than ${NAME_BUDGET} times the file`);
    }
  }
}

/**
 * A string table (gABI chapter 4), decoded once as a whole: names are then substrings, which V8 makes without
 * a call into C++ and without copying.
 */
export class StringTable {
  private readonly text: string;

  /** `start` and `size` are bytes of the file; the caller has checked that they lie inside it. */
  constructor(
    private readonly input: ElfInput,
    start: number,
    size: number,
  ) {
    if (size > MAX_STRING_TABLE) input.refuse('XS103', `a string table of ${size} bytes is beyond 256 MiB`);
    this.text = input.buffer.toString('latin1', start, start + size);
  }

  /** The string at byte `position`; `what` and `number` say whose name it is when it must be refused. */
  at(position: number, what: 'section' | 'symbol', number: number): string {
    const { text } = this;
    if (position >= text.length) {
      this.input.refuse('XS103', `the name of ${what} ${number} lies beyond its string table`);
    }
    const end = text.indexOf('\0', position);
    if (end < 0) this.input.refuse('XS103', `the name of ${what} ${number} has no terminating zero`);
    if (end === position) return '';
    this.input.spendNameBytes(end - position);
    return text.substring(position, end);
  }
}

/** How messages show a number of bytes into a section. */
export const hex = (value: number): string => `0x${value.toString(16)}`;

/** How messages show a name from the file. */
export const quoted = printableName;
