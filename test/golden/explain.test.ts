/** Functions shown whole (`--explain`): both sides aligned, with relocations and what special sections say. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { renderAsked } from '../../src/report/text.js';
import { GOLDEN, expectGolden } from '../support/golden.js';
import { explainCase, goldenCase } from '../support/golden-cases.js';

const SHOWN = [
  'alternatives',
  'bug-frames-assert',
  'cold-part-alone',
  'exception-table',
  'jump-table',
  'local-const-table',
  'new-functions-and-data',
  'shared-section',
];

test.each(SHOWN)('%s reads as it was read', async (name) => {
  const result = await explainCase(goldenCase(name));
  expectGolden(`explain/${name}.txt`, renderAsked(result, { color: false, verbose: false }));
});

test('no text lies about that nothing compares', () => {
  const there = readdirSync(join(GOLDEN, 'explain')).map((file) => file.replace('.txt', ''));
  expect(there.sort()).toEqual(SHOWN);
});
