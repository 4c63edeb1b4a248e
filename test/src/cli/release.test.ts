/**
 * What pipelines rely on, with real processes and a miniature tree: the same bytes everywhere, the manifest and what
 * is made from it again, nothing half-written when a run is stopped, runs that do not disturb each other.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect } from '@jest/globals';
import { runCli } from '../../support/cli.js';
import type { CliRun } from '../../support/cli.js';
import { ONE, TREE_TOOLS, linkedTree } from '../../support/linked-mini-tree.js';
import { EXAMPLE_OBJECTS, passFolder } from '../../support/user-passes.js';
import { sarifComplaints } from '../../support/sarif-schema.js';
import { fingerprint, removeFolders, writePatch } from '../source/mini-tree.js';
import { testWith } from '../source/programs.js';

const CLI = fileURLToPath(new URL('../../../src/cli.js', import.meta.url));

afterAll(removeFolders);

const PATCHED = ONE.replace('x + 7', 'x + 8');
const AGAIN = PATCHED.replace('x + 1)', 'x + 2)');

/** A folder with everything a build takes, under the same names everywhere. */
function bench(): string {
  const top = linkedTree();
  const folder = dirname(top);
  copyFileSync(writePatch('xen/common/one.c', ONE, PATCHED), join(folder, 'first.patch'));
  copyFileSync(writePatch('xen/common/one.c', PATCHED, AGAIN), join(folder, 'second.patch'));
  copyFileSync(join(top, 'xen/xen-syms'), join(folder, 'xen-syms'));
  return folder;
}

const run = async (cwd: string, ...args: string[]): Promise<CliRun> =>
  await runCli(args, { cwd, env: { XSPLICE_CACHE: join(cwd, 'cache') } });

const build = async (cwd: string, ...args: string[]): Promise<CliRun> =>
  await run(cwd, '-s', 'xen-mini', '--xen-syms', 'xen-syms', '--no-validate', ...args);

const read = (folder: string, name: string): Buffer => readFileSync(join(folder, name));

interface ManifestText {
  payload: { sha256: string };
  inputs: { source: { files: Record<string, string>; patches: { path: string; sha256: string }[] } };
  compiler: { version: string };
}
const manifestIn = (folder: string, name: string): ManifestText =>
  JSON.parse(read(folder, name).toString('utf8')) as ManifestText;

describe('the same build', () => {
  testWith(TREE_TOOLS, 'gives the same payload, manifest and log in any directory with any -j', async () => {
    const [here, there] = [bench(), bench()];
    const before = fingerprint(join(here, 'xen-mini'));
    const args = ['-p', 'first.patch', '-o', 'fix.xsplice', '--sarif', 'log.sarif'];
    expect(await build(here, ...args, '-j', '1')).toMatchObject({ code: 0, stderr: '' });
    expect(await build(there, ...args, '-j', '4', '--threads', '2')).toMatchObject({ code: 0 });
    for (const name of ['fix.xsplice', 'fix.xsplice.manifest.json', 'log.sarif'])
      expect(read(there, name).equals(read(here, name))).toBe(true);
    expect(sarifComplaints(JSON.parse(read(here, 'log.sarif').toString('utf8')))).toEqual([]);
    expect(fingerprint(join(here, 'xen-mini'))).toBe(before);
    const { inputs } = manifestIn(here, 'fix.xsplice.manifest.json');
    expect(inputs.source.patches.map(({ path }) => path)).toEqual(['first.patch']);
    expect(Object.keys(inputs.source.files)).toContain('xen/include/xen/lib.h');
    expect(read(here, 'fix.xsplice.manifest.json').toString('utf8')).not.toContain(here);
  });

  testWith(TREE_TOOLS, 'twice at the same time in one tree, each gets what it would alone', async () => {
    const here = bench();
    await build(here, '-p', 'first.patch', '-o', 'alone.xsplice');
    const both = await Promise.all([
      build(here, '-p', 'first.patch', '-o', 'a.xsplice'),
      build(here, '-p', 'first.patch', '-o', 'b.xsplice'),
      build(here, '-p', 'first.patch', '-p', 'second.patch', '-o', 'c.xsplice'),
    ]);
    expect(both.map(({ code }) => code)).toEqual([0, 0, 0]);
    const same = ['a', 'b', 'c'].map((name) =>
      read(here, `${name}.xsplice`).equals(read(here, 'alone.xsplice')),
    );
    expect(same).toEqual([true, true, false]);
    expect(readdirSync(join(here, 'cache/scratch'))).toEqual([]);
  });
});

