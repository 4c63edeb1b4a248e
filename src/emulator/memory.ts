/**
 * Guest memory: sparse pages of 4096 bytes with permissions, as one address space without a page walk.
 *
 * The host reads and writes by `bigint` addresses. The guest's accesses are the hot way and allocate nothing: the
 * address is put into `address64`, a value of 64 or 128 bits goes through `value64`, narrower ones are numbers.
 * A look-aside table (lookaside.ts) holds the pages that need no second look; whatever is special about a page
 * (another page follows within the access, decoded code, a watched range, a log, bytes that a snapshot still has
 * to save) keeps it out of that table and sends the access along the slow way.
 */
import { Arena, FRAMES_AT, READS_AT, WRITES_AT } from './arena.js';
import { GuestFault, PageFaultBit, Vector } from './fault.js';
import { Lookaside } from './lookaside.js';
import { isCanonical, PAGE_BYTES, Permission, pageNumberOf, pageNumberOfHalves, pagesOf } from './page.js';
import type { Page } from './page.js';
import { PageTable } from './page-table.js';
import type { Snapshot } from './page-table.js';

const DEFAULT_BYTES = 64 << 20;

/** Reasons to leave the running block after the instruction at hand. */
export const Signal = { codeWritten: 1, watchHit: 2, halted: 4 } as const;

export interface WriteRecord {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** A range whose accesses stop the processor after the instruction that makes them. */
export interface Watchpoint {
  readonly address: bigint;
  readonly length: number;
  readonly on: 'read' | 'write' | 'access';
}

export interface WatchHit {
  readonly watchpoint: Watchpoint;
  readonly address: bigint;
  readonly length: number;
  readonly write: boolean;
}

/** How a guest reads: `modify` is the load of an instruction that stores to the same place, and faults as a write. */
export const Intent = { read: 0, modify: 1 } as const;

export class Memory {
  readonly fault = new GuestFault('guest exception');
  readonly address64 = new BigUint64Array(1);
  readonly address32 = new Int32Array(this.address64.buffer);
  readonly value64 = new BigUint64Array(2);
  readonly value32 = new Int32Array(this.value64.buffer);
  private readonly value8 = new Uint8Array(this.value64.buffer);
  /** Bits of Signal that arose since they were last cleared. */
  readonly signals = new Int32Array(1);
  /** Whether the guest runs at privilege level 3, which shows in error codes. */
  user = false;
  watchHit: WatchHit | undefined;
  private readonly table: PageTable;
  private readonly view: DataView;
  /** Where all bytes lie, with room for the state of a processor. */
  readonly arena: Arena;
  private readonly reads: Lookaside;
  private readonly writes: Lookaside;
  private watchpoints: Watchpoint[] = [];
  private log: WriteRecord[] | undefined;

  /** `bytes`: how much can be mapped at once; the buffer is virtual until it is touched. */
  constructor(bytes = DEFAULT_BYTES) {
    this.arena = new Arena(bytes);
    const { buffer } = this.arena;
    this.table = new PageTable(buffer, FRAMES_AT, this.arena.end);
    this.view = new DataView(buffer);
    this.reads = new Lookaside(buffer, READS_AT);
    this.writes = new Lookaside(buffer, WRITES_AT);
  }

  /** How many pages can still be mapped; to map more throws. */
  get room(): number {
    return this.table.room;
  }

  /** Maps the pages of a range, zeroed; pages that are there keep their bytes and get the permissions. */
  map(address: bigint, length: number, permissions: number): void {
    for (const pageNumber of pagesOf(address, length)) this.table.map(pageNumber, permissions);
    this.flush();
  }

  unmap(address: bigint, length: number): void {
    for (const pageNumber of pagesOf(address, length)) this.table.unmap(this.table.present(pageNumber));
    this.flush();
    this.signals[0] |= Signal.codeWritten;
  }

