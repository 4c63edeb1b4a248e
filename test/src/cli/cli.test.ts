/** The command line as a user or a script meets it: exit codes, streams, documents, colour. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DIAGNOSTIC_CODES } from '../../../src/diag/codes.js';
import { runCli } from '../../support/cli.js';
import type { CliRun } from '../../support/cli.js';
import { CASES } from '../../support/golden-cases.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  for (const side of ['orig', 'patched']) {
    mkdirSync(join(folder, side, 'common'), { recursive: true });
    mkdirSync(join(folder, side, '.cache'));
    copyFileSync(join(CASES, `prelink/${side}.o`), join(folder, side, 'common/counter.o'));
    copyFileSync(join(CASES, `plt32-is-pc32/${side}.o`), join(folder, side, 'same.o'));
    writeFileSync(join(folder, side, '.cache/hidden.o'), 'no object');
    writeFileSync(join(folder, side, 'notes.txt'), 'no object');
  }
  copyFileSync(join(CASES, 'prelink/image'), join(folder, 'xen-syms'));
  copyFileSync(join(CASES, 'new-file/patched-new.o'), join(folder, 'patched/new.o'));
  copyFileSync(join(CASES, 'new-file/patched-new.o'), join(folder, 'orig/old.o'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = async (...args: string[]): Promise<CliRun> => await runCli(args, { cwd: folder });
const ofCase = (name: string, side: string): string => join(CASES, name, side);
const LINK = [
  '--orig',
  'orig/common/counter.o',
  '--patched',
  'patched/common/counter.o',
  '--xen-syms',
  'xen-syms',
];

describe('exit codes', () => {
  test('0: two objects that differ, two that do not, and two folders', async () => {
    expect((await run('diff', 'orig/common/counter.o', 'patched/common/counter.o')).code).toBe(0);
    expect((await run('diff', 'orig/same.o', 'patched/same.o')).code).toBe(0);
    const { code, stdout } = await run('diff', 'orig', 'patched');
    expect([code, stdout]).toEqual([
      0,
      'common/counter.o: changed\n' +
        '  changed  changed: immediate: `mov $0x1,%eax` became `mov $0x2,%eax` at +0x20\n' +
        '        15: 89 35 00 00 00 00  mov %esi,counter(%rip)\n' +
        '        1b: e8 00 00 00 00     call printk\n' +
        '      - 20: b8 01 00 00 00     mov $0x1,%eax\n' +
        '      + 20: b8 02 00 00 00     mov $0x2,%eax\n' +
        '        25: 48 83 c4 08        add $0x8,%rsp\n' +
        '        29: c3                 ret\n' +
        'new.o: new\n  new      from_new_file\n  new      never_called\n  new      calls\n' +
        'old.o: removed\n  removed  from_new_file\n  removed  never_called\n' +
        '4 objects: 1 unchanged, 1 changed, 1 new, 1 removed\n' +
        'layouts not checked: 1 object has no debug information on both sides for all that changed\n',
    ]);
  });

  test('1: what is refused says why on stderr or in its block, also with --quiet', async () => {
    const pair = ['orig.o', 'patched.o'].map((side) => ofCase('initial-value-refused', side));
    const loud = await run('diff', ...pair);
    expect(loud.code).toBe(1);
    expect(loud.stdout).toContain('error[XS301]');
    const quiet = await run('diff', '-q', ...pair);
    expect([quiet.code, quiet.stdout]).toEqual([1, '']);
    expect(quiet.stderr).toContain('error[XS301]');
  });

  test('1: files that are missing, and a file against a folder', async () => {
    for (const args of [
      ['orig', 'nowhere'],
      ['nowhere', 'orig'],
      ['orig', 'patched/same.o'],
    ]) {
      const { code, stdout, stderr } = await run('diff', ...args);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('error[XS104]');
    }
    expect((await run('inspect', 'nowhere.o')).stderr).toContain('error[XS104]');
    expect((await run(...LINK.slice(0, 4), '--xen-syms', 'nowhere')).stderr).toContain('error[XS104]');
  });

  test.each([
    ['an unknown option', ['diff', 'orig', 'patched', '--nonsense']],
    ['an unknown option without a command', ['--nonsense']],
    ['a missing argument', ['diff', 'orig']],
    ['one argument too many', ['diff', 'orig', 'patched', 'more']],
    ['a number that is none', ['diff', 'orig', 'patched', '--threads', 'many']],
    ['no threads', ['diff', 'orig', 'patched', '--threads', '0']],
    ['an unknown target', ['diff', 'orig', 'patched', '--target', 'vax']],
    ['an unknown form of payload', [...LINK, '--abi', 'v9']],
    ['a build-id that is none', [...LINK, '--depends', 'xyz']],
    ['half a byte of a build-id', [...LINK, '--depends', 'abc']],
    ['no image', LINK.slice(0, 4)],
    ['source and objects', ['-s', 'xen', '-p', 'x.patch', ...LINK]],
    ['a patch without a source', ['-p', 'x.patch', '--xen-syms', 'xen-syms']],
    ['a source without a patch', ['-s', 'xen', '--xen-syms', 'xen-syms']],
    ['one side only', LINK.filter((_, k) => k < 2 || k > 3)],
    ['an unknown code', ['explain', 'XS999']],
    ['nothing', []],
  ])('2: %s', async (_what, args) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toBe('');
    expect(stderr).not.toContain('internal error');
  });

  test('3: nothing to patch', async () => {
    const args = ['--orig', 'orig/same.o', '--patched', 'patched/same.o', '--xen-syms', 'xen-syms'];
    const { code, stdout, stderr } = await run(...args, '-o', 'nothing.xsplice');
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^error\[XS310\]/);
    expect(existsSync(join(folder, 'nothing.xsplice'))).toBe(false);
  });
});

describe('building', () => {
  test('writes the payload and its manifest, and nothing else beside it', async () => {
    mkdirSync(join(folder, 'out'));
    const { code, stdout } = await run(...LINK, '-o', 'out/fix.xsplice');
    expect([code, stdout.split('\n')[0]]).toEqual([
      0,
      expect.stringMatching(/^out\/fix\.xsplice: \d+ bytes$/),
    ]);
    expect(readdirSync(join(folder, 'out'))).toEqual(['fix.xsplice', 'fix.xsplice.manifest.json']);
    await run(...LINK, '-o', 'out/alone.xsplice', '--no-manifest');
    await run(...LINK, '-o', 'out/named.xsplice', '--manifest', 'out/m.json', '--sarif', 'out/log.sarif');
    expect(readdirSync(join(folder, 'out')).sort()).toEqual([
      'alone.xsplice',
      'fix.xsplice',
      'fix.xsplice.manifest.json',
      'log.sarif',
      'm.json',
      'named.xsplice',
    ]);
    const again = await run('reproduce', 'out/m.json');
    expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/^named\.xsplice: reproduced, /)]);
  });

  test('gives the same bytes in any folder, by any path, on any number of threads', async () => {
    await run(...LINK, '-o', 'one.xsplice');
    const elsewhere = LINK.map((arg) => (arg.includes('/') || arg === 'xen-syms' ? join(folder, arg) : arg));
    await runCli([...elsewhere, '-o', join(folder, 'two.xsplice'), '--threads', '3'], { cwd: tmpdir() });
    expect(readFileSync(join(folder, 'two.xsplice'))).toEqual(readFileSync(join(folder, 'one.xsplice')));
  });

  test('takes build-ids in either case', async () => {
    const ids = ['--depends', 'ABCDEF', '--xen-depends', '0123456789'];
    const { stdout } = await run(...LINK, ...ids, '--json', '-o', 'ids.xsplice');
    expect(JSON.parse(stdout)).toMatchObject({ payload: { depends: 'abcdef', xen_depends: '0123456789' } });
  });

  test('leaves an older payload alone when it is refused', async () => {
    writeFileSync(join(folder, 'kept.xsplice'), 'older');
    const refused = ['orig.o', 'patched.o'].map((side) => ofCase('initial-value-refused', side));
    const { code } = await run(
      '--orig',
      refused[0],
      '--patched',
      refused[1],
      '--xen-syms',
      'xen-syms',
      '-o',
      'kept.xsplice',
    );
    expect(code).toBe(1);
    expect(readFileSync(join(folder, 'kept.xsplice'), 'utf8')).toBe('older');
  });

  test('says what it cannot write, in the demo, too', async () => {
    for (const args of [[...LINK], ['demo']]) {
      const { code, stderr } = await run(...args, '-o', 'no/such/folder/x');
      expect(code).toBe(1);
      expect(stderr).toContain('error[XS502]: cannot write no/such/folder/x: ENOENT');
      expect(stderr).not.toContain('.tmp');
    }
  });
});

describe('documents', () => {
  test('of diff are one JSON text on stdout, whatever happens', async () => {
    for (const args of [
      ['orig', 'patched'],
      ['orig', 'nowhere'],
    ]) {
      const { stdout } = await run('diff', ...args, '--json');
      const document: unknown = JSON.parse(stdout);
      expect(document).toMatchObject({ schema: 'xsplice-build/diff/2' });
      expect(Object.keys(document as object)).toEqual([
        'schema',
        'objects',
        'explained',
        'summary',
        'diagnostics',
      ]);
    }
    const { stdout } = await run('diff', 'orig', 'patched', '--json');
    const { objects, summary } = JSON.parse(stdout) as { objects: object[]; summary: object };
    expect(objects.map((o) => Object.keys(o))).toEqual(
      objects.map(() => [
        'object',
        'verdict',
        'changed',
        'new',
        'carried',
        'removed',
        'equal',
        'layouts',
        'diagnostics',
      ]),
    );
    expect(summary).toEqual({ unchanged: 1, changed: 1, new: 1, removed: 1, refused: 0 });
  });

  test('of build have the payload, or null', async () => {
    const done = await run(...LINK, '--json', '-o', 'json.xsplice');
    expect(JSON.parse(done.stdout)).toMatchObject({
      schema: 'xsplice-build/build/2',
      payload: { path: 'json.xsplice', functions: [{ name: 'changed' }] },
      diagnostics: [],
    });
    const nothing = await run(
      '--orig',
      'orig/same.o',
      '--patched',
      'patched/same.o',
      '--xen-syms',
      'xen-syms',
      '--json',
    );
    expect(nothing.code).toBe(3);
    expect(JSON.parse(nothing.stdout)).toMatchObject({ payload: null, diagnostics: [{ code: 'XS310' }] });
  });
});

describe('--explain', () => {
  const PAIR = ['diff', 'orig/common/counter.o', 'patched/common/counter.o'];

  test('shows functions whole, also those that are the same, and in documents', async () => {
    const { code, stdout } = await run(...PAIR, '--explain', 'changed');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^counter\.o: changed: changed, /m)]);
    const { stdout: json } = await run('diff', 'orig', 'patched', '--json', '--explain', 'changed');
    const { explained } = JSON.parse(json) as { explained: { object: string; verdict: string }[] };
    expect(explained.map(({ object, verdict }) => `${object} ${verdict}`)).toContain(
      'common/counter.o changed',
    );
  });

  test('of a function of equal objects shows it, and changes no verdict', async () => {
    const same = ['diff', 'orig/same.o', 'orig/same.o'];
    const { stdout } = await run(...same);
    const names = await run(...same, '--explain', 'no_such_name');
    expect([names.code, names.stdout]).toEqual([2, stdout]);
    expect(names.stderr).toMatch(/^error\[XS902\]: there is no function no_such_name/);
  });

  test('of a build shows the function, refused or not, and how things are reached', async () => {
    const built = await run(...LINK, '--explain', 'changed', '-o', 'explained.xsplice');
    expect([built.code, built.stdout]).toEqual([0, expect.stringMatching(/: changed: changed, immediate: /)]);
    const refused = ['orig.o', 'patched.o'].map((side) => ofCase('too-small-refused', side));
    const args = [
      '--orig',
      refused[0],
      '--patched',
      refused[1],
      '--xen-syms',
      ofCase('too-small-refused', 'image'),
    ];
    const { code, stdout } = await run(...args, '--explain', 'tiny', '-o', 'never.xsplice');
    expect([code, stdout]).toEqual([1, expect.stringContaining('+   0: 8d 47 0a  lea 0xa(%rdi),%eax')]);
  });

  test('of an unknown name ends a build, and nothing is written', async () => {
    const { code, stderr } = await run(...LINK, '--explain', 'chanced', '-o', 'unknown.xsplice');
    expect([code, stderr]).toEqual([2, expect.stringContaining('near it: changed')]);
    expect(existsSync(join(folder, 'unknown.xsplice'))).toBe(false);
  });
});

describe('the terminal', () => {
  test('gets no colour when it is none, nor with NO_COLOR', async () => {
    const args = ['diff', 'orig/common/counter.o', 'patched/common/counter.o'];
    expect((await run(...args)).stdout).not.toContain('\u001b');
    expect(
      (await runCli(args, { cwd: folder, env: { NO_COLOR: '1', FORCE_COLOR: '1' } })).stdout,
    ).not.toContain('\u001b');
  });

  test('gets times on stderr with --time', async () => {
    const { stderr } = await run('diff', 'orig', 'patched', '--time');
    expect(stderr).toMatch(/^ +\d+\.\d ms {2}diff-functions$/m);
  });
});

describe('help', () => {
  test('is on stdout with code 0, and names every command', async () => {
    const { code, stdout, stderr } = await run('--help');
    expect([code, stderr]).toEqual([0, '']);
    for (const command of ['build', 'diff', 'check-base', 'inspect', 'explain', 'demo'])
      expect(stdout).toContain(`  ${command}`);
    for (const command of ['build', 'diff', 'check-base', 'inspect', 'explain']) {
      const own = await run(command, '--help');
      expect([own.code, own.stdout.includes('Example:')]).toEqual([0, true]);
    }
    expect(await run('--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  test('explains every code, in whatever case', async () => {
    const list = await run('explain');
    for (const [code, { title }] of Object.entries(DIAGNOSTIC_CODES))
      expect(list.stdout).toMatch(new RegExp(`^${code} +\\w+ +${title.replace(/[()]/g, '.')}$`, 'm'));
    const { code, stdout } = await run('explain', 'xs301');
    expect([code, stdout.split('\n')[0]]).toEqual([0, `XS301 (error): ${DIAGNOSTIC_CODES.XS301.title}`]);
    expect(
      Math.max(
        ...stdout
          .split('\n')
          .slice(1)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80);
  });
});

test('inspect prints objects, images and payloads', async () => {
  await run(...LINK, '-o', 'inspected.xsplice');
  for (const file of ['orig/same.o', 'inspected.xsplice', 'xen-syms']) {
    const { code, stdout } = await run('inspect', file);
    expect([code, stdout.startsWith('e_type ET_')]).toEqual([0, true]);
  }
});
