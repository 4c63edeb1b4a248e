/**
 * Branches to a function that are not in the linked code but in its alternatives: replacements that are a call or a jump,
 * and calls through a pointer that boot makes direct (the replacement is a call to itself then).
 * Source: struct alt_instr in xen/arch/x86/include/asm/alternative.h.
 */
import type { AddressMap } from './address-map.js';
import type { AlternativeSite } from './call-sites.js';

const ENTRY_BYTES = 14;
const BRANCH_BYTES = 5;
const INDIRECT_BYTES = 6;

interface Alternative {
  readonly site: number;
  readonly original: Uint8Array;
  readonly replacement: number;
  readonly bytes: Uint8Array;
}

/** By the entry that they lead to. */
export function alternativeSites(
  map: AddressMap,
  entries: readonly number[],
): Map<number, AlternativeSite[]> {
  const wanted = new Set(entries);
  const found = new Map<number, AlternativeSite[]>();
  for (const alternative of alternatives(map)) {
    const led = target(map, alternative);
    if (led === undefined || !wanted.has(led.entry)) continue;
    const { site } = alternative;
    const told: AlternativeSite = { address: map.address(site), place: map.title(site), how: led.how };
    found.set(led.entry, [...(found.get(led.entry) ?? []), told]);
  }
  return found;
}

function* alternatives(map: AddressMap): Generator<Alternative> {
  const start = map.symbols.called('__alt_instructions')?.start;
  const end = map.symbols.called('__alt_instructions_end')?.start;
  if (start === undefined || end === undefined) return;
  const table = map.bytesAt(start, Math.max(0, end - start));
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  for (let at = 0; at + ENTRY_BYTES <= table.length; at += ENTRY_BYTES) {
    const site = start + at + view.getInt32(at, true);
    const replacement = start + at + 4 + view.getInt32(at + 4, true);
    const [originalLength, replacementLength] = [table[at + 10], table[at + 11]];
    yield {
      site,
      original: map.bytesAt(site, originalLength),
      replacement,
      bytes: map.bytesAt(replacement, replacementLength),
    };
  }
}

function target(
  map: AddressMap,
  { site, original, replacement, bytes }: Alternative,
): { readonly entry: number; readonly how: AlternativeSite['how'] } | undefined {
  if (bytes.length < BRANCH_BYTES || (bytes[0] & 0xfe) !== 0xe8) return undefined;
  const distance = int32(bytes, 1);
  const toItself = distance === -BRANCH_BYTES;
  const indirect = original.length >= INDIRECT_BYTES && original[0] === 0xff;
  if (!toItself || !indirect || (original[1] !== 0x15 && original[1] !== 0x25))
    return { entry: replacement + BRANCH_BYTES + distance, how: 'replacement' };
  const pointer = map.bytesAt(site + INDIRECT_BYTES + int32(original, 2), 8);
  if (pointer.length < 8) return undefined;
  const address = new DataView(pointer.buffer, pointer.byteOffset, 8).getBigUint64(0, true);
  return { entry: map.place(address), how: 'through a pointer' };
}

function int32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(at, true);
}
