/** Strict application, checked by hand-made cases and against diff(1) and git on random texts. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyHunks } from '../../../src/source/patch-apply.js';
import { parsePatch } from '../../../src/source/patch-parse.js';
import { testWith } from './programs.js';

const folder = mkdtempSync(join(tmpdir(), 'xsplice-patch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function hunksOf(patch: string) {
  const files = parsePatch(patch, 'p', (d) => {
    throw new Error(d.message);
  });
  return files?.[0]?.hunks ?? [];
}

const patch = (hunk: string): string => `--- a/x\n+++ b/x\n${hunk}`;

describe('applyHunks', () => {
  test('applies hunks by their old line numbers', () => {
    const hunks = hunksOf(patch('@@ -1,2 +1,3 @@\n a\n+A\n b\n@@ -4,2 +5,1 @@\n d\n-e\n'));
    expect(applyHunks('a\nb\nc\nd\ne\n', hunks)).toEqual({ ok: true, text: 'a\nA\nb\nc\nd\n' });
  });

  test('says where a hunk would match, and does not put it there', () => {
    const result = applyHunks('new\na\nb\n', hunksOf(patch('@@ -1,2 +1,2 @@\n a\n-b\n+B\n')));
    expect(result).toMatchObject({
      ok: false,
      mismatches: [{ number: 1, line: 1, expected: 'a', found: 'new', matchesAt: 2, alreadyApplied: false }],
    });
  });

  test('allows no fuzz', () => {
    const result = applyHunks('A\nb\nc\n', hunksOf(patch('@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n')));
    expect(result).toMatchObject({ ok: false, mismatches: [{ line: 1, matchesAt: undefined }] });
  });

  test('tells a patch that was applied before', () => {
    const result = applyHunks('a\nB\n', hunksOf(patch('@@ -1,2 +1,2 @@\n a\n-b\n+B\n')));
    expect(result).toMatchObject({ ok: false, mismatches: [{ alreadyApplied: true, line: 2 }] });
  });

  test('tells a difference in white space', () => {
    const result = applyHunks('\ta\nb\r\n', hunksOf(patch('@@ -1,2 +1,2 @@\n     a\n-b\n+B\n')));
    expect(result).toMatchObject({ ok: false, mismatches: [{ onlyWhitespace: true }] });
  });

  test('reports every hunk that does not fit', () => {
    const hunks = hunksOf(patch('@@ -1 +1 @@\n-x\n+y\n@@ -2,2 +2,2 @@\n-b\n+B\n c\n@@ -9 +9 @@\n-z\n+y\n'));
    const result = applyHunks('a\nb\nc\n', hunks);
    expect(result.ok ? [] : result.mismatches.map((m) => m.number)).toEqual([1, 3]);
  });

  test('refuses hunks that overlap, and insertions without context', () => {
    const twice = hunksOf(patch('@@ -2 +2 @@\n-b\n+B\n@@ -1,2 +1,2 @@\n a\n-b\n+C\n'));
    expect(applyHunks('a\nb\n', twice)).toMatchObject({
      ok: false,
      mismatches: [{ reason: 'out-of-order' }],
    });
    const blind = hunksOf(patch('@@ -1,0 +2 @@\n+x\n'));
    expect(applyHunks('a\nb\n', blind)).toMatchObject({ ok: false, mismatches: [{ reason: 'no-context' }] });
  });

  test('takes a hunk without context after it for the end of the file', () => {
    const hunks = hunksOf(patch('@@ -1,2 +1,2 @@\n a\n-b\n+B\n'));
    expect(applyHunks('a\nb\n', hunks).ok).toBe(true);
    expect(applyHunks('a\nb\nc\n', hunks)).toMatchObject({
      ok: false,
      mismatches: [{ line: 3, expected: undefined }],
    });
  });

  test('does not join lines by a missing newline', () => {
    const hunks = hunksOf(patch('@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n'));
    expect(applyHunks('a\nc\n', hunks).ok).toBe(false);
    expect(applyHunks('a\n', hunks)).toEqual({ ok: true, text: 'b' });
  });
});

/** Texts of few different lines, so that they repeat themselves as C code does; some without last newline. */
const lines = fc.array(fc.constantFrom('{', '}', '', 'return 0;', '\tx++;', '- a', '+b', '\\ c', 'd\r'), {
  maxLength: 40,
});
const text = fc
  .tuple(lines, fc.boolean())
  .map(([all, cut]) => (cut ? all.join('\n') : all.map((l) => `${l}\n`).join('')));

function diffOf(before: string, after: string): string {
  const [a, b] = [join(folder, 'before'), join(folder, 'after')];
  writeFileSync(a, before, 'latin1');
  writeFileSync(b, after, 'latin1');
  return spawnSync('diff', ['-u', '--label', 'a/x', '--label', 'b/x', a, b], { encoding: 'latin1' }).stdout;
}

describe('random texts', () => {
  testWith(['diff'], 'what diff -u says, makes one text of the other', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after);
        expect(applyHunks(before, hunksOf(diffOf(before, after)))).toEqual({ ok: true, text: after });
      }),
      { numRuns: 100 },
    );
  });

  testWith(['diff', 'git'], 'nothing is accepted that git apply refuses, and the results are equal', () => {
    execFileSync('git', ['init', '-q', folder]);
    fc.assert(
      fc.property(text, text, lines, fc.nat(40), (before, after, more, at) => {
        fc.pre(before !== after && before !== '' && after !== '' && before.endsWith('\n'));
        const change = diffOf(before, after);
        // A relative of the original: longer, and now and then with another line somewhere.
        const own = before.split('\n');
        const other = [...own.slice(0, -1), ...more, '']
          .map((l, i) => (i === at ? '/* other */' : l))
          .join('\n');
        const ours = applyHunks(other, hunksOf(change));
        if (!ours.ok) return;
        writeFileSync(join(folder, 'x'), other, 'latin1');
        const git = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], {
          cwd: folder,
          input: Buffer.from(change, 'latin1'),
        });
        expect(git.status).toBe(0);
        expect(ours).toEqual({ ok: true, text: readFileSync(join(folder, 'x'), 'latin1') });
      }),
      { numRuns: 100 },
    );
  });
});
