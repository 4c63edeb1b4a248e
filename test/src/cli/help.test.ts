/**
 * Help texts: as they were read, and with examples that work. Each line under `Example:` is run by a shell as it stands,
 * in a folder that has the files it names. They are made so:
 *
 *   fix.xsplice, xen-syms-4.17-amd64, fix.json, hypercall.o     from golden/example, whose image runs in the emulator
 *   xen-4.17, fix.patch                                         a miniature tree, compiled here; its image does not run,
 *                                                               so examples of it are run with --no-validate
 *
 * Where a shell is to write outside of the folder (completions in /etc), that is left out. With a real tree, and with
 * the proof, the same commands are run by `make xen-test`.
 */
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCli, userEnvironment } from '../../support/cli.js';
import type { CliRun } from '../../support/cli.js';
import { GOLDEN, expectGolden } from '../../support/golden.js';
import { ONE, TREE_TOOLS, linkedTree } from '../../support/linked-mini-tree.js';
import { removeFolders, writePatch } from '../source/mini-tree.js';
import { testWith } from '../source/programs.js';

const CLI = fileURLToPath(new URL('../../../src/cli.js', import.meta.url));
const COMMANDS = [
  'build',
  'diff',
  'validate',
  'plan',
  'reproduce',
  'check-base',
  'inspect',
  'explain',
  'demo',
  'doctor',
  'completion',
];
const IMAGE = 'xen-syms-4.17-amd64';

const folder = mkdtempSync(join(tmpdir(), 'help-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  removeFolders();
});

const helpOf = async (command: string): Promise<string> => (await runCli([command, '--help'])).stdout;

/** The command lines that a help text gives as examples. */
function examplesIn(help: string): string[] {
  const after = /\nExamples?:\n((?: {2}.*\n?)+)/.exec(help)?.[1] ?? '';
  return after
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Runs a line as a user would, with the program on the path. */
function typed(line: string, cwd: string): Promise<CliRun> {
  const env = {
    ...userEnvironment(),
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    XSPLICE_CACHE: join(cwd, 'cache'),
  };
  return new Promise((resolve) => {
    execFile('bash', ['-c', line], { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

beforeAll(async () => {
  mkdirSync(join(folder, 'bin'));
  const program = join(folder, 'bin/xsplice-build');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  chmodSync(program, 0o755);
  for (const side of ['orig', 'patched']) {
    for (const place of [side, `build-${side}/xen`]) {
      mkdirSync(join(folder, place), { recursive: true });
      for (const object of ['console.o', 'hypercall.o'])
        copyFileSync(join(GOLDEN, 'example', side, object), join(folder, place, object));
    }
  }
  copyFileSync(join(GOLDEN, 'example/mini-syms'), join(folder, IMAGE));
  copyFileSync(join(GOLDEN, 'example/scenario.json'), join(folder, 'fix.json'));
  await typed(`xsplice-build --orig orig --patched patched --xen-syms ${IMAGE} -o fix.xsplice`, folder);
});

describe('the help', () => {
  test('lists the commands that are looked at here', async () => {
    const { stdout } = await runCli(['--help']);
    const listed = [...stdout.matchAll(/^ {2}([a-z-]+) .*/gm)].map((found) => found[1]);
    expect(listed).toEqual([...COMMANDS, 'help']);
    expectGolden('cli/help/all.txt', stdout);
  });

  test.each(COMMANDS)('of %s reads as it was read, and has an example', async (command) => {
    const help = await helpOf(command);
    expect(examplesIn(help)).not.toEqual([]);
    expectGolden(`cli/help/${command}.txt`, help);
  });
});

describe('examples of objects and payloads work:', () => {
  const none = ['build', 'check-base', 'reproduce'];
  test.each(COMMANDS.filter((command) => !none.includes(command)))('%s', async (command) => {
    for (const example of examplesIn(await helpOf(command))) {
      const { code, stderr } = await typed(example.replace(/ > .*/, ''), folder);
      expect([example, code, stderr.replace(/^(?!error).*\n/gm, '')]).toEqual([example, 0, '']);
    }
  });
});

describe('examples of source trees work:', () => {
  testWith(TREE_TOOLS, 'build, reproduce, check-base', async () => {
    const tree = linkedTree();
    const place = dirname(tree);
    copyFileSync(
      writePatch('xen/common/one.c', ONE, ONE.replace('x + 7', 'x + 8')),
      join(place, 'fix.patch'),
    );
    copyFileSync(join(tree, 'xen/xen-syms'), join(place, IMAGE));
    renameSync(tree, join(place, 'xen-4.17'));
    for (const command of ['build', 'reproduce', 'check-base']) {
      for (const example of examplesIn(await helpOf(command))) {
        const line = command === 'build' ? `${example} --no-validate` : example;
        const { code, stderr } = await typed(line, place);
        expect([line, code, stderr.replace(/^(?!error).*\n/gm, '')]).toEqual([line, 0, '']);
      }
    }
  });
});
