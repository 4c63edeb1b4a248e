/** How much of the payloads' functions ran, from ranges of executed code that may overlap. */
import type { Range } from '../hypervisor/guest.js';
import type { LoadedPayload, PayloadSymbol } from '../hypervisor/payload.js';
import type { Coverage } from './validation.js';

export function coverageOf(payloads: readonly LoadedPayload[], executed: readonly Range[]): Coverage {
  const ran = merged(executed);
  const functions = payloads.flatMap((payload) =>
    codeSymbols(payload).map(({ name, address, size }) => ({
      name,
      size,
      executed: overlap(ran, { start: address, end: address + BigInt(size) }),
    })),
  );
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  return {
    executed: sum(functions.map((one) => one.executed)),
    total: sum(functions.map((one) => one.size)),
    functions,
  };
}

/** Symbols of a payload's code; of several at one address the first. */
function codeSymbols({ text, symbols }: LoadedPayload): readonly PayloadSymbol[] {
  const byAddress = new Map<bigint, PayloadSymbol>();
  for (const symbol of symbols) {
    const code = symbol.size > 0 && symbol.address >= text.start && symbol.address < text.end;
    if (code && !byAddress.has(symbol.address)) byAddress.set(symbol.address, symbol);
  }
  return [...byAddress.values()];
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