  protect(address: bigint, length: number, permissions: number): void {
    for (const pageNumber of pagesOf(address, length))
      this.table.protect(this.table.present(pageNumber), permissions);
    this.flush();
    this.signals[0] |= Signal.codeWritten;
  }

  /** Permissions of the page of an address; undefined when there is none. */
  permissionsAt(address: bigint): number | undefined {
    return this.table.peek(pageNumberOf(address))?.permissions;
  }

  /** Bytes as the host sees them, whatever the permissions. Throws on a page that is not mapped. */
  read(address: bigint, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.eachPiece(address, length, (page, from, to, done) => {
      bytes.set(this.table.frames.subarray(page.frameAt + from, page.frameAt + to), done);
    });
    return bytes;
  }

  /** Writes as the host, whatever the permissions; neither logged nor watched. Throws before anything is written. */
  write(address: bigint, bytes: Uint8Array): void {
    this.eachPiece(address, bytes.length, () => undefined);
    this.eachPiece(address, bytes.length, (page, from, to, done) => {
      this.touch(page, from, to);
      this.table.frames.set(bytes.subarray(done, done + to - from), page.frameAt + from);
    });
  }

  /** As `write`, of bytes that nobody changes any more: whole pages are copied when they are first looked at. */
  lend(address: bigint, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const skipped = Number(-address & 4095n);
    const whole = Math.max(bytes.length - skipped, 0) & ~(PAGE_BYTES - 1);
    const first = pageNumberOf(address + BigInt(skipped));
    for (const pageNumber of pagesOf(address, bytes.length)) this.table.present(pageNumber);
    this.write(address, bytes.subarray(0, skipped));
    for (let done = 0; done < whole; done += PAGE_BYTES) {
      const from = skipped + done;
      if (!this.table.lend(first + done / PAGE_BYTES, bytes, from))
        this.write(address + BigInt(from), bytes.subarray(from, from + PAGE_BYTES));
    }
    this.write(address + BigInt(skipped + whole), bytes.subarray(skipped + whole));
    this.flush();
  }

  snapshot(): Snapshot {
    this.writes.flush();
    return this.table.snapshot();
  }

  restore(snapshot: Snapshot): void {
    this.table.restore(snapshot);
    this.flush();
    this.signals[0] |= Signal.codeWritten;
  }

  watch(watchpoints: readonly Watchpoint[]): void {
    this.watchpoints = [...watchpoints];
    this.flush();
  }

  /** Begins to log what the guest writes; each call begins anew. */
  startLog(): void {
    this.log = [];
    this.flush();
  }

  /** What was written since startLog, in order; ends the log. */
  takeLog(): WriteRecord[] {
    const taken = this.log ?? [];
    this.log = undefined;
    return taken;
  }

  /** What to add to the address of a byte to get its place in the arena, modulo 2^32; 0 when there is no page. */
  distanceAt(address: bigint): number {
    const page = this.table.get(pageNumberOf(address));
    return page === undefined ? 0 : (page.frameAt - Number(BigInt.asIntN(32, address & ~4095n))) | 0;
  }

  /** The page that an instruction is fetched from; #PF when there is none or it must not be executed. */
  fetchPage(low: number, high: number): Page {
    const page = this.table.get(pageNumberOfHalves(low, high));
    if (page !== undefined && (page.permissions & Permission.execute) !== 0) return page;
    if (!isCanonical(high)) throw this.fault.raise(Vector.GP);
    throw this.pageFault(page, low, high, PageFaultBit.fetch);
  }

  /** The same without exceptions; undefined when code cannot be fetched there. */
  codePage(address: bigint): Page | undefined {
    const page = this.table.get(pageNumberOf(address));
    return page !== undefined && (page.permissions & Permission.execute) !== 0 ? page : undefined;
  }

  /** Bytes of a page that code is decoded from; from now on writes to them are noticed. */
  codeBytes(page: Page): Uint8Array {
    if (page.codeTo === 0) this.writes.flush();
    return this.table.bytesOf(page);
  }

