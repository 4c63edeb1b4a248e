/**
 * What the records of payloads overwrite when they are applied: a jump of five bytes, or NOPs, behind an endbr64
 * if there is one. Source: arch_livepatch_apply(), xen/arch/x86/livepatch.c.
 */
import type { Location } from '../../diag/diagnostic.js';
import { printableName } from '../../diag/printable.js';
import type { LoadedFunction } from '../../hypervisor/payload.js';
import type { AddressMap, MappedPayload } from '../../atlas/address-map.js';
import type { Extent } from '../../atlas/extents.js';

/** Bytes of `jmp rel32`. */
const JUMP_BYTES = 5;
const ENDBR64_BYTES = 4;
/** endbr64, and what Xen writes over it where nothing jumps to it indirectly. */
const LANDING_PADS = ['f30f1efa', '660f1f01'];

export interface Body extends Extent {
  /** False for a label: then the function goes as far as the next symbol. */
  readonly sized: boolean;
}

export interface Patch {
  readonly home: MappedPayload;
  readonly record: LoadedFunction;
  readonly kind: 'jump' | 'nops';
  /** Where old_addr points. */
  readonly entry: number;
  /** The bytes that are overwritten; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  /** The function that begins there or holds the place. Undefined outside of code, and where no symbol is. */
  readonly body: Body | undefined;
}

/** What all records of the stack overwrite, the oldest payload first, in the order of the records. */
export function findPatches(map: AddressMap): Patch[] {
  return map.payloads.flatMap((home) => home.payload.functions.map((record) => patchOf(map, home, record)));
}

function patchOf(map: AddressMap, home: MappedPayload, record: LoadedFunction): Patch {
  const entry = map.place(record.oldAddress);
  const skipped =
    map.subject.profile.skipsEndbr && beginsWithLandingPad(map.bytesAt(entry, ENDBR64_BYTES))
      ? ENDBR64_BYTES
      : 0;
  const nops = record.newAddress === 0n;
  const start = entry + skipped;
  const end = nops ? Math.max(start, entry + record.newSize) : start + JUMP_BYTES;
  return { home, record, kind: nops ? 'nops' : 'jump', entry, start, end, body: bodyAt(map, entry) };
}

function bodyAt(map: AddressMap, entry: number): Body | undefined {
  const section = map.sectionAt(entry);
  const symbols = map.symbolsAround(entry);
  const found = symbols.startingAt(entry) ?? symbols.holding(entry);
  if (section?.executable !== true || found === undefined) return undefined;
  if (found.end > found.start) return { ...found, end: Math.min(found.end, section.end), sized: true };
  return { ...found, end: Math.min(symbols.nextStart(entry) ?? section.end, section.end), sized: false };
}

function beginsWithLandingPad(head: Uint8Array): boolean {
  return LANDING_PADS.includes(Buffer.from(head).toString('hex'));
}

/** Where a record stands in its payload. */
export function locateRecord(map: AddressMap, { home, record }: Patch): Location {
  const place = map.locate(map.place(record.at));
  return place.section === undefined ? { object: home.payload.name, symbol: record.name } : place;
}

/** `f`, or the place when the record has no name. */
export function patchTitle(map: AddressMap, patch: Patch): string {
  return patch.record.name === '' ? map.title(patch.entry) : printableName(patch.record.name);
}

/** Whether the body of a function does not run any more because a jump stands at its entry. */
export function replacesBody(patch: Patch): boolean {
  return patch.kind === 'jump' && patch.body?.start === patch.entry;
}
