/**
 * Every mutator over every object of the golden cases, with seeds that fast-check draws and prints when an answer is
 * wrong. `make xen-test` does the same to a whole tree of Xen.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTATORS } from './catalogue.js';
import { Bench, subjectOf } from './check.js';
import type { Failure, Subject } from './check.js';
import { objectsUnder } from './prove.js';
import { seedOf } from './random.js';

const GOLDEN = fileURLToPath(new URL('../../../golden', import.meta.url));

const SUBJECTS: readonly Subject[] = objectsUnder(GOLDEN).flatMap(
  (object) => subjectOf(object, new Uint8Array(readFileSync(join(GOLDEN, object)))) ?? [],
);

function told({ object, mutator, what, complaints }: Failure, run: number): string {
  const again = `node dist/test/mutations/run.js --tree golden --seed ${run} --object ${object} --mutator ${mutator}`;
  return [`${mutator} of ${object}: ${what}`, ...complaints, again].join('\n');
}

test('what does not matter is no change, and what matters is found exactly', () => {
  const applied = new Map(MUTATORS.map(({ name }) => [name, 0]));
  fc.assert(
    fc.property(fc.nat(), (run) => {
      for (const subject of SUBJECTS) {
        const bench = new Bench(subject);
        for (const mutator of MUTATORS) {
          const answer = bench.try(mutator, seedOf(run, subject.object, mutator.name));
          if (answer === 'passed') applied.set(mutator.name, (applied.get(mutator.name) ?? 0) + 1);
          else if (answer !== 'skipped') throw new Error(told(answer, run));
        }
      }
    }),
    { numRuns: 1, endOnFailure: true },
  );
  const idle = [...applied].filter(([, count]) => count === 0).map(([name]) => name);
  expect(idle).toEqual([]);
});
