/**
 * What applying and reverting do to the code that runs: a jump over the first bytes of each old function, behind
 * its endbr64 when it has one, or NOPs over as many bytes as the record says; and the saved bytes back.
 *
 *   old_addr:  [f3 0f 1e fa]  e9 rel32      rel32 = new_addr - (old_addr + patch_offset + 5)
 *
 * Source: apply_payload() and revert_payload() in xen/common/livepatch.c; arch_livepatch_apply() and
 * arch_livepatch_revert() in xen/arch/x86/livepatch.c; add_nops() in xen/arch/x86/alternative.c.
 */
import type { Guest } from './guest.js';
import type { GuestAccess } from './guest-access.js';
import { FunctionApplied, OPAQUE_SIZE } from './function-state.js';
import type { FunctionRecord, FunctionState } from './function-state.js';
import { HostDied } from './host-died.js';

/** ARCH_PATCH_INSN_SIZE: `jmp rel32`. */
const JUMP_BYTES = 5;
const JMP_REL32 = 0xe9;

/** ENDBR64_LEN. */
const ENDBR64_BYTES = 4;
/** As little-endian words: endbr64, and `nopw (%rcx)`, which stands where an endbr64 was taken away. */
const ENDBR64 = 0xfa1e0ff3;
const ENDBR64_POISON = 0x011f0f66;

/** ASM_NOP_MAX. */
const LONGEST_NOP = 9;

/** Whether the function begins with an endbr64, or with what took its place. */
function startsWithEndbr(access: GuestAccess, address: bigint): boolean {
  const word = access.u32(address, 'looking for endbr64');
  return word === ENDBR64 || word === ENDBR64_POISON;
}

/** livepatch_insn_len(): an unsigned int, which wraps around when there is less to fill than to skip. */
function patchedLength({ newAddress, newSize }: FunctionRecord, state: FunctionState): number {
  return newAddress === 0n ? (newSize - state.patchOffset) >>> 0 : JUMP_BYTES;
}

/** add_nops(): a run of the processor's longest NOPs. */
export function nops(guest: Guest, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += LONGEST_NOP)
    bytes.set(guest.nop(Math.min(LONGEST_NOP, length - at)), at);
  return bytes;
}

/** The jump that goes to `target` when it stands at `at`; the distance is cut to 32 bits. */
export function jump(at: bigint, target: bigint): Uint8Array {
  const bytes = new Uint8Array(JUMP_BYTES);
  bytes[0] = JMP_REL32;
  const distance = BigInt.asIntN(32, target - (at + BigInt(JUMP_BYTES)));
  new DataView(bytes.buffer).setInt32(1, Number(distance), true);
  return bytes;
}

/** Patches one function; the caller has relaxed permissions. Throws HostDied where the real one would fault. */
export function patchFunction(access: GuestAccess, record: FunctionRecord, state: FunctionState): void {
  const { guest } = access;
  const { oldAddress, newAddress } = record;
  state.putPatchOffset(0);
  if (guest.profile.skipsEndbr && startsWithEndbr(access, oldAddress)) state.putPatchOffset(ENDBR64_BYTES);
  const length = patchedLength(record, state);
  if (length === 0) return;
  const at = oldAddress + BigInt(state.patchOffset);
  if (length > OPAQUE_SIZE) throw overrun(length);
  state.save(access.read(at, length, 'saving what is patched'));
  const bytes = newAddress === 0n ? nops(guest, length) : jump(at, newAddress);
  access.write(at, bytes, 'patching a function');
}

/** Puts the saved bytes back. */
export function restoreFunction(access: GuestAccess, record: FunctionRecord, state: FunctionState): void {
  const length = patchedLength(record, state);
  if (length > OPAQUE_SIZE) throw overrun(length);
  const at = record.oldAddress + BigInt(state.patchOffset);
  access.write(at, state.saved(length), 'restoring a function');
}

/** Nothing checks the length: memcpy() goes on until it meets a page that is not there, nobody can say where. */
function overrun(length: number): HostDied {
  return new HostDied(`memcpy() of ${length} bytes where a function keeps ${OPAQUE_SIZE}`);
}

/**
 * The name in a message about a function: what its pointer leads to. `instead` stands for a missing one where Xen
 * has a word for that.
 */
export function functionName(access: GuestAccess, { nameAt }: FunctionRecord, instead?: string): string {
  return nameAt === 0n && instead !== undefined ? instead : access.string(nameAt, 'name of a function');
}

/** Whether the function counts as patched; false where the release keeps no account. */
export function isApplied(state: FunctionState): boolean {
  return state.applied === FunctionApplied.APPLIED;
}
