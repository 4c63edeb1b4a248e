/** What is said to a command line that is wrong: the message, the stream and the exit code, as they were read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { runCli } from '../support/cli.js';
import { expectGolden } from '../support/golden.js';

const WRONG: readonly (readonly [string, readonly string[]])[] = [
  ['unknown command', ['undo']],
  ['unknown option', ['--nonsense']],
  ['unknown option of a command', ['diff', 'a.o', 'b.o', '--jsno']],
  ['missing argument', ['diff', 'a.o']],
  ['too many arguments', ['diff', 'a.o', 'b.o', 'c.o']],
  ['missing value', ['validate', 'fix.xsplice', '--xen-syms']],
  ['missing required option', ['plan', 'fix.xsplice']],
  ['no number', ['diff', 'a.o', 'b.o', '--threads', 'many']],
  ['no choice', ['validate', 'fix.xsplice', '--xen-syms', 'x', '--profile', '3.1']],
  ['no build-id', ['--orig', 'a.o', '--patched', 'b.o', '--xen-syms', 'x', '--depends', 'xyz']],
  ['no way to splice', ['--orig', 'a.o', '--patched', 'b.o', '--xen-syms', 'x', '--splice', 'sideways']],
  ['no reporter', ['diff', 'a.o', 'b.o', '--reports-line', 'printk']],
  ['neither source nor objects', ['--xen-syms', 'x']],
  ['source and objects', ['-s', 'xen', '-p', 'a.patch', '--orig', 'a.o', '--xen-syms', 'x']],
  ['one side', ['--orig', 'a.o', '--xen-syms', 'x']],
  ['no patch', ['-s', 'xen', '--xen-syms', 'x']],
  ['no source', ['-p', 'a.patch', '--xen-syms', 'x']],
  ['two ways to give patches', ['-s', 'xen', '-p', 'a.patch', '--series', 'series', '--xen-syms', 'x']],
  ['no image', ['--orig', 'a.o', '--patched', 'b.o']],
  ['nothing to check', ['check-base', '--xen-syms', 'x']],
  ['unknown code', ['explain', 'XS999']],
  ['unknown shell', ['completion', 'tcsh']],
  ['missing object', ['diff', 'a.o', 'nowhere.o']],
  ['missing file', ['inspect', 'nowhere.o']],
  ['missing payload', ['validate', 'nowhere.xsplice', '--xen-syms', 'nowhere']],
  ['missing manifest', ['reproduce', 'nowhere.json']],
  ['no object', ['inspect', 'a.o']],
  ['no image of Xen', ['plan', 'a.o', '--xen-syms', 'a.o']],
  ['missing tree', ['check-base', '-s', 'nowhere', '--xen-syms', 'nowhere']],
];

const folder = mkdtempSync(join(tmpdir(), 'messages-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('wrong command lines', async () => {
  writeFileSync(join(folder, 'a.o'), 'no object at all');
  const told: string[] = [];
  for (const [what, args] of WRONG) {
    const { code, stdout, stderr } = await runCli(args, { cwd: folder });
    expect([what, stdout, stderr === '']).toEqual([what, '', false]);
    told.push(`# ${what}\n$ xsplice-build ${args.join(' ')}\n${stderr}[exit code ${String(code)}]\n`);
  }
  expectGolden('cli/messages.txt', told.join('\n'));
});
