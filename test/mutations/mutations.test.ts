/**
 * Mutations of the objects of the corpus, as many as fit into some seconds: other ones in every run, unless
 * XSPLICE_MUTATION_SEED says which. `make xen-test` does the same to the whole of Xen.
 *
 * And whether these tests can fail: differs that err in one way each, which have to be caught.
 */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PairDiff } from '../../src/model/artifacts.js';
import { GOLDEN } from '../support/golden.js';
import { MUTATORS } from './catalogue.js';
import { Bench, subjectOf, theDiffer } from './check.js';
import type { Differ, Failure, Subject } from './check.js';
import type { Mutator } from './mutator.js';
import { checksOf, objectsUnder } from './prove.js';
import { Random, seedOf, seedOfRun } from './random.js';
import { emptyTally } from './share.js';

const SEED = seedOfRun();
const MUTATIONS = 4_000;

/**
 * Left out: the tables that clang makes of patchable entries, one for each function, writable and without names. Which
 * is which after a change the differ cannot always tell, and says that the object changed. Xen has no such entries.
 */
const OBJECTS = objectsUnder(GOLDEN).filter(
  (path) => path.endsWith('.orig.o') && !path.includes('patchable-entry'),
);

/** What these small objects have no place for; those of Xen have. */
const IDLE: readonly string[] = ['change-boot-table', 'retarget-bug-pointer'];

const subjects = new Map<string, Subject | undefined>();

function subjectAt(object: string): Subject | undefined {
  if (!subjects.has(object))
    subjects.set(object, subjectOf(object, new Uint8Array(readFileSync(join(GOLDEN, object)))));
  return subjects.get(object);
}

interface Made {
  /** What was answered wrongly. */
  readonly failures: readonly string[];
  /** How many mutations each mutator made. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Makes so many mutations, of all mutators in turn, and one of each that found no place in the objects drawn. */
function mutate(wanted: number, mutators: readonly Mutator[], differ?: Differ): Made {
  const random = new Random(SEED);
  const counts = new Map(mutators.map(({ name }) => [name, 0]));
  const failures: string[] = [];
  const attempt = (object: string, mutator: Mutator): boolean => {
    const subject = subjectAt(object);
    if (subject === undefined) return false;
    const answer = new Bench(subject, differ).try(mutator, seedOf(SEED, object, mutator.name));
    if (answer === 'skipped') return false;
    counts.set(mutator.name, (counts.get(mutator.name) ?? 0) + 1);
    if (answer !== 'passed') failures.push(told(answer));
    return true;
  };
  for (let attempts = 0, made = 0; made < wanted && attempts < 20 * wanted; attempts++) {
    if (attempt(random.pick(OBJECTS) ?? '', mutators[attempts % mutators.length])) made += 1;
  }
  for (const mutator of mutators) {
    if (counts.get(mutator.name) === 0) random.shuffled(OBJECTS).some((object) => attempt(object, mutator));
  }
  return { failures, counts };
}

function told({ object, mutator, what, complaints }: Failure): string {
  const again = `node dist/test/mutations/run.js --tree golden --seed ${SEED} --object ${object} --mutator ${mutator}`;
  return [`${mutator} of ${object}: ${what}`, ...complaints, again].join('\n');
}

test(`what does not matter is no change, what matters is found exactly (XSPLICE_MUTATION_SEED=${SEED})`, () => {
  const { failures, counts } = mutate(MUTATIONS, MUTATORS);
  expect(failures).toEqual([]);
  expect([...counts.values()].reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(MUTATIONS);
  expect([...counts].flatMap(([name, count]) => (count === 0 ? [name] : []))).toEqual(IDLE);
});

type Mistake = (right: PairDiff, object: string, orig: Uint8Array) => Partial<PairDiff> | undefined;

/** A differ that gives the right answers, but for one kind of mistake; where it cannot make that, it is right. */
class Erring {
  mistakes = 0;

  constructor(readonly mistake: Mistake) {}

  readonly differ: Differ = (object, orig, patched) => {
    const right = theDiffer(object, orig, patched);
    const wrong = right.diff && this.mistake(right.diff, object, orig);
    if (right.diff === undefined || wrong === undefined) return right;
    this.mistakes += 1;
    return { ...right, diff: { ...right.diff, ...wrong } };
  };
}

/** Leaves the first element out, if there is one. */
const lacking = (list: 'changed' | 'added' | 'carried' | 'removed' | 'diagnostics'): Mistake => {
  return (right) => (right[list].length === 0 ? undefined : { [list]: right[list].slice(1) });
};

const sees: Mistake = (right, object, orig) =>
  right.verdict === 'unchanged' ? undefined : theDiffer(object, orig, orig).diff;

const SIGNIFICANT = MUTATORS.filter(({ neutral }) => !neutral);
const named = (...wanted: readonly string[]): Mutator[] =>
  MUTATORS.filter(({ name }) => wanted.includes(name));

test.each<[string, readonly Mutator[], Mistake]>([
  ['sees no change at all', SIGNIFICANT, sees],
  [
    'misses a changed function',
    named('change-instruction', 'change-string', 'delete-entry'),
    lacking('changed'),
  ],
  ['misses what is new', named('add-function', 'add-variable'), lacking('added')],
  ['misses what is gone', named('remove-function'), lacking('removed')],
  ['misses a constant', named('change-constant'), lacking('carried')],
  [
    'lets pass what it should refuse',
    named('change-variable', 'change-boot-code', 'change-boot-data', 'initialise-variable'),
    lacking('diagnostics'),
  ],
  [
    'refuses nothing',
    SIGNIFICANT,
    ({ verdict }) => (verdict === 'refused' ? { verdict: 'changed' } : undefined),
  ],
  ['invents a function', MUTATORS, ({ added }) => ({ added: [...added, 'invented'] })],
  ['invents a constant', MUTATORS, ({ carried }) => ({ carried: [...carried, 'invented'] })],
  [
    'invents a change',
    MUTATORS,
    ({ verdict }) => (verdict === 'unchanged' ? { verdict: 'changed' } : undefined),
  ],
])('a differ that %s is caught every time', (_how, mutators, mistake) => {
  const erring = new Erring(mistake);
  const { failures } = mutate(100, mutators, erring.differ);
  expect(erring.mistakes).toBeGreaterThan(10);
  expect(failures).toHaveLength(erring.mistakes);
});

test('a check fails with the command to repeat it, and when its mutator found nothing to do', () => {
  const failure = {
    ...{ object: 'a.o', mutator: 'm', seed: 1, run: 7, what: 'a byte', complaints: ['not changed: f'] },
  };
  const [wrong, idle, right] = checksOf(
    new Map([
      ['m', { ...emptyTally(), failed: 1, passed: 4, failures: [failure] }],
      ['idle', { ...emptyTally(), skipped: 9 }],
      ['right', { ...emptyTally(), passed: 9 }],
    ]),
    'node run.js',
  );
  expect([wrong.passed, idle.passed, right.passed]).toEqual([false, false, true]);
  expect(wrong.detail).toEqual([
    'a.o: a byte',
    '  not changed: f',
    '  node run.js --seed 7 --object a.o --mutator m',
  ]);
});
