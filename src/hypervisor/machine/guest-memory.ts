/**
 * Numbers and texts in the memory of a guest, as the host sees them. An address without a page is an error of the
 * guest's program, so it ends the host as a page fault would.
 */
import type { Memory } from '../../emulator/memory.js';
import { HostDied } from '../host-died.js';

/** Bytes of the guest, all of which must be mapped; otherwise the host dies of a page fault. */
export function readBytes(memory: Memory, address: bigint, length: number, who: string): Uint8Array {
  requireMapped(memory, address, length, who);
  return memory.read(address, length);
}

export function readU64(memory: Memory, address: bigint): bigint {
  return viewOf(memory.read(address, 8)).getBigUint64(0, true);
}

export function readU32(memory: Memory, address: bigint): number {
  return viewOf(memory.read(address, 4)).getUint32(0, true);
}

export function readS32(memory: Memory, address: bigint): number {
  return viewOf(memory.read(address, 4)).getInt32(0, true);
}

export function writeU64(memory: Memory, address: bigint, value: bigint): void {
  const bytes = new Uint8Array(8);
  viewOf(bytes).setBigUint64(0, BigInt.asUintN(64, value), true);
  memory.write(address, bytes);
}

export function writeU32(memory: Memory, address: bigint, value: number): void {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, true);
  memory.write(address, bytes);
}

/** A text that ends with a zero byte, of at most so many bytes; undefined when a page of it is missing. */
export function readText(memory: Memory, address: bigint, atMost = 1024): string | undefined {
  const found: number[] = [];
  for (let at = address; found.length < atMost; at++) {
    if (memory.permissionsAt(at) === undefined) return undefined;
    const room = Math.min(4096 - Number(at & 4095n), atMost - found.length);
    for (const byte of memory.read(at, room)) {
      if (byte === 0) return Buffer.from(found).toString('latin1');
      found.push(byte);
    }
    at += BigInt(room - 1);
  }
  return Buffer.from(found).toString('latin1');
}

function requireMapped(memory: Memory, address: bigint, length: number, who: string): void {
  const last = address + BigInt(Math.max(length, 1) - 1);
  for (let page = address & ~4095n; page <= last; page += 4096n) {
    if (memory.permissionsAt(page) === undefined)
      throw new HostDied(`${who}: page fault at 0x${(page > address ? page : address).toString(16)}`);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
