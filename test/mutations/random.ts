/**
 * Numbers that look random and follow from a seed, so that every mutation can be made again from what a failure
 * prints. One generator serves one mutation: what one mutator draws never shifts what another one does.
 */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 bits: a Weyl sequence, its bits mixed by multiplications. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  chance(probability: number): boolean {
    return this.next() / 2 ** 32 < probability;
  }

  /** One of the elements, or undefined when there is none. */
  pick<T>(list: readonly T[]): T | undefined {
    return list.length === 0 ? undefined : list[this.below(list.length)];
  }

  /** The elements in another order. */
  shuffled<T>(list: readonly T[]): T[] {
    const result = [...list];
    for (let k = result.length - 1; k > 0; k--) {
      const other = this.below(k + 1);
      [result[k], result[other]] = [result[other], result[k]];
    }
    return result;
  }

  /** The first element, in random order, for which `make` gives something. */
  firstOf<T, R>(list: readonly T[], make: (element: T) => R | undefined): R | undefined {
    for (const element of this.shuffled(list)) {
      const made = make(element);
      if (made !== undefined) return made;
    }
    return undefined;
  }
}

/** The seed of one mutation of a run: a 32-bit hash (FNV-1a) of the run's seed and of what is mutated how. */
export function seedOf(run: number, ...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of [run, ...words].join('\0')) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  }
  return hash >>> 0;
}

/** Where a run begins: another place each time, unless XSPLICE_MUTATION_SEED says where, as it does in CI. */
export function seedOfRun(): number {
  return Number(process.env.XSPLICE_MUTATION_SEED ?? Date.now() % 1_000_000);
}
