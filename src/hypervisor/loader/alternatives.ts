/**
 * Alternatives: places in code that are rewritten to suit the processor. Entries are taken from the start to the
 * end, and a later one may overwrite an earlier one (ALTERNATIVE_2 relies on it). An entry (struct alt_instr):
 *
 *   0 distance to the place (4)  4 distance to the replacement (4)  8 feature (2; bit 15: when it is missing)
 *   10 length of the place  11 of the replacement  12 of the padding behind the place  13 whether it is done
 *
 * Up to 4.10 the last two did not exist. Source: _apply_alternatives() in xen/arch/x86/alternative.c.
 */
import { XenError } from '../errno.js';
import { HostDied } from '../host-died.js';
import type { LoaderProfile } from '../profiles.js';
import { describeAddress, directDestination, isIndirectCallSite } from './alternative-calls.js';
import type { PatchedGuest } from './alternative-calls.js';
import { readBytes, writeBytes } from '../guest-memory.js';
import { hexadecimal, pointer, u64 } from './u64.js';

export interface EntryTable {
  readonly address: bigint;
  readonly count: number;
}

/** MAX_PATCH_LEN. */
const LONGEST = 254;
const ALT_FLAG_NOT = 0x8000;
/** X86_FEATURE_LM: word 2, bit 29. */
const FEATURE_ALWAYS = 2 * 32 + 29;
/** Where an entry says that it is done; padding and this are missing in entries of 12 bytes. */
const PRIV = 13n;
const MOST_NOP = 9;

interface Alternative {
  readonly at: bigint;
  readonly place: bigint;
  readonly replacement: bigint;
  readonly cpuid: number;
  readonly origLen: number;
  readonly replLen: number;
  readonly padLen: number;
  readonly done: boolean;
}

/** Reads an entry; the table may lie anywhere. */
export function readAlternative(guest: PatchedGuest, at: bigint): Alternative {
  const { altInstrSize } = guest.profile;
  const bytes = readBytes(guest.memory, at, altInstrSize, 'an entry of .altinstructions');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const long = altInstrSize === 14;
  return {
    at,
    place: u64(at + BigInt(view.getInt32(0, true))),
    replacement: u64(at + 4n + BigInt(view.getInt32(4, true))),
    cpuid: view.getUint16(8, true),
    origLen: bytes[10],
    replLen: bytes[11],
    padLen: long ? bytes[12] : 0,
    done: long && bytes[13] !== 0,
  };
}

/**
 * Applies a table in the memory of the guest, whose pages must be writable.
 *
 * `force`: calls through pointers that are null are sealed; without it they are left for a later pass, and so are
 * entries that are done already. A hypervisor that boots does one pass without and one with it, a payload only the
 * second. Throws HostDied for an entry that cannot be, from 4.20 on XenError.
 */
export function applyAlternatives(
  guest: PatchedGuest,
  table: EntryTable,
  { force }: { readonly force: boolean },
): void {
  const size = BigInt(guest.profile.altInstrSize);
  const end = table.address + BigInt(table.count) * size;
  guest.console.print(`alt table ${pointer(table.address)} -> ${pointer(end)}`);
  let base = table.address;
  for (let at = table.address; at < end; at += size) {
    const entry = readAlternative(guest, at);
    checkAlternative(guest, entry);
    if (readAlternative(guest, base).place !== entry.place) base = at;
    if (entry.done) continue;
    if (!isWanted(guest, entry)) padInstead(guest, entry, base);
    else replace(guest, entry, force);
  }
}

function isWanted(guest: PatchedGuest, { cpuid }: Alternative): boolean {
  if (!guest.profile.altPolarity) return guest.hasFeature(cpuid);
  return guest.hasFeature(cpuid & ~ALT_FLAG_NOT) !== ((cpuid & ALT_FLAG_NOT) !== 0);
}

/** BUG_ON(). Lines are those of 4.17.5; other releases differ in them. */
function bugOn(profile: LoaderProfile, line: number, why: string): HostDied {
  const file = 'arch/x86/alternative.c';
  const words = `Xen BUG at ${profile.name === '4.17' ? `${file}:${line}` : file}`;
  return new HostDied(`${words}: ${why}`, undefined, words);
}

