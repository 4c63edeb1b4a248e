/**
 * Whether a new function fits over the old one. Its bytes are those of the payload, with the distances in them counted
 * from the old place; what is shorter is filled with NOPs. It must have no part that only the payload has: entries of
 * tables and pointers that lead into it would go on leading to the payload's copy.
 */
import { PAGE_BYTES } from '../emulator/page.js';
import type { Memory } from '../emulator/memory.js';
import { nopOf } from '../hypervisor/machine/nops.js';
import type { LoadedFunction, LoadedPayload, PerformedRelocation } from '../hypervisor/payload.js';
import { decodeCode, instructionAt, isFiller } from '../x86/decode.js';
import type { DecodedCode } from '../x86/decode.js';
import type { AddressMap } from '../atlas/address-map.js';
import { branchesInto, RangeSet } from '../atlas/branches.js';
import type { PlaceRange } from '../atlas/branches.js';
import type { CodePieces } from '../atlas/code-pieces.js';
import { permissionsAt } from '../atlas/page-permissions.js';
import { bytesOfText, hexText } from '../x86/hex-text.js';
import type { InPlaceWay, Span } from './plan.js';

const LONGEST_NOP = 9;
const TABLES = /^\.(bug_frames\.\d|ex_table|altinstructions|alt_call_sites)$/;

export interface PlaceQuestion {
  readonly map: AddressMap;
  readonly pieces: CodePieces;
  readonly memory: Memory;
  readonly payload: LoadedPayload;
  readonly replaced: LoadedFunction;
  /** What booting changes. */
  readonly boot: readonly PlaceRange[];
}

export function planInPlace(question: PlaceQuestion): InPlaceWay {
  const { replaced } = question;
  const room = roomOf(question);
  const excess = Math.max(0, replaced.newSize - room);
  const moved = movedBytes(question);
  const spans = excess === 0 && moved !== undefined ? changedSpans(question, moved) : [];
  const obstacles = [
    ...(excess === 0
      ? []
      : [`the new code has ${bytesText(excess)} too many: ${replaced.newSize} for ${room}`]),
    ...tablesInto(question),
    ...(moved === undefined ? ['a distance in it would not fit into 32 bits from there'] : []),
    ...whoElseIsThere(question, spans),
  ];
  return { possible: obstacles.length === 0, obstacles, quiet: [replaced.name], room, excess, spans };
}

const bytesText = (n: number): string => `${n} byte${n === 1 ? '' : 's'}`;

/** The old function, and the filler that follows it. */
function roomOf({ map, pieces, replaced }: PlaceQuestion): number {
  const entry = map.place(replaced.oldAddress);
  const end = entry + replaced.oldSize;
  const behind = pieces.at(end);
  if (behind?.start !== end || behind.kind !== 'part') return replaced.oldSize;
  const bytes = pieces.bytes(behind);
  return bytes.length > 0 && isFiller(bytes) ? replaced.oldSize + bytes.length : replaced.oldSize;
}

/** Why what describes or enters the new code keeps it where it is. */
function tablesInto({ payload, replaced }: PlaceQuestion): string[] {
  const start = replaced.newAddress;
  const end = start + BigInt(replaced.newSize);
  const counts = new Map<string, number>();
  for (const { at, target } of payload.relocations) {
    if (at >= start && at < end) continue;
    const section = payload.sections.find((s) => at >= s.address && at < s.address + BigInt(s.size));
    const table = section !== undefined && TABLES.test(section.name);
    const inside = target >= start && target < end && (table || target > start);
    if (inside && section !== undefined) counts.set(section.name, (counts.get(section.name) ?? 0) + 1);
  }
  return [...counts].map(([section, count]) => `${section} of the payload leads into it at ${count} places`);
}