  /** Forgets all decoded code. */
  dropCode(): void {
    for (const page of this.table.all()) page.dropCode();
  }

  /** Which bytes of a range belong to code that was entered since its page last changed, in order. */
  executed(start: bigint, end: bigint): { readonly start: bigint; readonly end: bigint }[] {
    return this.table.executed(start, end);
  }

  load8(stack: number, intent: number): number {
    const at = this.reads.find(this.address32[0], this.address32[1], 4095);
    if (at >= 0 && intent === Intent.read) return this.view.getUint8(at);
    this.slowLoad(1, stack, intent);
    return this.value8[0];
  }

  load16(stack: number, intent: number): number {
    const at = this.reads.find(this.address32[0], this.address32[1], 4094);
    if (at >= 0 && intent === Intent.read) return this.view.getUint16(at, true);
    this.slowLoad(2, stack, intent);
    return this.value32[0] & 0xffff;
  }

  load32(stack: number, intent: number): number {
    const at = this.reads.find(this.address32[0], this.address32[1], 4092);
    if (at >= 0 && intent === Intent.read) return this.view.getInt32(at, true);
    this.slowLoad(4, stack, intent);
    return this.value32[0];
  }

  /** Leaves the value in value64[0]. */
  load64(stack: number, intent: number): void {
    const at = this.reads.find(this.address32[0], this.address32[1], 4088);
    if (at >= 0 && intent === Intent.read) {
      this.value32[0] = this.view.getInt32(at, true);
      this.value32[1] = this.view.getInt32(at + 4, true);
    } else this.slowLoad(8, stack, intent);
  }

  /** Leaves the value in value64[0] and [1]. */
  load128(stack: number, intent: number): void {
    this.slowLoad(16, stack, intent);
  }

  store8(value: number, stack: number): void {
    const at = this.writes.find(this.address32[0], this.address32[1], 4095);
    if (at >= 0) this.view.setUint8(at, value);
    else {
      this.value32[0] = value;
      this.slowStore(1, stack);
    }
  }

  store16(value: number, stack: number): void {
    const at = this.writes.find(this.address32[0], this.address32[1], 4094);
    if (at >= 0) this.view.setUint16(at, value, true);
    else {
      this.value32[0] = value;
      this.slowStore(2, stack);
    }
  }

  store32(value: number, stack: number): void {
    const at = this.writes.find(this.address32[0], this.address32[1], 4092);
    if (at >= 0) this.view.setInt32(at, value, true);
    else {
      this.value32[0] = value;
      this.slowStore(4, stack);
    }
  }

  /** Stores value64[0]. */
  store64(stack: number): void {
    const at = this.writes.find(this.address32[0], this.address32[1], 4088);
    if (at >= 0) {
      this.view.setInt32(at, this.value32[0], true);
      this.view.setInt32(at + 4, this.value32[1], true);
    } else this.slowStore(8, stack);
  }

  /** Stores value64[0] and [1]. */
  store128(stack: number): void {
    this.slowStore(16, stack);
  }

  /** Faults as a store of `size` bytes at address64 would, and stores nothing. */
  probeWrite(size: number, stack: number): void {
    this.locate(size, stack, true);
  }

  private slowLoad(size: number, stack: number, intent: number): void {
    const low = this.address32[0];
    const high = this.address32[1];
    const page = this.locate(size, stack, intent === Intent.modify);
    if (this.watchpoints.length > 0) this.checkWatch(size, false);
    else this.reads.fill(low, high, page.frameAt);
    const within = low & 4095;
    const room = Math.min(size, PAGE_BYTES - within);
    for (let k = 0; k < room; k++) this.value8[k] = this.view.getUint8(page.frameAt + within + k);
    if (room === size) return;
    const next = this.following(low, high);
    for (let k = room; k < size; k++) this.value8[k] = this.view.getUint8(next.frameAt + k - room);
  }

