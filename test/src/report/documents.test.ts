/** The published schemas hold for what commands really print: documents of every kind, of runs that go well and do not. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { runCli } from '../../support/cli.js';
import { documentComplaints } from '../../support/documents.js';
import { GOLDEN } from '../../support/golden.js';
import { CASES, goldenCases, runCase } from '../../support/golden-cases.js';
import { buildDocument, diffDocument } from '../../../src/report/json.js';

const folder = mkdtempSync(join(tmpdir(), 'documents-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plain = (document: object): unknown => JSON.parse(JSON.stringify(document));

test('the documents that reviewers have read', () => {
  const files = readdirSync(join(GOLDEN, 'documents')).filter((name) => name.endsWith('.json'));
  expect(files.length).toBeGreaterThan(3);
  for (const name of files) {
    const document: unknown = JSON.parse(readFileSync(join(GOLDEN, 'documents', name), 'utf8'));
    expect([name, ...documentComplaints(document)]).toEqual([name]);
  }
});

test('comparisons and builds of all cases, refused ones included', async () => {
  for (const which of goldenCases()) {
    if (which.settings.onTopOf !== undefined) continue;
    const result = await runCase(which, 1);
    const documents = [diffDocument(result), buildDocument(result, 'fix.xsplice')];
    expect([which.name, ...documents.flatMap((one) => documentComplaints(plain(one)))]).toEqual([which.name]);
  }
});

describe('what the command line prints', () => {
  const example = join(GOLDEN, 'example');
  const sides = ['--orig', join(example, 'orig'), '--patched', join(example, 'patched')];
  const image = ['--xen-syms', join(example, 'mini-syms')];
  const payload = join(folder, 'fix.xsplice');
  const ask = async (...args: readonly string[]): Promise<string[]> => {
    const { stdout } = await runCli([...args, '--json']);
    return documentComplaints(JSON.parse(stdout));
  };

  test('by commands that do what they are asked for', async () => {
    const scenario = ['--scenario', join(example, 'scenario.json')];
    expect(
      await ask('build', ...sides, ...image, '-o', payload, ...scenario, '--explain', 'do_hypercall'),
    ).toEqual([]);
    const manifest = `${payload}.manifest.json`;
    expect(documentComplaints(JSON.parse(readFileSync(manifest, 'utf8')))).toEqual([]);
    expect(await ask('validate', payload, ...image, ...scenario)).toEqual([]);
    expect(await ask('plan', payload, ...image)).toEqual([]);
    expect(await ask('reproduce', manifest)).toEqual([]);
    expect(await ask('check-base', '--objects', join(example, 'orig'), ...image)).toEqual([]);
    expect(await ask('doctor', '--cache-dir', folder)).toEqual([]);
  });

  test('by commands that are refused', async () => {
    const nothing = join(folder, 'nothing');
    expect(await ask('validate', nothing, ...image)).toEqual([]);
    expect(await ask('plan', nothing, ...image)).toEqual([]);
    expect(await ask('reproduce', nothing)).toEqual([]);
    expect(await ask('check-base', '--objects', nothing, ...image)).toEqual([]);
    expect(await ask('diff', nothing, nothing)).toEqual([]);
    const image2 = ['--xen-syms', join(CASES, 'base-as-it-runs', 'image')];
    expect(await ask('build', ...sides, ...image2, '-o', payload)).toEqual([]);
  });
});

test('a field that the schema does not name is found', () => {
  const document: unknown = JSON.parse(readFileSync(join(GOLDEN, 'documents', 'diff.json'), 'utf8'));
  expect(documentComplaints({ ...(document as object), extra: 1 })).toEqual([
    ': must NOT have additional properties {"additionalProperty":"extra"}',
  ]);
  expect(documentComplaints({ schema: 'xsplice-build/diff/1' })).toEqual([
    'there is no schema xsplice-build/diff/1',
  ]);
});
