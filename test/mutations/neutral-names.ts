/**
 * Neutral mutators that number anew what compilers number: clones of functions, static locals, `__func__.5`. The
 * names of the sections that bear such names follow.
 */
import type { Draft } from './draft.js';
import { isLocal } from './draft.js';
import { neutral } from './mutator.js';
import type { Mutator } from './mutator.js';
import type { Random } from './random.js';

/** A name as what stands before each of its numbers: `a.isra.0.cold.5` is `a.isra`, 0, `.cold`, 5. */
function split(name: string): readonly string[] {
  return name.split(/\.(?=\d+(?:\.|$))|(?<=\.\d+)(?=\.)/);
}

const isNumber = (piece: string): boolean => /^\d+$/.test(piece);

/** New names for symbols by the numbers in them; what stands before a number decides what it becomes. */
function renumber(draft: Draft, rename: (prefix: string, numbers: readonly number[]) => Map<number, number>): number {
  const numbered = draft.symbols.filter((symbol) => isLocal(symbol) && /[^.]\.\d+(\.|$)/.test(symbol.name));
  const seen = new Map<string, Set<number>>();
  for (const { name } of numbered) {
    eachNumber(name, (prefix, number) => {
      seen.set(prefix, (seen.get(prefix) ?? new Set()).add(number));
      return number;
    });
  }
  const maps = new Map([...seen].map(([prefix, numbers]) => [prefix, rename(prefix, [...numbers])]));
  const renamed = new Map<string, string>();
  for (const symbol of numbered) {
    const name = eachNumber(symbol.name, (prefix, number) => maps.get(prefix)?.get(number) ?? number);
    if (name !== symbol.name) renamed.set(symbol.name, name);
    symbol.name = name;
  }
  for (const section of draft.sections) {
    for (const [old, name] of renamed) {
      if (!section.name.endsWith(`.${old}`)) continue;
      section.name = `${section.name.slice(0, -old.length)}${name}`;
      break;
    }
  }
  return renamed.size;
}

/** The name with each number replaced; `prefix` is the original name up to it. */
function eachNumber(name: string, replace: (prefix: string, number: number) => number): string {
  let prefix = '';
  let result = '';
  for (const piece of split(name)) {
    if (isNumber(piece) && prefix !== '') result += `.${String(replace(prefix, Number(piece)))}`;
    else result += piece;
    prefix += isNumber(piece) ? `.${piece}` : piece;
  }
  return result;
}

/** As a compiler does that has seen more before it: higher numbers, in the same order. */
export function renumberSuffixes(draft: Draft, random: Random): string | undefined {
  const count = renumber(draft, (_prefix, numbers) => {
    const first = 1 + random.below(3000);
    return new Map([...numbers].sort((a, b) => a - b).map((number, k) => [number, first + 7 * k]));
  });
  return count === 0 ? undefined : `${count} names numbered anew`;
}

/** As a compiler does that has met them in another order. */
function permuteNumbers(draft: Draft, random: Random): string | undefined {
  const count = renumber(draft, (_prefix, numbers) => {
    const others = random.shuffled(numbers);
    return new Map(numbers.map((number, k) => [number, others[k]]));
  });
  return count === 0 ? undefined : `${count} names have exchanged their numbers`;
}

export const NAME_MUTATORS: readonly Mutator[] = [
  neutral('renumber-suffixes', renumberSuffixes),
  neutral('permute-numbers', permuteNumbers),
];
