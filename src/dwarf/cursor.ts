/**
 * Reads numbers from debug sections, never beyond the end that it was given, and unwinds when the bytes make no
 * sense. Input is hostile: DWARF may claim anything.
 */

/** Thrown and caught inside src/dwarf only: from here on the bytes cannot be understood. */
export class Malformed extends Error {}

/** What `read` gives, or undefined when it found the bytes malformed. */
export function unlessMalformed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Malformed) return undefined;
    throw thrown;
  }
}

const U32 = 0x1_0000_0000;

export class Cursor {
  at = 0;
  end: number;
  readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.length;
  }

  /** Goes to byte `at`; from now on nothing at or beyond `end` is read. */
  seek(at: number, end: number): void {
    if (!(at >= 0 && at <= end && end <= this.bytes.length)) throw new Malformed(`no byte ${at}`);
    this.at = at;
    this.end = end;
  }

  /** Passes over `count` bytes and returns where they began. */
  skip(count: number): number {
    const from = this.at;
    if (count > this.end - from) throw new Malformed(`${count} bytes at ${from} reach beyond ${this.end}`);
    this.at = from + count;
    return from;
  }

  u8(): number {
    return this.bytes[this.skip(1)];
  }

  u16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  u24(): number {
    const at = this.skip(3);
    return this.view.getUint16(at, true) + this.bytes[at + 2] * 0x1_0000;
  }

  u32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  /** Exact below 2^53; beyond that too large for every bounds check. */
  u64(): number {
    const at = this.skip(8);
    const high = this.view.getUint32(at + 4, true);
    const low = this.view.getUint32(at, true);
    return high === 0 ? low : low + high * U32;
  }

  /** DWARF 5, 7.6. Numbers beyond 2^53 come back rounded. */
  uleb(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let scale = 0x80; ; scale *= 0x80) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  sleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale * 0x80;
    }
  }

  /** The same number as text with all its digits: enumerators have values beyond 2^53. */
  leb(signed: boolean): bigint {
    let value = 0n;
    for (let bits = 0n; bits <= 128n; bits += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << bits;
      if (byte < 0x80) return signed && (byte & 0x40) !== 0 ? value - (1n << (bits + 7n)) : value;
    }
    throw new Malformed('a number of more than 128 bits');
  }
}
