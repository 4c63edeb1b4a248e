/**
 * Changes bytes of the hypervisor where they are, as `.xsplice.splices` says, while all processors wait: first every
 * place is looked at, and when one does not hold what it must, nothing is written. Pages are opened one by one for as
 * long as it takes to write, and are then again what they were. The design of this is ours: Xen has no such section.
 */
import { PAGE_BYTES, Permission } from '../emulator/page.js';
import type { GuestAccess } from './guest-access.js';
import type { GuestPayload } from './guest-payload.js';
import { newBytes, oldBytes, readSplice } from './splice-record.js';
import type { SpliceRecord } from './splice-record.js';

/** Which of the two states of a place is meant. */
export type SpliceState = 'old' | 'new';

const PAGE = BigInt(PAGE_BYTES);

export class Splices {
  constructor(
    private readonly access: GuestAccess,
    private readonly prefix: string,
  ) {}

  /** Whether all places of a payload hold what they must; says of the first that does not. */
  allHold(payload: GuestPayload, state: SpliceState): boolean {
    return this.of(payload).every((splice) => {
      const expected = this.bytes(splice, state);
      const actual = this.access.read(splice.address, splice.length, 'looking at a splice');
      if (Buffer.compare(actual, expected) === 0) return true;
      const place = this.title(splice.address);
      this.print(
        payload,
        `${splice.name}: ${place} is not as expected: expected:${hex(expected)}, actual:${hex(actual)}`,
      );
      return false;
    });
  }

  /** Writes one state over the other, at all places. */
  write(payload: GuestPayload, state: SpliceState): void {
    const splices = this.of(payload);
    if (splices.length === 0) return;
    this.print(payload, `${state === 'new' ? 'Splicing' : 'Unsplicing'} ${splices.length} places`);
    for (const splice of splices) this.put(splice.address, this.bytes(splice, state));
  }

  private of({ loaded }: GuestPayload): SpliceRecord[] {
    return loaded.splices.map(({ at }) => readSplice(this.access.guest.memory, at));
  }

  private bytes(splice: SpliceRecord, state: SpliceState): Uint8Array {
    const { memory } = this.access.guest;
    return state === 'new' ? newBytes(memory, splice) : oldBytes(memory, splice);
  }

  /** Opens the pages of a place, writes, and gives each page back what it had. */
  private put(address: bigint, bytes: Uint8Array): void {
    const { memory } = this.access.guest;
    const closed: { readonly page: bigint; readonly permissions: number }[] = [];
    for (let page = address - (address % PAGE); page < address + BigInt(bytes.length); page += PAGE) {
      const permissions = memory.permissionsAt(page);
      if (permissions === undefined || (permissions & Permission.write) !== 0) continue;
      closed.push({ page, permissions });
      memory.protect(page, PAGE_BYTES, permissions | Permission.write);
    }
    this.access.write(address, bytes, 'splicing');
    for (const { page, permissions } of closed) memory.protect(page, PAGE_BYTES, permissions);
  }

  private title(address: bigint): string {
    return this.access.guest.describeAddress?.(address) ?? `0x${address.toString(16)}`;
  }

  private print({ name }: GuestPayload, text: string): void {
    this.access.guest.console.print(`${this.prefix}${name}: ${text}`);
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
