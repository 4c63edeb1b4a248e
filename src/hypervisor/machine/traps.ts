/**
 * What the hypervisor does with exceptions of its own code: bug frames for ud2, the exception table for faults
 * that the code expects, and death for all others. Texts as in xen/arch/x86/traps.c.
 */
import type { Stop } from '../../emulator/cpu.js';
import { hasErrorCode, Vector } from '../../emulator/fault.js';
import type { Memory } from '../../emulator/memory.js';
import type { TextRegion } from '../guest.js';
import { trapWords } from '../panic.js';
import { isReadable, readBytes, readS32, textAt } from '../guest-memory.js';

/** Bytes of ud2. From Xen 4.22 on BUG() is another instruction. */
const BUG_INSTRUCTION_BYTES = 2n;
const BUG_FRAME_BYTES = 8n;
/** Of less than a page. */
const FRAMES_AT_ONCE = 256;
/** Where the frame of an assertion has the distance to its message. */
const MESSAGE = 12n;
const EX_ENTRY_BYTES = 8n;
const FRAME = 'a bug frame';
const ENTRY = 'an entry of an exception table';
const KINDS = ['run_fn', 'warn', 'bug', 'assert'] as const;

/** Of a file name that is longer than the first, as many characters from its end are shown as the second says. */
const LONGEST_FILE = 50;
const SHOWN_OF_LONG_FILE = 47;

export interface BugFrame {
  readonly kind: (typeof KINDS)[number];
  readonly line: number;
  /** File name, or the function to run. */
  readonly pointer: bigint;
  /** Of an assertion. */
  readonly message: string | undefined;
}

/** What became of an exception. */
export type Outcome =
  | {
      readonly kind: 'go on';
      readonly at: bigint;
      readonly how: 'warn' | 'fixup' | 'breakpoint';
      readonly says?: string;
    }
  | { readonly kind: 'run'; readonly at: bigint; readonly handler: bigint }
  | {
      readonly kind: 'die';
      readonly lines: readonly string[];
      readonly panic: string;
      readonly reason: string;
    };

type Exception = Extract<Stop, { reason: 'exception' }>;

function regionOf(regions: readonly TextRegion[], rip: bigint): TextRegion | undefined {
  return regions.find(({ text }) => rip >= text.start && rip < text.end);
}

/** How many bug frames are looked at, at most, for an exception at rip. */
export function framesToSearch(regions: readonly TextRegion[], rip: bigint): number {
  return regionOf(regions, rip)?.bugFrames.reduce((sum, { count }) => sum + count, 0) ?? 0;
}

/** Decides by the tables of the region that holds rip; `where` names an address for messages. */
export function handleException(
  memory: Memory,
  regions: readonly TextRegion[],
  stop: Exception,
  rip: bigint,
  where: (address: bigint) => string,
): Outcome {
  const region = regionOf(regions, rip);
  if (stop.vector === Vector.UD && region !== undefined) {
    const frame = findBugFrame(memory, region, rip);
    if (frame !== undefined) return meaningOf(memory, frame, rip, where);
  }
  const fixup = region === undefined ? undefined : findFixup(memory, region, rip);
  if (fixup !== undefined) return { kind: 'go on', at: fixup, how: 'fixup' };
  // do_int3(): a breakpoint without a debugger is passed over.
  if (stop.vector === Vector.BP) return { kind: 'go on', at: rip, how: 'breakpoint' };
  return { kind: 'die', ...lastWords(stop, rip, where) };
}

/** The frame that describes the ud2 at rip, by kind and then in order, as the hypervisor searches. */
export function findBugFrame(memory: Memory, region: TextRegion, rip: bigint): BugFrame | undefined {
  for (const [number, { address, count }] of region.bugFrames.entries()) {
    const at = frameOf(memory, address, count, rip);
    if (at !== undefined) return decodeFrame(memory, at, KINDS[number] ?? 'bug');
  }
  return undefined;
}

/** Address of the first frame of a table that describes rip; the table ends where it cannot be read. */
function frameOf(memory: Memory, address: bigint, count: number, rip: bigint): bigint | undefined {
  const bytes = Number(BUG_FRAME_BYTES);
  const wanted = Number(rip - address);
  for (let k = 0; k < count;) {
    const at = address + BigInt(k * bytes);
    const room = Math.min(FRAMES_AT_ONCE, count - k);
    const readable = isReadable(memory, at, room * bytes) ? room : isReadable(memory, at, bytes) ? 1 : 0;
    if (readable === 0) return undefined;
    const view = Buffer.from(readBytes(memory, at, readable * bytes, FRAME));
    for (let j = 0; j < readable; j++, k++)
      if (k * bytes + ((view.readInt32LE(j * bytes) << 8) >> 8) === wanted)
        return address + BigInt(k * bytes);
  }
  return undefined;
}

