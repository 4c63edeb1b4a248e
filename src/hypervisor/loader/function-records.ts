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
import { peekText, readBytes, readText, readU32, writeU64 } from '../guest-memory.js';
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

const AT = { name: 0, new_addr: 8, old_addr: 16, new_size: 24, old_size: 28, version: 32 } as const;
const WHAT = 'a function record';

/** A record as it was when it was read; what is written to it goes to the guest as well. */
class FunctionRecord {
  private readonly view: DataView;

  constructor(
    private readonly guest: Guest,
    readonly at: bigint,
  ) {
    const bytes = readBytes(guest.memory, at, guest.profile.abi.recordSize, WHAT);
    this.view = new DataView(bytes.buffer, bytes.byteOffset);
  }

  get name(): bigint {
    return this.view.getBigUint64(AT.name, true);
  }

  get newAddress(): bigint {
    return this.view.getBigUint64(AT.new_addr, true);
  }

  get oldAddress(): bigint {
    return this.view.getBigUint64(AT.old_addr, true);
  }

  set oldAddress(address: bigint) {
    this.view.setBigUint64(AT.old_addr, address, true);
    writeU64(this.guest.memory, this.at + BigInt(AT.old_addr), address, WHAT);
  }

  get newSize(): number {
    return this.view.getUint32(AT.new_size, true);
  }

  get oldSize(): number {
    return this.view.getUint32(AT.old_size, true);
  }

  get version(): number {
    return this.view.getUint8(AT.version);
  }
}

/** Checks every record and gives it its old_addr. Gives the addresses of the records. */
export function prepareFunctions(upload: Upload, table: SectionTable): bigint[] {
  const { abi } = upload.guest.profile;
  const section = table.named(sectionNames(abi).funcs);
  if (section === undefined) return [];
  const count = countEntries(upload, section, abi.recordSize);
  const { loadAddress } = section;
  return Array.from({ length: count }, (_, k) => {
    const record = new FunctionRecord(upload.guest, loadAddress + BigInt(k * abi.recordSize));
    prepareFunction(upload, record);
    return record.at;
  });
}

function prepareFunction(upload: Upload, record: FunctionRecord): void {
  const { profile } = upload.guest;
  const expected = profile.abi.recordVersion;
  if (record.version !== expected)
    throw upload.refuse('EOPNOTSUPP', `Wrong version (${record.version}). Expected ${expected}`);
  const incomplete = profile.nops ? record.oldSize === 0 : record.newAddress === 0n || record.newSize === 0;
  if (incomplete) throw upload.refuse('EINVAL', 'Address or size fields are zero');
  if (profile.verifiesBeforeResolving) verifySizes(upload, record);
  resolveOldAddress(upload, record);
  if (!profile.verifiesBeforeResolving) verifySizes(upload, record);
  if (profile.checksDistance) verifyDistance(upload, record);
}

function resolveOldAddress(upload: Upload, record: FunctionRecord): void {
  if (record.oldAddress !== 0n) return;
  const name = readText(upload.guest.memory, record.name, 'the name of a function');
  const found = upload.lookup(name);
  if (found === 0n) throw upload.refuse('ENOENT', `Could not resolve old address of ${name}`);
  record.oldAddress = found;
  upload.debug(() => `Resolved old address ${name} => ${pointer(found)}`);
}

function verifySizes(upload: Upload, record: FunctionRecord): void {
  const { profile } = upload.guest;
  if (profile.nops && record.newAddress === 0n) {
    if (record.newSize > OPAQUE_SIZE)
      throw upload.silently('EOPNOTSUPP', `${record.newSize} bytes of NOPs, more than ${OPAQUE_SIZE}`);
    if (record.oldSize < record.newSize)
      throw upload.silently('EINVAL', `${record.newSize} bytes of NOPs for a function of ${record.oldSize}`);
    return;
  }
  const behind = profile.skipsEndbr && beginsWithEndbr(upload.guest, record) ? ENDBR64_LEN : 0;
  if (record.oldSize < PATCH_INSN_SIZE + behind)
    throw upload.silently('EINVAL', `a function of ${record.oldSize} bytes has no room for the jump`);
}

function beginsWithEndbr(guest: Guest, { oldAddress }: FunctionRecord): boolean {
  const first = readU32(guest.memory, oldAddress, 'the first instruction at old_addr');
  return first === ENDBR64 || first === ENDBR64_POISON;
}

function verifyDistance(upload: Upload, { oldAddress, newAddress }: FunctionRecord): void {
  if (newAddress === 0n) return;
  const distance = BigInt.asIntN(64, oldAddress - newAddress);
  if (distance < -RANGE || distance >= RANGE)
    throw upload.silently('EOVERFLOW', 'the new code is too far away from the old for the jump');
}

/** A record as it is now. Its name is empty where the pointer leads nowhere: the loader need not have followed it. */
export function describeFunction(guest: Guest, at: bigint): LoadedFunction {
  const { name, oldAddress, newAddress, oldSize, newSize } = new FunctionRecord(guest, at);
  return { at, name: peekText(guest.memory, name), oldAddress, newAddress, oldSize, newSize };
}

/** Where a record leads, as it is now. */
export function newAddressOf(guest: Guest, at: bigint): bigint {
  return new FunctionRecord(guest, at).newAddress;
}
