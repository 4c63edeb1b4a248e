/**
 * XEN_SYSCTL_LIVEPATCH_LIST: states, names and metadata of payloads, into buffers of the caller.
 *
 * Names and metadata are packed one behind the other since 4.14; before, each name had a slot of 128 bytes and there
 * was no metadata. Since 4.21 the caller says how large its buffers are. Source: livepatch_list() in
 * xen/common/livepatch.c.
 */
import { Errno } from './errno.js';
import type { GuestAccess } from './guest-access.js';
import type { GuestPayload } from './guest-payload.js';
import { NAME_SIZE } from './hypercall.js';
import type { Answer, CallerBuffer, ListEntry, ListOperation } from './hypercall.js';
import type { PayloadLists } from './payload-lists.js';
import type { LoaderProfile } from './profiles.js';

const MOST_ENTRIES = 1024;

/** Bytes of an element of the status, len and metadata_len buffers. */
const STATUS_BYTES = 8;
const LENGTH_BYTES = 4;

export function listPayloads(access: GuestAccess, lists: PayloadLists, op: ListOperation): Answer {
  if (op.nr > MOST_ENTRIES) return { rc: -Errno.E2BIG };
  if (op.pad !== 0) return { rc: -Errno.EINVAL };
  const packed = access.guest.profile.metadata;
  const asked = packed ? [op.status, op.len, op.metadata_len] : [op.status, op.name, op.len];
  if (op.nr > 0 && asked.includes('outside')) return { rc: -Errno.EINVAL };
  if (op.idx >= lists.count && lists.count > 0) return { rc: -Errno.EINVAL };
  const filler = new Filler(access, op);
  return op.nr > 0 ? filler.fill(lists) : filler.measure(lists);
}

class Filler {
  private readonly entries: ListEntry[] = [];
  private names = 0;
  private metadata = 0;

  constructor(
    private readonly access: GuestAccess,
    private readonly op: ListOperation,
  ) {}

  measure(lists: PayloadLists): Answer {
    const all = this.profile.metadata ? lists.all() : [];
    return this.answer(0, lists, {
      left: lists.count,
      names: sum(all.map((payload) => payload.name.length + 1)),
      metadata: sum(all.map((payload) => this.metadataLength(payload))),
    });
  }

  fill(lists: PayloadLists): Answer {
    const { idx, nr } = this.op;
    let seen = 0;
    let rc = 0;
    const totals = { names: 0, metadata: 0 };
    for (const payload of lists.all()) {
      if (idx > seen++) continue;
      const length = { name: payload.name.length + 1, metadata: this.metadataLength(payload) };
      rc = this.refusal(length);
      if (this.profile.metadata) {
        totals.names += length.name;
        totals.metadata += length.metadata;
      }
      if (rc !== 0) break;
      this.take(payload, length);
      if (this.entries.length >= nr) break;
    }
    const { profile, names, metadata } = this;
    const told = profile.listChecksBuffers ? { names, metadata } : totals;
    return this.answer(rc, lists, { left: lists.count - seen, ...told });
  }

  /** Why the next entry cannot be written; 0 when it can. */
  private refusal(length: { readonly name: number; readonly metadata: number }): number {
    const { op, profile, entries } = this;
    const names = this.names + length.name;
    const metadata = this.metadata + length.metadata;
    const tooLarge = names > op.name_total_size || metadata > op.metadata_total_size;
    if (profile.listChecksBuffers && tooLarge) return -Errno.ENOBUFS;
    if (profile.metadata && (op.name === 'outside' || op.metadata === 'outside')) return -Errno.EINVAL;
    const count = entries.length + 1;
    const namesEnd = profile.metadata ? names : entries.length * NAME_SIZE + length.name;
    const fits =
      holds(op.name, namesEnd) &&
      holds(op.len, count * LENGTH_BYTES) &&
      holds(op.status, count * STATUS_BYTES) &&
      (!profile.metadata || (holds(op.metadata, metadata) && holds(op.metadata_len, count * LENGTH_BYTES)));
    return fits ? 0 : -Errno.EFAULT;
  }

  private take(payload: GuestPayload, length: { readonly name: number; readonly metadata: number }): void {
    const { name, state, rc, loaded } = payload;
    const metadata =
      loaded.metadata === undefined || length.metadata === 0
        ? new Uint8Array(0)
        : this.access.read(loaded.metadata.address, length.metadata, 'listing metadata');
    this.entries.push({ name, state, rc, metadata });
    this.names += length.name;
    this.metadata += length.metadata;
  }

  private answer(
    rc: number,
    lists: PayloadLists,
    { left, names, metadata }: { readonly left: number; readonly names: number; readonly metadata: number },
  ): Answer {
    return {
      rc: rc === 0 ? this.entries.length : rc,
      list: {
        version: lists.version,
        nr: left,
        name_total_size: names,
        metadata_total_size: metadata,
        entries: this.entries,
      },
    };
  }

  private metadataLength({ loaded }: GuestPayload): number {
    return this.profile.metadata ? (loaded.metadata?.length ?? 0) : 0;
  }

  private get profile(): LoaderProfile {
    return this.access.guest.profile;
  }
}

function holds(buffer: CallerBuffer, bytes: number): boolean {
  return buffer !== 'outside' && bytes <= buffer;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
