/**
 * Text is read-only while the hypervisor runs. Around an apply or a revert it is made writable: by permissions of
 * the pages of all text that is registered, or up to 4.16 by clearing CR0.WP, which opens every page there is.
 *
 * Payloads' pages and Xen's own are what can be meant with CR0.WP, too: of these the permissions are changed, so
 * that code of hooks, which the processor runs, may write there as well.
 * Source: arch_livepatch_quiesce() in xen/arch/x86/livepatch.c, xen/common/virtual_region.c.
 */
import { PAGE_BYTES, Permission } from '../emulator/page.js';
import type { Guest, Range } from './guest.js';
import type { GuestAccess } from './guest-access.js';
import type { LoadedPayload } from './payload.js';

const { read, write, execute } = Permission;

/** Ranges of Xen by the symbols at their ends, from xen/arch/x86/xen.lds.S. */
const XEN_TEXT = ['_stext', '_etext'] as const;
const XEN_RODATA = ['_srodata', '_erodata'] as const;

interface Relaxed {
  readonly range: Range;
  /** What they are at other times. */
  readonly tight: number;
}

export class Quiesce {
  constructor(private readonly access: GuestAccess) {}

  /** arch_livepatch_quiesce(). `registered`: whose regions are on the list; `loaded`: all that are uploaded. */
  relax(registered: readonly LoadedPayload[], loaded: readonly LoadedPayload[]): void {
    for (const { range, tight } of this.ranges(registered, loaded)) this.protect(range, tight | write);
    if (this.access.guest.profile.relaxes === 'cr0.wp') this.access.writeProtect = false;
  }

  /** arch_livepatch_revive(). */
  tighten(registered: readonly LoadedPayload[], loaded: readonly LoadedPayload[]): void {
    for (const { range, tight } of this.ranges(registered, loaded)) this.protect(range, tight);
    this.access.writeProtect = true;
  }

  private ranges(registered: readonly LoadedPayload[], loaded: readonly LoadedPayload[]): Relaxed[] {
    const { guest } = this.access;
    const all = guest.profile.relaxes === 'cr0.wp';
    const rodata = all || guest.profile.relaxesRodata;
    const payloads = all ? loaded : registered;
    const text = [
      ...(guest.ownText ?? [between(guest, XEN_TEXT)]),
      ...payloads.map((payload) => payload.text),
    ];
    const ro = rodata
      ? [...(guest.ownRodata ?? [between(guest, XEN_RODATA)]), ...payloads.map((payload) => payload.ro)]
      : [];
    return [
      ...text.map((range) => ({ range, tight: read | execute })),
      ...ro.map((range) => ({ range, tight: read })),
    ].filter(({ range }) => range.end > range.start);
  }

  /** Whole pages: from that of the start to the last that a byte of the range lies in. */
  private protect({ start, end }: Range, permissions: number): void {
    const first = start & ~BigInt(PAGE_BYTES - 1);
    this.access.guest.memory.protect(first, Number(end - first), permissions);
  }
}

function between(guest: Guest, names: readonly [string, string]): Range {
  const [start, end] = names.map((name) => guest.lookup(name));
  if (start === 0n || end === 0n) throw new Error(`the guest has no ${names.join(' or no ')}`);
  return { start, end };
}