  private slowStore(size: number, stack: number): void {
    const low = this.address32[0];
    const high = this.address32[1];
    const page = this.locate(size, stack, true);
    const within = low & 4095;
    const room = Math.min(size, PAGE_BYTES - within);
    if (this.watchpoints.length > 0) this.checkWatch(size, true);
    this.log?.push({ address: this.address64[0], bytes: this.value8.slice(0, size) });
    this.touch(page, within, within + room);
    for (let k = 0; k < room; k++) this.view.setUint8(page.frameAt + within + k, this.value8[k]);
    if (room < size) {
      const next = this.following(low, high);
      this.touch(next, 0, size - room);
      for (let k = room; k < size; k++) this.view.setUint8(next.frameAt + k - room, this.value8[k]);
    }
    const plain = this.watchpoints.length === 0 && this.log === undefined && page.codeTo === 0;
    if (plain) this.writes.fill(low, high, page.frameAt);
  }

  /** Checks all bytes of an access and gives the page of the first; both pages are checked before anything happens. */
  private locate(size: number, stack: number, write: boolean): Page {
    const low = this.address32[0];
    const high = this.address32[1];
    if (!isCanonical(high)) throw this.fault.raise(stack === 0 ? Vector.GP : Vector.SS);
    const page = this.allowed(low, high, write);
    if ((low & 4095) + size > PAGE_BYTES) {
      const nextLow = ((low & ~4095) + PAGE_BYTES) | 0;
      const nextHigh = nextLow === 0 ? (high + 1) | 0 : high;
      if (!isCanonical(nextHigh)) throw this.fault.raise(stack === 0 ? Vector.GP : Vector.SS);
      this.allowed(nextLow, nextHigh, write);
    }
    return page;
  }

  private allowed(low: number, high: number, write: boolean): Page {
    const page = this.table.get(pageNumberOfHalves(low, high));
    const needed = write ? Permission.write | Permission.read : Permission.read;
    if (page === undefined || (page.permissions & needed) !== needed)
      throw this.pageFault(page, low, high, write ? PageFaultBit.write : 0);
    return page;
  }

  private pageFault(page: Page | undefined, low: number, high: number, bits: number): GuestFault {
    const present = page !== undefined && (page.permissions & Permission.read) !== 0;
    const address = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    return this.fault.page(
      address,
      bits | (present ? PageFaultBit.present : 0) | (this.user ? PageFaultBit.user : 0),
    );
  }

  private following(low: number, high: number): Page {
    return this.table.mapped(pageNumberOfHalves(low, high) + 1);
  }

  /** Before bytes of a page change: saves them for the snapshot, forgets the code in them. */
  private touch(page: Page, from: number, to: number): void {
    this.table.beforeWrite(page);
    if (from < page.codeTo && to > page.codeFrom) {
      page.dropCode();
      this.signals[0] |= Signal.codeWritten;
    }
  }

  private checkWatch(size: number, write: boolean): void {
    const address = this.address64[0];
    const watchpoint = this.watchpoints.find(
      (w) =>
        (w.on === 'access' || (w.on === 'write') === write) &&
        address < w.address + BigInt(w.length) &&
        address + BigInt(size) > w.address,
    );
    if (watchpoint === undefined) return;
    this.watchHit ??= { watchpoint, address, length: size, write };
    this.signals[0] |= Signal.watchHit;
  }

  private flush(): void {
    this.reads.flush();
    this.writes.flush();
  }

  private eachPiece(
    address: bigint,
    length: number,
    visit: (page: Page, from: number, to: number, done: number) => void,
  ): void {
    let from = Number(address & 4095n);
    let pageNumber = pageNumberOf(address);
    for (let done = 0; done < length; pageNumber++) {
      const to = Math.min(PAGE_BYTES, from + length - done);
      visit(this.table.mapped(pageNumber), from, to, done);
      done += to - from;
      from = 0;
    }
  }
}
