/** What is a patch, what is text around it, and what is refused. */
import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { parsePatch } from '../../../src/source/patch-parse.js';
import { decodePatchPath, epochStamp, whyPathEscapes } from '../../../src/source/patch-path.js';

function parse(text: string) {
  const found: Diagnostic[] = [];
  const files = parsePatch(text, 'fix.patch', (d) => found.push(d));
  return { files, found, codes: found.map((d) => d.code) };
}

const HUNK = '@@ -1,3 +1,3 @@ void f(void)\n one\n-two\n+TWO\n three\n';

describe('parsePatch', () => {
  test('reads a mail with a signature as one change', () => {
    const { files } = parse(
      `From: A <a@b>\nSubject: [PATCH] x\n\n---\n xen/a.c | 2 +-\n\ndiff --git a/xen/a.c b/xen/a.c\nindex 1..2 100644\n--- a/xen/a.c\n+++ b/xen/a.c\n${HUNK}-- \n2.39.2\n`,
    );
    expect(files).toHaveLength(1);
    expect(files?.[0]).toMatchObject({ action: 'modify', oldPath: 'xen/a.c', newPath: 'xen/a.c' });
    expect(files?.[0]?.hunks[0]).toMatchObject({
      oldStart: 1,
      oldLines: ['one\n', 'two\n', 'three\n'],
      newLines: ['one\n', 'TWO\n', 'three\n'],
    });
  });

  test('reads creation, deletion, rename, copy and mode changes of git', () => {
    const { files, found } = parse(
      [
        'diff --git a/new.c b/new.c\nnew file mode 100755\n--- /dev/null\n+++ b/new.c\n@@ -0,0 +1 @@\n+x\n',
        'diff --git a/old.c b/old.c\ndeleted file mode 100644\n--- a/old.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n',
        'diff --git a/p.c b/q.c\nsimilarity index 100%\nrename from p.c\nrename to q.c\n',
        'diff --git a/p.c b/r.c\nsimilarity index 100%\ncopy from p.c\ncopy to r.c\n',
        'diff --git a/s.sh b/s.sh\nold mode 100644\nnew mode 100755\n',
        'diff --git a/empty b/empty\nnew file mode 100644\nindex 0..0\n',
      ].join(''),
    );
    expect(found).toEqual([]);
    expect(files?.map((f) => [f.action, f.oldPath, f.newPath, f.mode])).toEqual([
      ['create', undefined, 'new.c', 0o755],
      ['delete', 'old.c', undefined, undefined],
      ['rename', 'p.c', 'q.c', undefined],
      ['copy', 'p.c', 'r.c', undefined],
      ['modify', 's.sh', 's.sh', 0o755],
      ['create', undefined, 'empty', 0o644],
    ]);
  });

  test('takes the times of diff -N for creation and deletion', () => {
    const made =
      '--- xen.orig/a.c\t1970-01-01 01:00:00.000000000 +0100\n+++ xen/a.c\t2024-01-01 00:00:00 +0000\n@@ -0,0 +1 @@\n+x\n';
    const gone =
      '--- xen.orig/b.c\t2024-01-01 00:00:00 +0000\n+++ xen/b.c\t1970-01-01 00:00:00.000000000 +0000\n@@ -1 +0,0 @@\n-x\n';
    expect(parse(made + gone).files?.map((f) => f.action)).toEqual(['create', 'delete']);
  });

  test('knows that a last line may lack its newline', () => {
    const { files } = parse('--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n\\ No newline at end of file\n+one\n');
    expect(files?.[0]?.hunks[0]).toMatchObject({ oldLines: ['one'], newLines: ['one\n'] });
  });

  test('undoes the line ends that a mail gateway added, and keeps those of the source', () => {
    const unix = `--- a/x\n+++ b/x\n${HUNK}`;
    expect(parse(unix.replaceAll('\n', '\r\n')).files).toEqual(parse(unix).files);
    const source = '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\r\n+two\r\n';
    expect(parse(source).files?.[0]?.hunks[0]).toMatchObject({
      oldLines: ['one\r\n'],
      newLines: ['two\r\n'],
    });
  });

  test('accepts an empty context line without its blank', () => {
    const { files } = parse('--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\n\n-two\n+TWO\n');
    expect(files?.[0]?.hunks[0]?.oldLines).toEqual(['one\n', '\n', 'two\n']);
  });

  test.each([
    ['nothing in it', 'hello\n', 'XS804'],
    ['a hunk that is cut short', '--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\n-two\n', 'XS804'],
    ['a hunk with a foreign line', '--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\nxtwo\n three\n', 'XS804'],
    [
      'a hunk with too many lines of one kind',
      '--- a/x\n+++ b/x\n@@ -1,1 +1,3 @@\n-one\n-two\n+x\n+y\n+z\n',
      'XS804',
    ],
    ['a context diff', '*** a/x\n--- b/x\n***************\n*** 1,2 ****\n', 'XS804'],
    ['a binary change', 'diff --git a/x b/x\nindex 1..2 100644\nBinary files a/x and b/x differ\n', 'XS805'],
    ['a binary literal', 'diff --git a/x b/x\nnew file mode 100644\nGIT binary patch\nliteral 3\n', 'XS805'],
    [
      'a symbolic link',
      'diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc\n',
      'XS805',
    ],
    [
      'a submodule',
      'diff --git a/x b/x\nnew file mode 160000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+Subproject\n',
      'XS805',
    ],
    ['no name at all', '--- /dev/null\n+++ /dev/null\n@@ -0,0 +1 @@\n+x\n', 'XS804'],
  ])('refuses %s', (_what, text, code) => {
    const { files, codes } = parse(text);
    expect(files).toBeUndefined();
    expect(codes).toContain(code);
  });
});

