/** What of a name is the compiler's numbering, and what is the name. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  coldParent,
  isCompilerTable,
  isNumbered,
  nameInXen,
  objectFile,
  stableName,
} from '../../../src/model/names.js';

describe('stableName', () => {
  test.each([
    ['foo', 'foo'],
    ['foo.isra.0', 'foo.isra'],
    ['foo.constprop.12', 'foo.constprop'],
    ['foo.part.3', 'foo.part'],
    ['foo.cold', 'foo.cold'],
    ['foo.cold.7', 'foo.cold'],
    ['foo.llvm.1234567890abcdef', 'foo.llvm'],
    ['foo.constprop.2.isra.0', 'foo.constprop.isra'],
    ['foo.part.0.cold.4', 'foo.part.cold'],
    ['count.1234', 'count'],
    ['__func__.9', '__func__'],
    ['CSWTCH.31', 'CSWTCH'],
    ['part.5', 'part'],
    ['cold', 'cold'],
    ['colder.x', 'colder.x'],
    ['v1.2', 'v1'],
  ])('of %s is %s', (name, stable) => {
    expect(stableName(name)).toBe(stable);
  });

  test('forgets any numbers, and only those', () => {
    const clone = fc.constantFrom('isra', 'constprop', 'part', 'cold');
    const property = fc.property(
      fc.stringMatching(/^[a-z_][a-z0-9_]{0,20}$/),
      fc.array(clone, { maxLength: 3 }),
      fc.array(fc.nat(100_000), { minLength: 3, maxLength: 3 }),
      fc.array(fc.nat(100_000), { minLength: 3, maxLength: 3 }),
      (base, clones, xs, ys) => {
        const numbered = (numbers: readonly number[]): string =>
          [base, ...clones.map((suffix, k) => `${suffix}.${numbers[k]}`)].join('.');
        expect(stableName(numbered(xs))).toBe(stableName(numbered(ys)));
        expect(stableName(numbered(xs))).toBe([base, ...clones].join('.'));
      },
    );
    fc.assert(property);
  });

  test('of a stable name is itself', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,8}(\.(isra|part|cold|[0-9]{1,3})){0,3}$/), (name) => {
        const once = stableName(name);
        // A number behind a number is two static locals deep; one is taken off at a time.
        if (!/\.\d+\.\d+$/.test(name)) expect(stableName(once)).toBe(once);
      }),
    );
  });
});

test('static locals are numbered, clones are not', () => {
  expect(['count.1', 'CSWTCH.3', 'x.isra.0.5'].map(isNumbered)).toEqual([true, true, true]);
  expect(['count', 'f.isra.0', 'f.part.1.cold.2', 'f.llvm.77', 'a.b'].map(isNumbered)).toEqual(
    Array(5).fill(false),
  );
});

test('cold parts have parents', () => {
  expect(coldParent('f.cold')).toBe('f');
  expect(coldParent('f.isra.0.cold.12')).toBe('f.isra.0');
  expect(coldParent('f.colder')).toBeUndefined();
  expect(coldParent('.cold')).toBeUndefined();
});

test("clang's tables are the compiler's", () => {
  expect(['reltable.f', 'switch.table.f'].map(isCompilerTable)).toEqual([true, true]);
  expect(['reltable', 'my_reltable.f', 'switch.tables'].map(isCompilerTable)).toEqual([false, false, false]);
});

test('locals are named by their source file, or by their object when they have none', () => {
  expect(nameInXen('common/a.o', 'f', false, 'common/a.c')).toBe('f');
  expect(nameInXen('common/a.o', 'f', true, 'common/a.c')).toBe('common/a.c#f');
  expect(nameInXen('x86/entry.o', 'f', true, '')).toBe('entry.o#f');
  expect(objectFile('entry.o')).toBe('entry.o');
});
