/**
 * Which pages there are, where their bytes lie, and what they were when a snapshot was taken.
 *
 * All bytes lie in one buffer of frames, so that one view reads any page and generated code can share the buffer.
 * A snapshot costs nothing when it is taken: it is a layer that keeps the old state of each page from before its
 * first change. Restoring copies back what was changed; pages that nobody touched are not looked at.
 */
import { PAGE_BYTES, Page, pagesOf } from './page.js';

/** What a page was when its layer began. */
interface Saved {
  /** Undefined: there was none. */
  readonly page: Page | undefined;
  readonly permissions: number;
  bytes: Uint8Array | undefined;
}

interface Layer {
  readonly serial: number;
  readonly saved: Map<number, Saved>;
}

/** A point to which memory can be brought back, any number of times, until an older one is restored. */
export interface Snapshot {
  readonly depth: number;
}

export class PageTable {
  readonly frames: Uint8Array;
  private readonly pages = new Map<number, Page>();
  private readonly free: number[] = [];
  private nextFrame: number;
  private layers: Layer[] = [];
  private serial = 0;

  /** Frames lie in the buffer from `start` to `end`. */
  constructor(
    buffer: ArrayBuffer,
    private readonly start: number,
    private readonly end: number,
  ) {
    this.frames = new Uint8Array(buffer);
    this.nextFrame = start;
  }

  /** For who looks at bytes. */
  get(pageNumber: number): Page | undefined {
    const page = this.pages.get(pageNumber);
    if (page?.lent !== undefined) {
      this.frames.set(page.lent.subarray(page.lentFrom, page.lentFrom + PAGE_BYTES), page.frameAt);
      page.lent = undefined;
    }
    return page;
  }

  /** For who does not. */
  peek(pageNumber: number): Page | undefined {
    return this.pages.get(pageNumber);
  }

  /** The page of that number; throws when there is none. */
  mapped(pageNumber: number): Page {
    return there(this.get(pageNumber), pageNumber);
  }

  /** The same for who does not look at its bytes. */
  present(pageNumber: number): Page {
    return there(this.peek(pageNumber), pageNumber);
  }

  /** Lets a page have these bytes when it is looked at; false where that would be too late, and bytes must be written. */
  lend(pageNumber: number, bytes: Uint8Array, from: number): boolean {
    const page = this.pages.get(pageNumber);
    if (page === undefined || this.layers.length > 0 || page.codeTo > 0) return false;
    page.lent = bytes;
    page.lentFrom = from;
    return true;
  }

  get count(): number {
    return this.pages.size;
  }

  all(): IterableIterator<Page> {
    return this.pages.values();
  }

  /** Adds a page of zeros, or changes the permissions of the one that is there. */
  map(pageNumber: number, permissions: number): void {
    const there = this.pages.get(pageNumber);
    if (there !== undefined) {
      this.protect(there, permissions);
      return;
    }
    this.save(pageNumber, undefined);
    const page = new Page(pageNumber, this.takeFrame(), permissions);
    page.savedIn = this.serial;
    this.pages.set(pageNumber, page);
  }

  protect(page: Page, permissions: number): void {
    this.save(page.number, page);
    page.permissions = permissions;
    page.dropCode();
  }

  unmap(page: Page): void {
    const saved = this.save(page.number, page);
    this.pages.delete(page.number);
    page.dropCode();
    if (saved?.page !== page) this.free.push(page.frameAt);
  }

  /** To be called before bytes of a page change. */
  beforeWrite(page: Page): void {
    if (page.savedIn === this.serial) return;
    const saved = this.save(page.number, page);
    if (saved?.page === page) saved.bytes = this.bytesOf(page).slice();
    page.savedIn = this.serial;
  }

  bytesOf(page: Page): Uint8Array {
    return this.frames.subarray(page.frameAt, page.frameAt + PAGE_BYTES);
  }

  /** Ranges of blocks that are kept, cut to a range of addresses; one that an exception left counts as a whole. */
  executed(start: bigint, end: bigint): { readonly start: bigint; readonly end: bigint }[] {
    const found: { start: bigint; end: bigint }[] = [];
    for (const pageNumber of pagesOf(start, Number(end - start))) {
      for (const block of this.pages.get(pageNumber)?.blocks ?? []) {
        const from = block?.addresses.at(0);
        const to = block?.addresses.at(-1);
        if (from === undefined || to === undefined || to <= start || from >= end) continue;
        found.push({ start: from < start ? start : from, end: to > end ? end : to });
      }
    }
    return found.sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  snapshot(): Snapshot {
    this.layers.push({ serial: ++this.serial, saved: new Map() });
    return { depth: this.layers.length };
  }

  /** Brings memory back to the snapshot; throws when an older one was restored since. */
  restore({ depth }: Snapshot): void {
    if (depth > this.layers.length) throw new Error('the snapshot is gone: an older one was restored');
    while (this.layers.length >= depth) {
      for (const [pageNumber, saved] of this.layers.pop()?.saved ?? []) this.putBack(pageNumber, saved);
    }
    this.snapshot();
  }

  /** How many pages can still be mapped. */
  get room(): number {
    return this.free.length + Math.floor((this.end - this.nextFrame) / PAGE_BYTES);
  }

  private save(pageNumber: number, page: Page | undefined): Saved | undefined {
    const layer = this.layers.at(-1);
    if (layer === undefined) return undefined;
    let saved = layer.saved.get(pageNumber);
    if (saved === undefined) {
      saved = { page, permissions: page?.permissions ?? 0, bytes: undefined };
      layer.saved.set(pageNumber, saved);
    }
    return saved;
  }

  private putBack(pageNumber: number, saved: Saved): void {
    const there = this.pages.get(pageNumber);
    if (there !== undefined && there !== saved.page) {
      this.free.push(there.frameAt);
      there.dropCode();
      this.pages.delete(pageNumber);
    }
    if (saved.page === undefined) return;
    this.pages.set(pageNumber, saved.page);
    saved.page.savedIn = 0;
    if (saved.page.permissions !== saved.permissions) saved.page.dropCode();
    saved.page.permissions = saved.permissions;
    if (saved.bytes === undefined) return;
    this.frames.set(saved.bytes, saved.page.frameAt);
    if (saved.page.codeTo > 0) saved.page.dropCode();
  }

  private takeFrame(): number {
    const reused = this.free.pop();
    if (reused !== undefined) {
      this.frames.fill(0, reused, reused + PAGE_BYTES);
      return reused;
    }
    const at = this.nextFrame;
    if (at + PAGE_BYTES > this.end)
      throw new Error(`no frame left: all ${(this.end - this.start) / PAGE_BYTES} are in use`);
    this.nextFrame += PAGE_BYTES;
    return at;
  }
}

function there(page: Page | undefined, pageNumber: number): Page {
  if (page === undefined) throw new Error(`no page at 0x${(BigInt(pageNumber) << 12n).toString(16)}`);
  return page;
}
