/**
 * Artifacts, the options of passes and diagnostics are plain readonly data. Only so can a lane post them, can
 * --dump-after print them, and can a pass rely on nobody changing what it was given.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT, demand, sourcesUnder } from './house.js';
import { plainDataComplaints, programOf } from './plain-data.js';

const MEND =
  'make the property `readonly`, its array `readonly T[]`, its map a ReadonlyMap; keep behaviour in functions beside the data';

describe('artifacts', () => {
  const paths = sourcesUnder('src', 'passes').map((source) => source.path);
  const program = programOf(paths);

  test('are plain readonly data, and so is all that they are made of', () => {
    const declared = ['src/model/artifacts.ts', 'src/model/payload-artifacts.ts'];
    const elsewhere = paths.filter((path) => !declared.includes(path));
    demand(
      [
        ...declared.flatMap((path) => plainDataComplaints(program, path)),
        ...elsewhere.flatMap((path) => plainDataComplaints(program, path, 'Artifact')),
      ],
      MEND,
    );
  });

  test('diagnostics and the options of passes cross threads too', () => {
    demand(
      [
        ...plainDataComplaints(program, 'src/diag/diagnostic.ts').filter((c) => !c.includes(': Report ')),
        ...plainDataComplaints(program, 'src/xen/versions.ts'),
      ],
      MEND,
    );
  });
});

test('the rule follows imports to the bottom', () => {
  const deep = 'src/elf/file.ts';
  const loosened = readFileSync(join(ROOT, deep), 'utf8').replace('readonly r_sym:', 'r_sym:');
  const program = programOf(['src/model/artifacts.ts'], { [deep]: loosened });
  const complaints = plainDataComplaints(program, 'src/model/artifacts.ts');
  expect(complaints).toEqual([
    expect.stringMatching(/^src.model.artifacts.ts: \w+.*\.relas\[\]\.r_sym is not readonly$/),
  ]);
});

test('the rule tells plain data from the rest', () => {
  const path = 'src/model/sample.ts';
  const text = `
    import type { Artifact } from '../engine/artifact.js';
    export class Box { readonly inner = 1; }
    interface Nested { readonly list: number[]; }
    export interface Bad extends Artifact {
      readonly box: Box; readonly run: () => void; loose: string; readonly nested: Nested;
      readonly when: Date; readonly what: unknown; readonly all: any; readonly map: Map<string, number>;
      readonly pair: [number, number]; readonly deep: ReadonlyMap<string, readonly { loose: 1 }[]>;
      readonly record: Record<string, number>; method(): void; readonly bytes: Buffer;
    }
    export interface Good extends Artifact {
      readonly kind: 'good'; readonly bytes: Uint8Array; readonly columns: readonly BigUint64Array[];
      readonly pair: readonly [number, 'a' | undefined]; readonly map?: ReadonlyMap<string, ReadonlySet<bigint>>;
      readonly self: readonly Good[]; readonly reasons: Readonly<Record<string, string>>;
      readonly frozen: Readonly<{ a: number }>; readonly picked: Pick<Good, 'kind' | 'bytes'>;
    }`;
  const complaints = plainDataComplaints(programOf([], { [path]: text }), path, 'Artifact');
  expect(complaints.map((complaint) => complaint.replace(`${path}: `, '')).sort()).toEqual([
    'Bad.all is no data: any may be anything',
    'Bad.box is no data: Box is a class',
    'Bad.bytes is no data: Buffer is a type of a library, not plain data',
    'Bad.deep[][].loose is not readonly',
    'Bad.loose is not readonly',
    'Bad.map is no data: Map is a type of a library, not plain data',
    'Bad.method is a method',
    'Bad.nested.list is no data: number[] is not readonly',
    'Bad.pair is no data: [number, number] is not readonly',
    'Bad.record its index signature is not readonly',
    'Bad.run is a function',
    'Bad.what is no data: unknown may be anything',
    'Bad.when is no data: Date is a type of a library, not plain data',
  ]);
});
