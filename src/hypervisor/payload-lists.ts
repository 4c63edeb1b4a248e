/**
 * payload_list and applied_list: which payloads there are, in which order they came and in which they were applied.
 * They are rings in the memory of the guest, at Xen's own variables where the guest has them, so that code of hooks
 * that walks or changes them sees and is seen.
 */
import type { GuestAccess } from './guest-access.js';
import type { GuestPayload } from './guest-payload.js';
import { HostDied } from './host-died.js';
import { LIST_HEAD_BYTES, ListHead } from './list-head.js';
import type { LoadedPayload } from './payload.js';

export class PayloadLists {
  private readonly payloadList: ListHead;
  private readonly appliedList: ListHead;
  /** All payloads by the address of their structure. */
  private readonly payloads = new Map<bigint, GuestPayload>();
  private readonly offsets: { readonly list: bigint; readonly applied: bigint };
  /** payload_version. */
  version = 1;

  constructor(
    private readonly access: GuestAccess,
    listOffset: number,
    appliedOffset: number,
  ) {
    this.payloadList = this.ringOf('payload_list');
    this.appliedList = this.ringOf('applied_list');
    this.offsets = { list: BigInt(listOffset), applied: BigInt(appliedOffset) };
  }

  /** payload_cnt. */
  get count(): number {
    return this.payloads.size;
  }

  /** In the order of their uploads. */
  all(): GuestPayload[] {
    return [...this.walk(this.payloadList, this.offsets.list)];
  }

  /** All that were uploaded, whatever a hook made of the rings. */
  get known(): readonly LoadedPayload[] {
    return [...this.payloads.values()].map(({ loaded }) => loaded);
  }

  /** From the oldest to the newest. */
  applied(): GuestPayload[] {
    return [...this.walk(this.appliedList, this.offsets.applied)];
  }

  /** find_payload(): looks no further than it must. */
  find(name: string): GuestPayload | undefined {
    for (const payload of this.walk(this.payloadList, this.offsets.list))
      if (payload.name === name) return payload;
    return undefined;
  }

  loaded(): LoadedPayload[] {
    return this.all().map(({ loaded }) => loaded);
  }

  /** Those whose region is on the list of the hypervisor's. */
  registered(): LoadedPayload[] {
    const { regionFrom } = this.access.guest.profile;
    return (regionFrom === 'upload' ? this.all() : this.applied()).map(({ loaded }) => loaded);
  }

  add(payload: GuestPayload): void {
    this.payloads.set(payload.address, payload);
    this.payloadList.addTail(payload.at('list'));
    this.version++;
  }

  delete(payload: GuestPayload): void {
    this.payloadList.delete(payload.at('list'));
    this.payloads.delete(payload.address);
    this.version++;
  }

  addApplied(payload: GuestPayload): void {
    this.appliedList.addTail(payload.at('applied_list'));
  }

  deleteApplied(payload: GuestPayload): void {
    this.appliedList.delete(payload.at('applied_list'));
  }

  private ringOf(variable: string): ListHead {
    const { guest } = this.access;
    const there = guest.lookup(`common/livepatch.c#${variable}`);
    return new ListHead(this.access, there === 0n ? guest.allocate(LIST_HEAD_BYTES) : there, variable);
  }

  private *walk(list: ListHead, memberAt: bigint): Generator<GuestPayload> {
    for (const node of list.nodes()) {
      const payload = this.payloads.get(node - memberAt);
      if (payload === undefined)
        throw new HostDied(`${list.name} leads to 0x${node.toString(16)}, where no payload is`);
      yield payload;
    }
  }
}
