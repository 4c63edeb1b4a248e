/**
 * One page of guest memory and what is kept with it: where its 4096 bytes lie among the frames, what a guest may
 * do with it, and the code that was decoded from it.
 */
import type { Block } from './block.js';
import type { TranslatedUnit, UnitEntry } from './engine.js';

export const PAGE_BYTES = 4096;

/** What a guest may do with a page; a page without `read` cannot be written or executed either. */
export const Permission = { read: 1, write: 2, execute: 4 } as const;

export class Page {
  /** Counts changes of bytes from which code was decoded. */
  version = 0;
  /** Blocks that begin in this page, by the distance from its start; undefined until code is decoded. */
  blocks: (Block | undefined)[] | undefined;
  /** Where translated code can be entered, likewise; and what was translated from this page. */
  entries: (UnitEntry | undefined)[] | undefined;
  units: Set<TranslatedUnit> | undefined;
  /** The bytes that decoded instructions cover: from, and to (exclusive). */
  codeFrom = PAGE_BYTES;
  codeTo = 0;
  /** What its bytes will be once it is looked at, and where in it they begin; undefined: they are in the frame. */
  lent: Uint8Array | undefined;
  lentFrom = 0;
  /** Serial of the snapshot in which the bytes were last saved. */
  savedIn = 0;

  constructor(
    /** Address divided by 4096. */
    readonly number: number,
    /** Where the page begins among the frames. */
    readonly frameAt: number,
    public permissions: number,
  ) {}

  /** Notes that instructions were decoded from these bytes. */
  coverCode(from: number, to: number): void {
    if (from < this.codeFrom) this.codeFrom = from;
    if (to > this.codeTo) this.codeTo = to;
  }

  /** Forgets all decoded code: its bytes changed. */
  dropCode(): void {
    this.version++;
    this.blocks = undefined;
    this.codeFrom = PAGE_BYTES;
    this.codeTo = 0;
    const { units } = this;
    this.units = undefined;
    this.entries = undefined;
    for (const unit of units ?? []) unit.drop();
  }
}

/** The page that an address lies in; exact, because an address has at most 52 bits above the lowest 12. */
export function pageNumberOf(address: bigint): number {
  return Number(BigInt.asUintN(64, address) >> 12n);
}

/** The same from halves of an address. */
export function pageNumberOfHalves(low: number, high: number): number {
  return (high >>> 0) * 0x100000 + (low >>> 12);
}

/** The pages that a range touches; one for an empty range. */
export function pagesOf(address: bigint, length: number): number[] {
  const first = pageNumberOf(address);
  const last = pageNumberOf(address + BigInt(Math.max(length, 1) - 1));
  return Array.from({ length: last - first + 1 }, (_, k) => first + k);
}

/** Whether bits 63 to 47 of an address are equal, from its upper half. SDM vol. 1, 3.3.7.1. */
export function isCanonical(high: number): boolean {
  return high >> 15 === 0 || high >> 15 === -1;
}
