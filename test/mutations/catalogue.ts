/** All mutators, by themselves and in combination. */
import { NAME_MUTATORS } from './neutral-names.js';
import { ORDER_MUTATORS } from './neutral-order.js';
import { SPACE_MUTATORS } from './neutral-space.js';
import { SPELLING_MUTATORS } from './neutral-spelling.js';
import { nothing } from './mutator.js';
import type { Mutator } from './mutator.js';
import { areInstalled, programMutators } from './programs.js';
import type { Workshop } from './programs.js';
import type { Random } from './random.js';
import { ARRIVAL_MUTATORS } from './significant-arrivals.js';
import { CONTENT_MUTATORS } from './significant-contents.js';
import { ENTRY_MUTATORS } from './significant-entries.js';
import { REFERENCE_MUTATORS } from './significant-references.js';
import { View } from './view.js';

const NEUTRAL: readonly Mutator[] = [...ORDER_MUTATORS, ...NAME_MUTATORS, ...SPELLING_MUTATORS, ...SPACE_MUTATORS];
const SIGNIFICANT: readonly Mutator[] = [
  ...CONTENT_MUTATORS,
  ...REFERENCE_MUTATORS,
  ...ENTRY_MUTATORS,
  ...ARRIVAL_MUTATORS,
];

/** Several neutral mutations one after the other, and what each of them did; undefined when none found anything. */
function applySeveral(view: View, random: Random): { readonly view: View; readonly what: string } | undefined {
  const done: string[] = [];
  let current = view;
  for (const mutator of random.shuffled(NEUTRAL).slice(0, 2 + random.below(4))) {
    const found = mutator.apply(current, random);
    if (found === undefined) continue;
    done.push(`${mutator.name} (${found.what})`);
    current = new View(current.draft);
  }
  return done.length === 0 ? undefined : { view: current, what: done.join(', ') };
}

const several: Mutator = {
  ...{ name: 'several-neutral', neutral: true },
  apply: (view, random) => {
    const done = applySeveral(view, random);
    return done === undefined ? undefined : nothing(done.what);
  },
};

/** One change that matters among several that do not. */
const hidden: Mutator = {
  ...{ name: 'significant-among-neutral', neutral: false },
  apply: (view, random) => {
    const done = applySeveral(view, random);
    if (done === undefined) return undefined;
    const found = random.firstOf(SIGNIFICANT, (mutator) => {
      const change = mutator.apply(done.view, random);
      return change === undefined ? undefined : { ...change, what: `${mutator.name} (${change.what})` };
    });
    return found === undefined ? nothing(done.what) : { ...found, what: `${found.what} after ${done.what}` };
  },
};

/** The mutators that need no program but this one. */
export const MUTATORS: readonly Mutator[] = [...NEUTRAL, several, ...SIGNIFICANT, hidden];

/** All of them; those of binutils only where they are installed. */
export function allMutators(workshop: Workshop): readonly Mutator[] {
  return areInstalled() ? [...MUTATORS, ...programMutators(workshop, NEUTRAL, SIGNIFICANT)] : MUTATORS;
}
