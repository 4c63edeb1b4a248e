/** `check-base` as its users run it, and `build` with and without the proof of its base. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { runCli } from '../../support/cli.js';
import { CASES } from '../../support/golden-cases.js';

const folder = mkdtempSync(join(tmpdir(), 'check-base-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ofCase = (name: string, file: string): string => join(CASES, name, file);
const IMAGE = ofCase('base-as-it-runs', 'image');
const check = (...args: readonly string[]): ReturnType<typeof runCli> =>
  runCli(['check-base', '--xen-syms', IMAGE, ...args]);

describe('check-base', () => {
  test('0: all is proven', async () => {
    const { code, stdout, stderr } = await check('--objects', ofCase('base-as-it-runs', 'orig.o'));
    expect([code, stdout, stderr]).toEqual([0, 'base proven: 8 of 8 functions\n', '']);
  });

  test('1: some differ, and the document says so on any number of threads', async () => {
    const objects = ['--objects', ofCase('base-differs-refused', 'orig.o')];
    const { code, stderr, stdout } = await check(...objects);
    expect([code, stdout.split('\n')[0]]).toEqual([1, 'base proven: 2 of 8 functions, 6 differ']);
    expect(stderr).toContain('error[XS431]');
    const one = await check(...objects, '--json', '--threads', '1', '--verify-each');
    const two = await check(...objects, '--json', '--threads', '2');
    expect(two).toEqual(one);
    expect(JSON.parse(one.stdout)).toMatchObject({
      schema: 'xsplice-build/check-base/1',
      proven: false,
      counts: { functions: 8, proven: 2, differ: 6, stamped: 0, unchecked: 0 },
    });
    const quiet = await check(...objects, '-q');
    expect([quiet.code, quiet.stdout]).toEqual([1, '']);
  });

  test('1: files that are missing or no objects', async () => {
    expect((await check('--objects', join(folder, 'nothing.o'))).code).toBe(1);
    writeFileSync(join(folder, 'text.o'), 'text');
    const { code, stderr } = await check('--objects', join(folder, 'text.o'));
    expect([code, stderr.includes('error[XS101]')]).toEqual([1, true]);
    const tree = await check('-s', folder);
    expect([tree.code, tree.stderr.includes('error[XS801]')]).toEqual([1, true]);
  });

  test('2: neither a tree nor objects, or both', async () => {
    expect((await check()).code).toBe(2);
    expect((await check('-s', folder, '--objects', folder)).code).toBe(2);
  });
});

describe('build', () => {
  const of = (name: string): string[] => [
    '--orig',
    ofCase(name, 'orig.o'),
    '--patched',
    ofCase(name, 'patched.o'),
  ];
  const build = (...args: readonly string[]): ReturnType<typeof runCli> =>
    runCli(['build', '--xen-syms', IMAGE, '-o', join(folder, 'out.xsplice'), '--no-validate', ...args]);

  test('is refused on another base, unless the proof is left out, and then says so', async () => {
    const refused = await build(...of('base-differs-refused'));
    expect([refused.code, refused.stderr.includes('error[XS430]')]).toEqual([1, true]);
    const left = await build(...of('base-differs-refused'), '--no-base-proof');
    expect([left.code, left.stdout.includes('base not proven: --no-base-proof left that out\n')]).toEqual([
      0,
      true,
    ]);
    const json = await build(...of('base-differs-refused'), '--no-base-proof', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ base: null });
  });

  test('proves what is replaced and what is called', async () => {
    const { code, stdout } = await build(...of('base-as-it-runs'), '-v');
    expect(code).toBe(0);
    expect(stdout).toContain(
      'base proven: 2 of 2 functions\n  callee, relied on: proven\n  caller, replaced: proven\n',
    );
  });

  test('proves what is called in objects that did not change', async () => {
    const own = ofCase('base-relied-elsewhere', 'image');
    const side = (name: string, which: string): string => {
      const to = join(folder, name, which, 'common');
      mkdirSync(to, { recursive: true });
      for (const [file, as] of [
        [`${which}.o`, 'user.o'],
        [`${which}-other.o`, 'other.o'],
      ])
        copyFileSync(ofCase(name, file), join(to, as));
      return join(folder, name, which);
    };
    const dirs = (name: string): string[] => [
      '--orig',
      side(name, 'orig'),
      '--patched',
      side(name, 'patched'),
      '--xen-syms',
      own,
    ];
    const { code, stdout } = await build(...dirs('base-relied-elsewhere'), '-v');
    expect([code, /^base[^]*?proven\n {2}limit.*/m.exec(stdout)?.[0]]).toEqual([
      0,
      'base proven: 2 of 2 functions\n  user, replaced: proven\n  limit, relied on: proven',
    ]);
    const refused = await build(...dirs('base-relied-elsewhere-refused'), '--threads', '2');
    expect([
      refused.code,
      refused.stderr.match(/limit, which is relied on, is not that of/g)?.length,
    ]).toEqual([1, 1]);
    expect(refused.stderr).not.toContain('bystander');
    // An object that was not given is nothing that could be looked at, and no reason to refuse.
    const alone = await build(...of('base-relied-elsewhere'), '--xen-syms', own);
    expect([alone.code, alone.stderr]).toEqual([0, '']);
    expect(alone.stdout).toContain(
      'base proven: 1 of 2 functions\n  limit, relied on: cannot be checked: no object at hand defines it\n',
    );
  });

  test('notes what it expects, when it is asked to', async () => {
    await build(...of('base-as-it-runs'));
    const plain = readFileSync(join(folder, 'out.xsplice'));
    await build(...of('base-as-it-runs'), '--expect');
    expect(readFileSync(join(folder, 'out.xsplice')).equals(plain)).toBe(false);
    const { stdout } = await runCli(['inspect', join(folder, 'out.xsplice')]);
    expect(stdout).toMatch(/expects \d+ bytes/);
  });
});
