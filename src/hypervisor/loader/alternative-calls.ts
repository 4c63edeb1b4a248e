/**
 * Calls through pointers that are made direct once the pointers have their values. Up to 4.20 they are alternatives,
 * since 4.21 `.alt_call_sites` is a table of distances (4 bytes each) to them:
 *
 *   ff 15 disp32   call *disp32(%rip)   becomes   2e e8 disp32, or 0f 0b 0f 0b 0f 0b when the pointer is null
 *
 * Source: apply_alt_calls() and _apply_alternatives() in xen/arch/x86/alternative.c.
 */
import { XenError } from '../errno.js';
import type { Guest } from '../guest.js';
import { readBytes, readS32, readU32, readU64, writeBytes } from '../guest-memory.js';
import { hexBytes, pointer, u64 } from './u64.js';

/** What of a hypervisor counts when code of it is adapted to the processor. */
export type PatchedGuest = Pick<
  Guest,
  | 'memory'
  | 'profile'
  | 'console'
  | 'lookup'
  | 'describeAddress'
  | 'hasFeature'
  | 'nop'
  | 'toolchainNopsAreIdeal'
>;

/** Bytes of a call, or jump, through a pointer that is addressed relative to rip. */
export const CALL_SITE_SIZE = 6;
const ENDBR64 = 0xfa1e0ff3;
const ENDBR64_LEN = 4n;
const OPCODE = { call: 0x15, jmp: 0x25 } as const;

/** %ps of printk(). */
export function describeAddress(guest: PatchedGuest, address: bigint): string {
  return guest.describeAddress?.(address) ?? pointer(address);
}

/** The site that an entry of the table leads to. */
export function callSite(guest: PatchedGuest, entry: bigint): bigint {
  return u64(entry + BigInt(readS32(guest.memory, entry, 'an entry of .alt_call_sites')));
}

export function isIndirectCallSite(guest: PatchedGuest, site: bigint, kind: 'call' | 'jmp'): boolean {
  const [first, second] = readBytes(guest.memory, site, 2, 'an alternative call');
  return first === 0xff && second === OPCODE[kind];
}

/** Where a call through a pointer leads, behind the endbr64 where there are such; 0n when the pointer is null. */
export function directDestination(guest: PatchedGuest, site: bigint, word: 'altcall' | 'Altcall'): bigint {
  const distance = readS32(guest.memory, site + 2n, 'an alternative call');
  const at = u64(site + BigInt(CALL_SITE_SIZE + distance));
  const destination = readU64(guest.memory, at, 'the pointer of an alternative call');
  if (destination === 0n || !guest.profile.skipsEndbr) return destination;
  if (readU32(guest.memory, destination, 'the destination of an alternative call') === ENDBR64)
    return u64(destination + ENDBR64_LEN);
  const [from, to] = [site, destination].map((address) => describeAddress(guest, address));
  guest.console.print(`${word} ${from} dest ${to} has no endbr64`);
  return destination;
}

/** Makes all sites of a table direct. Throws XenError EINVAL for one that is no such call. */
export function applyAlternativeCalls(
  guest: PatchedGuest,
  { address, count }: { readonly address: bigint; readonly count: number },
): void {
  for (let k = 0; k < count; k++) {
    const site = callSite(guest, address + BigInt(4 * k));
    if (!isIndirectCallSite(guest, site, 'call')) {
      const bytes = readBytes(guest.memory, site, CALL_SITE_SIZE, 'an alternative call');
      const shown = hexBytes(bytes).replace(/(..)(?=.)/g, '$1 ');
      guest.console.print(`Altcall for ${describeAddress(guest, site)} [${shown}] not CALL *RIPREL`);
      throw new XenError('EINVAL');
    }
    const destination = directDestination(guest, site, 'Altcall');
    const code = Uint8Array.of(0x0f, 0x0b, 0x0f, 0x0b, 0x0f, 0x0b);
    if (destination !== 0n) {
      code.set([0x2e, 0xe8]);
      const distance = BigInt.asIntN(32, destination - (site + BigInt(CALL_SITE_SIZE)));
      new DataView(code.buffer).setInt32(2, Number(distance), true);
    }
    writeBytes(guest.memory, site, code, 'applying an alternative call');
  }
}
