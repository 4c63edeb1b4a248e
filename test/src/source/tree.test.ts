/** Recognising, listing, hashing and copying trees. */
import {
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  chmodSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { copyTree } from '../../../src/source/copy-tree.js';
import { inspectTree } from '../../../src/source/tree.js';
import { hashTree, isBuildInput, listTree } from '../../../src/source/tree-files.js';
import { makeFolder, makeTree, removeFolders } from './mini-tree.js';

afterAll(removeFolders);

async function inspect(path: string) {
  const found: Diagnostic[] = [];
  return { tree: await inspectTree(path, (d) => found.push(d)), codes: found.map((d) => d.code) };
}

async function copy(from: string): Promise<string> {
  const to = join(makeFolder(), 'copy');
  mkdirSync(to);
  await copyTree({ files: await listTree(from), to, builtAt: from });
  return to;
}

describe('inspectTree', () => {
  test('finds the top from the top, from xen/ and through a link', async () => {
    const top = makeTree();
    const link = join(makeFolder(), 'link');
    symlinkSync(top, link);
    for (const path of [top, link]) {
      expect((await inspect(path)).tree).toMatchObject({
        top,
        version: { major: 4, minor: 17, extra: '.9' },
        built: false,
        namedXenFolder: false,
      });
    }
    expect((await inspect(join(top, 'xen'))).tree).toMatchObject({ top, namedXenFolder: true });
  });

  test('refuses what is no tree', async () => {
    const noConfig = makeTree();
    rmSync(join(noConfig, 'Config.mk'));
    const other = makeFolder();
    writeFileSync(join(other, 'Makefile'), 'all:\n');
    for (const path of [noConfig, other, join(other, 'Makefile')])
      expect((await inspect(path)).codes).toEqual(['XS801']);
  });
});

describe('copyTree', () => {
  test('keeps contents, execute bits and the order of times, and makes all writable', async () => {
    const top = makeTree({ 'xen/tool.sh': '#!/bin/sh\n', 'xen/old.o': 'o' });
    chmodSync(join(top, 'xen/tool.sh'), 0o555);
    utimesSync(join(top, 'xen/old.o'), 1_700_000_000.25, 1_700_000_000.123456);
    const to = await copy(top);
    expect(readFileSync(join(to, 'xen/common/one.c'))).toEqual(readFileSync(join(top, 'xen/common/one.c')));
    expect(statSync(join(to, 'xen/tool.sh')).mode & 0o777).toBe(0o755);
    expect(Math.abs(statSync(join(to, 'xen/old.o')).mtimeMs - 1_700_000_000_123.456)).toBeLessThan(0.01);
    expect(statSync(join(to, 'xen/common/one.c')).ino).not.toBe(statSync(join(top, 'xen/common/one.c')).ino);
  });

  test('leaves out what no object depends on', async () => {
    const to = await copy(
      makeTree({ 'xen/xen-syms': 'big', 'xen/xen.efi': 'big', '.git/HEAD': 'x', 'tools/flask/policy': 'p' }),
    );
    for (const path of ['xen/xen-syms', 'xen/xen.efi', '.git', 'docs'])
      expect(() => statSync(join(to, path))).toThrow();
    expect(readFileSync(join(to, 'tools/flask/policy'), 'utf8')).toBe('p');
    expect(isBuildInput('xen/common/x.c')).toBe(true);
    expect(isBuildInput('xenstore/x.c')).toBe(false);
  });

  test('keeps links inside, and copies what other links lead to', async () => {
    const outside = makeFolder();
    writeFileSync(join(outside, 'shared.h'), 'shared\n');
    const top = makeTree();
    symlinkSync(join(outside, 'shared.h'), join(top, 'xen/include/shared.h'));
    symlinkSync(outside, join(top, 'xen/folder'));
    symlinkSync('/nonexistent', join(top, 'xen/dangling'));
    symlinkSync(join(top, 'xen'), join(outside, 'loop'));
    symlinkSync('.', join(top, 'xen/source'));
    const to = await copy(top);
    expect(readlinkSync(join(to, 'xen/arch/x86/efi/linked.c'))).toBe('../../../common/efi/linked.c');
    expect(readlinkSync(join(to, 'xen/source'))).toBe('.');
    expect(readFileSync(join(to, 'xen/folder/shared.h'), 'utf8')).toBe('shared\n');
    writeFileSync(join(to, 'xen/include/shared.h'), 'changed\n');
    expect(readFileSync(join(outside, 'shared.h'), 'utf8')).toBe('shared\n');
  });

  test('moves absolute paths in records to the copy', async () => {
    const top = makeTree();
    writeFileSync(
      join(top, 'xen/common/.one.o.cmd'),
      `cmd_one.o := gcc -I${top}/xen/include -c one.c -I${top}-other/x\n`,
    );
    const to = await copy(top);
    expect(readFileSync(join(to, 'xen/common/.one.o.cmd'), 'utf8')).toBe(
      `cmd_one.o := gcc -I${to}/xen/include -c one.c -I${top}-other/x\n`,
    );
  });

  test('stops when it is told to', async () => {
    const top = makeTree();
    const files = await listTree(top);
    const to = makeFolder();
    await expect(copyTree({ files, to, builtAt: top, signal: AbortSignal.abort() })).rejects.toThrow();
  });
});

describe('hashTree', () => {
  test('is about contents and names, not about times and places', async () => {
    const [a, b, c] = [
      makeTree(),
      makeTree({ 'docs/other': 'x' }),
      makeTree({ 'xen/common/one.c': 'int x;\n' }),
    ];
    const hashes = await Promise.all([a, b, c].map(async (top) => hashTree(await listTree(top))));
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });
});
