/** Commits as patches: in order, the same whatever the repository's configuration says, and no word an option. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { readGitRange } from '../../../src/source/index.js';
import { makeFolder, removeFolders } from './mini-tree.js';
import { testWith } from './programs.js';

afterAll(removeFolders);

const AUTHOR = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];

function git(top: string, ...args: string[]): string {
  return execFileSync('git', [...AUTHOR, '-C', top, ...args], { encoding: 'utf8', stdio: 'pipe' });
}

function commit(top: string, path: string, text: string, message: string): void {
  writeFileSync(join(top, path), text);
  git(top, 'add', path);
  git(top, 'commit', '-qm', message);
}

/** A repository with a tree in a folder of it, tagged `base`, and commits after that. */
function repository(): string {
  const top = makeFolder();
  git(top, 'init', '-q', '-b', 'main');
  mkdirSync(join(top, 'vendor/xen'), { recursive: true });
  commit(top, 'vendor/xen/a.c', 'one\n', 'base');
  git(top, 'tag', 'base');
  commit(top, 'vendor/xen/a.c', 'two\n', `two\n\nFrom ${'0'.repeat(40)} Mon Sep 17 00:00:00 2001\nis quoted`);
  commit(top, 'elsewhere', 'x\n', 'not of this tree');
  commit(top, 'vendor/xen/a.c', 'three\n', 'three');
  return top;
}

async function read(top: string, range: string) {
  const found: Diagnostic[] = [];
  const patches = await readGitRange(join(top, 'vendor/xen'), range, (d) => found.push(d));
  return { patches, found };
}

testWith(
  ['git'],
  'gives a patch for each commit that changes the tree, with paths from its top',
  async () => {
    const top = repository();
    const { patches = [], found } = await read(top, 'base..main');
    expect(found).toEqual([]);
    const names = ['main~2', 'main'].map((name) => `git:${git(top, 'rev-parse', name).slice(0, 12)}`);
    expect(patches.map(({ path }) => path)).toEqual(names);
    const texts = patches.map(({ bytes = new Uint8Array() }) => Buffer.from(bytes).toString('latin1'));
    expect(texts[0]).toContain('--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-one\n+two\n');
    expect(texts[1]).toContain('-two\n+three\n');
  },
);

testWith(['git'], 'runs nothing that a repository names, and gives the same bytes', async () => {
  const top = repository();
  const before = await read(top, 'base..main');
  const trap = join(top, 'trap');
  writeFileSync(trap, `#!/bin/sh\ntouch ${top}/sprung\ncat "$@"\n`);
  chmodSync(trap, 0o755);
  const settings = [
    ['diff.external', trap],
    ['core.fsmonitor', trap],
    ['core.pager', trap],
    ['diff.x.textconv', trap],
    ['diff.x.command', trap],
    ['diff.noprefix', 'true'],
    ['diff.context', '9'],
    ['format.attach', 'true'],
    ['format.signature', 'someone'],
    ['format.headers', 'X-Other: 1'],
    ['format.suffix', '.x'],
  ];
  for (const [name, value] of settings) git(top, 'config', name ?? '', value ?? '');
  writeFileSync(join(top, '.gitattributes'), '*.c diff=x\n');
  expect(await read(top, 'base..main')).toEqual(before);
  expect(existsSync(join(top, 'sprung'))).toBe(false);
});

testWith(['git'], 'XS831: what is no range, and what git does not know', async () => {
  const top = repository();
  for (const range of ['--output=x..y', '-1', 'main', 'a b..c', 'a\0..b', `${'a'.repeat(1000)}..b`]) {
    const { patches, found } = await read(top, range);
    expect([patches, found.map((d) => d.code)]).toEqual([undefined, ['XS831']]);
    expect(found[0]?.message).toMatch(/is no range of commits$/);
  }
  const unknown = await read(top, 'base..nowhere');
  expect(unknown.found[0]?.message).toBe("git gives no patches for 'base..nowhere'");
  expect(unknown.found[0]?.notes[0]).toContain('nowhere');
  expect((await read(top, 'main..main')).found[0]?.message).toMatch(/holds no commit that changes a file$/);
  expect(existsSync(join(top, 'vendor/xen/x..y'))).toBe(false);
});