/**
 * Displacements have 24 bits and count from the frame; the line number is in the bits above them, less one where a
 * negative displacement borrowed.
 */
function decodeFrame(memory: Memory, at: bigint, kind: BugFrame['kind']): BugFrame {
  const loc = readS32(memory, at, FRAME);
  const ptr = readS32(memory, at + 4n, FRAME);
  const high = ((loc >>> 24) + (loc & 0x800000 ? 1 : 0)) & 0x7f;
  const low = ((ptr >>> 24) + (ptr & 0x800000 ? 1 : 0)) & 0x7f;
  const told = kind === 'assert' && isReadable(memory, at + MESSAGE, 4);
  const message = told ? textAt(memory, at + BigInt(readS32(memory, at + MESSAGE, FRAME))) : undefined;
  return { kind, line: (high << 7) | low, pointer: at + BigInt((ptr << 8) >> 8), message };
}

function meaningOf(
  memory: Memory,
  { kind, line, pointer, message }: BugFrame,
  rip: bigint,
  where: (address: bigint) => string,
): Outcome {
  const next = rip + BUG_INSTRUCTION_BYTES;
  if (kind === 'run_fn') return { kind: 'run', at: next, handler: pointer };
  const file = shortened(textAt(memory, pointer) ?? '<unknown>');
  if (kind === 'warn') return { kind: 'go on', at: next, how: 'warn', says: `Xen WARN at ${file}:${line}` };
  const text =
    kind === 'bug'
      ? `Xen BUG at ${file}:${line}`
      : `Assertion '${message ?? '<unknown>'}' failed at ${file}:${line}`;
  return { kind: 'die', lines: [text], panic: text, reason: `${text}, in ${where(rip)}` };
}

function shortened(file: string): string {
  return file.length > LONGEST_FILE ? `...${file.slice(-SHOWN_OF_LONG_FILE)}` : file;
}

/** Where code goes on that faulted at rip; undefined when nobody expected it. Entries are sorted. */
export function findFixup(memory: Memory, region: TextRegion, rip: bigint): bigint | undefined {
  const { exTable } = region;
  let first = 0;
  let last = (exTable?.count ?? 0) - 1;
  while (exTable !== undefined && first <= last) {
    const middle = first + ((last - first) >> 1);
    const at = exTable.address + BigInt(middle) * EX_ENTRY_BYTES;
    if (!isReadable(memory, at, 8)) return undefined;
    const address = at + BigInt(readS32(memory, at, ENTRY));
    if (address === rip) return at + 4n + BigInt(readS32(memory, at + 4n, ENTRY));
    if (address < rip) first = middle + 1;
    else last = middle - 1;
  }
  return undefined;
}

/** Texts of fatal_trap() and of the page fault handler. */
function lastWords(
  { vector, errorCode, address }: Exception,
  rip: bigint,
  where: (address: bigint) => string,
): { lines: readonly string[]; panic: string; reason: string } {
  const code = errorCode.toString(16).padStart(4, '0');
  if (vector === Vector.PF) {
    const linear = address.toString(16).padStart(16, '0');
    const reason = `page fault at ${linear} (error code ${code}), in ${where(rip)}`;
    return { lines: [], panic: trapWords(address, errorCode), reason };
  }
  const name = nameOf(vector);
  const panic =
    vector === Vector.UD
      ? 'FATAL TRAP: vector = 6 (invalid opcode)'
      : vector === Vector.GP
        ? `GENERAL PROTECTION FAULT\n[error_code=${code}]`
        : `FATAL TRAP: vec ${vector}, ${name}[${code}]`;
  const shown = hasErrorCode(vector) ? ` (error code ${code})` : '';
  return { lines: [], panic, reason: `${name} exception${shown}, in ${where(rip)}` };
}

function nameOf(vector: number): string {
  const found = Object.entries(Vector).find(([, number]) => number === vector);
  return found === undefined ? `vector ${vector}` : `#${found[0]}`;
}