describe('reproduce', () => {
  testWith(TREE_TOOLS, 'makes the same bytes, also when everything has moved', async () => {
    const [here, there] = [bench(), bench()];
    await build(here, '-p', 'first.patch', '-o', 'fix.xsplice');
    expect(await run(here, 'reproduce', 'fix.xsplice.manifest.json')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^fix\.xsplice: reproduced, \d+ bytes, SHA-256 [0-9a-f]{64}\n$/),
      stderr: '',
    });
    // What shapes the bytes beside the inputs is in it, too.
    await build(here, '-p', 'first.patch', '-o', 'wary.xsplice', '--expect');
    expect(read(here, 'wary.xsplice').equals(read(here, 'fix.xsplice'))).toBe(false);
    expect((await run(here, 'reproduce', 'wary.xsplice.manifest.json')).code).toBe(0);
    expect(manifestIn(here, 'wary.xsplice.manifest.json')).toMatchObject({
      base: {
        functions: 2,
        proven: 2,
        list: [
          { name: 'one', role: 'replaced' },
          { name: 'triple', role: 'relied on', verdict: 'proven' },
        ],
      },
    });
    mkdirSync(join(there, 'deep'));
    for (const name of ['fix.xsplice.manifest.json', 'first.patch'])
      copyFileSync(join(here, name), join(there, 'deep', name));
    const elsewhere = ['-s', 'xen-mini', '--xen-syms', 'xen-syms', '-o', 'again.xsplice', '--json'];
    const again = await run(there, 'reproduce', 'deep/fix.xsplice.manifest.json', ...elsewhere);
    expect(JSON.parse(again.stdout)).toMatchObject({ schema: 'xsplice-build/reproduce/1', equal: true });
    expect(read(there, 'again.xsplice').equals(read(here, 'fix.xsplice'))).toBe(true);
  });

  testWith(TREE_TOOLS, 'names every input that differs, and builds nothing', async () => {
    const here = bench();
    await build(here, '-p', 'first.patch', '-o', 'fix.xsplice');
    writeFileSync(join(here, 'xen-mini/xen/include/xen/lib.h'), 'extern int triple(int);\n');
    writeFileSync(join(here, 'first.patch'), `${read(here, 'first.patch').toString('utf8')}\n`);
    const { code, stderr } = await run(here, 'reproduce', 'fix.xsplice.manifest.json', '-o', 'made.xsplice');
    expect(code).toBe(1);
    expect(stderr).toContain('error[XS841]: 2 inputs are not what they were');
    expect(stderr).toMatch(/note: first\.patch: SHA-256/);
    expect(stderr).toMatch(/note: xen\/include\/xen\/lib\.h: SHA-256/);
    expect(existsSync(join(here, 'made.xsplice'))).toBe(false);
    // A file that nothing of the payload was made from may change.
    const there = bench();
    await build(there, '-p', 'first.patch', '-o', 'fix.xsplice');
    writeFileSync(join(there, 'xen-mini/docs/note.txt'), 'other\n');
    expect((await run(there, 'reproduce', 'fix.xsplice.manifest.json')).code).toBe(0);
  });

  testWith(TREE_TOOLS, 'tells of other tools, and of bytes that are not those', async () => {
    const here = bench();
    await build(here, '-p', 'first.patch', '-o', 'fix.xsplice');
    const manifest = manifestIn(here, 'fix.xsplice.manifest.json');
    manifest.payload.sha256 = '0'.repeat(64);
    manifest.compiler.version = 'gcc 4.9';
    writeFileSync(join(here, 'other.json'), JSON.stringify(manifest));
    const { code, stderr } = await run(here, 'reproduce', 'other.json');
    expect([code, stderr.match(/\[XS\d+\]/g)]).toEqual([1, ['[XS842]', '[XS843]']]);
  });

  testWith([], 'chooses ways to splice by the rules by which they were chosen', async () => {
    const { path: here, remove } = passFolder();
    const wishes = ['--abi', 'xsplice-v1', '--splice', 'auto', '--profile', 'xsplice-v1', '--no-validate'];
    expect((await run(here, 'build', ...EXAMPLE_OBJECTS, '-o', 'fix.xsplice', ...wishes)).code).toBe(0);
    expect((await run(here, 'reproduce', 'fix.xsplice.manifest.json')).stdout).toContain('reproduced');
    // By the rules of 4.17 it is no payload at all; there are no rules of 5.0.
    const text = read(here, 'fix.xsplice.manifest.json').toString('utf8');
    for (const [profile, code] of [
      ['4.17', 'XS601'],
      ['5.0', 'XS840'],
    ]) {
      const other = text.replace('"profile": "xsplice-v1"', `"profile": "${profile}"`);
      writeFileSync(join(here, 'other.json'), other);
      expect((await run(here, 'reproduce', 'other.json')).stderr).toContain(`error[${code}]`);
    }
    remove();
  });
});

