/**
 * Which direct branches lead into given ranges of code. Every byte that could be the opcode of one is tried, which
 * is a few additions for each byte of code; only pieces that hold a candidate are decoded, to know whether an
 * instruction begins there. Decoding all of a hypervisor takes 30 ms when the code for it is warm and 200 ms when
 * it is not, and a validator runs once.
 *
 * Opcodes: SDM vol. 2, Jcc, JMP, CALL, LOOP, JRCXZ.
 */
import { Flow, instructionAt } from '../x86/decode.js';
import type { MappedSection } from './address-map.js';
import type { CodePiece, CodePieces } from './code-pieces.js';

/** Places from `start` to `end`, exclusive. */
export interface PlaceRange {
  readonly start: number;
  readonly end: number;
}

export interface Branch {
  /** Where its instruction begins. */
  readonly from: number;
  readonly to: number;
  readonly call: boolean;
  readonly piece: CodePiece;
}

/**
 * All branches whose target lies in one of the ranges, of the hypervisor and of payloads, but for those that come
 * from where `silent` has.
 */
export function branchesInto(pieces: CodePieces, ranges: readonly PlaceRange[], silent: RangeSet): Branch[] {
  const wanted = new RangeSet(ranges);
  if (wanted.isEmpty) return [];
  // A byte of its displacement may look like the opcode of the same branch.
  const found = new Map<number, Branch>();
  for (const section of pieces.sections)
    for (const at of candidates(section, wanted)) {
      const branch = silent.has(at) ? undefined : proveBranch(pieces, at);
      if (branch !== undefined && wanted.has(branch.to)) found.set(branch.from, branch);
    }
  return [...found.values()];
}

/** The branch whose opcode byte is at a place, when one of the piece's instructions has it there. */
function proveBranch(pieces: CodePieces, at: number): Branch | undefined {
  const piece = pieces.at(at);
  if (piece === undefined) return undefined;
  const code = pieces.decode(piece);
  const i = instructionAt(code, at - piece.start);
  const flow = code.flow[i];
  if (flow !== Flow.jump && flow !== Flow.conditional && flow !== Flow.call) return undefined;
  const from = piece.start + code.start[i];
  return { from, to: piece.start + code.target[i], call: flow === Flow.call, piece };
}

/** Places of bytes that are opcodes of branches into the ranges, if they are opcodes. */
function candidates(section: MappedSection, wanted: RangeSet): number[] {
  const { bytes = new Uint8Array(0), start } = section;
  const found: number[] = [];
  const long = (field: number): number =>
    start +
    field +
    4 +
    (bytes[field] | (bytes[field + 1] << 8) | (bytes[field + 2] << 16) | (bytes[field + 3] << 24));
  for (let at = 0; at < bytes.length; at++) {
    const opcode = bytes[at];
    let target: number;
    if (opcode === 0xe8 || opcode === 0xe9) target = long(at + 1);
    else if ((opcode & 0xf0) === 0x70 || opcode === 0xeb || (opcode & 0xfc) === 0xe0)
      target = start + at + 2 + ((bytes[at + 1] << 24) >> 24);
    else if (opcode === 0x0f && (bytes[at + 1] & 0xf0) === 0x80) target = long(at + 2);
    else continue;
    if (wanted.has(target)) found.push(start + at);
  }
  return found;
}

/** Ranges joined and sorted, to ask of a place whether it lies in one. */
export class RangeSet {
  private readonly starts: Float64Array;
  private readonly ends: Float64Array;

  constructor(ranges: readonly PlaceRange[]) {
    const joined: { start: number; end: number }[] = [];
    for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
      if (end <= start) continue;
      const last = joined.at(-1);
      if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
      else joined.push({ start, end });
    }
    this.starts = Float64Array.from(joined, (range) => range.start);
    this.ends = Float64Array.from(joined, (range) => range.end);
  }

  get isEmpty(): boolean {
    return this.starts.length === 0;
  }

  has(place: number): boolean {
    const { starts, ends } = this;
    let low = 0;
    let high = starts.length - 1;
    if (high < 0 || place < starts[0] || place >= ends[high]) return false;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (starts[middle] > place) high = middle - 1;
      else low = middle;
    }
    return place < ends[low];
  }
}
