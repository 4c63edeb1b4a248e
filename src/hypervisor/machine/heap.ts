/**
 * Memory that the hypervisor hands out while it runs: pages near its text for payloads, and a heap for what the
 * loader keeps. Between two ranges of pages one is left unmapped, so that running off the end is noticed.
 *
 * Addresses are those of Xen's layout on x86-64 (xen/arch/x86/include/asm/config.h): payloads between the end of
 * the image and the fixmap below XEN_VIRT_END, the heap in the direct map.
 */
import type { Memory } from '../../emulator/memory.js';
import { PAGE_BYTES, Permission } from '../../emulator/page.js';

const PAGE = BigInt(PAGE_BYTES);
/** XEN_VIRT_START is 0xffff82d040000000, and Xen has 1 GiB from there; the end of it is for fixmap and stubs. */
const TEXT_SPAN = 1n << 30n;
const RESERVED_AT_END = 16n << 20n;
/** DIRECTMAP_VIRT_START, and some way into it. */
const HEAP_START = 0xffff830000100000n;
const HEAP_BYTES = 32n << 20n;
/** What callers pass lies apart, so that the heap does not depend on it. */
const SCRATCH_START = 0xffff830004000000n;
/** Pages that payloads leave to the heap. */
const KEPT_FOR_HEAP = 1024;
const { read, write } = Permission;

/** The guest asks for more than there is. */
export class OutOfMemory extends Error {}

export class GuestHeap {
  private readonly pages: { start: bigint; count: bigint }[] = [];
  private readonly sizes = new Map<bigint, number>();
  private next = HEAP_START;
  private scratch = SCRATCH_START;
  private readonly free = new Map<number, bigint[]>();

  constructor(
    private readonly memory: Memory,
    /** Where pages for payloads may begin: the first page behind the image. */
    private readonly from: bigint,
  ) {}

  /** Zeroed, writable pages near Xen's text, the lowest that are free; undefined when there is no room. */
  takePages(count: number): bigint | undefined {
    const needed = BigInt(count);
    let start = this.from;
    let position = 0;
    for (; position < this.pages.length; position++) {
      if (start + needed * PAGE < this.pages[position].start) break;
      start = this.pages[position].start + (this.pages[position].count + 1n) * PAGE;
    }
    const end = (this.from & ~(TEXT_SPAN - 1n)) + TEXT_SPAN - RESERVED_AT_END;
    if (start + needed * PAGE > end || count > this.memory.room - KEPT_FOR_HEAP) return undefined;
    this.memory.map(start, count * PAGE_BYTES, read | write);
    this.pages.splice(position, 0, { start, count: needed });
    return start;
  }

  /** Throws for what was not taken. */
  givePages(address: bigint, count: number): void {
    const position = this.pages.findIndex((r) => r.start === address && r.count === BigInt(count));
    if (position < 0) throw new Error(`no ${count} pages at 0x${address.toString(16)} were taken`);
    this.pages.splice(position, 1);
    this.memory.unmap(address, count * PAGE_BYTES);
  }

  /** Zeroed, writable memory, aligned to 16 bytes. */
  take(bytes: number): bigint {
    const size = Math.max(16, Math.ceil(bytes / 16) * 16);
    const reused = this.free.get(size)?.pop();
    const address = reused ?? this.extend(size);
    if (reused !== undefined) this.memory.write(reused, new Uint8Array(size));
    this.sizes.set(address, size);
    return address;
  }

  give(address: bigint): void {
    const size = this.sizes.get(address);
    if (size === undefined) throw new Error(`nothing at 0x${address.toString(16)} was taken`);
    this.sizes.delete(address);
    this.free.set(size, [...(this.free.get(size) ?? []), address]);
  }

  /** Whole pages of the heap, aligned to `align` bytes; never given back. */
  takeAligned(bytes: number, align: bigint): bigint {
    this.next = (this.next + align - 1n) & ~(align - 1n);
    return this.extend(bytes);
  }

  /** Zeroed memory, aligned to 16 bytes, in pages of its own that stay mapped. */
  takeScratch(bytes: number): bigint {
    const address = this.scratch;
    this.scratch += BigInt(Math.max(16, Math.ceil(bytes / 16) * 16));
    if (this.scratch > SCRATCH_START + HEAP_BYTES) throw new OutOfMemory('the scratch memory is used up');
    this.mapPages(address, this.scratch);
    this.memory.write(address, new Uint8Array(bytes));
    return address;
  }

  resetScratch(): void {
    this.scratch = SCRATCH_START;
  }

  private extend(size: number): bigint {
    const address = this.next;
    const end = address + BigInt(size);
    if (end > HEAP_START + HEAP_BYTES) throw new OutOfMemory('the heap of the guest is used up');
    this.mapPages(address, end);
    this.next = end;
    return address;
  }

  private mapPages(from: bigint, to: bigint): void {
    for (let page = from & ~(PAGE - 1n); page < to; page += PAGE) {
      if (this.memory.permissionsAt(page) !== undefined) continue;
      if (this.memory.room === 0) throw new OutOfMemory('the memory of the guest is used up');
      this.memory.map(page, PAGE_BYTES, read | write);
    }
  }
}
