/** What scenarios look for on the console, and that no expression takes for ever. */
import { describe, expect, test } from '@jest/globals';
import { findLine } from '../../../src/run/find-line.js';
import { missingLines } from '../../../src/validate/scenario/compare.js';

const LINES = ['(XEN) one', '(XEN) two (2)', '(XEN) three', '(XEN) two (2)'];

describe('a pattern', () => {
  test('without slashes is text', () => {
    expect(findLine('two (2)', LINES)).toBe(1);
    expect(findLine('.*', LINES)).toBe(-1);
    expect(findLine('/', LINES)).toBe(-1);
  });

  test('between slashes is an expression', () => {
    expect(findLine('/two \\(\\d\\)$/', LINES)).toBe(1);
    expect(findLine('/^two/', LINES)).toBe(-1);
  });

  test('that takes for ever is stopped, and named', () => {
    const hostile = ['(XEN) ' + 'a'.repeat(60)];
    expect(findLine('/(a+)+$/', hostile)).toBe(0);
    expect(missingLines(['/(a+)+b/'], hostile)).toEqual([
      'takes longer than 1 s on the lines of the console: /(a+)+b/',
    ]);
  });
});

describe('lines in order', () => {
  test.each([
    [['one', 'three'], []],
    [['two', 'two'], []],
    [['three', 'one'], ['not on the console: one']],
    [['two', 'two', '/two/'], ['not on the console: /two/']],
  ])('%j', (patterns, missing) => expect(missingLines(patterns, LINES)).toEqual(missing));
});
