/** How much of the payloads' new functions ran, from ranges of executed code that may overlap. */
import type { Range } from '../hypervisor/guest.js';
import type { LoadedPayload } from '../hypervisor/payload.js';
import type { Coverage } from './validation.js';

export function coverageOf(payloads: readonly LoadedPayload[], executed: readonly Range[]): Coverage {
  const ran = merged(executed);
  const functions = payloads.flatMap((payload) =>
    payload.functions
      .filter(({ newAddress }) => newAddress !== 0n)
      .map(({ name, newAddress, newSize }) => ({
        name,
        size: newSize,
        executed: overlap(ran, { start: newAddress, end: newAddress + BigInt(newSize) }),
      })),
  );
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  return {
    executed: sum(functions.map((one) => one.executed)),
    total: sum(functions.map((one) => one.size)),
    functions,
  };
}

/** Disjoint ranges in order. */
function merged(ranges: readonly Range[]): Range[] {
  const sorted = [...ranges].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  const found: Range[] = [];
  for (const range of sorted) {
    const last = found.at(-1);
    if (last === undefined || range.start > last.end) found.push(range);
    else if (range.end > last.end) found[found.length - 1] = { start: last.start, end: range.end };
  }
  return found;
}

function overlap(ranges: readonly Range[], { start, end }: Range): number {
  let bytes = 0n;
  for (const range of ranges) {
    const from = range.start > start ? range.start : start;
    const to = range.end < end ? range.end : end;
    if (to > from) bytes += to - from;
  }
  return Number(bytes);
}
