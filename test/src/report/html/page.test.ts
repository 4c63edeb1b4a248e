/** The report as a file: what it says, that nothing in it comes from elsewhere, and that it cannot be broken or grow. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { renderReport } from '../../../../src/report/html/page.js';
import { runCli } from '../../../support/cli.js';
import { expectGolden, GOLDEN } from '../../../support/golden.js';
import { explained, HOSTILE, SCRIPT, subjectWith } from '../../../support/report-subject.js';
import { EXAMPLE_OBJECTS, passFolder } from '../../../support/user-passes.js';

const folder = passFolder();
afterAll(() => folder.remove());

const LARGEST = 5 << 20;

/** What a reader sees, a line for each row and paragraph. */
function textOf(page: string): string {
  return page
    .replace(/<(script|style)[\s\S]*?<\/\1>/g, '')
    .replace(/<(td|th|dd|li)\b[^>]*>/g, '\t')
    .replace(/<(tr|p|h\d|dt|pre|summary|caption|section|article|span class="(?:[op]|ref|dim)?")[^>]*>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/^[ \t]+|[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trimStart();
}

async function example(name: string, ...args: readonly string[]): Promise<string> {
  const report = join(folder.path, `${name}.html`);
  await runCli(['build', ...EXAMPLE_OBJECTS, '-o', 'fix.xsplice', '--report', report, ...args], {
    cwd: folder.path,
  });
  return readFileSync(report, 'utf8');
}

describe('the report of the bundled example', () => {
  test('says what it said', async () => {
    const page = await example('said', '--scenario', join(GOLDEN, 'example/scenario.json'));
    const hidden = textOf(page)
      // Where the inputs lie, and which release made it.
      .replace(/^.*?(golden\/example\/)/gm, '$1')
      .replace(/xsplice-build \d[\w.-]*/g, 'xsplice-build VERSION');
    expectGolden('report/example.txt', hidden);
  });

  test('is the same each time', async () => {
    expect(await example('again')).toBe(await example('once more'));
  });

  test('holds nothing that is fetched, and allows no script but its own', async () => {
    const page = await example('alone');
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page).not.toMatch(/\b(src|href)="(?!#)/);
    expect(page).toMatch(
      /default-src &#39;none&#39;; style-src &#39;sha256-[\w+/=]+&#39;; script-src &#39;sha256-/,
    );
  });

  test('is written of a refused build, too', async () => {
    const veto = folder.write(
      'veto.ts',
      "import { definePass } from 'xsplice-build/config';\nexport default definePass({ name: 'no', after: 'select-changed', run: (_, ctx) => ctx.veto('not on a Friday') });\n",
    );
    const page = textOf(await example('refused', '--pass', veto));
    expect(page).toContain('No payload was made');
    expect(page).toContain('error XS707: pass no: not on a Friday');
    expect(page).toContain('set_flags_call');
  });
});

describe('a report of what means harm', () => {
  test('shows every name as a name', () => {
    const page = renderReport(subjectWith([explained(HOSTILE, 200)], HOSTILE), SCRIPT);
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page).not.toContain('<img');
    expect(page).not.toMatch(/[\u0000\u001b\u202e]/);
    expect(page).toContain('\\u202egnp.\\u001b[31m\\u0000');
  });

  test('does not grow beyond 5 MB, and shows all that differs', () => {
    const functions = Array.from({ length: 50 }, (_, k) => explained(`function_${String(k)}`, 5000));
    const page = renderReport(subjectWith(functions, 'large.xsplice'), SCRIPT);
    expect(page.length).toBeLessThan(LARGEST);
    expect(page.match(/<article/g)).toHaveLength(50);
    const differing = functions.flatMap(({ lines }) => lines.filter(({ side }) => side !== 'both')).length;
    expect(page.match(/<tr class="[op]"/g)).toHaveLength(differing + 0);
    expect(page).toContain('equal lines are left out of this file');
  });
});
