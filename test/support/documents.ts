/** The documents that commands print and write: their schemas, the types they are made from, and a judge for them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { closed } from '../house/json-schema.js';
import type { Schema } from '../house/json-schema.js';

/** The folder docs/schemas of the repository; compiled tests lie in dist/test. */
export const SCHEMAS = fileURLToPath(new URL('../../../docs/schemas/', import.meta.url));

export interface DocumentType {
  /** What its field `schema` says. */
  readonly name: string;
  readonly path: string;
  readonly type: string;
}

export const DOCUMENTS: readonly DocumentType[] = [
  { name: 'xsplice-build/build/2', path: 'src/report/json.ts', type: 'BuildDocument' },
  { name: 'xsplice-build/diff/2', path: 'src/report/json.ts', type: 'DiffDocument' },
  { name: 'xsplice-build/validate/1', path: 'src/report/validation.ts', type: 'ValidateDocument' },
  { name: 'xsplice-build/check-base/1', path: 'src/report/base.ts', type: 'CheckBaseDocument' },
  { name: 'xsplice-build/plan/1', path: 'src/report/plan.ts', type: 'PlanDocument' },
  { name: 'xsplice-build/doctor/1', path: 'src/report/doctor.ts', type: 'DoctorDocument' },
  { name: 'xsplice-build/reproduce/1', path: 'src/cli/reproduce.ts', type: 'ReproduceDocument' },
  { name: 'xsplice-build/manifest/1', path: 'src/release/manifest.ts', type: 'Manifest' },
];

/** `xsplice-build/build/2` -> `build-2.json`. */
export function schemaFile(schema: string): string {
  return `${schema.split('/').slice(1).join('-')}.json`;
}

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });

/** What of a document its schema does not allow, fields that it does not name included. */
export function documentComplaints(document: unknown): string[] {
  const named =
    typeof document === 'object' && document !== null && 'schema' in document ? document.schema : '';
  const known = DOCUMENTS.find((one) => one.name === named);
  if (known === undefined) return [`there is no schema ${String(named)}`];
  const strict = `${known.name}/closed`;
  const check =
    ajv.getSchema(strict) ??
    ajv.compile({
      ...(closed(
        JSON.parse(readFileSync(join(SCHEMAS, schemaFile(known.name)), 'utf8')) as Schema,
      ) as object),
      $id: strict,
    });
  void check(document);
  return (check.errors ?? []).map(
    ({ instancePath, message = '', params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
}
