/** Series files as quilt writes them, and such as nobody should follow. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { readSeries } from '../../../src/source/index.js';
import { makeFolder, removeFolders } from './mini-tree.js';

afterAll(removeFolders);

async function read(text: string | Uint8Array) {
  const folder = makeFolder();
  const found: Diagnostic[] = [];
  writeFileSync(join(folder, 'series'), text);
  const patches = await readSeries(join(folder, 'series'), (d) => found.push(d));
  const shown = patches?.map(({ path, strip }) => [path.replace(`${folder}/`, ''), strip]);
  return { shown, found: found.map(({ code, message, at }) => [code, message, at?.line]) };
}

test('names, comments, depths', async () => {
  const text =
    '# all of them\n\nfix-one.patch\n  dir/two.diff -p0   # why\n\tthree -pab\r\n/etc/four -p2 -p3\n';
  expect((await read(text)).shown).toEqual([
    ['fix-one.patch', 1],
    ['dir/two.diff', 0],
    ['three', 1],
    ['/etc/four', 3],
  ]);
  expect((await read('a#b.patch\n')).shown).toEqual([['a#b.patch', 1]]);
});

test('XS830: what cannot be followed', async () => {
  const refusals: readonly [string | Uint8Array, string, number | undefined][] = [
    ['one.patch\ntwo.patch -R\n', "cannot follow '-R'", 2],
    ['one.patch -p99\n', "cannot follow '-p99'", 1],
    ['one.patch -p-1\n', "cannot follow '-p-1'", 1],
    ['one.patch \u001b[2J\n', "cannot follow '\\x1b[2J'", 1],
    ['# nothing\n', 'the series file names no patch', undefined],
    [new Uint8Array((1 << 20) + 1), '1048577 bytes are too many for a series file', undefined],
    ['x\n'.repeat(10_001), 'more than 10000 patches', 10_001],
  ];
  for (const [text, message, line] of refusals)
    expect(await read(text)).toEqual({ shown: undefined, found: [['XS830', message, line]] });
  const found: Diagnostic[] = [];
  expect(await readSeries('/nonexistent/series', (d) => found.push(d))).toBeUndefined();
  expect(found[0]?.message).toBe('cannot read the series file: ENOENT');
});