describe('paths', () => {
  test('lose their first component, their quotes and their time', () => {
    expect(decodePatchPath('a/xen/common/x.c\t2024-01-01')).toBe('xen/common/x.c');
    expect(decodePatchPath('"b/\\303\\244 \\"x\\".c"')).toBe('ä "x".c');
    expect(decodePatchPath('/dev/null')).toBeUndefined();
    expect(decodePatchPath('/etc/passwd')).toBe('/etc/passwd');
  });

  test.each(['/etc/passwd', '../x', 'xen/../../x', '', 'xen/\0', '.git/config'])('%j is refused', (path) => {
    expect(whyPathEscapes(path)).toBeDefined();
  });

  test('names with dots that lead nowhere are fine', () => {
    expect(whyPathEscapes('xen/a..b/...c')).toBeUndefined();
    expect(epochStamp('--- a/x\t1970-01-01 00:00:01 +0000')).toBe(false);
  });
});

test('as many components are removed as are asked for, one less from names of renames', () => {
  const text =
    'diff --git a/x/one.c b/x/one.c\n--- a/x/one.c\n+++ b/x/one.c\n@@ -1 +1 @@\n-a\n+b\n' +
    'diff --git a/x/two.c b/x/three.c\nrename from x/two.c\nrename to x/three.c\n';
  const paths = (strip: number): unknown =>
    parsePatch(text, 'p', () => undefined, strip)?.map(({ oldPath, newPath }) => [oldPath, newPath]);
  expect(paths(1)).toEqual([
    ['x/one.c', 'x/one.c'],
    ['x/two.c', 'x/three.c'],
  ]);
  expect(paths(2)).toEqual([
    ['one.c', 'one.c'],
    ['two.c', 'three.c'],
  ]);
  expect(paths(0)).toEqual([
    ['a/x/one.c', 'b/x/one.c'],
    ['x/two.c', 'x/three.c'],
  ]);
  expect(paths(9)).toEqual([
    ['one.c', 'one.c'],
    ['two.c', 'three.c'],
  ]);
  const plain = '--- x.c\n+++ x.c\n@@ -1 +1 @@\n-a\n+b\n';
  expect(parsePatch(plain, 'p', () => undefined, 0)?.map(({ newPath }) => newPath)).toEqual(['x.c']);
});
