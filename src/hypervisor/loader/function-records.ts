/**
 * `.livepatch.funcs`: which functions are replaced by which. Records are read, and completed, in the memory of the
 * guest: that is where relocations have put the addresses.
 *
 *   0 name  8 new_addr  16 old_addr  24 new_size (4)  28 old_size (4)  32 version (1)
 *
 * Sources: prepare_payload(), resolve_old_address() in xen/common/livepatch.c; arch_livepatch_verify_func() in
 * xen/arch/x86/livepatch.c; livepatch_verify_distance() in xen/include/xen/livepatch.h.
 */
import type { Guest } from '../guest.js';
import type { LoadedFunction } from '../payload.js';
import { peekText, readBytes, readText, readU32, readU64, writeU64 } from './guest-bytes.js';
import { countEntries, sectionNames } from './required-sections.js';
import type { SectionTable } from './sections.js';
import { pointer } from './u64.js';
import type { Upload } from './upload.js';

/** Bytes that a record or a state has room to save: LIVEPATCH_OPAQUE_SIZE. */
const OPAQUE_SIZE = 31;
/** jmp rel32. */
const PATCH_INSN_SIZE = 5;
const ENDBR64_LEN = 4;
/** endbr64, and `nopw (%rcx)`, which stands where one was taken away; as little-endian numbers. */
const ENDBR64 = 0xfa1e0ff3;
const ENDBR64_POISON = 0x011f0f66;
const RANGE = 0x8000_0000n;

const RECORD = { name: 0n, new_addr: 8n, old_addr: 16n, new_size: 24n, old_size: 28n, version: 32n } as const;

/** Checks every record and gives it its old_addr. Gives the addresses of the records. */
export function prepareFunctions(upload: Upload, table: SectionTable): bigint[] {
  const { abi } = upload.guest.profile;
  const section = table.named(sectionNames(abi).funcs);
  if (section === undefined) return [];
  const count = countEntries(upload, section, abi.recordSize);
  const records: bigint[] = [];
  for (let k = 0; k < count; k++) {
    const at = section.loadAddress + BigInt(k * abi.recordSize);
    prepareFunction(upload, at);
    records.push(at);
  }
  return records;
}

function prepareFunction(upload: Upload, at: bigint): void {
  const { profile, memory } = upload.guest;
  const version = readBytes(memory, at + RECORD.version, 1, 'the version of a function record')[0];
  const expected = profile.abi.recordVersion;
  if (version !== expected)
    throw upload.refuse('EOPNOTSUPP', `Wrong version (${version}). Expected ${expected}`);
  const incomplete = profile.nops
    ? oldSize(upload.guest, at) === 0
    : newAddress(upload.guest, at) === 0n || newSize(upload.guest, at) === 0;
  if (incomplete) throw upload.refuse('EINVAL', 'Address or size fields are zero');
  if (profile.verifiesBeforeResolving) verifySizes(upload, at);
  resolveOldAddress(upload, at);
  if (!profile.verifiesBeforeResolving) verifySizes(upload, at);
  if (profile.checksDistance) verifyDistance(upload, at);
}

function resolveOldAddress(upload: Upload, at: bigint): void {
  const { memory } = upload.guest;
  if (oldAddress(upload.guest, at) !== 0n) return;
  const name = readText(
    memory,
    readU64(memory, at + RECORD.name, 'a function record'),
    'the name of a function',
  );
  const found = upload.lookup(name);
  if (found === 0n) throw upload.refuse('ENOENT', `Could not resolve old address of ${name}`);
  writeU64(memory, at + RECORD.old_addr, found, 'old_addr of a function record');
  upload.debug(`Resolved old address ${name} => ${pointer(found)}`);
}

function verifySizes(upload: Upload, at: bigint): void {
  const { guest } = upload;
  const old = oldSize(guest, at);
  if (guest.profile.nops && newAddress(guest, at) === 0n) {
    if (newSize(guest, at) > OPAQUE_SIZE) throw upload.silently('EOPNOTSUPP');
    if (old < newSize(guest, at)) throw upload.silently('EINVAL');
    return;
  }
  const needed = PATCH_INSN_SIZE + (guest.profile.skipsEndbr && beginsWithEndbr(guest, at) ? ENDBR64_LEN : 0);
  if (old < needed) throw upload.silently('EINVAL');
}

function beginsWithEndbr(guest: Guest, at: bigint): boolean {
  const first = readU32(guest.memory, oldAddress(guest, at), 'the first instruction at old_addr');
  return first === ENDBR64 || first === ENDBR64_POISON;
}

/** Whether a pointer leads to an endbr64. */
export function isEndbr64(guest: Guest, address: bigint, what: string): boolean {
  return readU32(guest.memory, address, what) === ENDBR64;
}

function verifyDistance(upload: Upload, at: bigint): void {
  const target = newAddress(upload.guest, at);
  if (target === 0n) return;
  const offset = BigInt.asIntN(64, oldAddress(upload.guest, at) - target);
  if (offset < -RANGE || offset >= RANGE) throw upload.silently('EOVERFLOW');
}

/** A record as it is now. Its name is empty where the pointer leads nowhere: the loader need not have followed it. */
export function describeFunction(guest: Guest, at: bigint): LoadedFunction {
  return {
    at,
    name: peekText(guest.memory, readU64(guest.memory, at + RECORD.name, 'a function record')),
    oldAddress: oldAddress(guest, at),
    newAddress: newAddress(guest, at),
    oldSize: oldSize(guest, at),
    newSize: newSize(guest, at),
  };
}

export function newAddress(guest: Guest, at: bigint): bigint {
  return readU64(guest.memory, at + RECORD.new_addr, 'new_addr of a function record');
}

function oldAddress(guest: Guest, at: bigint): bigint {
  return readU64(guest.memory, at + RECORD.old_addr, 'old_addr of a function record');
}

function newSize(guest: Guest, at: bigint): number {
  return readU32(guest.memory, at + RECORD.new_size, 'new_size of a function record');
}

function oldSize(guest: Guest, at: bigint): number {
  return readU32(guest.memory, at + RECORD.old_size, 'old_size of a function record');
}
