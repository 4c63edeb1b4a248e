/** The command line on a terminal, which `script` (util-linux) makes: what is shown meanwhile, and what stays. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { userEnvironment } from '../../../support/cli.js';
import { screenOf } from '../../../support/screen.js';
import type { Screen } from '../../../support/screen.js';
import { tinyPayload } from '../../../support/tiny-payload.js';
import { testWith } from '../../source/programs.js';

const CLI = fileURLToPath(new URL('../../../../src/cli.js', import.meta.url));
const TINY_XEN = fileURLToPath(new URL('../../../../../golden/machine/tiny-xen', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'terminal-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A proof that takes some seconds: functions that do not return until they have run long. */
const LONG = ['validate', 'loop.xsplice', '--xen-syms', TINY_XEN, '--scenario', 'loop.json'];
const SHORT = ['explain', 'XS301'];

beforeAll(() => {
  const loop = { name: 'chosen', bytes: [0x48, 0xff, 0xc8, 0xeb, 0xfb] };
  writeFileSync(join(folder, 'loop.xsplice'), tinyPayload({ functions: [loop] }));
  const calls = Array.from({ length: 60 }, (_, k) => ({
    title: `call ${String(k)} of a function whose title is long enough to be cut on a terminal`,
    call: 'chosen',
    arguments: [],
    limit: 7_000_000,
    applied: { returns: 7 },
  }));
  writeFileSync(join(folder, 'loop.json'), JSON.stringify({ scenario: 1, title: 'loops', calls }));
});

interface TerminalRun extends Screen {
  readonly code: number | null;
  readonly written: string;
  /** From the key to the end, in milliseconds. */
  readonly reaction: number;
}

interface TerminalSettings {
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** A key that is pressed when this is on the screen. */
  readonly press?: { readonly key: string; readonly when: string };
  /** Run beside it, on the same terminal. */
  readonly beside?: string;
}

async function onTerminal(args: readonly string[], settings: TerminalSettings = {}): Promise<TerminalRun> {
  const { columns = 60, env = {}, press, beside } = settings;
  const command = `'${process.execPath}' '${CLI}' ${args.map((arg) => `'${arg}'`).join(' ')}`;
  const whole = beside === undefined ? `exec ${command}` : `(${beside}) & exec ${command}`;
  const child = spawn('script', ['-qec', `stty cols ${String(columns)} rows 24; ${whole}`, '/dev/null'], {
    cwd: folder,
    env: { ...userEnvironment(['CI', 'NO_COLOR']), TERM: 'xterm', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let written = '';
  let pressed = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text;
    if (press === undefined || pressed > 0 || !written.includes(press.when)) return;
    pressed = performance.now();
    child.stdin.write(press.key);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { ...screenOf(written), code, written, reaction: performance.now() - pressed };
}

const HIDE = '\u001b[?25l';
const TITLE = 'prove the payload in an emulated hypervisor';
const drawn = ({ ever }: Screen): readonly string[] => [...ever].filter((line) => line.includes('prove the'));

describe('a long run', () => {
  testWith(
    ['script', 'stty'],
    'shows tasks, in lines that fit, and leaves nothing but its report',
    async () => {
      const run = await onTerminal(LONG, { columns: 75 });
      expect(run.code).toBe(1);
      const lines = drawn(run);
      expect(lines.some((line) => line.includes(`${TITLE} (`) && line.endsWith('...'))).toBe(true);
      for (const line of lines) expect(line.length).toBeLessThan(75);
      expect(run.lines.filter((line) => line.includes(TITLE))).toEqual([]);
      expect([run.lines[0], run.cursor]).toEqual(['validation by the rules of Xen 4.17', 'shown']);
    },
  );

  testWith(['script', 'stty'], 'keeps to a terminal that is made narrower meanwhile', async () => {
    const run = await onTerminal(LONG, { columns: 100, beside: 'sleep 1.2; stty cols 40 </dev/tty' });
    const last = drawn(run).at(-1) ?? '';
    expect(last).toMatch(/^. prove the payload in an emulat.*\.\.\.$/u);
    expect(last.length).toBeLessThan(40);
  });

  testWith(['script', 'stty'], 'is ended by ctrl-C at once, and leaves the terminal as it was', async () => {
    const run = await onTerminal(LONG, { press: { key: '\u0003', when: TITLE } });
    expect(run.code).toBe(130);
    expect([run.cursor, run.reaction < 1500]).toEqual(['shown', true]);
    expect(run.lines.filter((line) => line !== '' && line !== '^C')).toEqual([
      'error[XS819]: interrupted; nothing was written',
    ]);
  });

  testWith(['script', 'stty'], 'shows no colour with NO_COLOR', async () => {
    const run = await onTerminal(LONG, { env: { NO_COLOR: '1' } });
    expect([run.colored, drawn(run).length > 0]).toEqual([false, true]);
  });

  testWith(['script', 'stty'], 'is told in no way on a dumb terminal, in CI, or with -q', async () => {
    const quiet = await onTerminal([...LONG, '-q']);
    for (const run of [
      quiet,
      await onTerminal(LONG, { env: { TERM: 'dumb' } }),
      await onTerminal(LONG, { env: { CI: 'true' } }),
    ])
      expect([run.written.includes(HIDE), drawn(run)]).toEqual([false, []]);
  });
});

describe('diagnostics and texts', () => {
  testWith(
    ['script', 'stty'],
    'are broken to the width of the terminal, with what follows indented',
    async () => {
      const run = await onTerminal(['diff', 'nowhere.o', `${'a-long-name/'.repeat(4)}b.o`], { columns: 50 });
      expect(run.lines).toEqual([
        'error[XS104]: there is no nowhere.o',
        '  --> nowhere.o',
        '  hint: check the path',
        '',
        'error[XS104]: there is no',
        `    ${'a-long-name/'.repeat(4)}b.o`,
        `  --> ${'a-long-name/'.repeat(4)}b.o`,
        '  hint: check the path',
      ]);
      const explained = await onTerminal(SHORT, { columns: 40 });
      expect([explained.widest <= 40, explained.code, explained.written.includes(HIDE)]).toEqual([
        true,
        0,
        false,
      ]);
    },
  );
});

test('a terminal is read as it is written', () => {
  const screen = screenOf(
    'one\r\ntwo\r\n\u001b[1A\u001b[2K\u001b[Gthree\u001b[?25l\r\n\u001b[?25h\u001b[1mx\u001b[22m',
  );
  expect([screen.lines, screen.cursor, screen.widest, screen.colored]).toEqual([
    ['one', 'three', 'x'],
    'shown',
    5,
    true,
  ]);
});
