/** From a plan and a way to the bytes of the hypervisor that change, as the passes write them into a payload. */
import type { SplicedFunction, SplicePlace } from '../model/payload-artifacts.js';
import { SplicePermission } from '../xen/splice-records.js';
import { bytesOfText } from '../x86/hex-text.js';
import type { CallSite, Slot } from '../atlas/call-sites.js';
import type { FunctionPlan, Span } from './plan.js';

/** `r-x` as bits. */
function bitsOf(text: string): number {
  const { read, write, execute } = SplicePermission;
  const bit = (letter: string, value: number): number => (text.includes(letter) ? value : 0);
  return bit('r', read) | bit('w', write) | bit('x', execute);
}

const DISTANCE_BYTES = 4;
const POINTER_BYTES = 8;

/** `position`: of the function among those that the payload replaces. */
export function placesOf(plan: FunctionPlan, way: 'in-place' | 'callers', position: number): SplicedFunction {
  const places =
    way === 'in-place'
      ? plan.inPlace.spans.map((span) => changedCode(plan, span))
      : [
          ...plan.callers.sites.map(branchOf),
          ...plan.callers.slots.map((slot) => pointerOf(slot, BigInt(plan.address))),
        ];
  return { function: position, way, places };
}

function changedCode({ address, oldSize }: FunctionPlan, span: Span): SplicePlace {
  const start = BigInt(address);
  return {
    kind: 'inPlace',
    address: BigInt(span.address),
    old: bytesOfText(span.old),
    new: bytesOfText(span.new),
    from: Number(BigInt(span.address) - start),
    holder: { address: start, size: oldSize },
    permissions: bitsOf(span.permissions),
  };
}

/** Its distance is the last field of every branch. SDM vol. 2, CALL, JMP, Jcc. */
function branchOf({ address, old, holder, permissions }: CallSite): SplicePlace {
  const bytes = bytesOfText(old);
  const turned = Uint8Array.from(bytes);
  turned.fill(0, bytes.length - DISTANCE_BYTES);
  return {
    kind: 'branch',
    address: BigInt(address),
    old: bytes,
    new: turned,
    from: -1,
    holder: { address: BigInt(holder.address), size: holder.size },
    permissions: bitsOf(permissions),
  };
}

function pointerOf({ address, permissions }: Slot, to: bigint): SplicePlace {
  const old = new Uint8Array(POINTER_BYTES);
  new DataView(old.buffer).setBigUint64(0, to, true);
  return {
    kind: 'pointer',
    address: BigInt(address),
    old,
    new: new Uint8Array(POINTER_BYTES),
    from: -1,
    holder: undefined,
    permissions: bitsOf(permissions),
  };
}
