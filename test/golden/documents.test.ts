/** The documents of --json, whole: what programs read, field by field. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { PROFILES } from '../../src/hypervisor/profiles.js';
import { checkBase } from '../../src/index.js';
import type { LinkResult } from '../../src/index.js';
import { checkBaseDocument, renderCheckBase } from '../../src/report/base.js';
import { buildDocument, diffDocument } from '../../src/report/json.js';
import { validateDocument } from '../../src/report/validation.js';
import { provePayloads } from '../../src/validate/prove.js';
import { readScenario } from '../../src/validate/scenario/scenario-file.js';
import { expectGolden } from '../support/golden.js';
import { CASES, explainCase, goldenCase, runCase } from '../support/golden-cases.js';
import { tinyImage } from '../support/tiny-xen.js';
import { returns, tinyPayload } from '../support/tiny-payload.js';

const text = (document: object): string => `${JSON.stringify(document, null, 2)}\n`;

test('a comparison, with a function shown whole', async () => {
  const result = await explainCase(goldenCase('local-const-table'), ['name']);
  expectGolden('documents/diff.json', text(diffDocument(result)));
});

test('a proof, with a scenario that does not come out', () => {
  const call = { call: 'chosen', before: { returns: 1 }, applied: { returns: 8 }, reverted: 'before' };
  const found: Diagnostic[] = [];
  const scenario = readScenario(
    'fix.json',
    JSON.stringify({ scenario: 1, title: 'what chosen returns', calls: [call] }),
    (problem) => found.push(problem),
  );
  expect(found).toEqual([]);
  if (scenario === undefined) throw new Error('no scenario');
  const payload = tinyPayload({ functions: [{ name: 'chosen', bytes: returns(7) }] });
  const validation = provePayloads({
    image: tinyImage(),
    profile: PROFILES['4.17'],
    payloads: [{ path: 'fix.xsplice', bytes: payload }],
    scenarios: [{ path: 'fix.json', scenario }],
  });
  expectGolden(
    'documents/validate.json',
    text(validateDocument({ validation, diagnostics: validation.diagnostics })),
  );
});

test('a base that differs in every way, as a document and as text', async () => {
  const folder = join(CASES, 'base-differs-refused');
  const objects = [{ object: 'common/base-differs-refused.o', path: join(folder, 'orig.o'), member: false }];
  const image = join(CASES, 'base-as-it-runs', 'image');
  const whole = await checkBase({ image, objects, threads: 1 });
  if (whole.proof === undefined) throw new Error('no proof');
  const proof = { ...whole.proof, image: 'xen-syms' };
  expectGolden('documents/check-base.json', text(checkBaseDocument({ ...whole, proof, diagnostics: [] })));
  const plain = renderCheckBase(proof, { color: false, verbose: false });
  const verbose = renderCheckBase(proof, { color: false, verbose: true });
  expectGolden('documents/check-base.txt', `${plain}\n${verbose}`);
});

test('a build, with the references that pulled in each thing', async () => {
  const result: LinkResult = await runCase(goldenCase('bug-frames-assert'), 1);
  expect(result.diagnostics).toEqual([]);
  expectGolden('documents/build.json', text(buildDocument(result, 'livepatch.xsplice')));
});
