/**
 * What a mutator is: it takes a real object apart, changes one thing, and says what the differ must find.
 *
 * A neutral one spells the same object differently, so nothing must be found. A significant one changes what some
 * code does, and names exactly what must be found; a cold part counts with its function. A mutator that finds
 * nothing in an object that it could change gives undefined, and has touched nothing.
 */
import { consequencesOf } from './consequences.js';
import type { Draft } from './draft.js';
import type { Random } from './random.js';
import type { Thing } from './things.js';
import type { View } from './view.js';

/** Something that may be called by any of its titles. */
export interface Titled {
  readonly titles: readonly string[];
}

/** What must be found, and what was done, in words for whoever reads a failure. */
export interface Expectation {
  readonly what: string;
  readonly verdict: 'unchanged' | 'changed' | 'refused';
  readonly changed: readonly Titled[];
  readonly added: readonly Titled[];
  /** Constants that come along as new. */
  readonly carried: readonly Titled[];
  /** What must be refused by name. */
  readonly lost: readonly Titled[];
  readonly removed: readonly Titled[];
  /** What to compare, when that is not the object before and after. */
  readonly sides?: { readonly orig?: Uint8Array; readonly patched?: Uint8Array };
}

export interface Mutator {
  readonly name: string;
  readonly neutral: boolean;
  /** Whether it starts programs. */
  readonly costly?: boolean;
  /** Changes the draft of the view, which is there to look at the object as it was. */
  readonly apply: (view: View, random: Random) => Expectation | undefined;
}

/** A mutator that must not matter; `change` says what it did, or undefined when there was nothing to do. */
export function neutral(
  name: string,
  change: (draft: Draft, random: Random, view: View) => string | undefined,
): Mutator {
  const apply: Mutator['apply'] = (view, random) => {
    const what = change(view.draft, random, view);
    return what === undefined ? undefined : nothing(what);
  };
  return { name, neutral: true, apply };
}

export function nothing(what: string): Expectation {
  return { what, verdict: 'unchanged', changed: [], added: [], carried: [], lost: [], removed: [] };
}

/** One way to change an object: what it would do, to which things, and how. */
export interface Change {
  readonly what: string;
  readonly touched: readonly Thing[];
  /** Functions that it takes away, names that it brings, and what else it makes the differ refuse. */
  readonly removed?: readonly Titled[];
  readonly added?: readonly Titled[];
  readonly lost?: readonly Titled[];
  /** Does it; false when that turns out to be impossible when half of it is done. */
  readonly make: () => boolean;
}

/** Thrown when a mutation cannot be finished: the draft is of no use any more. */
export class Abandoned extends Error {}

/** How often a mutator looks for a place in an object before it gives up. */
const TRIES = 8;

/** A mutator that matters. `find` proposes a change; one that nothing would follow from is not made. */
export function significant(name: string, find: (view: View, random: Random) => Change | undefined): Mutator {
  const apply: Mutator['apply'] = (view, random) => {
    for (let tries = 0; tries < TRIES; tries++) {
      const change = find(view, random);
      if (change === undefined) return undefined;
      const expectation = expectationOf(view, change);
      if (expectation === undefined || expectation.verdict === 'unchanged') continue;
      if (touchesStamps(expectation.changed)) continue;
      if (!change.make()) throw new Abandoned(change.what);
      return expectation;
    }
    return undefined;
  };
  return { name, neutral: false, apply };
}

/** Undefined when the oracle does not know. */
function expectationOf(view: View, change: Change): Expectation | undefined {
  const { what, touched, removed = [], added = [] } = change;
  const follows = consequencesOf(view, touched);
  if (follows.open) return undefined;
  const [changed, carried] = [[...follows.changed], [...follows.carried]];
  const lost = [...follows.lost, ...(change.lost ?? [])];
  const some = changed.length + carried.length + removed.length + added.length > 0;
  return {
    ...{ what, changed, added, carried, lost, removed },
    verdict: lost.length > 0 ? 'refused' : some ? 'changed' : 'unchanged',
  };
}

/** Functions that return a stamp of the build, whose strings may differ (xen/common/version.c). */
function touchesStamps(changed: readonly Titled[]): boolean {
  return changed.some(({ titles }) => /^xen_(compile_|changeset)/.test(titles[0]));
}
