/**
 * Memory of the guest as the hypervisor itself reaches it: through pointers that may come out of a payload, a hook's
 * registers or the image. Whoever models a part of the hypervisor reads and writes here. Where the real one would
 * take a fault there is no fixup for it, so the host is dead, before anything is changed.
 *
 * `what` says in the reason of a death for whom it was; how the words of the panic get to the console is the matter of
 * who called the hypervisor (sayLastWords).
 */
import type { Memory } from '../emulator/memory.js';
import { PAGE_BYTES, Permission } from '../emulator/page.js';
import { HostDied } from './host-died.js';
import { faultWords } from './panic.js';

const PAGE = BigInt(PAGE_BYTES);
const ALL_ADDRESSES = 1n << 64n;

/** A text that is longer is not told apart from its beginning: printk() has room for as much. */
const LONGEST_TEXT = 1024;

export function readBytes(memory: Memory, address: bigint, length: number, what: string): Uint8Array {
  const start = BigInt.asUintN(64, address);
  demand(memory, start, length, 'read', what);
  return memory.read(start, length);
}

/** Writes, if every page may be written by the hypervisor itself; any page that is mapped, without `protect`. */
export function writeBytes(
  memory: Memory,
  address: bigint,
  bytes: Uint8Array,
  what: string,
  protect = true,
): void {
  const start = BigInt.asUintN(64, address);
  demand(memory, start, bytes.length, protect ? 'write' : 'write anywhere', what);
  memory.write(start, bytes);
}

/** memset() to zero, page by page, so that an absurd length ends at the first page that is not there. */
export function clearBytes(memory: Memory, address: bigint, length: bigint, what: string): void {
  const end = BigInt.asUintN(64, address) + length;
  for (let at = BigInt.asUintN(64, address); at < end;) {
    const rest = end - at;
    const room = PAGE - (at % PAGE);
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
export function writeU32(memory: Memory, address: bigint, value: number, what: string): void {
  const bytes = new Uint8Array(4);
  view(bytes).setUint32(0, value, true);
  writeBytes(memory, address, bytes, what);
}

/** Writes the lower 32 bits. */
export function writeS32(memory: Memory, address: bigint, value: bigint, what: string): void {
  writeU32(memory, address, Number(BigInt.asUintN(32, value)), what);
}

/** Writes the lower 64 bits. */
export function writeU64(memory: Memory, address: bigint, value: bigint, what: string): void {
  const bytes = new Uint8Array(8);
  view(bytes).setBigUint64(0, BigInt.asUintN(64, value), true);
  writeBytes(memory, address, bytes, what);
}

/** A string as far as its terminator, one character a byte; no more of it than `atMost` bytes. */
export function readText(memory: Memory, address: bigint, what: string, atMost = LONGEST_TEXT): string {
  const { text, missing } = textPieces(memory, address, atMost);
  if (missing !== undefined) demand(memory, missing, 1, 'read', what);
  return text;
}

/** The same where a pointer that leads nowhere is no fault of the hypervisor: undefined when a page is missing. */
export function textAt(memory: Memory, address: bigint, atMost = LONGEST_TEXT): string | undefined {
  const { text, missing } = textPieces(memory, address, atMost);
  return missing === undefined ? text : undefined;
}

/** What can be read of a string that the hypervisor does not look at; empty where its pointer leads nowhere. */
export function peekText(memory: Memory, address: bigint): string {
  return textPieces(memory, address, LONGEST_TEXT).text;
}

/** Reads page by page; `missing`: the first address that cannot be read, if the string goes on there. */
function textPieces(
  memory: Memory,
  address: bigint,
  atMost: number,
): { readonly text: string; readonly missing: bigint | undefined } {
  let text = '';
  for (let at = BigInt.asUintN(64, address); text.length < atMost;) {
    if (!isReadable(memory, at)) return { text, missing: at };
    const room = Math.min(atMost - text.length, PAGE_BYTES - Number(at % PAGE));
    const bytes = memory.read(at, room);
    const end = bytes.indexOf(0);
    text += Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1');
    if (end >= 0) break;
    at = BigInt.asUintN(64, at + BigInt(room));
  }
  return { text, missing: undefined };
}

/** Whether all of a stretch that is shorter than a page can be read. */
export function isReadable(memory: Memory, address: bigint, length = 1): boolean {
  const readable = (at: bigint): boolean => ((memory.permissionsAt(at) ?? 0) & Permission.read) !== 0;
  const last = address + BigInt(length - 1);
  return last < ALL_ADDRESSES && readable(address) && readable(last);
}

type Access = 'read' | 'write' | 'write anywhere';

/** CR0.WP is what keeps the hypervisor from writing to read-only pages: SDM vol. 3, 4.6.1. */
const NEEDED: Readonly<Record<Access, number>> = {
  read: Permission.read,
  write: Permission.read | Permission.write,
  'write anywhere': Permission.read,
};

/** Throws HostDied for the first page of a stretch that is missing, or must not be used so. */
function demand(memory: Memory, start: bigint, length: number, access: Access, what: string): void {
  const needed = NEEDED[access];
  const end = start + BigInt(length);
  for (let page = start - (start % PAGE); page < end; page += PAGE) {
    const permissions = page < ALL_ADDRESSES ? memory.permissionsAt(page) : undefined;
    if (permissions !== undefined && (permissions & needed) === needed) continue;
    const at = page < start ? start : page;
    const present = permissions !== undefined && (permissions & Permission.read) !== 0;
    const verb = access !== 'read' ? 'writes to' : permissions === undefined ? 'reads' : 'may not read';
    throw new HostDied(
      `page fault: ${what} ${verb} 0x${at.toString(16)}`,
      undefined,
      faultWords(at, { write: access !== 'read', present }),
    );
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
