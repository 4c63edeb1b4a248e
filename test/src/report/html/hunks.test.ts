/** Which functions a hunk is of. */
import { describe, expect, test } from '@jest/globals';
import { hunkOf, sourceName } from '../../../../src/report/html/hunks.js';

const functionsOf = (...lines: readonly string[]): (readonly string[])[] => [
  hunkOf({ file: 'xen/common/x.c', lines }).functions,
];

describe('the functions of a hunk', () => {
  test('from what diff wrote behind it', () => {
    expect(functionsOf('@@ -1,3 +1,3 @@ static long do_thing(struct vcpu *v,', ' a;', '-b;', '+c;')).toEqual([
      ['do_thing'],
    ]);
    expect(functionsOf('@@ -1,3 +1,3 @@', ' a;', '-b;', '+c;')).toEqual([[]]);
  });

  test('from definitions in it: where lines change, and not where they only stand', () => {
    const hunk = [
      '@@ -1,9 +1,9 @@ int first(void)',
      ' }',
      ' ',
      ' static int __init second(int a)',
      ' {',
      '-    b;',
      '+    c;',
      ' }',
      ' ',
      ' void third(void)',
      ' {',
    ];
    expect(functionsOf(...hunk)).toEqual([['second']]);
  });

  test('of a new function, and of none: declarations, calls, structures', () => {
    expect(
      functionsOf('@@ -1,2 +1,6 @@', ' ', '+bool fresh(void)', '+{', '+    return third();', '+}'),
    ).toEqual([['fresh']]);
    expect(functionsOf('@@ -1 +1,2 @@', ' struct s {', '+    int (*call)(int);')).toEqual([[]]);
    expect(functionsOf('@@ -1 +1,2 @@', ' ', '+int declared(void);')).toEqual([[]]);
  });
});

test('names as the source has them', () => {
  expect(sourceName('x.c#f.part.0')).toBe('f');
  expect(sourceName('f.cold')).toBe('f');
});
