/**
 * One share of the work on a tree: some of its objects, each put through every mutator. What is done follows from
 * the seed, the path of the object and the name of the mutator, so any single mutation can be made again alone.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allMutators } from './catalogue.js';
import { Bench, subjectOf } from './check.js';
import type { Failure, Subject } from './check.js';
import type { Mutator } from './mutator.js';
import { seedOf } from './random.js';

/** What is done to a tree of objects. */
export interface Plan {
  /** The directory that paths of objects start from. */
  readonly tree: string;
  /** Paths of all its objects, sorted: companions to link with are taken from them. */
  readonly objects: readonly string[];
  /** Those that are mutated. */
  readonly wanted: readonly string[];
  /** Names of the mutators; all of them unless given. */
  readonly mutators?: readonly string[];
  /** The first round has this seed, the next one the next. */
  readonly seed: number;
  readonly rounds: number;
  /** Whether to make a part of the mutations only, by chance: half of them, and less of what takes long. */
  readonly sparing: boolean;
}

export interface Tally {
  passed: number;
  skipped: number;
  failed: number;
  milliseconds: number;
  /** The first of them. */
  readonly failures: (Failure & { readonly run: number })[];
}

/** Failures of one mutator that are told; the others look alike. */
const TOLD = 5;

/** Bytes from which an object is large (a link of others), and from which it is left out. */
const LARGE = 130_000;
const LARGEST = 600_000;

export function runShare(plan: Plan, wanted: readonly string[]): ReadonlyMap<string, Tally> {
  const directory = mkdtempSync(join(tmpdir(), 'mutations-'));
  const read = (object: string): Subject | undefined =>
    subjectOf(object, new Uint8Array(readFileSync(join(plan.tree, object))));
  const companion = (random: { pick: (list: readonly string[]) => string | undefined }): Subject | undefined => {
    const subject = read(random.pick(plan.objects) ?? '');
    return subject !== undefined && subject.bytes.length < LARGE ? subject : undefined;
  };
  const every = allMutators({ directory, companion });
  const mutators = every.filter(({ name }) => plan.mutators?.includes(name) ?? true);
  const tallies = new Map(mutators.map(({ name }) => [name, emptyTally()]));
  try {
    for (const object of wanted) {
      const subject = read(object);
      if (subject === undefined) continue;
      const bench = new Bench(subject);
      for (let run = plan.seed; run < plan.seed + plan.rounds; run++) {
        for (const mutator of mutators) {
          const seed = seedOf(run, object, mutator.name);
          const tally = tallies.get(mutator.name) ?? emptyTally();
          if (plan.sparing && isSpared(subject, mutator, seed)) continue;
          const begin = performance.now();
          const answer = bench.try(mutator, seed);
          tally.milliseconds += performance.now() - begin;
          if (typeof answer === 'string') tally[answer] += 1;
          else tally.failed += 1;
          if (typeof answer !== 'string' && tally.failures.length < TOLD) tally.failures.push({ ...answer, run });
        }
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return tallies;
}

function isSpared({ bytes }: Subject, { costly }: Mutator, seed: number): boolean {
  const part = bytes.length > LARGE ? 16 : costly === true ? 4 : 2;
  return bytes.length > LARGEST || seed % part !== 0;
}

export function emptyTally(): Tally {
  return { passed: 0, skipped: 0, failed: 0, milliseconds: 0, failures: [] };
}

/** Puts the counts of two shares together. */
export function addTally(sum: Tally, share: Tally): void {
  sum.passed += share.passed;
  sum.skipped += share.skipped;
  sum.failed += share.failed;
  sum.milliseconds += share.milliseconds;
  sum.failures.push(...share.failures.slice(0, TOLD - sum.failures.length));
}
