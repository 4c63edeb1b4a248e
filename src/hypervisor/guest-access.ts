/**
 * Reads and writes that the hypervisor makes while it patches: those of guest-memory.ts, for one guest, under the
 * state of its CR0.WP.
 */
import { PAGE_BYTES } from '../emulator/page.js';
import type { Guest } from './guest.js';
import { readBytes, readText, readU32, readU64, writeBytes } from './guest-memory.js';

/** Longest string that is looked for an end; names and metadata of payloads are far shorter. */
const LONGEST_STRING = 1 << 16;

export class GuestAccess {
  /** CR0.WP: whether read-only pages are so for the hypervisor as well. */
  writeProtect = true;

  constructor(readonly guest: Guest) {}

  /** `what` says in an error who wanted it, such as `expectation of do_foo`. */
  read(address: bigint, length: number, what: string): Uint8Array {
    return readBytes(this.guest.memory, address, length, what);
  }

  write(address: bigint, bytes: Uint8Array, what: string): void {
    writeBytes(this.guest.memory, address, bytes, what, this.writeProtect);
  }

  u8(address: bigint, what: string): number {
    return this.read(address, 1, what)[0];
  }

  u32(address: bigint, what: string): number {
    return readU32(this.guest.memory, address, what);
  }

  u64(address: bigint, what: string): bigint {
    return readU64(this.guest.memory, address, what);
  }

  putU8(address: bigint, value: number, what: string): void {
    this.write(address, Uint8Array.of(value), what);
  }

  putU32(address: bigint, value: number, what: string): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    this.write(address, bytes, what);
  }

  putU64(address: bigint, value: bigint, what: string): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    this.write(address, bytes, what);
  }

  /** A string up to its NUL, one character a byte; `<NULL>` where vsnprintf() would say so. */
  string(address: bigint, what: string): string {
    if (address < BigInt(PAGE_BYTES)) return '<NULL>';
    return readText(this.guest.memory, address, what, LONGEST_STRING);
  }
}
