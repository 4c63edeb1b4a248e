/** On top of earlier patches: both sides have them, and the tree of the user has none. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { buildOnTop } from '../../../src/source/index.js';
import type { Patch, SourceRequest } from '../../../src/source/index.js';
import { buildTree, fingerprint, makeFolder, makeTree, removeFolders, writeFix } from './mini-tree.js';
import { testWith } from './programs.js';

const TOOLS = ['gcc', 'make', 'ld', 'objcopy', 'flex', 'bison', 'python3'];
const FIRST = (): string => writeFix('xen/common/one.c', '+ 1', '+ 2');
/** Fits only where the first one was applied. */
function second(): string {
  const path = join(makeFolder(), 'second.patch');
  writeFileSync(
    path,
    '--- a/xen/common/one.c\n+++ b/xen/common/one.c\n@@ -2,5 +2,5 @@\n \n int one(int x)\n {\n' +
      '-    return triple(x) + 2;\n+    return triple(x) + 3;\n }\n',
  );
  return path;
}

afterAll(removeFolders);

async function run(sourceDir: string, applied: readonly Patch[], more: Partial<SourceRequest> = {}) {
  const found: Diagnostic[] = [];
  const cacheDir = makeFolder();
  const request = { sourceDir, patches: [second()], jobs: 2, cacheDir, ...more };
  const result = await buildOnTop(request, applied, (d) => found.push(d));
  const scratch = (): string[] =>
    existsSync(join(cacheDir, 'scratch')) ? readdirSync(join(cacheDir, 'scratch')) : [];
  return { result, found, codes: found.map((d) => d.code), scratch };
}

testWith(TOOLS, 'the original side has the earlier patches, the patched side all', async () => {
  const top = buildTree(makeTree());
  const before = fingerprint(top);
  const { result, codes, scratch } = await run(top, [FIRST()]);
  expect(codes).toEqual([]);
  expect(result).toMatchObject({
    pairs: [{ object: 'common/one.o' }],
    applied: [{ path: expect.stringMatching(/fix\.patch$/) }],
    base: 'tree',
  });
  // What someone gets who patches and builds his tree by hand.
  const byHand = buildTree(
    makeTree({
      'xen/common/one.c': readFileSync(join(top, 'xen/common/one.c'), 'utf8').replace('+ 1', '+ 2'),
    }),
  );
  expect(readFileSync(result?.pairs[0]?.orig ?? '')).toEqual(readFileSync(join(byHand, 'xen/common/one.o')));
  const files = await result?.identify();
  expect(Object.keys(files ?? {})).toEqual([
    'Config.mk',
    'config/Linux.mk',
    'xen/Makefile',
    'xen/Rules.mk',
    'xen/common/one.c',
    'xen/include/xen/lib.h',
  ]);
  await result?.dispose();
  expect(scratch()).toEqual([]);
  expect(fingerprint(top)).toBe(before);
});

testWith(TOOLS, 'a tree that was never built, and its xen/ folder, do as well', async () => {
  const top = makeTree();
  const { result, codes } = await run(join(top, 'xen'), [FIRST()]);
  expect(codes).toEqual(['XS814']);
  expect(result?.pairs.map(({ object }) => object)).toEqual(['common/one.o']);
  await result?.dispose();
});

testWith(TOOLS, 'refusals name the tree of the user and leave nothing', async () => {
  const top = buildTree(makeTree());
  const without = await run(top, []);
  expect(without.codes).toEqual(['XS808']);
  const twice = await run(top, [FIRST(), FIRST()]);
  expect(twice.codes).toEqual(['XS808']);
  const broken = await run(top, [writeFix('xen/common/two.c', 'x * 3', 'nosuch')]);
  expect(broken.codes).toEqual(['XS811']);
  const stopped = await run(top, [FIRST()], { signal: AbortSignal.abort() });
  expect(stopped.codes).toEqual(['XS819']);
  const missing = await run('/nonexistent', [FIRST()]);
  expect(missing.codes).toEqual(['XS801']);
  for (const { scratch, result } of [without, twice, broken, stopped, missing])
    expect([scratch(), result]).toEqual([[], undefined]);
});