describe('commits', () => {
  testWith([...TREE_TOOLS, 'git'], 'become a payload, and are read again to reproduce it', async () => {
    const here = bench();
    const git = (...args: string[]): string =>
      execFileSync(
        'git',
        ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-C', 'xen-mini', ...args],
        {
          cwd: here,
          encoding: 'utf8',
          stdio: 'pipe',
        },
      );
    git('init', '-q', '-b', 'main');
    git('add', 'xen/common/one.c');
    git('commit', '-qm', 'base');
    const path = join(here, 'xen-mini/xen/common/one.c');
    const { mtime } = statSync(path);
    for (const text of [PATCHED, AGAIN]) {
      writeFileSync(path, text);
      git('commit', '-qam', 'fix');
    }
    git('checkout', '-q', 'main~2');
    utimesSync(path, mtime, mtime);
    const commits = await build(here, '--git-range', 'main~2..main', '-o', 'commits.xsplice');
    const files = await build(here, '-p', 'first.patch', '-p', 'second.patch', '-o', 'files.xsplice');
    expect([commits.stderr, commits.code, files.code]).toEqual(['', 0, 0]);
    expect(read(here, 'commits.xsplice').equals(read(here, 'files.xsplice'))).toBe(true);
    expect((await run(here, 'reproduce', 'commits.xsplice.manifest.json')).code).toBe(0);
    git('branch', '-f', 'main', 'main~1');
    const moved = await run(here, 'reproduce', 'commits.xsplice.manifest.json');
    expect([moved.code, moved.stderr.match(/\[XS\d+\]/g)]).toEqual([
      1,
      [expect.stringMatching(/XS8(31|41)/)],
    ]);
  });
});

