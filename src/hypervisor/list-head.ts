/**
 * struct list_head in the memory of the guest: a ring of pairs of pointers, `next` at 0 and `prev` at 8, of which
 * one is the head. The rings of the loader lie there and nowhere else, so what a hook does to them counts.
 * Source: xen/include/xen/list.h.
 */
import type { GuestAccess } from './guest-access.js';
import { HostDied } from './host-died.js';

/** Bytes of a struct list_head. */
export const LIST_HEAD_BYTES = 16;

const NEXT = 0n;
const PREV = 8n;

/** LIST_POISON1 and 2 of xen/arch/x86/include/asm/config.h: addresses that no access to can succeed. */
const POISON_NEXT = 0x0100100100100100n;
const POISON_PREV = 0x0200200200200200n;

/** More nodes than payloads can ever be loaded. */
const MOST_NODES = 1 << 16;

export class ListHead {
  /** Makes the ring at `head` an empty one. `name`: of the variable, for messages. */
  constructor(
    private readonly access: GuestAccess,
    readonly head: bigint,
    readonly name: string,
  ) {
    initialiseNode(access, head, name);
  }

  /** Addresses of the nodes from the first to the last. Throws HostDied when the ring does not close. */
  *nodes(): Generator<bigint> {
    let count = 0;
    for (let at = this.next(this.head); at !== this.head; at = this.next(at)) {
      if (++count > MOST_NODES) throw new HostDied(`${this.name} does not end: it was overwritten`);
      yield at;
    }
  }

  /** list_add_tail(). */
  addTail(node: bigint): void {
    const last = this.access.u64(this.head + PREV, this.name);
    this.access.putU64(node + NEXT, this.head, this.name);
    this.access.putU64(node + PREV, last, this.name);
    this.access.putU64(last + NEXT, node, this.name);
    this.access.putU64(this.head + PREV, node, this.name);
  }

  /** list_del(). */
  delete(node: bigint): void {
    const next = this.next(node);
    const previous = this.access.u64(node + PREV, this.name);
    this.access.putU64(previous + NEXT, next, this.name);
    this.access.putU64(next + PREV, previous, this.name);
    this.access.putU64(node + NEXT, POISON_NEXT, this.name);
    this.access.putU64(node + PREV, POISON_PREV, this.name);
  }

  private next(node: bigint): bigint {
    return this.access.u64(node + NEXT, this.name);
  }
}

/** INIT_LIST_HEAD(): a node that is in no ring leads to itself. */
export function initialiseNode(access: GuestAccess, node: bigint, what: string): void {
  access.putU64(node + NEXT, node, what);
  access.putU64(node + PREV, node, what);
}