/** What else of the hypervisor relies on the bytes that would change. */
function whoElseIsThere({ map, pieces, replaced, boot }: PlaceQuestion, spans: readonly Span[]): string[] {
  const entry = map.place(replaced.oldAddress);
  const changed = new RangeSet(
    spans.map((span) => {
      const start = map.place(BigInt(span.address));
      return { start, end: start + bytesOfText(span.old).length };
    }),
  );
  if (changed.isEmpty) return [];
  const end = entry + replaced.oldSize;
  const behind = branchesInto(pieces, [{ start: entry + 1, end }], new RangeSet([{ start: entry, end }]));
  const faults = pieces.exceptions.filter(({ at }) => changed.has(at));
  const booted = boot.filter((range) => overlaps(changed, range));
  return [
    ...(behind.length > 0 ? [`${map.title(behind[0].from)} leads into its middle`] : []),
    ...(faults.length > 0 ? [`${map.title(faults[0].at)}, which may fault, would change`] : []),
    ...(booted.length > 0 ? [`booting changes ${map.title(booted[0].start)}, which would change, too`] : []),
  ];
}

/** Ranges of this kind are of a few bytes. */
function overlaps(changed: RangeSet, { start, end }: PlaceRange): boolean {
  for (let place = start; place < end; place++) if (changed.has(place)) return true;
  return false;
}

/** The new code with its distances counted from the old place; undefined when one does not fit. */
function movedBytes({ memory, payload, replaced }: PlaceQuestion): Uint8Array | undefined {
  const { newAddress, oldAddress, newSize } = replaced;
  const bytes = memory.read(newAddress, newSize).slice();
  const view = new DataView(bytes.buffer);
  for (const relocation of payload.relocations) {
    if (!isField(relocation, replaced)) continue;
    const at = Number(relocation.at - newAddress);
    const moved = BigInt(view.getInt32(at, true)) + newAddress - oldAddress;
    if (BigInt.asIntN(32, moved) !== moved) return undefined;
    view.setInt32(at, Number(moved), true);
  }
  return bytes;
}

/** A distance to something outside of the function; one within it moves along. */
function isField(
  { at, width, target }: PerformedRelocation,
  { newAddress, newSize }: LoadedFunction,
): boolean {
  const end = newAddress + BigInt(newSize);
  const within = target >= newAddress && target < end;
  return width === 4 && at >= newAddress && at + 4n <= end && !within;
}

function changedSpans(question: PlaceQuestion, moved: Uint8Array): Span[] {
  const { map, replaced } = question;
  const entry = map.place(replaced.oldAddress);
  const size = Math.max(replaced.oldSize, moved.length);
  const old = map.bytesAt(entry, size);
  const bytes = new Uint8Array(size);
  bytes.set(moved);
  for (let at = moved.length; at < size;) {
    const nop = nopOf(Math.min(LONGEST_NOP, size - at));
    bytes.set(nop, at);
    at += nop.length;
  }
  const codes = [decodeCode(old), decodeCode(bytes)];
  const carried = fieldsIntoPayload(question);
  const spans: { from: number; to: number }[] = [];
  for (let at = 0; at < size; at++) {
    if (old[at] === bytes[at] && !carried.has(at)) continue;
    const [from, to] = bounds(codes, at);
    const last = spans.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else spans.push({ from, to });
  }
  return spans.map(({ from, to }) => ({
    address: map.address(entry + from),
    permissions: permissionsAt(map, entry + from),
    old: hexText(old.subarray(from, to)),
    new: hexText(bytes.subarray(from, to)),
  }));
}

/** Bytes of fields that lead to where the payload comes to lie: they differ, whatever the distance is by chance. */
function fieldsIntoPayload({ payload, replaced }: PlaceQuestion): ReadonlySet<number> {
  const start = payload.text.start;
  const end = start + BigInt(payload.pages * PAGE_BYTES);
  const found = new Set<number>();
  for (const { at, width, target } of payload.relocations) {
    const into = Number(at - replaced.newAddress);
    if (into < 0 || into + width > replaced.newSize || target < start || target >= end) continue;
    for (let k = 0; k < width; k++) found.add(into + k);
  }
  return found;
}

/** From the first to the last byte of the instructions of both sides that hold a byte. */
function bounds(codes: readonly DecodedCode[], at: number): [from: number, to: number] {
  const found = codes.flatMap((code) => {
    const i = instructionAt(code, at);
    return i < 0 ? [] : [{ from: code.start[i], to: code.start[i] + code.length[i] }];
  });
  return [Math.min(at, ...found.map(({ from }) => from)), Math.max(at + 1, ...found.map(({ to }) => to))];
}
