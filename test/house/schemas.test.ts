/**
 * docs/schemas/ has a JSON schema for each document that a command prints or writes, made from its type.
 * `XSPLICE_BLESS=1 make tidy` rewrites them.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DOCUMENTS, SCHEMAS, schemaFile } from '../support/documents.js';
import { demand, sourcesUnder } from './house.js';
import { schemaOf } from './json-schema.js';
import { programOf } from './plain-data.js';

const MEND =
  'if fields were only added: `XSPLICE_BLESS=1 make tidy`; if one was changed or went away, count the version of the schema up first';

test('every document has a schema, which is that of its type', () => {
  const program = programOf(DOCUMENTS.map(({ path }) => path));
  const wanted = new Map(
    DOCUMENTS.map((one) => {
      const schema = schemaOf(program, one.path, one.type, one.name);
      return [schemaFile(one.name), `${JSON.stringify(schema, null, 2)}\n`];
    }),
  );
  const bless = process.env['XSPLICE_BLESS'] === '1';
  if (bless) mkdirSync(SCHEMAS, { recursive: true });
  for (const [name, text] of wanted) if (bless) writeFileSync(join(SCHEMAS, name), text);
  const differs = [...wanted].filter(([name, text]) => {
    const file = join(SCHEMAS, name);
    return !existsSync(file) || readFileSync(file, 'utf8') !== text;
  });
  const orphans = readdirSync(SCHEMAS).filter((name) => !wanted.has(name));
  demand(
    [
      ...differs.map(([name]) => `docs/schemas/${name} is not that of its type`),
      ...orphans.map((name) => `docs/schemas/${name} belongs to no document`),
    ],
    MEND,
  );
});

test('every schema that the source names is one of them', () => {
  const named = sourcesUnder('src').flatMap(
    ({ text }) => text.match(/xsplice-build\/[a-z-]+\/\d+(?=')/g) ?? [],
  );
  expect([...new Set(named)].sort()).toEqual(DOCUMENTS.map(({ name }) => name).sort());
});

test('what JSON has no form for is no document', () => {
  for (const [type, why] of [
    ['bigint', 'X.x has no form in JSON: bigint'],
    ['readonly symbol[]', 'X.x[] has no form in JSON: symbol'],
    ['unknown', 'X.x has no form in JSON: unknown'],
  ]) {
    const path = 'src/report/sample.ts';
    const program = programOf([], { [path]: `export interface X { readonly x: ${type} }` });
    expect(() => schemaOf(program, path, 'X', 'x')).toThrow(why);
  }
});
