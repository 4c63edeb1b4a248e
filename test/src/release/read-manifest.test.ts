/** Manifests that were damaged, or made up by somebody: refused by the name of the field, never followed halfway. */
import { expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { readManifest } from '../../../src/release/read-manifest.js';
import { plainManifest } from '../../support/plain-manifest.js';

const GOOD = JSON.stringify(plainManifest({ sha256: 'a'.repeat(64), patches: ['one.patch', 'two.patch'] }));

function read(text: string) {
  const found: Diagnostic[] = [];
  const recipe = readManifest('fix.manifest.json', text, (d) => found.push(d));
  return { recipe, message: found[0]?.message.replace(/^.*followed: /, ''), codes: found.map((d) => d.code) };
}

/** The good one with the value at a path replaced; without a value, removed. */
function changed(path: string, value?: unknown): string {
  const manifest: unknown = JSON.parse(GOOD);
  const names = path.split('.');
  const last = names.pop() ?? '';
  const parent = names.reduce<unknown>((at, name) => Reflect.get(at as object, name), manifest);
  if (value === undefined) Reflect.deleteProperty(parent as object, last);
  else Reflect.set(parent as object, last, value);
  return JSON.stringify(manifest);
}

test('a good one is read', () => {
  const { recipe, codes } = read(GOOD);
  expect(codes).toEqual([]);
  expect(recipe?.source?.patches.map(({ path }) => path)).toEqual(['one.patch', 'two.patch']);
});

test.each([
  ['schema', 'xsplice-build/manifest/2', 'its schema is xsplice-build/manifest/2'],
  ['schema', undefined, 'schema is no text'],
  ['inputs', undefined, 'inputs is missing'],
  ['inputs', 7, 'inputs is no object'],
  ['inputs.source', null, 'it has not exactly one of inputs.source and inputs.objects'],
  ['inputs.objects', [], 'it has not exactly one of inputs.source and inputs.objects'],
  ['inputs.image.sha256', 'A'.repeat(64), 'inputs.image.sha256 is no SHA-256'],
  ['inputs.below', {}, 'inputs.below is no list'],
  ['inputs.source.patches.1.path', 'a\0b', 'inputs.source.patches[1].path is no path'],
  ['inputs.source.patches.1.strip', -1, 'inputs.source.patches[1].strip is no count'],
  [
    'inputs.source.files',
    { '../../etc/passwd': 'a'.repeat(64) },
    'a name in inputs.source.files leads elsewhere',
  ],
  ['inputs.source.files', { '/etc/passwd': 'a'.repeat(64) }, 'a name in inputs.source.files leads elsewhere'],
  ['inputs.source.files', [1], 'inputs.source.files is no object'],
  ['settings.target', 'vax', 'settings.target is neither xen nor generic'],
  ['settings.replace', 'yes', 'settings.replace is neither true nor false'],
  ['settings.depends', '0', 'settings.depends is no build-id'],
  ['payload.size', 1.5, 'payload.size is no count'],
  ['tool.version', 'v'.repeat(20_000), 'tool.version is no text'],
])('XS840: %s', (path, value, message) => {
  expect(read(changed(path, value))).toEqual({ recipe: undefined, message, codes: ['XS840'] });
});

test('XS840: what is no JSON, and JSON that is no object', () => {
  for (const text of ['', '{', 'null', '[]', '7', '"x"']) expect(read(text).codes).toEqual(['XS840']);
  expect(read('{"schema": "\\u001b[2J"}').message).not.toContain('\u001b');
});
