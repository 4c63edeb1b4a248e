/**
 * Pages that need no second look, by their addresses: a table in the arena, read by the interpreter and by
 * translated code. The slot of a page is its number modulo the size; an access that crosses into the next page
 * asks with the address of that page at the slot of its own, where it can never be.
 *
 *   +0 address of the page (64 bits)   +8 what to add to an address to get its place in the arena, modulo 2^32
 */
import { LOOKASIDE_SLOTS } from './arena.js';

const WORDS = 4;
/** No page begins there. */
const NO_PAGE = 1;
const SLOT_MASK = LOOKASIDE_SLOTS - 1;
/** The same as (number of the page & SLOT_MASK) * WORDS. */
const SLOT_SHIFT = 10;
const SLOT_BITS = SLOT_MASK * WORDS;

export class Lookaside {
  private readonly words: Int32Array;
  private filled: number[] = [];

  constructor(buffer: ArrayBuffer, at: number) {
    this.words = new Int32Array(buffer, at, LOOKASIDE_SLOTS * WORDS);
    // Untouched slots hold 0: only at the first one, and at the last when an access wraps, is that asked for.
    this.words[0] = NO_PAGE;
    this.words[SLOT_MASK * WORDS] = NO_PAGE;
  }

  flush(): void {
    const { filled, words } = this;
    if (filled.length === 0) return;
    if (filled.length < LOOKASIDE_SLOTS) for (const slot of filled) words[slot] = NO_PAGE;
    else for (let slot = 0; slot < words.length; slot += WORDS) words[slot] = NO_PAGE;
    this.filled = [];
  }

  /** Enters the page of an address, whose bytes begin at `frameAt`. */
  fill(low: number, high: number, frameAt: number): void {
    const { words } = this;
    const slot = ((low >>> 12) & SLOT_MASK) * WORDS;
    words[slot] = low & ~4095;
    words[slot + 1] = high;
    words[slot + 2] = (frameAt - (low & ~4095)) | 0;
    if (this.filled.length < LOOKASIDE_SLOTS) this.filled.push(slot);
  }

  /** Where the bytes at an address lie, or -1: unknown, or not all bytes up to `last` of the page are asked for. */
  find(low: number, high: number, last: number): number {
    const { words } = this;
    const slot = (low >>> SLOT_SHIFT) & SLOT_BITS;
    return words[slot] === (low & ~4095) && words[slot + 1] === high && (low & 4095) <= last
      ? (words[slot + 2] + low) | 0
      : -1;
  }
}
