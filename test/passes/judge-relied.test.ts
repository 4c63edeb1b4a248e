/** What comes of functions that a payload relies on, whichever objects define them. */
import { expect, test } from '@jest/globals';
import { judgeRelied } from '../../passes/judge-relied.js';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import type { ObjectProof, UnprovenFunction } from '../../src/model/base-artifacts.js';
import type { BaseFunction } from '../../src/model/payload-artifacts.js';
import { linkedImage } from '../../src/xen/linked-image.js';
import { TARGETS } from '../../src/xen/versions.js';
import { running } from '../support/small-payload.js';

interface Judged {
  readonly functions: readonly BaseFunction[];
  readonly said: readonly Diagnostic[];
}

function proof(
  object: string,
  proven: readonly string[],
  unproven: Readonly<Record<string, 'stamped' | 'differs' | 'unchecked'>> = {},
): ObjectProof {
  const nowhere = { size: 1, place: 0, imageSize: 1, at: 0, reasons: ['it is so'], excerpt: null };
  const found = Object.entries(unproven).map(([name, verdict]): UnprovenFunction => {
    return { ...nowhere, object, name, verdict, kind: verdict === 'unchecked' ? 'unchecked' : 'code' };
  });
  return { object, member: false, proven, unproven: found, compilers: [], asserts: false, diagnostics: [] };
}

function judged(wanted: readonly string[], objects: readonly ObjectProof[], whole = true): Judged {
  const said: Diagnostic[] = [];
  const question = { wanted, renumbered: false, whole };
  const { functions } = judgeRelied.run(
    { kind: 'object-proofs', image: linkedImage(running({ f: 16 })), objects, question },
    { target: TARGETS.xen, report: (found) => said.push(found) },
  );
  return { functions, said };
}

const verdicts = ({ functions }: Judged): string[] => functions.map((f) => `${f.name} ${f.verdict}`);

test('the best of what objects have under a name counts, cold parts come behind', () => {
  const found = judged(['f', 'g'], [proof('a.o', [], { f: 'differs' }), proof('b.o', ['f', 'f.cold', 'g'])]);
  expect(verdicts(found)).toEqual(['f proven', 'g proven', 'f.cold proven']);
  expect(found.said).toEqual([]);
});

test('each one that differs is an error, the fourth and later in one', () => {
  const all = { f: 'differs', g: 'differs', h: 'differs', i: 'differs', j: 'differs' } as const;
  const { said } = judged(Object.keys(all), [proof('a.o', [], all)]);
  expect(said.map(({ code, severity }) => `${severity} ${code}`)).toEqual(new Array(4).fill('error XS430'));
  expect(said[3].message).toContain('2 more functions are not those of');
  expect(said[0].at).toEqual({ object: 'a.o', symbol: 'f' });
});

test('what cannot be checked, and what a whole tree does not define, is told', () => {
  const objects = [proof('a.o', [], { f: 'unchecked', g: 'stamped' })];
  const found = judged(['f', 'g', 'h'], objects);
  expect(verdicts(found)).toEqual(['f unchecked', 'g stamped', 'h unchecked']);
  expect(found.said.map(({ code, at }) => [code, at?.object])).toEqual([
    ['XS432', 'a.o'],
    ['XS432', 'xen-syms'],
  ]);
  expect(judged(['f', 'g', 'h'], objects, false).said.length).toBe(1);
});
