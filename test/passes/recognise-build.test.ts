/** Two builds that were not made alike: said once, before all that follows from it. */
import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { settledDiff } from '../../src/model/artifacts.js';
import type { PairDiff } from '../../src/model/artifacts.js';
import { makerChange } from '../../src/model/makers.js';
import { TARGETS } from '../../src/xen/versions.js';
import { recogniseBuild } from '../../passes/recognise-build.js';

const changed = (name: string) =>
  ({ name, sourceFile: '', kind: 'code', reason: '', orig: null, patched: null, modulo: [] }) as const;

/** A pair of so many functions of which so many changed. */
const pair = (object: string, functions: number, many: number): PairDiff => ({
  ...settledDiff(object, 'changed'),
  functions,
  changed: Array.from({ length: many }, (_, k) => changed(`f${k}`)),
});

function said(diffs: readonly PairDiff[], allowLost: readonly string[] = []): Diagnostic[] {
  const found: Diagnostic[] = [];
  recogniseBuild.run(
    { kind: 'changed-objects', diffs },
    { target: TARGETS.xen, allowLost, report: (d) => found.push(d) },
  );
  return found;
}

const codes = (found: readonly Diagnostic[]): string[] => found.map((d) => `${d.severity} ${d.code}`);

describe('most functions of many objects', () => {
  const many = Array.from({ length: 10 }, (_, k) => pair(`${k}.o`, 10, 6));

  test('are no patch', () => {
    expect(codes(said(many))).toEqual(['error XS212']);
    expect(codes(said(many.slice(1)))).toEqual([]);
    expect(codes(said(many.map((p) => ({ ...p, changed: p.changed.slice(1) }))))).toEqual([]);
  });

  test('are compared all the same when that is accepted', () => {
    expect(codes(said(many, ['flags']))).toEqual(['warning XS212']);
  });
});

describe('another compiler', () => {
  const maker = (compiler: string, options = '') => ({ compilers: [compiler], options });
  const other = makerChange(maker('GCC 12'), maker('GCC 13'));

  test('is said once for all objects, and before anything else', () => {
    const diffs = Array.from({ length: 20 }, (_, k) => ({
      ...pair(`${k}.o`, 1, 1),
      ...(other && { otherMaker: other }),
    }));
    const found = said(diffs);
    expect(codes(found)).toEqual(['error XS210']);
    expect(found[0].notes[0]).toBe('seen in 0.o, 1.o, 2.o and 17 more');
    expect(codes(said(diffs, ['compiler']))).toEqual(['warning XS210']);
    expect(codes(said(diffs, ['flags']))).toEqual(['error XS210', 'warning XS313']);
  });

  test('is no finding where a side has no record', () => {
    expect(makerChange(maker('GCC 12'), { compilers: [], options: '' })).toBeUndefined();
    expect(makerChange(maker('GCC 12', '-O2'), maker('GCC 12'))).toBeUndefined();
    expect(makerChange(maker('GCC 12', '-O2 -m64'), maker('GCC 12', '-O3 -m64'))).toEqual({
      what: 'flags',
      orig: '-O2',
      patched: '-O3',
    });
  });
});

test('an acceptance that covers nothing is said', () => {
  const accepting = { ...pair('a.o', 5, 1), accepted: ['init:f'] };
  expect(codes(said([accepting], ['init:f', 'init:g']))).toEqual(['warning XS313']);
});
