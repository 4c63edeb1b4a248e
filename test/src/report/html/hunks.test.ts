/** Which functions a hunk is of. */
import { describe, expect, test } from '@jest/globals';
import { hunksOf, sourceName } from '../../../../src/report/html/hunks.js';

const patch = (...lines: readonly string[]): string =>
  `${['--- a/xen/common/x.c', '+++ b/xen/common/x.c', ...lines].join('\n')}\n`;
const functionsOf = (...lines: readonly string[]): (readonly string[])[] =>
  hunksOf(patch(...lines)).map(({ functions }) => functions);

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

test('files, hunks and their ends', () => {
  const two = `${patch('@@ -1 +1 @@', '-a', '+b', '\\ No newline at end of file')}diff --git a/y.h b/y.h\n--- a/y.h\t2026-01-01\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n-- \n2.39\n`;
  expect(hunksOf(two).map(({ file, lines }) => [file, lines.length])).toEqual([
    ['xen/common/x.c', 4],
    ['y.h', 3],
  ]);
  expect(hunksOf('nothing\n')).toEqual([]);
});

test('names as the source has them', () => {
  expect(sourceName('x.c#f.part.0')).toBe('f');
  expect(sourceName('f.cold')).toBe('f');
});
