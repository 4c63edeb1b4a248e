/**
 * A hypervisor without a processor: memory, names and pages are real enough for the loader, code is never run.
 *
 *   const guest = new FakeGuest('4.17');
 *   guest.define('printk', [0x55, 0x48]);      // code of Xen's, at an address of its own
 *   loadPayload(guest, [], 'p', bytes);
 *
 * Xen's code lies at XEN_TEXT, its data at XEN_DATA; pages for payloads follow from PAYLOADS on, with a page that is
 * not mapped before each stretch.
 */
import { Memory } from '../../src/emulator/memory.js';
import { PAGE_BYTES, Permission } from '../../src/emulator/page.js';
import { XenConsole } from '../../src/hypervisor/console.js';
import type { Guest, TextRegion } from '../../src/hypervisor/guest.js';
import { HostDied } from '../../src/hypervisor/host-died.js';
import { PROFILES } from '../../src/hypervisor/profiles.js';
import type { LoaderProfile, ProfileName } from '../../src/hypervisor/profiles.js';

export const XEN_TEXT = 0xffff_82d0_4020_0000n;
export const XEN_DATA = 0xffff_82d0_4080_0000n;
export const PAYLOADS = 0xffff_82d0_4100_0000n;
const HEAP = 0xffff_8300_0000_0000n;
const XEN_PAGES = 16;
const MOST_PAYLOAD_PAGES = 1024;
const MEMORY_BYTES = (MOST_PAYLOAD_PAGES + 256) * PAGE_BYTES;
/** What a name takes of Xen's code or data. */
const SLOT = 64n;

/** Recommended NOPs of 1 to 9 bytes: SDM vol. 2, table 4-12. */
const NOPS = [
  [0x90],
  [0x66, 0x90],
  [0x0f, 0x1f, 0x00],
  [0x0f, 0x1f, 0x40, 0x00],
  [0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
  [0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
  [0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
];

export class FakeGuest implements Guest {
  readonly memory = new Memory(MEMORY_BYTES);
  readonly console: XenConsole;
  readonly profile: LoaderProfile;
  buildId: Uint8Array | undefined = Uint8Array.from({ length: 20 }, (_, k) => k + 1);
  toolchainNopsAreIdeal = false;
  /** Feature numbers that the processor has. */
  readonly features = new Set<number>();
  /** Stretches of pages in use, by address. */
  readonly pages = new Map<bigint, number>();
  readonly regions: TextRegion[] = [];
  /** Stretches of the heap in use. */
  readonly heap = new Set<bigint>();
  /** Refuses more pages than this at once. */
  room = MOST_PAYLOAD_PAGES;
  private readonly symbols = new Map<string, bigint>();
  private text = XEN_TEXT;
  private data = XEN_DATA;
  private nextPages = PAYLOADS;
  private nextHeap = HEAP;

  constructor(profile: ProfileName | LoaderProfile = '4.17', debug = false) {
    this.profile = typeof profile === 'string' ? PROFILES[profile] : profile;
    this.console = new XenConsole(debug);
    this.memory.map(XEN_TEXT, XEN_PAGES * PAGE_BYTES, Permission.read | Permission.execute);
    this.memory.map(XEN_DATA, XEN_PAGES * PAGE_BYTES, Permission.read | Permission.write);
  }

  /** Puts a function of at most 64 bytes into Xen's code. */
  define(name: string, code: readonly number[] = [0xc3]): bigint {
    const at = this.text;
    this.text += SLOT;
    this.memory.write(at, Uint8Array.from(code));
    this.symbols.set(name, at);
    return at;
  }

  /** Puts a variable of at most 64 bytes into Xen's data. */
  defineData(name: string, bytes: Uint8Array): bigint {
    const at = this.data;
    this.data += SLOT;
    this.memory.write(at, bytes);
    this.symbols.set(name, at);
    return at;
  }

  lookup(name: string): bigint {
    return this.symbols.get(name) ?? 0n;
  }

  hasFeature(feature: number): boolean {
    return this.features.has(feature);
  }

  nop(length: number): Uint8Array {
    return Uint8Array.from(NOPS[length - 1]);
  }

  allocatePages(count: number): bigint | undefined {
    if (count > this.room) return undefined;
    const at = this.nextPages + BigInt(PAGE_BYTES);
    this.nextPages = at + BigInt(count * PAGE_BYTES);
    this.memory.map(at, count * PAGE_BYTES, Permission.read | Permission.write);
    this.pages.set(at, count);
    return at;
  }

  freePages(address: bigint, count: number): void {
    if (this.pages.get(address) !== count) throw new Error('pages are freed that were not allocated so');
    this.pages.delete(address);
    this.memory.unmap(address, count * PAGE_BYTES);
  }

  allocate(bytes: number): bigint {
    const at = this.nextHeap;
    this.nextHeap += BigInt(Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES);
    this.memory.map(at, bytes, Permission.read | Permission.write);
    this.heap.add(at);
    return at;
  }

  free(address: bigint): void {
    if (!this.heap.delete(address)) throw new Error('memory is freed that was not allocated');
  }

  registerRegion(region: TextRegion): void {
    this.regions.push(region);
  }

  unregisterRegion(region: TextRegion): void {
    const at = this.regions.indexOf(region);
    if (at < 0) throw new Error('a region goes that was not there');
    this.regions.splice(at, 1);
  }

  call(address: bigint): bigint {
    throw new HostDied(`this guest runs no code, not even at 0x${address.toString(16)}`);
  }

  /** Everything that an upload could have changed outside of the payload's own pages. */
  fingerprint(): string {
    const bytes = [XEN_TEXT, XEN_DATA].map((at) => this.memory.read(at, XEN_PAGES * PAGE_BYTES));
    return `${Buffer.concat(bytes).toString('latin1')} ${this.pages.size} ${this.regions.length} ${this.heap.size}`;
  }
}
