/**
 * The table of passes in src/README.md is made from the headers of the passes, in the order of the pipelines.
 * `XSPLICE_BLESS=1 make tidy` rewrites it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import * as pipeline from '../../src/pipeline.js';
import { ROOT, demand, sourcesUnder } from './house.js';
import type { Source } from './house.js';
import { readPass } from './pass-files.js';
import type { PassFile } from './pass-files.js';

const README = join(ROOT, 'src/README.md');
const BEGIN = '<!-- passes -->';
const END = '<!-- /passes -->';

/** Names of all passes as they run, each once: pipelines in the order in which src/pipeline.ts declares them. */
function namesInOrder(): string[] {
  const text = readFileSync(join(ROOT, 'src/pipeline.ts'), 'utf8');
  const places = Object.entries(pipeline).flatMap(([name, value]) =>
    'names' in value ? [{ at: text.search(new RegExp(`const ${name}\\b`)), value }] : [],
  );
  expect(places.every(({ at }) => at >= 0)).toBe(true);
  return [...new Set(places.sort((a, b) => a.at - b.at).flatMap(({ value }) => value.names()))];
}

function tableOf(passes: readonly PassFile[]): string {
  const rows = passes.map(({ path, name, header, effect }) =>
    [
      `[${name}](../${path})`,
      header?.Reads,
      header?.Makes,
      header?.Assumes,
      header?.Reports,
      effect ?? '',
    ].join(' | '),
  );
  const head = ['| Pass | Reads | Makes | Assumes | Reports | Effect |', '|---|---|---|---|---|---|'];
  return [...head, ...rows.map((row) => `| ${row} |`)].join('\n');
}

function withTable(text: string, table: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  const block = `${BEGIN}\n\n${table}\n\n${END}`;
  if (begin < 0 || end < begin) return `${text}${text.endsWith('\n\n') ? '' : '\n'}${block}\n`;
  return `${text.slice(0, begin)}${block}${text.slice(end + END.length)}`;
}

test('src/README.md shows the passes as they are', () => {
  const files = new Map(sourcesUnder('passes').map((source: Source) => [readPass(source).name, source]));
  const names = namesInOrder();
  const passes = names.flatMap((name) => {
    const source = files.get(name);
    return source === undefined ? [] : [readPass(source)];
  });
  expect(passes.map((pass) => pass.name)).toEqual(names);
  const text = existsSync(README) ? readFileSync(README, 'utf8') : '# How xsplice-build works\n';
  const wanted = withTable(text, tableOf(passes));
  if (process.env['XSPLICE_BLESS'] === '1') writeFileSync(README, wanted);
  else if (text !== wanted)
    demand(['the table of passes in src/README.md is out of date'], 'run `XSPLICE_BLESS=1 make tidy`');
});

test('a table replaces the one before it, and leaves the text around it', () => {
  const once = withTable('# Title\n', 'a');
  expect(once).toBe(`# Title\n\n${BEGIN}\n\na\n\n${END}\n`);
  expect(withTable(`${once}\nafter\n`, 'b')).toBe(`# Title\n\n${BEGIN}\n\nb\n\n${END}\n\nafter\n`);
});
