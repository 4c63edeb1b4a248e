/** The command line of livepatch-build: every option of it is known here and told of in the page about it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  namesLikeLivepatchBuild,
  notesOnOptions,
  pathInFolder,
  payloadName,
} from '../../../src/cli/livepatch-build.js';
import { runCli } from '../../support/cli.js';
import { CASES } from '../../support/golden-cases.js';

const PAGE = readFileSync(
  fileURLToPath(new URL('../../../../docs/coming-from-livepatch-build.md', import.meta.url)),
  'utf8',
);

/** What livepatch-build's own help lists. */
const THEIRS = [
  ['-h', '--help'],
  ['-s', '--srcdir'],
  ['-p', '--patch'],
  ['-c', '--config'],
  ['-o', '--output'],
  ['-j', '--cpus'],
  ['-k', '--skip'],
  ['-d', '--debug'],
  ['--xen-debug'],
  ['--xen-syms'],
  ['--depends'],
  ['--xen-depends'],
  ['--prelink'],
  ['--strip'],
  ['--skip-compiler-check'],
];

/** What the help of `build` lists: the flags at the beginning of its lines. */
async function knownFlags(): Promise<ReadonlySet<string>> {
  const { stdout } = await runCli(['build', '--help']);
  const heads = stdout.split('\n').flatMap((line) => /^ {2}(-.*?)(?: {2}|$)/.exec(line)?.slice(1) ?? []);
  return new Set(heads.flatMap((head) => head.split(/[ ,]+/).filter((word) => word.startsWith('-'))));
}

/** The rows of the table of options: the flags of each cell. */
function rows(): string[][][] {
  const table = PAGE.slice(
    PAGE.indexOf('| livepatch-build | here |'),
    PAGE.indexOf('An option without effect'),
  );
  return table
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line.split(' | ').map((cell) => [...cell.matchAll(/`(--?[a-z][\w-]*)`/g)].map(([, flag]) => flag)),
    );
}

describe('the page', () => {
  test('has a row for each option of livepatch-build, and no other', () => {
    expect(rows().map(([theirs]) => theirs)).toEqual(THEIRS);
  });

  test('names only options that there are', async () => {
    const known = await knownFlags();
    const named = [...PAGE.matchAll(/`(--?[a-z][\w-]*)`/g)].map(([, flag]) => flag);
    expect(named.filter((flag) => !known.has(flag))).toEqual([]);
    for (const [theirs, ours] of rows()) {
      expect(ours).not.toEqual([]);
      for (const flag of theirs) expect(ours).toContain(flag);
    }
  });

  test('is linked from the README', () => {
    const readme = readFileSync(fileURLToPath(new URL('../../../../README.md', import.meta.url)), 'utf8');
    expect(readme).toContain('(docs/coming-from-livepatch-build.md)');
  });
});

describe('names', () => {
  test('of payloads are those of livepatch-build', () => {
    const names = {
      'dir.d/xsa-1_2.patch': 'xsa-1_2',
      'fix.diff': 'fix',
      'a b.c.patch': 'a-b-c',
      plain: 'plain',
      '.patch': 'livepatch',
      'ü.patch': '-',
      '-rf.patch': '-rf',
    };
    for (const [patch, name] of Object.entries(names)) expect(payloadName(patch)).toBe(name);
    expect(payloadName(`${'x'.repeat(300)}.patch`)).toHaveLength(127);
  });

  test('are asked for by the format, the name of the program, or a folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'names-'));
    try {
      const program = '/usr/bin/xsplice-build';
      expect(namesLikeLivepatchBuild({}, 'out', program)).toBe(false);
      expect(namesLikeLivepatchBuild({}, undefined, program)).toBe(false);
      expect(namesLikeLivepatchBuild({}, 'out/', program)).toBe(true);
      expect(namesLikeLivepatchBuild({}, folder, program)).toBe(true);
      expect(namesLikeLivepatchBuild({}, 'out', '/usr/bin/xsplice-livepatch-build')).toBe(true);
      expect(namesLikeLivepatchBuild({ outputFormat: 'livepatch-build' }, 'out', program)).toBe(true);
      expect(namesLikeLivepatchBuild({ outputFormat: 'file' }, folder, program)).toBe(false);
      expect(pathInFolder(join(folder, 'new/er'), 'x.patch')).toBe(join(folder, 'new/er/x.livepatch'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('options without effect are told of, one by one', () => {
  const notes = notesOnOptions({
    skip: 'build',
    xenDebug: true,
    strip: true,
    skipCompilerCheck: true,
    debug: true,
  });
  expect(notes.map(({ code, severity }) => `${code} ${severity}`)).toEqual(Array(4).fill('XS833 note'));
  expect(notesOnOptions({ srcdir: 'xen', cpus: 2, debug: true })).toEqual([]);
});

describe('the command line', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cli-livepatch-build-'));
    mkdirSync(join(folder, 'there'));
    writeFileSync(join(folder, 'file'), '');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const of = (file: string): string => join(CASES, 'prelink', file);
  const PAIR = ['--orig', of('orig.o'), '--patched', of('patched.o'), '--xen-syms', of('image')];

  test('takes all of the options, in their words', async () => {
    const args = ['-k', 'build', '-d', '--xen-debug', '--strip', '--skip-compiler-check', '--cpus', '2'];
    const { code, stderr } = await runCli([...PAIR, ...args, '-o', 'there'], { cwd: folder });
    expect([code, stderr.match(/XS833/g)?.length]).toEqual([0, 4]);
    expect(readFileSync(join(folder, 'there/livepatch.livepatch')).length).toBeGreaterThan(1000);
  });

  test.each([
    ['an unknown phase', [...PAIR, '-k', 'all']],
    ['a number of processors that is none', [...PAIR, '--cpus', '0']],
    ['an unknown form', [...PAIR, '--output-format', 'tar']],
    ['a folder below a file', [...PAIR, '-o', 'file/out/']],
    ['no image anywhere', ['--srcdir', 'there', '-p', 'x.patch']],
    ['patches in two ways', ['-s', 'xen', '-p', 'x', '--series', 'y', '--xen-syms', of('image')]],
    [
      'applied patches and --replace',
      ['-s', 'x', '-p', 'x', '--applied', 'y', '--replace', '--xen-syms', 'z'],
    ],
    [
      'applied patches and --cumulative',
      ['-s', 'x', '-p', 'x', '--applied', 'y', '--cumulative', '--xen-syms', 'z'],
    ],
  ])('2: %s', async (_what, args) => {
    const { code, stdout, stderr } = await runCli(args, { cwd: folder });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toContain('internal error');
  });
});
