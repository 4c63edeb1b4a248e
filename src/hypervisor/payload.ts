/**
 * A payload that was uploaded: what the loader keeps of it until it is unloaded (struct payload). Bytes live in
 * the memory of the guest; what is here are addresses into it and what was read once.
 */
import type { Range, TextRegion } from './guest.js';
import type { SpliceKindName } from '../xen/splice-records.js';
import type { HookKind } from './profiles.js';
import type { SpliceRecord } from './splice-record.js';

/** A section of the payload that was given an address. */
export interface LoadedSection {
  /** Number in the section header table. */
  readonly index: number;
  readonly name: string;
  readonly address: bigint;
  readonly size: number;
  readonly sh_flags: number;
}

/** One element of `.livepatch.funcs` after resolving; `at` is where the record lies in the guest. */
export interface LoadedFunction {
  readonly at: bigint;
  readonly name: string;
  readonly oldAddress: bigint;
  /** 0n: NOPs instead of a new function. */
  readonly newAddress: bigint;
  readonly oldSize: number;
  readonly newSize: number;
}

/** One element of `.xsplice.splices` as it was at upload, with its fixups performed. */
export interface LoadedSplice extends SpliceRecord {
  readonly kind: SpliceKindName;
  readonly old: Uint8Array;
  readonly new: Uint8Array;
}

export interface PayloadSymbol {
  readonly name: string;
  readonly address: bigint;
  readonly size: number;
  /** Later payloads may link against it; false for what replaces a function. */
  readonly isNew: boolean;
}

/** A relocation that was performed, for those who ask where payloads reach. */
export interface PerformedRelocation {
  readonly at: bigint;
  readonly width: 4 | 8;
  readonly type: number;
  /** S + A. */
  readonly target: bigint;
  readonly symbol: string;
}

/** What UPLOAD makes of the bytes. */
export interface LoadedPayload {
  readonly name: string;
  readonly sections: readonly LoadedSection[];
  readonly text: Range;
  readonly rw: Range;
  readonly ro: Range;
  readonly pages: number;
  readonly safeToReapply: boolean;
  readonly functions: readonly LoadedFunction[];
  /** Places that are changed where they are; none where the release knows no such thing. */
  readonly splices: readonly LoadedSplice[];
  /** Address and number of the pointers in each hook section that is there. */
  readonly hooks: ReadonlyMap<HookKind, { readonly address: bigint; readonly count: number }>;
  readonly buildId: Uint8Array;
  /** What it goes on top of. */
  readonly depends: Uint8Array;
  /** Undefined where the profile does not ask for it. */
  readonly xenDepends: Uint8Array | undefined;
  readonly metadata: { readonly address: bigint; readonly length: number } | undefined;
  readonly region: TextRegion;
  /** Memory of its NOBITS sections; left out where the profile does not clear it. */
  readonly bss?: readonly Range[];
  readonly symbols: readonly PayloadSymbol[];
  readonly relocations: readonly PerformedRelocation[];
}
