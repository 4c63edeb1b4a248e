/**
 * A report in a real browser: it opens without a complaint and without the network, quickly when it is large; it is for
 * those who see, who hear and who type; on paper everything is there.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { renderReport } from '../../src/report/html/page.js';
import { runCli } from '../support/cli.js';
import { leastTime } from '../support/least-time.js';
import { explained, SCRIPT, subjectWith } from '../support/report-subject.js';
import { EXAMPLE, exampleObjects, passFolder } from '../support/user-passes.js';
import type { Look } from './look.js';

const BROWSER = '/usr/bin/chromium';
const LOOK = fileURLToPath(new URL('./look.js', import.meta.url));
const MINUTES = 60_000;
const folder = passFolder();
afterAll(() => folder.remove());

async function lookAt(report: string, ...more: readonly string[]): Promise<Look> {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stdout } = await promisify(execFile)(process.execPath, [LOOK, report, ...more], {
    env,
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout) as Look;
}

// In CI it must be there: .ci/run installs it.
const inBrowser = existsSync(BROWSER) || process.env['CI'] === 'true' ? describe : describe.skip;

inBrowser('in a browser', () => {
  let look: Look;
  beforeAll(async () => {
    const report = join(folder.path, 'example.html');
    // Its objects lie where no folder of the command is above them: the report shows paths of any length in full.
    const example = join(folder.path, 'unbroken'.repeat(20), 'example');
    const work = join(folder.path, 'work');
    mkdirSync(work);
    cpSync(EXAMPLE, example, { recursive: true });
    await runCli(
      ['build', ...exampleObjects(example), '-o', 'fix.xsplice', '--report', report].concat([
        '--scenario',
        join(example, 'scenario.json'),
      ]),
      { cwd: work },
    );
    look = await lookAt(report);
  }, 3 * MINUTES);

  test('nothing complains, and nothing is fetched', () => {
    expect(look.complaints).toEqual([]);
  });

  test('all parts are there', () => {
    expect(look.headings).toEqual(
      expect.arrayContaining([
        'Live patch fix.xsplice',
        'Overview',
        'set_flags_call',
        'What came in, and through what',
        'Special-section entries',
        'The plan',
        'The base',
        'The proof',
        'Scenario: flags of a domain that does not exist',
        'Memory map of the payload',
        'Inputs and identity',
      ]),
    );
  });

  test('axe finds nothing, in light, in dark, in a narrow window', () => {
    expect(look.violations).toEqual({ light: [], dark: [], narrow: [] });
    expect(look.overflows).toEqual({ asItIs: 0, wideFont: 0 });
  });

  test('functions are filtered, the explorer is gone through, by keyboard', () => {
    expect(look.filtered).toBe('2 of 3 functions');
    const [first, then, back] = look.explored;
    expect(first).toContain('set_flags_call: function');
    expect(then).not.toBe(first);
    expect(back).toBe(first);
  });

  test('without its script all is there, and no tool that does nothing', () => {
    expect(look.withoutScript.tools).toBe(false);
    expect(look.navigationIsPrinted).toBe(false);
  });
});

inBrowser('a large report', () => {
  test(
    'opens within a second, folded; unfolded and printed it shows every line',
    async () => {
      const functions = Array.from({ length: 50 }, (_, k) => explained(`set_flags_${String(k)}`, 300));
      const report = join(folder.path, 'large.html');
      writeFileSync(report, renderReport(subjectWith(functions, 'large.xsplice'), SCRIPT));
      const looks: Look[] = [];
      const opened = await leastTime(1000, async () => {
        looks.unshift(await lookAt(report, '--no-axe'));
        return looks[0].opened;
      });
      const [{ folded, withoutScript, complaints }] = looks;
      expect(complaints).toEqual([]);
      expect(opened).toBeLessThan(1000);
      expect(folded.before).toBe(0);
      expect(folded.after).toBeGreaterThan(10_000);
      expect(folded.printed).toBe(folded.after);
      expect(withoutScript.rows).toBe(folded.after);
    },
    8 * MINUTES,
  );
});
