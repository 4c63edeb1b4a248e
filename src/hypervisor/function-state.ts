/**
 * Elements of `.livepatch.funcs` as they lie in the guest, and what the loader notes of each while it is applied.
 *
 *   struct livepatch_func, 104 bytes (64 up to 4.13, which ends before `expect`):
 *     0 name  8 new_addr  16 old_addr  24 u32 new_size  28 u32 old_size  32 u8 version
 *     33 opaque[31]: saved bytes   64 u8 applied   65 u8 patch_offset   72 expect: bit 0 enabled, 1-5 len, 6-7 rsv
 *     73 data[31]
 *   struct livepatch_fstate, 40 bytes, since 4.17.3 in the place of 33 to 65:
 *     0 u32 patch_offset   4 u32 applied   8 insn_buffer[31]
 *
 * Source: xen/include/public/sysctl.h, xen/include/xen/livepatch.h. Records of 64 bytes have no `applied`.
 */
import type { GuestAccess } from './guest-access.js';
import type { LoaderProfile } from './profiles.js';

/** LIVEPATCH_OPAQUE_SIZE: most bytes that are saved of an old function. */
export const OPAQUE_SIZE = 31;

/** sizeof(struct livepatch_fstate). */
export const FSTATE_BYTES = 40;

const RECORD = { opaque: 33n, applied: 64n, patchOffset: 65n } as const;
const FSTATE = { patchOffset: 0n, applied: 4n, insnBuffer: 8n } as const;

/** livepatch_func_state_t. */
export const FunctionApplied = { NOT_APPLIED: 0, APPLIED: 1 } as const;

/** struct livepatch_func, read at the moment it is needed: hooks may have written to it. */
export interface FunctionRecord {
  /** 0n: the record has no name. */
  readonly nameAt: bigint;
  readonly newAddress: bigint;
  readonly oldAddress: bigint;
  readonly newSize: number;
  readonly oldSize: number;
}

/** livepatch_expectation_t. */
export interface Expectation {
  readonly enabled: boolean;
  readonly len: number;
  readonly rsv: number;
  readonly data: Uint8Array;
}

export function readFunctionRecord(access: GuestAccess, at: bigint): FunctionRecord {
  const what = 'reading .livepatch.funcs';
  return {
    nameAt: access.u64(at, what),
    newAddress: access.u64(at + 8n, what),
    oldAddress: access.u64(at + 16n, what),
    newSize: access.u32(at + 24n, what),
    oldSize: access.u32(at + 28n, what),
  };
}

/** Of a record of 104 bytes; shorter ones have none. */
export function readExpectation(access: GuestAccess, at: bigint): Expectation {
  const bytes = access.read(at + 72n, 1 + OPAQUE_SIZE, 'reading .livepatch.funcs');
  return {
    enabled: (bytes[0] & 1) !== 0,
    len: (bytes[0] >> 1) & 31,
    rsv: bytes[0] >> 6,
    data: bytes.subarray(1),
  };
}

/** What is noted of one function; all of it lies in the guest. */
export interface FunctionState {
  readonly patchOffset: number;
  /** Undefined where the release keeps no such flag. */
  readonly applied: number | undefined;
  putPatchOffset(bytes: number): void;
  putApplied(applied: number): void;
  /** The first bytes of the saved ones. */
  saved(length: number): Uint8Array;
  save(bytes: Uint8Array): void;
}

/** `record`: of the function; `fstate`: of its state, 0n where that is in the record. */
export function functionState(
  access: GuestAccess,
  profile: LoaderProfile,
  record: bigint,
  fstate: bigint,
): FunctionState {
  return profile.stateInRecord
    ? new StateInRecord(access, profile, record)
    : new StateBesideRecord(access, fstate);
}

class StateBesideRecord implements FunctionState {
  private readonly what = 'state of a function';

  constructor(
    private readonly access: GuestAccess,
    private readonly at: bigint,
  ) {}

  get patchOffset(): number {
    return this.access.u32(this.at + FSTATE.patchOffset, this.what);
  }

  get applied(): number {
    return this.access.u32(this.at + FSTATE.applied, this.what);
  }

  putPatchOffset(bytes: number): void {
    this.access.putU32(this.at + FSTATE.patchOffset, bytes, this.what);
  }

  putApplied(applied: number): void {
    this.access.putU32(this.at + FSTATE.applied, applied, this.what);
  }

  saved(length: number): Uint8Array {
    return this.access.read(this.at + FSTATE.insnBuffer, length, this.what);
  }

  save(bytes: Uint8Array): void {
    this.access.write(this.at + FSTATE.insnBuffer, bytes, this.what);
  }
}

class StateInRecord implements FunctionState {
  private readonly what = 'state of a function in .livepatch.funcs';

  constructor(
    private readonly access: GuestAccess,
    private readonly profile: LoaderProfile,
    private readonly at: bigint,
  ) {}

  get patchOffset(): number {
    return this.profile.skipsEndbr ? this.access.u8(this.at + RECORD.patchOffset, this.what) : 0;
  }

  get applied(): number | undefined {
    return this.keepsApplied ? this.access.u8(this.at + RECORD.applied, this.what) : undefined;
  }

  putPatchOffset(bytes: number): void {
    if (this.profile.skipsEndbr) this.access.putU8(this.at + RECORD.patchOffset, bytes, this.what);
  }

  putApplied(applied: number): void {
    if (this.keepsApplied) this.access.putU8(this.at + RECORD.applied, applied, this.what);
  }

  saved(length: number): Uint8Array {
    return this.access.read(this.at + RECORD.opaque, length, this.what);
  }

  save(bytes: Uint8Array): void {
    this.access.write(this.at + RECORD.opaque, bytes, this.what);
  }

  private get keepsApplied(): boolean {
    return this.profile.abi.recordVersion === 2;
  }
}