describe('a stack', () => {
  testWith(TREE_TOOLS, 'is built from a tree that stays at the base', async () => {
    const here = bench();
    await build(here, '-p', 'first.patch', '-o', 'first.xsplice');
    const onTop = ['--on-top-of', 'first.xsplice', '-o', 'second.xsplice', '--json'];
    const done = await build(here, '-p', 'second.patch', '--applied', 'first.patch', ...onTop);
    const document = JSON.parse(done.stdout) as { payload: { depends: string }; manifest: string };
    const first = manifestIn(here, 'first.xsplice.manifest.json') as unknown as {
      payload: { build_id: string };
    };
    expect([done.code, document.payload.depends, document.manifest]).toEqual([
      0,
      first.payload.build_id,
      'second.xsplice.manifest.json',
    ]);
    expect((await run(here, 'reproduce', 'second.xsplice.manifest.json')).code).toBe(0);
    const stack = ['--on-top-of', 'second.xsplice', '--on-top-of', 'first.xsplice'];
    const turned = await build(here, '-p', 'second.patch', '--applied', 'first.patch', ...stack);
    expect([turned.code, turned.stderr]).toEqual([
      1,
      expect.stringContaining('give them in this order: first.xsplice, second.xsplice'),
    ]);
  });

  testWith(TREE_TOOLS, 'of other patches than its manifests say is told of', async () => {
    const here = bench();
    await build(here, '-p', 'first.patch', '-o', 'first.xsplice');
    writeFileSync(join(here, 'reworded.patch'), `A message.\n${read(here, 'first.patch').toString('utf8')}`);
    const args = ['-p', 'second.patch', '--on-top-of', 'first.xsplice', '-o', 'second.xsplice'];
    const { code, stderr } = await build(here, ...args, '--applied', 'reworded.patch');
    expect([code, stderr.match(/\[XS\d+\]/g)]).toEqual([0, ['[XS423]']]);
  });

  testWith(TREE_TOOLS, 'becomes one payload, which says what it would lose', async () => {
    const here = bench();
    await build(here, '-p', 'first.patch', '-o', 'first.xsplice');
    const replacing = ['--cumulative', '--on-top-of', 'first.xsplice', '-o', 'all.xsplice'];
    writeFileSync(join(here, 'series'), '# both\nfirst.patch\nsecond.patch -p1\n');
    const whole = await build(here, '--series', 'series', ...replacing, '--json');
    const { payload } = JSON.parse(whole.stdout) as { payload: { depends: string; xen_depends: string } };
    expect([whole.code, whole.stderr, payload.depends]).toEqual([0, '', payload.xen_depends]);
    expect((await run(here, 'reproduce', 'all.xsplice.manifest.json')).code).toBe(0);
    const lacking = await build(here, '-p', 'first.patch', ...replacing);
    expect([lacking.code, lacking.stderr]).toEqual([0, '']);
    const other = writePatch('xen/common/one.c', ONE, ONE.replace('x + 7', 'x + 9'));
    const lost = await build(here, '-p', other, ...replacing);
    expect([lost.code, lost.stderr.match(/\[XS\d+\]/g)]).toEqual([0, ['[XS422]']]);
  });
});

describe('a run that is stopped', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    testWith(TREE_TOOLS, `by ${signal} while it compiles leaves nothing`, async () => {
      const here = bench();
      const slow = join(here, 'bin');
      mkdirSync(slow);
      writeFileSync(
        join(slow, 'gcc'),
        `#!/bin/sh\ncase "$*" in *-c*one.c*) echo $$ > ${here}/pid; sleep 60;; esac\nPATH=\${PATH#*:} exec gcc "$@"\n`,
      );
      chmodSync(join(slow, 'gcc'), 0o755);
      writeFileSync(join(here, 'fix.xsplice'), 'older');
      const args = ['-s', 'xen-mini', '-p', 'first.patch', '--xen-syms', 'xen-syms', '-o', 'fix.xsplice'];
      const child = spawn(process.execPath, [CLI, ...args], {
        cwd: here,
        env: { PATH: `${slow}:${process.env['PATH'] ?? ''}`, XSPLICE_CACHE: join(here, 'cache') },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const ended = new Promise<number | null>((resolve) => void child.on('close', resolve));
      for (let waited = 0; !existsSync(join(here, 'pid')) && waited < 30_000; waited += 20)
        await setTimeout(20);
      child.kill(signal);
      expect([await ended, stderr.match(/\[XS\d+\]/g)]).toEqual([130, ['[XS819]']]);
      expect(read(here, 'fix.xsplice').toString('utf8')).toBe('older');
      expect(readdirSync(here).filter((name) => /tmp|manifest/.test(name))).toEqual([]);
      expect(readdirSync(join(here, 'cache/scratch'))).toEqual([]);
    });
  }
});
