/**
 * What the loader needs of the hypervisor that it is a part of. The loader is ours (TypeScript); what it loads
 * lives in the memory of the guest, and hooks run there. machine/ implements this over an emulated processor;
 * tests of the loader implement it over plain memory.
 */
import type { Memory } from '../emulator/memory.js';
import type { XenConsole } from './console.js';
import type { LoaderProfile } from './profiles.js';

/** A stretch of addresses, `end` exclusive. */
export interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/** Where bug frames and exception entries of some code lie (struct virtual_region). */
export interface TextRegion {
  /** A symbol table's owner: `xen`, or the name of a payload. */
  readonly owner: string;
  readonly text: Range;
  /** By kind: 0 run_fn, 1 warn, 2 bug, 3 assert. Counts are of 8-byte steps, as the hypervisor walks them. */
  readonly bugFrames: readonly { readonly address: bigint; readonly count: number }[];
  readonly exTable: { readonly address: bigint; readonly count: number } | undefined;
}

export interface Guest {
  readonly memory: Memory;
  readonly profile: LoaderProfile;
  readonly console: XenConsole;
  /** Of the running hypervisor; undefined when it was linked without one. */
  readonly buildId: Uint8Array | undefined;
  /** An address by the name in Xen's own table (`file#name` for locals); 0n when there is none. */
  lookup(name: string): bigint;
  /** %ps of printk(): an address as `name+0x1/0x20`. Where it is missing, addresses are printed as numbers. */
  describeAddress?(address: bigint): string;
  /** The hypervisor's own code and constants, where its symbols do not delimit them; otherwise not there. */
  readonly ownText?: readonly Range[] | undefined;
  readonly ownRodata?: readonly Range[] | undefined;
  /**
   * Takes over a function of the guest: when its code is called, `body` runs in its place, and what it gives is
   * returned. Where it is missing, the code runs as it is.
   */
  implement?(name: string, body: () => bigint): void;
  /** boot_cpu_has(): whether the processor has the feature of this number (word * 32 + bit). */
  hasFeature(feature: number): boolean;
  /** Whether NOPs of the toolchain are as good as the processor's own. */
  readonly toolchainNopsAreIdeal: boolean;
  /** The processor's NOP of 1 to 9 bytes. */
  nop(length: number): Uint8Array;
  /** vmalloc_xen(): zeroed, writable pages near Xen's text; undefined when there is no room. */
  allocatePages(count: number): bigint | undefined;
  freePages(address: bigint, count: number): void;
  /** xzalloc(): zeroed, writable memory of the heap, aligned to 16. Throws XenError ENOMEM when there is no room. */
  allocate(bytes: number): bigint;
  free(address: bigint): void;
  /** Since when faults in this code are looked up there; and until when. */
  registerRegion(region: TextRegion): void;
  unregisterRegion(region: TextRegion): void;
  /** Calls a function of the guest on CPU 0 and runs it to its return: rax. Throws HostDied. */
  call(address: bigint, ...args: readonly bigint[]): bigint;
}
