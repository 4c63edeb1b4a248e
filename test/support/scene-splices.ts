/** Splices of the payloads of a HazardScene, as the loader leaves them, in a few words. */
import type { LoadedSplice } from '../../src/hypervisor/payload.js';
import type { SpliceKindName } from '../../src/xen/splice-records.js';

export interface SceneSplice {
  readonly kind: SpliceKindName;
  /** The function that is spliced. */
  readonly of: string;
  /** Where bytes change. */
  readonly at: string;
  /** The new function; none for code in place. */
  readonly new?: string;
  readonly old: readonly number[];
  readonly bytes: readonly number[];
  /** Size of the old function. */
  readonly size?: number;
}

/** `resolve`: where a name is. A record is told to lie where the payload begins. */
export function sceneSplice(one: SceneSplice, base: bigint, resolve: (name: string) => bigint): LoadedSplice {
  return {
    at: base,
    name: one.of,
    kind: one.kind,
    version: 1,
    address: resolve(one.at),
    length: one.bytes.length,
    oldAt: base,
    newAt: base,
    fixupsAt: base,
    fixupCount: 0,
    replaced: resolve(one.of),
    replacedSize: one.size ?? 16,
    replacement: one.new === undefined ? 0n : resolve(one.new),
    holder: one.kind === 'pointer' ? 0n : resolve(one.at.split('+')[0]),
    holderSize: 16,
    permissions: one.kind === 'pointer' ? 4 : 5,
    old: Uint8Array.from(one.old),
    new: Uint8Array.from(one.bytes),
  };
}

/** `e8 rel32`. */
export function call(at: bigint, to: bigint): number[] {
  const bytes = Buffer.alloc(5, 0xe8);
  bytes.writeInt32LE(Number(to - at - 5n), 1);
  return [...bytes];
}
