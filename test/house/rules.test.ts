/**
 * test/rules.md tells what holds each thing that the differ must get right. A table that names tests which are gone
 * is worse than none, so everything that it names must exist, and every row must name something.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { demand, ROOT } from './house.js';

const TABLE = 'test/rules.md';

/** The rows of all tables: what is said, and the names in backquotes that hold it. */
function rowsOf(text: string): { readonly line: number; readonly holders: readonly string[] }[] {
  return text.split('\n').flatMap((row, k) => {
    const cells = row.split('|').map((cell) => cell.trim());
    if (!row.startsWith('|') || cells[1] === 'what the differ must get right' || /^-+$/.test(cells[1]))
      return [];
    return [
      { line: k + 1, holders: [...(cells.at(2) ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name) },
    ];
  });
}

/** Why a name holds nothing; undefined when it does. `read` gives the text of a file, if there is one. */
function missing(name: string, read: (path: string) => string | undefined): string | undefined {
  const [path, title] = name.split(/: (.*)/s);
  if (path.endsWith('.test.ts')) {
    const text = read(`test/${path}`);
    if (text === undefined) return `there is no test/${path}`;
    const quoted = title === undefined || [`'${title}'`, `\`${title}\``].some((word) => text.includes(word));
    return quoted ? undefined : `test/${path} has no "${title}"`;
  }
  const folder = /^(cases|xen)\/[\w-]+$/.exec(name)?.[1];
  const marks = {
    cases: [`golden/${name}/diff.txt`],
    xen: [`test/${name}/case.json`],
    corpus: [`golden/corpus/${name}/orig.c`, `golden/corpus/${name}/orig.S`],
  };
  const wanted = folder === 'cases' ? marks.cases : folder === 'xen' ? marks.xen : marks.corpus;
  return wanted.some((file) => read(file) !== undefined) ? undefined : `there is no ${wanted[0]}`;
}

function complaintsAbout(text: string, read: (path: string) => string | undefined): string[] {
  return rowsOf(text).flatMap(({ line, holders }) => {
    const place = `${TABLE}:${line}`;
    if (holders.length === 0) return [`${place}: nothing holds it`];
    return holders.flatMap((name) => {
      const why = missing(name, read);
      return why === undefined ? [] : [`${place}: ${name}: ${why}`];
    });
  });
}

test('everything that must be right is held by tests that exist', () => {
  const read = (path: string): string | undefined =>
    existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : undefined;
  const text = read(TABLE) ?? '';
  expect(rowsOf(text).length).toBeGreaterThan(50);
  demand(
    complaintsAbout(text, read),
    'name the rule, case or test that holds the sentence today; when nothing does, write it',
  );
});

test('the rule finds rows that nothing holds, and names that are gone', () => {
  const files = new Map([
    ['test/src/a.test.ts', "test('is so', () => {});"],
    ['golden/cases/one/diff.txt', ''],
    ['golden/corpus/two/orig.S', ''],
    ['test/xen/three/case.json', '{}'],
  ]);
  const complain = (cell: string): string[] =>
    complaintsAbout(
      `text\n\n| what the differ must get right | held by |\n|---|---|\n| it | ${cell} |\n`,
      (path) => files.get(path),
    );
  expect(complain('`two` `cases/one` `xen/three` `src/a.test.ts` `src/a.test.ts: is so`')).toEqual([]);
  expect(complain('by hope')).toEqual(['test/rules.md:5: nothing holds it']);
  expect(complain('`src/a.test.ts: is not so`')).toHaveLength(1);
  expect(complain('`one` `cases/two` `xen/two` `src/b.test.ts` `a.test.ts`')).toHaveLength(5);
});
