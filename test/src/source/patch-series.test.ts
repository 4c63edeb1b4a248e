/** Patches against a tree: what is refused before anything is written, and how a series builds on itself. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { planPatches } from '../../../src/source/patch-series.js';
import { writePlan } from '../../../src/source/write-plan.js';
import { fingerprint, makeFolder, makeTree, removeFolders, writeFix } from './mini-tree.js';

afterAll(removeFolders);

async function plan(top: string, texts: readonly string[], alsoUnder = '') {
  const found: Diagnostic[] = [];
  const files = texts.map((text) => {
    const file = join(makeFolder(), 'x.patch');
    writeFileSync(file, text);
    return file;
  });
  const result = await planPatches(top, alsoUnder, files, (d) => found.push(d));
  return { result, found, codes: found.map((d) => d.code) };
}

const change = (path: string, from: string, to: string, line = 1): string =>
  `--- a/${path}\n+++ b/${path}\n@@ -${String(line)} +${String(line)} @@\n-${from}\n+${to}\n`;

describe('planPatches', () => {
  test('applies a series in order, each patch on what the one before made', async () => {
    const top = makeTree({ 'xen/a': 'one\n' });
    const { result, codes } = await plan(top, [
      change('xen/a', 'one', 'two'),
      change('xen/a', 'two', 'three'),
      'diff --git a/xen/a b/xen/b\nrename from xen/a\nrename to xen/b\n',
      'diff --git a/xen/c b/xen/c\nnew file mode 100755\n--- /dev/null\n+++ b/xen/c\n@@ -0,0 +1 @@\n+x\n',
    ]);
    expect(codes).toEqual([]);
    expect(result?.touched).toEqual([
      { path: 'xen/a', change: 'deleted' },
      { path: 'xen/b', change: 'created' },
      { path: 'xen/c', change: 'created' },
    ]);
    expect(result?.files.map((f) => f.after)).toEqual([
      undefined,
      { text: 'three\n', mode: 0o644 },
      { text: 'x\n', mode: 0o755 },
    ]);
    expect(result?.records[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('keeps the hunks as they stand, each with its file, and nothing that follows them', async () => {
    const signed = `From: someone\n\n${change('a', 'one', 'zw\u00f6lf')}-- \n2.39.5\n\n`;
    const cut = '--- a/b\n+++ b/b\n@@ -1,2 +1,2 @@ int f(void)\n\n-x\n+y\n\\ No newline at end of file\n';
    const top = makeTree({ 'xen/a': 'one\n', 'xen/b': '\nx\n' });
    const { result, codes } = await plan(top, [signed + cut], 'xen');
    expect(codes).toEqual([]);
    expect(result?.records[0]?.hunks).toEqual([
      { file: 'xen/a', lines: ['@@ -1 +1 @@', '-one', '+zw\u00f6lf'] },
      {
        file: 'xen/b',
        lines: ['@@ -1,2 +1,2 @@ int f(void)', '', '-x', '+y', '\\ No newline at end of file'],
      },
    ]);
  });

  test('knows no change where a series undoes itself', async () => {
    const { result } = await plan(makeTree({ 'xen/a': 'one\n' }), [
      change('xen/a', 'one', 'two'),
      change('xen/a', 'two', 'one'),
    ]);
    expect(result?.touched).toEqual([]);
  });

  test('writes only after everything fits, and only build inputs', async () => {
    const top = makeTree({ 'xen/a': 'one\n', 'docs/a': 'one\n' });
    const before = fingerprint(top);
    const { result } = await plan(top, [change('xen/a', 'one', 'two') + change('docs/a', 'one', 'two')]);
    expect(fingerprint(top)).toBe(before);
    if (result !== undefined) await writePlan(result, top);
    expect([readFileSync(join(top, 'xen/a'), 'utf8'), readFileSync(join(top, 'docs/a'), 'utf8')]).toEqual([
      'two\n',
      'one\n',
    ]);
  });

  test('takes paths from xen/ only where they all exist there', async () => {
    const top = makeTree();
    const inside = readFileSync(writeFix('xen/common/one.c', '+ 1', '+ 2'), 'utf8').replaceAll(
      'xen/common',
      'common',
    );
    expect((await plan(top, [inside], 'xen')).result?.touched[0]?.path).toBe('xen/common/one.c');
    expect((await plan(top, [inside])).codes).toEqual(['XS807']);
  });
});

describe('refusals', () => {
  test('XS803: no such patch', async () => {
    const found: Diagnostic[] = [];
    expect(await planPatches(makeTree(), '', ['/nonexistent'], (d) => found.push(d))).toBeUndefined();
    expect(found[0]).toMatchObject({ code: 'XS803', at: { object: '/nonexistent' } });
  });

  test.each([
    ['upwards', change('xen/../../etc/x', 'a', 'b')],
    ['absolute', '--- /etc/x\n+++ /etc/x\n@@ -1 +1 @@\n-a\n+b\n'],
    ['into .git', change('.git/config', 'a', 'b')],
    ['through a link to a folder', change('xen/way/out', 'a', 'b')],
    ['to a link', change('xen/file', 'a', 'b')],
    ['to a new file behind a link', '--- /dev/null\n+++ b/xen/way/new\n@@ -0,0 +1 @@\n+b\n'],
    ['by a rename', 'diff --git a/Config.mk b/../x\nrename from Config.mk\nrename to ../x\n'],
  ])('XS806: %s', async (_where, text) => {
    const top = makeTree();
    const outside = makeFolder();
    writeFileSync(join(outside, 'out'), 'a\n');
    symlinkSync(outside, join(top, 'xen/way'));
    symlinkSync(join(outside, 'out'), join(top, 'xen/file'));
    expect((await plan(top, [text])).codes).toEqual(['XS806']);
    expect(readFileSync(join(outside, 'out'), 'utf8')).toBe('a\n');
  });

  test.each([
    ['changes what is not there', change('xen/nothing', 'a', 'b')],
    ['changes a folder', change('xen/common', 'a', 'b')],
    ['creates what is there', '--- /dev/null\n+++ b/Config.mk\n@@ -0,0 +1 @@\n+b\n'],
    [
      'renames onto something',
      'diff --git a/Config.mk b/docs/note.txt\nrename from Config.mk\nrename to docs/note.txt\n',
    ],
    [
      'deletes less than all',
      'diff --git a/docs/note.txt b/docs/note.txt\ndeleted file mode 100644\n--- a/docs/note.txt\n+++ /dev/null\n@@ -1,3 +1,1 @@\n-a\n-b\n c\n',
    ],
  ])('XS807: %s', async (_what, text) => {
    const top = makeTree();
    mkdirSync(join(top, 'empty'));
    expect((await plan(top, [text])).codes).toEqual(['XS807']);
  });

  test('XS808: names file, hunk, line, both texts, and where it would fit', async () => {
    const top = makeTree({ 'xen/a': 'zero\none\ntwo\nthree\n' });
    const { found } = await plan(top, [
      '--- a/xen/a\n+++ b/xen/a\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n',
    ]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      code: 'XS808',
      message: 'hunk 1 of xen/a does not match at line 1',
      at: { line: 3 },
      frame: ['expected: one', 'found:    zero'],
    });
    expect(found[0]?.hint).toContain('would match at line 2 (offset +1)');
  });

  test('XS808: the second patch of a series fails against what the first made', async () => {
    const top = makeTree({ 'xen/a': 'one\n' });
    const { codes, found } = await plan(top, [change('xen/a', 'one', 'two'), change('xen/a', 'one', 'two')]);
    expect(codes).toEqual(['XS808']);
    expect(found[0]?.hint).toContain('seems to have it already');
  });
});
