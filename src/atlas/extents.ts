/**
 * Named stretches of places, found by place. Symbols nest and bear several names; what is asked here is which of
 * them begin somewhere, which outermost one holds a place, and where the next begins.
 */

export interface Extent {
  readonly name: string;
  readonly start: number;
  /** Exclusive; `start` for labels. */
  readonly end: number;
}

export class ExtentTable {
  /** By start; of those that begin together the longest comes first. */
  readonly sorted: readonly Extent[];
  /** Of those with a size, each that does not begin inside another: disjoint, but for a hostile file's. */
  private readonly outer: readonly Extent[];
  private readonly named = new Map<string, Extent>();

  constructor(extents: readonly Extent[]) {
    this.sorted = [...extents].sort((a, b) => a.start - b.start || b.end - a.end);
    const outer: Extent[] = [];
    let reached = -Infinity;
    for (const extent of this.sorted) {
      if (!this.named.has(extent.name)) this.named.set(extent.name, extent);
      if (extent.end === extent.start || extent.start < reached) continue;
      outer.push(extent);
      reached = extent.end;
    }
    this.outer = outer;
  }

  /** The longest that begins exactly there. */
  startingAt(place: number): Extent | undefined {
    const found = this.sorted.at(firstAtOrAbove(this.sorted, place));
    return found?.start === place ? found : undefined;
  }

  /** The outermost that has a size and holds the place. */
  holding(place: number): Extent | undefined {
    const found = lastAtOrBelow(this.outer, place);
    return found !== undefined && place < found.end ? found : undefined;
  }

  /** The last that begins at the place or below it, wherever it ends. */
  lastStart(place: number): Extent | undefined {
    return lastAtOrBelow(this.sorted, place);
  }

  /** Where the first begins that lies above the place. */
  nextStart(place: number): number | undefined {
    return this.sorted[firstAtOrAbove(this.sorted, place + 1)]?.start;
  }

  /** Whether one with a size ends exactly there. */
  endsAt(place: number): boolean {
    return this.holding(place - 1)?.end === place;
  }

  called(name: string): Extent | undefined {
    return this.named.get(name);
  }
}

/** Position of the first element that begins at `place` or above; their count when there is none. */
export function firstAtOrAbove(ascending: readonly { readonly start: number }[], place: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle].start < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function lastAtOrBelow<T extends { readonly start: number }>(
  ascending: readonly T[],
  place: number,
): T | undefined {
  const next = firstAtOrAbove(ascending, place + 1);
  return next === 0 ? undefined : ascending[next - 1];
}
