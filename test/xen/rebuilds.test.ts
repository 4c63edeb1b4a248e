/** The list of what is explained matches exactly or not at all, and each entry has a reason. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { settledDiff } from '../../src/model/artifacts.js';
import type { DiffResult, PairDiff } from '../../src/index.js';
import { REPOSITORY } from './cases.js';
import { complaints, readExplained } from './rebuilds.js';

const UNCHANGED = settledDiff('a.o', 'unchanged');
const resultOf = (...diffs: PairDiff[]): DiffResult => ({ diffs, diagnostics: [], timings: new Map() });
const CHANGED: PairDiff = {
  ...UNCHANGED,
  object: 'b.o',
  verdict: 'changed',
  changed: [{ name: 'f', sourceFile: '', kind: 'code', reason: 'so', orig: null, patched: null, modulo: [] }],
};
const REASON = 'the line is part of the result';
const ENTRY = { rebuild: 'with -g', because: REASON, remain: ['b.o: changed f'] };

test('the list of the repository is well-formed', () => {
  const text = readFileSync(path.join(REPOSITORY, 'test/xen/rebuilds.json'), 'utf8');
  expect(() => readExplained(JSON.parse(text))).not.toThrow();
});

describe('complaints', () => {
  test('none when nothing changed and nothing is listed', () => {
    expect(complaints(resultOf(UNCHANGED), new Map())).toEqual([]);
  });

  test('name what changed and is not listed', () => {
    expect(complaints(resultOf(UNCHANGED, CHANGED), new Map())).toEqual(['b.o: changed f (code: so)']);
  });

  test('are silent about what is listed', () => {
    const known = readExplained([ENTRY]).get('with -g') ?? new Map<string, string>();
    expect(known.get('b.o: changed f')).toBe(REASON);
    expect(complaints(resultOf(CHANGED), known)).toEqual([]);
  });

  test('name what is listed and does not come out', () => {
    expect(complaints(resultOf(UNCHANGED), new Map([['b.o: changed f', REASON]]))).toEqual([
      'in rebuilds.json, but not found: b.o: changed f',
    ]);
  });

  test('name what is new, gone or refused, and a verdict without a reason', () => {
    const odd: PairDiff = {
      ...UNCHANGED,
      object: 'c.o',
      verdict: 'refused',
      added: ['g'],
      carried: ['k'],
      removed: ['h'],
      diagnostics: [
        { code: 'XS303', severity: 'error', message: 'boot code', at: { symbol: 'i' }, notes: [] },
      ],
    };
    const bare: PairDiff = { ...UNCHANGED, object: 'd.o', verdict: 'changed' };
    expect(complaints(resultOf(odd, bare), new Map())).toEqual([
      'c.o: new g (it is new)',
      'c.o: carried k (its contents differ)',
      'c.o: removed h (it is gone)',
      'c.o: XS303 i (boot code)',
      'd.o: changed (nothing more is said)',
    ]);
  });
});

describe('a list is refused', () => {
  test.each([
    ['that is none', {}, 'a list is expected'],
    ['with an entry that lacks a reason', [{ ...ENTRY, because: '' }], 'a reason is missing'],
    ['with a misspelt key', [{ ...ENTRY, remains: [] }], 'an entry has'],
    ['about a rebuild that is not made', [{ ...ENTRY, rebuild: 'x' }], 'there is no rebuild "x"'],
    ['with an entry about nothing', [{ ...ENTRY, remain: [] }], 'must name something'],
    ['that names a thing twice', [ENTRY, ENTRY], 'listed twice: b.o: changed f'],
  ])('%s', (_name, list, message) => {
    expect(() => readExplained(list)).toThrow(message);
  });
});
