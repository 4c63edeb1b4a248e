/**
 * Numbers of 64 bits as the loader computes with them (they wrap), and as printk() prints them.
 */
export const PAGE_SIZE = 4096n;

export function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/** ROUNDUP(): as the hypervisor computes it, an alignment of 0 makes 0 of every size. */
export function roundUp(size: bigint, alignment: bigint): bigint {
  return u64(size + alignment - 1n) & u64(~(alignment - 1n));
}

/** PFN_UP(): how many pages a size needs. */
export function pagesFor(size: bigint): bigint {
  return u64(size + PAGE_SIZE - 1n) / PAGE_SIZE;
}

/** %p: 16 digits. */
export function pointer(address: bigint): string {
  return u64(address).toString(16).padStart(16, '0');
}

/** %#x: zero stands without a prefix. */
export function hexadecimal(value: bigint | number): string {
  return value === 0 || value === 0n ? '0' : `0x${value.toString(16)}`;
}

/** %*phN: bytes without anything between them, 64 of them at most. */
export function hexBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, MOST_HEX_BYTES)).toString('hex');
}

export const MOST_HEX_BYTES = 64;
