/**
 * Whether the hypervisor is as it was: all bytes of its image that are still mapped, before and after.
 */
import type { Range } from '../hypervisor/guest.js';
import { isData } from '../hypervisor/machine/map-image.js';
import type { XenMachine } from '../hypervisor/machine/machine.js';

const PAGE = 4096;

/** The bytes of the image at one moment. */
export interface ImageCopy {
  readonly pages: ReadonlyMap<bigint, Uint8Array>;
  readonly bytes: number;
}

export interface Difference {
  /** Code and constants, or data. */
  readonly kind: 'constant' | 'data';
  /** Address of the first byte that differs in a symbol, and the symbol. */
  readonly address: bigint;
  readonly place: string;
  /** Bytes that differ there. */
  readonly count: number;
}

export function copyImage(machine: XenMachine): ImageCopy {
  const pages = new Map<bigint, Uint8Array>();
  for (const page of pagesOf(machine.extent))
    if (machine.memory.permissionsAt(page) !== undefined) pages.set(page, machine.memory.read(page, PAGE));
  return { pages, bytes: pages.size * PAGE };
}

/** What differs from the copy, by symbol, in order of address. */
export function differences(machine: XenMachine, before: ImageCopy): Difference[] {
  const found = new Map<string, Difference>();
  for (const [page, bytes] of before.pages) {
    const now =
      machine.memory.permissionsAt(page) === undefined ? undefined : machine.memory.read(page, PAGE);
    if (now !== undefined && Buffer.compare(now, bytes) === 0) continue;
    for (let k = 0; k < PAGE; k++) {
      if (now?.[k] === bytes[k]) continue;
      const address = page + BigInt(k);
      const place = machine.describe(address).replace(/\+0x[0-9a-f]+$/, '');
      const known = found.get(place);
      if (known === undefined) {
        const kind = isData(machine.image, address) ? 'data' : 'constant';
        found.set(place, { kind, address, place, count: 1 });
      } else found.set(place, { ...known, count: known.count + 1 });
    }
  }
  return [...found.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
}

function* pagesOf({ start, end }: Range): Generator<bigint> {
  for (let page = start & ~BigInt(PAGE - 1); page < end; page += BigInt(PAGE)) yield page;
}
