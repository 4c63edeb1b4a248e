/**
 * Mutates every object of a built tree in every way and proves that the differ finds what there is to find, and
 * nothing else. One check a mutator; a check that fails tells each object, what was done to it, what the differ made
 * of it, and the command that does exactly that again.
 */
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Check } from '../../src/qemu/scenario.js';
import { seedOfRun } from './random.js';
import { addTally, emptyTally } from './share.js';
import type { Plan, Tally } from './share.js';

/**
 * The `.o` files below a directory, sorted; what builds hide for themselves is left out. Links are not followed: a
 * tree of Xen has one that leads to itself.
 */
export function objectsUnder(tree: string): string[] {
  const walk = (below: string): string[] =>
    readdirSync(join(tree, below), { withFileTypes: true }).flatMap((found) => {
      const path = join(below, found.name);
      if (found.name.startsWith('.')) return [];
      if (found.isDirectory()) return walk(path);
      return found.isFile() && path.endsWith('.o') ? [path] : [];
    });
  return walk('').sort();
}

export interface Choice {
  readonly seed: number;
  readonly rounds?: number;
  readonly object?: string;
  readonly mutator?: string;
}

export function planFor(tree: string, { seed, rounds = 1, object, mutator }: Choice): Plan {
  const objects = objectsUnder(tree);
  if (object !== undefined && !objects.includes(object)) throw new Error(`${tree} has no ${object}`);
  return {
    ...{ tree, objects, seed, rounds },
    wanted: object === undefined ? objects : [object],
    ...(mutator !== undefined && { mutators: mutator.split(',') }),
    sparing: object === undefined && mutator === undefined,
  };
}

/** Runs a plan on as many threads as there are processors. */
export async function runPlan(plan: Plan): Promise<ReadonlyMap<string, Tally>> {
  const threads = Math.min(availableParallelism(), plan.wanted.length);
  const size = (object: string): number => statSync(join(plan.tree, object)).size;
  const bySize = [...plan.wanted].sort((a, b) => size(b) - size(a));
  const shares = Array.from({ length: threads }, (_, k) => bySize.filter((__, i) => i % threads === k));
  const tallies = await Promise.all(shares.map((wanted) => runOnThread(plan, wanted)));
  const sums = new Map<string, Tally>();
  for (const share of tallies) {
    for (const [name, tally] of share) {
      const sum = sums.get(name) ?? emptyTally();
      addTally(sum, tally);
      sums.set(name, sum);
    }
  }
  return sums;
}

function runOnThread(plan: Plan, wanted: readonly string[]): Promise<ReadonlyMap<string, Tally>> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: { plan, wanted } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** One check a mutator; one that found nothing to do anywhere has failed. */
export function checksOf(tallies: ReadonlyMap<string, Tally>, command: string): Check[] {
  return [...tallies].map(([name, { passed, skipped, failed, failures, milliseconds }]) => ({
    label: `${name}: ${failed === 0 ? '' : `${failed} wrong answers in `}${passed + failed} mutations, ${skipped} objects without a place for it, ${(milliseconds / 1000).toFixed(1)} s`,
    passed: failed === 0 && passed > 0,
    detail: failures.flatMap((failure) => [
      `${failure.object}: ${failure.what}`,
      ...failure.complaints.map((complaint) => `  ${complaint}`),
      `  ${command} --seed ${failure.run} --object ${failure.object} --mutator ${failure.mutator}`,
    ]),
  }));
}

/** What proves a tree again, but for the seed and the rest. */
export const COMMAND = 'node dist/test/mutations/run.js';

/** What a release build has no place for: assertions. The objects of the corpus have. */
const NOT_IN_RELEASE: ReadonlySet<string> = new Set(['retarget-bug-message']);

/** For `make xen-test`: every object of a built tree, with two seeds. */
export async function proveMutations(
  xen: string,
  tell: (check: Check) => void,
  say: (line: string) => void,
): Promise<void> {
  const seed = seedOfRun();
  say(`       mutating the objects of the tree, seed ${String(seed)}`);
  const tallies = await runPlan(planFor(xen, { seed, rounds: 2 }));
  const expected = [...tallies].filter(
    ([name, { passed, failed }]) => passed + failed > 0 || !NOT_IN_RELEASE.has(name),
  );
  for (const check of checksOf(new Map(expected), COMMAND)) tell(check);
  say(`       ${String(totalOf(tallies))} mutations`);
}

export function totalOf(tallies: ReadonlyMap<string, Tally>): number {
  return [...tallies.values()].reduce((sum, { passed, failed }) => sum + passed + failed, 0);
}
