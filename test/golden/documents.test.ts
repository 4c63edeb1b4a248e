/** The documents of --json, whole: what programs read, field by field. */
import { expect, test } from '@jest/globals';
import type { LinkResult } from '../../src/index.js';
import { buildDocument, diffDocument } from '../../src/report/json.js';
import { expectGolden } from '../support/golden.js';
import { explainCase, goldenCase, runCase } from '../support/golden-cases.js';

const text = (document: object): string => `${JSON.stringify(document, null, 2)}\n`;

test('a comparison, with a function shown whole', async () => {
  const result = await explainCase(goldenCase('local-const-table'), ['name']);
  expectGolden('documents/diff.json', text(diffDocument(result)));
});

test('a build, with the references that pulled in each thing', async () => {
  const result: LinkResult = await runCase(goldenCase('bug-frames-assert'), 1);
  expect(result.diagnostics).toEqual([]);
  expectGolden('documents/build.json', text(buildDocument(result, 'livepatch.xsplice')));
});
