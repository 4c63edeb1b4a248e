/**
 * The bytes of a payload as they were uploaded, before anything of them is believed.
 *
 * The real loader reads headers through pointers into this buffer whenever it needs a field, and writes resolved
 * values into the symbol table in it; so tables that overlap see each other's changes here as there. Offsets wrap at
 * 64 bits. Pages before and behind the buffer are not mapped: what reaches there kills the host.
 */
import { HostDied } from '../host-died.js';
import { u64 } from './u64.js';

const LONGEST_TEXT = 1024;

export class RawPayload {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(uploaded: Uint8Array) {
    this.bytes = Uint8Array.from(uploaded);
    this.view = new DataView(this.bytes.buffer);
  }

  get length(): bigint {
    return BigInt(this.bytes.length);
  }

  u8(fileAt: bigint): number {
    return this.view.getUint8(this.place(fileAt, 1));
  }

  u16(fileAt: bigint): number {
    return this.view.getUint16(this.place(fileAt, 2), true);
  }

  u32(fileAt: bigint): number {
    return this.view.getUint32(this.place(fileAt, 4), true);
  }

  u64(fileAt: bigint): bigint {
    return this.view.getBigUint64(this.place(fileAt, 8), true);
  }

  setU64(fileAt: bigint, value: bigint): void {
    this.view.setBigUint64(this.place(fileAt, 8), value, true);
  }

  /** A stretch of bytes, not copied. */
  slice(fileAt: bigint, length: bigint): Uint8Array {
    const start = this.place(fileAt, length);
    return this.bytes.subarray(start, start + Number(length));
  }

  /** The string at an offset, or what printk() would show of it. */
  text(fileAt: bigint): string {
    const start = this.place(fileAt, 1);
    const end = this.bytes.subarray(start, start + LONGEST_TEXT).indexOf(0);
    if (end >= 0) return this.latin1(start, start + end);
    this.place(fileAt, LONGEST_TEXT);
    return this.latin1(start, start + LONGEST_TEXT);
  }

  /** strcmp() with a text: reads no further than the first difference. */
  isText(fileAt: bigint, text: string): boolean {
    for (let k = 0; k <= text.length; k++) {
      const expected = k === text.length ? 0 : text.charCodeAt(k);
      if (this.u8(fileAt + BigInt(k)) !== expected) return false;
    }
    return true;
  }

  private latin1(start: number, end: number): string {
    return Buffer.from(this.bytes.subarray(start, end)).toString('latin1');
  }

  private place(fileAt: bigint, width: number | bigint): number {
    const start = u64(fileAt);
    if (start + BigInt(width) <= this.length) return Number(start);
    throw new HostDied(
      `the loader reaches 0x${width.toString(16)} bytes at offset 0x${start.toString(16)} of a payload of ${this.bytes.length}`,
      undefined,
      // Where the copy of the file lies in the hypervisor is not modelled.
      'FATAL PAGE FAULT\n[error_code=0000]',
    );
  }
}
