/**
 * Aligns two sequences of numbers: which elements of the one are which of the other, in order, so that few are
 * left over. First by what occurs exactly once on both sides (which finds moved-apart pieces of long functions in
 * linear time), then between these anchors by Myers' greedy algorithm, with a bound on the differences it looks
 * for: a stretch beyond that bound counts as replaced as a whole. So the work is at most length times bound.
 */

/** Differences that are looked for in one stretch between anchors. */
const MOST_DIFFERENCES = 256;
/** How often stretches are cut again by what is unique in them. */
const DEEPEST = 24;

interface Stretch {
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
}

/** For each element of `a` the position of its partner in `b`, or -1. Partners are equal and in ascending order. */
export function alignSequences(a: Int32Array, b: Int32Array): Int32Array {
  const partner = new Int32Array(a.length).fill(-1);
  alignStretch(a, b, { aFrom: 0, aTo: a.length, bFrom: 0, bTo: b.length }, partner, 0);
  return partner;
}

function alignStretch(
  a: Int32Array,
  b: Int32Array,
  whole: Stretch,
  partner: Int32Array,
  depth: number,
): void {
  const inner = trimmed(a, b, whole, partner);
  if (inner.aFrom === inner.aTo || inner.bFrom === inner.bTo) return;
  const anchors = depth < DEEPEST ? uniqueAnchors(a, b, inner) : [];
  if (anchors.length === 0) {
    alignGreedily(a, b, inner, partner);
    return;
  }
  let { aFrom, bFrom } = inner;
  for (const [i, j] of anchors) {
    partner[i] = j;
    alignStretch(a, b, { aFrom, aTo: i, bFrom, bTo: j }, partner, depth + 1);
    aFrom = i + 1;
    bFrom = j + 1;
  }
  alignStretch(a, b, { aFrom, aTo: inner.aTo, bFrom, bTo: inner.bTo }, partner, depth + 1);
}

/** Pairs the equal beginnings and ends of a stretch; what remains between them comes back. */
function trimmed(a: Int32Array, b: Int32Array, whole: Stretch, partner: Int32Array): Stretch {
  let { aFrom, aTo, bFrom, bTo } = whole;
  while (aFrom < aTo && bFrom < bTo && a[aFrom] === b[bFrom]) partner[aFrom++] = bFrom++;
  while (aFrom < aTo && bFrom < bTo && a[aTo - 1] === b[bTo - 1]) partner[--aTo] = --bTo;
  return { aFrom, aTo, bFrom, bTo };
}

/** The longest ascending chain of elements that occur once in each side of the stretch. */
function uniqueAnchors(
  a: Int32Array,
  b: Int32Array,
  { aFrom, aTo, bFrom, bTo }: Stretch,
): [number, number][] {
  const inA = placesOfUnique(a, aFrom, aTo);
  const inB = placesOfUnique(b, bFrom, bTo);
  const pairs: [number, number][] = [];
  for (const [key, i] of inA) {
    const j = inB.get(key);
    if (i >= 0 && j !== undefined && j >= 0) pairs.push([i, j]);
  }
  return longestAscending(pairs.sort((x, y) => x[0] - y[0]));
}

/** Element -> its place, or -1 when it occurs more than once. */
function placesOfUnique(keys: Int32Array, from: number, to: number): Map<number, number> {
  const places = new Map<number, number>();
  for (let k = from; k < to; k++) places.set(keys[k], places.has(keys[k]) ? -1 : k);
  return places;
}

/** Of pairs ascending in their first element, the longest choice that ascends in the second, too. */
function longestAscending(pairs: readonly [number, number][]): [number, number][] {
  // ends[n] is the pair with the smallest second element that ends a chain of n + 1.
  const ends: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  for (const [k, [, j]] of pairs.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (pairs[ends[middle]][1] < j) low = middle + 1;
      else high = middle;
    }
    if (low > 0) before[k] = ends[low - 1];
    ends[low] = k;
  }
  const chain: [number, number][] = [];
  for (let k = ends.at(-1) ?? -1; k >= 0; k = before[k]) chain.push(pairs[k]);
  return chain.reverse();
}

/**
 * Myers, "An O(ND) Difference Algorithm and Its Variations": `reach[k]` is how far along diagonal k the furthest
 * path with d differences gets; the paths of all d are kept, to walk back along them.
 */
export function alignGreedily(a: Int32Array, b: Int32Array, stretch: Stretch, partner: Int32Array): void {
  const { aFrom, aTo, bFrom, bTo } = stretch;
  const n = aTo - aFrom;
  const m = bTo - bFrom;
  const most = Math.min(n + m, MOST_DIFFERENCES);
  const middle = most + 1;
  let reach = new Int32Array(2 * middle + 1);
  const trail: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    for (let k = -d; k <= d; k += 2) {
      let x = stepsDown(reach, middle, k, d) ? reach[middle + k + 1] : reach[middle + k - 1] + 1;
      while (x < n && x - k < m && a[aFrom + x] === b[bFrom + x - k]) x++;
      reach[middle + k] = x;
      if (x >= n && x - k >= m) {
        walkBack(trail, middle, stretch, d, partner);
        return;
      }
    }
    trail.push(reach);
    reach = reach.slice();
  }
}

/** Whether the path with d differences comes onto diagonal k by skipping an element of `b`. */
function stepsDown(reach: Int32Array, middle: number, k: number, d: number): boolean {
  return k === -d || (k !== d && reach[middle + k - 1] < reach[middle + k + 1]);
}

function walkBack(
  trail: readonly Int32Array[],
  middle: number,
  { aFrom, aTo, bFrom, bTo }: Stretch,
  differences: number,
  partner: Int32Array,
): void {
  let x = aTo - aFrom;
  let y = bTo - bFrom;
  for (let d = differences; d >= 0; d--) {
    const reach = d === 0 ? undefined : trail[d - 1];
    const k = x - y;
    const down = reach !== undefined && stepsDown(reach, middle, k, d);
    const fromX = reach === undefined ? 0 : reach[middle + (down ? k + 1 : k - 1)];
    const fromY = reach === undefined ? 0 : fromX - (down ? k + 1 : k - 1);
    while (x > fromX && y > fromY) partner[aFrom + --x] = bFrom + --y;
    x = fromX;
    y = fromY;
  }
}
