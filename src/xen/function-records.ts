/**
 * The records by which a payload tells what it replaces (struct livepatch_func, xen/include/public/sysctl.h).
 *
 *   version 2, 104 bytes                         version 1, 64 bytes: the same up to 64
 *     0 name*   8 new_addr*   16 old_addr
 *    24 u32 new_size   28 u32 old_size   32 u8 version   33 opaque[31]
 *    64 applied   72 expectation {enabled, len, data[31]}
 *
 * name and new_addr are filled by relocations. old_addr 0 lets the loader look the name up. The rest belongs
 * to the hypervisor and must be zero.
 */
import type { PayloadAbi } from './versions.js';

export const NAME_FIELD = 0;
export const NEW_ADDR_FIELD = 8;
export const OLD_ADDR_FIELD = 16;
/** `enabled:1, len:5, rsv:2`, then the bytes. */
export const EXPECTATION_FIELD = 72;
/** Bytes of the old function that a record can hold. */
export const LONGEST_EXPECTATION = 31;

export interface FunctionRecord {
  readonly oldAddress: bigint;
  readonly newSize: number;
  readonly oldSize: number;
  /** What the loader is to find at the old function, at most LONGEST_EXPECTATION bytes; version 2 only. */
  readonly expectation?: Uint8Array;
}

/** All records, one after the other. */
export function encodeFunctionRecords(records: readonly FunctionRecord[], abi: PayloadAbi): Uint8Array {
  const bytes = new Uint8Array(records.length * abi.recordSize);
  const view = new DataView(bytes.buffer);
  for (const [k, record] of records.entries()) {
    const at = k * abi.recordSize;
    view.setBigUint64(at + 16, record.oldAddress, true);
    view.setUint32(at + 24, record.newSize, true);
    view.setUint32(at + 28, record.oldSize, true);
    view.setUint8(at + 32, abi.recordVersion);
    const { expectation } = record;
    if (expectation === undefined || abi.recordVersion < 2) continue;
    view.setUint8(at + EXPECTATION_FIELD, 1 | (expectation.length << 1));
    bytes.set(expectation, at + EXPECTATION_FIELD + 1);
  }
  return bytes;
}
