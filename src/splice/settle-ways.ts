/**
 * Ways that do not get into each other's way. A caller may be written over itself, by a jump or by new code in place:
 * then its call need not be turned, and must not be. When nothing is left to turn, a function gets a jump after all.
 */
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import { printableName } from '../diag/printable.js';
import type { SplicedFunction, SplicePlace, SpliceWay } from '../model/payload-artifacts.js';
import { wishFor } from '../model/splice-wishes.js';
import type { SpliceWish } from '../model/splice-wishes.js';
import { bytesOfText } from '../x86/hex-text.js';
import { placesOf } from './places.js';
import type { FunctionPlan } from './plan.js';

const JUMP_BYTES = 5n;

interface Written {
  readonly by: string;
  readonly start: bigint;
  readonly end: bigint;
}

export interface Settled {
  readonly ways: ReadonlyMap<string, SpliceWay>;
  /** What gets no jump, by its position among `names`. */
  readonly spliced: readonly SplicedFunction[];
}

/** `names`: the replaced functions, in their order. Reports XS440 for a wish of which nothing is left. */
export function settleWays(
  plans: readonly FunctionPlan[],
  names: readonly string[],
  wanted: ReadonlyMap<string, SpliceWay>,
  wishes: readonly SpliceWish[],
  report: Report,
): Settled {
  const ways = new Map(wanted);
  for (;;) {
    const written = plans.flatMap((plan) => writtenBy(plan, ways.get(plan.name) ?? 'trampoline'));
    const spliced = names.flatMap((name, position): SplicedFunction[] => {
      const way = ways.get(name) ?? 'trampoline';
      const plan = plans.find((one) => one.name === name);
      if (way === 'trampoline' || plan === undefined) return [];
      const all = placesOf(plan, way, position);
      return [{ ...all, places: all.places.filter((place) => !isWritten(place, plan, written)) }];
    });
    const idle = spliced.filter(({ way, places }) => way === 'callers' && places.length === 0);
    if (idle.length === 0) return { ways, spliced };
    for (const { function: position } of idle) {
      const name = names[position];
      ways.set(name, 'trampoline');
      if (wishFor(wishes, name) === 'callers') report(nothingLeft(name));
    }
  }
}

function writtenBy(plan: FunctionPlan, way: SpliceWay): Written[] {
  const { name: by, address, inPlace, trampoline } = plan;
  if (way === 'callers') return [];
  if (way === 'trampoline') {
    const start = BigInt(address) + BigInt(trampoline.jumpAt);
    return [{ by, start, end: start + JUMP_BYTES }];
  }
  return inPlace.spans.map((span) => {
    const start = BigInt(span.address);
    return { by, start, end: start + BigInt(bytesOfText(span.old).length) };
  });
}

function isWritten(
  { address, old }: SplicePlace,
  { name }: FunctionPlan,
  written: readonly Written[],
): boolean {
  const end = address + BigInt(old.length);
  return written.some((one) => one.by !== name && address < one.end && end > one.start);
}

function nothingLeft(name: string): ReturnType<typeof diagnostic> {
  return diagnostic('XS440', {
    message: `${printableName(name)} cannot be spliced at its callers`,
    at: { object: 'payload', symbol: name },
    notes: ['all of them are written over themselves, so that there is nothing to turn'],
    hint: 'leave it to a trampoline',
  });
}
