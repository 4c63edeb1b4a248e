/**
 * Reads and writes that the hypervisor itself makes while it patches. Memory lets the host write anywhere; here an
 * access that the processor would refuse kills the modelled host, before anything is changed.
 *
 * While CR0.WP is clear every page that is mapped can be written (SDM vol. 3, 4.6.1).
 */
import { PAGE_BYTES, Permission } from '../emulator/page.js';
import type { Guest } from './guest.js';
import { fatalPageFault } from './panic.js';

/** Longest string that is looked for an end; names and metadata of payloads are far shorter. */
const LONGEST_STRING = 1 << 16;

export class GuestAccess {
  /** CR0.WP: whether read-only pages are so for the hypervisor as well. */
  writeProtect = true;

  constructor(readonly guest: Guest) {}

  /** `what` says in an error who wanted it, such as `expectation of do_foo`. */
  read(address: bigint, length: number, what: string): Uint8Array {
    this.check(address, length, false, what);
    return this.guest.memory.read(address, length);
  }

  write(address: bigint, bytes: Uint8Array, what: string): void {
    this.check(address, bytes.length, true, what);
    this.guest.memory.write(address, bytes);
  }

  u8(address: bigint, what: string): number {
    return this.read(address, 1, what)[0];
  }

  u32(address: bigint, what: string): number {
    return viewOf(this.read(address, 4, what)).getUint32(0, true);
  }

  u64(address: bigint, what: string): bigint {
    return viewOf(this.read(address, 8, what)).getBigUint64(0, true);
  }

  putU8(address: bigint, value: number, what: string): void {
    this.write(address, Uint8Array.of(value), what);
  }

  putU32(address: bigint, value: number, what: string): void {
    const bytes = new Uint8Array(4);
    viewOf(bytes).setUint32(0, value, true);
    this.write(address, bytes, what);
  }

  putU64(address: bigint, value: bigint, what: string): void {
    const bytes = new Uint8Array(8);
    viewOf(bytes).setBigUint64(0, value, true);
    this.write(address, bytes, what);
  }

  /** A string up to its NUL, one character a byte; `<NULL>` where vsnprintf() would say so. */
  string(address: bigint, what: string): string {
    if (address < BigInt(PAGE_BYTES)) return '<NULL>';
    let text = '';
    for (let k = 0; k < LONGEST_STRING; k++) {
      const byte = this.u8(address + BigInt(k), what);
      if (byte === 0) return text;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  private check(address: bigint, length: number, write: boolean, what: string): void {
    const { memory, console } = this.guest;
    const needed = write && this.writeProtect ? Permission.read | Permission.write : Permission.read;
    const end = address + BigInt(length);
    for (let at = address; at < end; at = (at | BigInt(PAGE_BYTES - 1)) + 1n) {
      const permissions = memory.permissionsAt(at);
      if (permissions !== undefined && (permissions & needed) === needed) continue;
      const present = permissions !== undefined && (permissions & Permission.read) !== 0;
      throw fatalPageFault(console, at, { write, present }, what);
    }
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