function checkAlternative(
  guest: PatchedGuest,
  { cpuid, origLen, padLen, replLen, place }: Alternative,
): void {
  const { profile } = guest;
  const total = origLen + padLen;
  const feature = profile.altPolarity ? cpuid & ~ALT_FLAG_NOT : cpuid;
  const features = profile.capabilityWords * 32;
  const fail = (errno: 'ENOSPC' | 'ERANGE', line: number, text: string): Error => {
    if (!profile.refusesAlternatives)
      return bugOn(profile, line, `alternative at ${describeAddress(guest, place)}, ${text}`);
    guest.console.print(`Alt for ${describeAddress(guest, place)}, ${text}`);
    return new XenError(errno);
  };
  if (replLen > total)
    throw fail(
      'ENOSPC',
      258,
      `replacement size ${hexadecimal(replLen)} larger than origin ${hexadecimal(total)}`,
    );
  if (total > LONGEST)
    throw fail('ENOSPC', 259, `origin size ${hexadecimal(total)} bigger than buffer ${hexadecimal(LONGEST)}`);
  if (feature >= features)
    throw fail(
      'ERANGE',
      260,
      `feature ${hexadecimal(feature)} outside of featureset range ${hexadecimal(features)}`,
    );
}

/** Nothing to replace: at least the padding gets the NOPs that the processor likes. */
function padInstead(guest: PatchedGuest, entry: Alternative, base: bigint): void {
  if (readAlternative(guest, base).done) return;
  markDone(guest, entry);
  if (guest.toolchainNopsAreIdeal || entry.padLen <= 1) return;
  poke(guest, entry.place + BigInt(entry.origLen), nops(guest, entry.padLen));
}

function replace(guest: PatchedGuest, entry: Alternative, force: boolean): void {
  const { replLen, replacement, place } = entry;
  const code = readBytes(guest.memory, replacement, replLen, 'the replacement of an alternative');
  if (replLen >= 5 && (code[0] & 0xfe) === 0xe8) {
    if (!fixBranch(guest, entry, code, force)) return;
  } else if (guest.profile.returnThunks && endsInReturnThunk(guest, entry, code))
    addTo(code, replLen - 4, replacement - place);
  markDone(guest, entry);
  const total = entry.origLen + entry.padLen;
  poke(guest, place, Uint8Array.from([...code, ...nops(guest, total - replLen)]));
}

/** Makes a relative branch lead from its new place where it led from the old; false: it is left for later. */
function fixBranch(guest: PatchedGuest, entry: Alternative, code: Uint8Array, force: boolean): boolean {
  if (!callsItself(guest, entry, code)) {
    addTo(code, 1, entry.replacement - entry.place);
    return true;
  }
  const destination = directDestination(guest, entry.place, 'altcall');
  if (destination !== 0n) setS32(code, 1, destination - (entry.place + 5n));
  else if (force) code.set([0x0f, 0x0b, 0x0f, 0xff, 0xff]);
  else return false;
  return true;
}

/** Whether a replacement stands for a direct call in the place of one through a pointer. */
function callsItself(guest: PatchedGuest, { cpuid, origLen, place }: Alternative, code: Uint8Array): boolean {
  if (!guest.profile.altCallsInAlternatives) return false;
  if (cpuid !== FEATURE_ALWAYS || s32At(code, 1) !== -5 || origLen < 6) return false;
  return isIndirectCallSite(guest, place, (code[0] & 1) === 0 ? 'call' : 'jmp');
}

function endsInReturnThunk(
  guest: PatchedGuest,
  { replLen, replacement }: Alternative,
  code: Uint8Array,
): boolean {
  if (replLen <= 5 || code[replLen - 5] !== 0xe9) return false;
  const thunk = guest.lookup('__x86_return_thunk');
  return thunk !== 0n && u64(replacement + BigInt(replLen + s32At(code, replLen - 4))) === thunk;
}

function markDone(guest: PatchedGuest, { at }: Alternative): void {
  if (guest.profile.altInstrSize === 14)
    writeBytes(guest.memory, at + PRIV, Uint8Array.of(1), 'an entry of .altinstructions');
}

function poke(guest: PatchedGuest, address: bigint, bytes: Uint8Array): void {
  writeBytes(guest.memory, address, bytes, 'applying an alternative');
}

/** add_nops(): as few as possible. */
function nops(guest: PatchedGuest, length: number): Uint8Array {
  const bytes: number[] = [];
  while (bytes.length < length) bytes.push(...guest.nop(Math.min(length - bytes.length, MOST_NOP)));
  return Uint8Array.from(bytes);
}

function s32At(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(at, true);
}

function setS32(bytes: Uint8Array, at: number, value: bigint): void {
  new DataView(bytes.buffer, bytes.byteOffset).setInt32(at, Number(BigInt.asIntN(32, value)), true);
}

function addTo(bytes: Uint8Array, at: number, distance: bigint): void {
  setS32(bytes, at, BigInt(s32At(bytes, at)) + distance);
}
