/**
 * Memory of the guest as the loader reaches it: through pointers that come out of a payload. Where the real one
 * would take a fault, and there is no fixup for faults in the loader, the host is dead.
 */
import type { Memory } from '../../emulator/memory.js';
import { PAGE_BYTES, Permission } from '../../emulator/page.js';
import { HostDied } from '../host-died.js';
import { faultWords } from '../panic.js';
import { u64 } from './u64.js';

/** A name that is longer is not told apart from its beginning: printk() has room for as much. */
const LONGEST_TEXT = 1024;

/** Reads; `what` says for whom, when the page is not there. */
export function readBytes(memory: Memory, address: bigint, length: number, what: string): Uint8Array {
  demand(memory, address, length, Permission.read, what);
  return memory.read(u64(address), length);
}

/** Writes, if every page may be written by the hypervisor itself. */
export function writeBytes(memory: Memory, address: bigint, bytes: Uint8Array, what: string): void {
  demand(memory, address, bytes.length, Permission.write, what);
  memory.write(u64(address), bytes);
}

/** memset() to zero, page by page, so that an absurd length ends at the first page that is not there. */
export function clearBytes(memory: Memory, address: bigint, length: bigint, what: string): void {
  const end = u64(address) + length;
  for (let at = u64(address); at < end;) {
    const rest = end - at;
    const room = BigInt(PAGE_BYTES) - (at % BigInt(PAGE_BYTES));
    const piece = rest < room ? rest : room;
    writeBytes(memory, at, new Uint8Array(Number(piece)), what);
    at += piece;
  }
}

export function readU32(memory: Memory, address: bigint, what: string): number {
  return view(readBytes(memory, address, 4, what)).getUint32(0, true);
}

export function readS32(memory: Memory, address: bigint, what: string): number {
  return view(readBytes(memory, address, 4, what)).getInt32(0, true);
}

export function readU64(memory: Memory, address: bigint, what: string): bigint {
  return view(readBytes(memory, address, 8, what)).getBigUint64(0, true);
}

/** Writes the lower 32 bits. */
export function writeS32(memory: Memory, address: bigint, value: bigint, what: string): void {
  const bytes = new Uint8Array(4);
  view(bytes).setInt32(0, Number(BigInt.asIntN(32, value)), true);
  writeBytes(memory, address, bytes, what);
}

export function writeU64(memory: Memory, address: bigint, value: bigint, what: string): void {
  const bytes = new Uint8Array(8);
  view(bytes).setBigUint64(0, u64(value), true);
  writeBytes(memory, address, bytes, what);
}

/** A string as far as its terminator; no more of it than printk() would show. */
export function readText(memory: Memory, address: bigint, what: string): string {
  return textPieces(memory, address, (at) => demand(memory, at, 1, Permission.read, what));
}

/** What can be read of a string that the loader itself does not look at; empty where its pointer leads nowhere. */
export function peekText(memory: Memory, address: bigint): string {
  return textPieces(memory, address, () => undefined);
}

/** Reads a string page by page; `missing` is told of a page that cannot be read, and the string ends there. */
function textPieces(memory: Memory, address: bigint, missing: (at: bigint) => void): string {
  let text = '';
  for (let at = u64(address); text.length < LONGEST_TEXT;) {
    if (!isReadable(memory, at)) {
      missing(at);
      break;
    }
    const room = Math.min(LONGEST_TEXT, PAGE_BYTES - Number(at % BigInt(PAGE_BYTES)));
    const bytes = memory.read(at, room);
    const end = bytes.indexOf(0);
    text += Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1');
    if (end >= 0) break;
    at = u64(at + BigInt(room));
  }
  return text.slice(0, LONGEST_TEXT);
}

function isReadable(memory: Memory, address: bigint): boolean {
  return ((memory.permissionsAt(address) ?? 0) & Permission.read) !== 0;
}

/** Throws HostDied for the first page of a stretch that is missing, or must not be used so. */
function demand(memory: Memory, address: bigint, length: number, permission: number, what: string): void {
  const start = u64(address);
  const first = start - (start % BigInt(PAGE_BYTES));
  for (let page = first; page < start + BigInt(length); page += BigInt(PAGE_BYTES)) {
    const permissions = page >> 64n === 0n ? memory.permissionsAt(page) : undefined;
    if (permissions !== undefined && (permissions & permission) !== 0) continue;
    const at = page < start ? start : page;
    const how =
      permission === Permission.write ? 'writes to' : permissions === undefined ? 'reads' : 'may not read';
    const code = (permissions === undefined ? 0 : 1) | (permission === Permission.write ? 2 : 0);
    const words = faultWords(at, code);
    throw new HostDied(`page fault in the loader: ${what} ${how} 0x${at.toString(16)}`, undefined, words);
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
