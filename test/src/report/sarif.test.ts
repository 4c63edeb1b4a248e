/** SARIF logs: the part of the standard's schema that matters to readers, and what each diagnostic becomes. */
import { expect, test } from '@jest/globals';
import { DIAGNOSTIC_CODES } from '../../../src/diag/codes.js';
import { diagnostic } from '../../../src/diag/diagnostic.js';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { sarifLog } from '../../../src/report/sarif.js';
import { sarifComplaints } from '../../support/sarif-schema.js';

const CONTEXT = { version: '1.2.3', exitCode: 1, subject: 'fix.xsplice' };

const FOUND: readonly Diagnostic[] = [
  diagnostic('XS808', {
    message: 'hunk 1 does not match',
    at: { object: 'dir/a fix#1.patch', line: 12 },
    frame: ['expected: a', 'found:    b'],
    hint: 'rebase',
  }),
  diagnostic('XS301', {
    message: 'the initial value changed',
    at: { object: 'common/x:y.o', section: '.data.x', section_offset: 16, symbol: 'x', length: 4 },
    notes: ['one', 'two'],
  }),
  diagnostic('XS103', { message: 'damaged', at: { object: '/abs/ü.o', section_offset: 64, length: 8 } }),
  diagnostic('XS310', { message: 'nothing to patch' }),
];

interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly message: { readonly text: string };
      readonly locations: readonly object[];
      readonly partialFingerprints: Readonly<Record<string, string>>;
    }[];
  }[];
}

const logOf = (found: readonly Diagnostic[]): Log =>
  JSON.parse(JSON.stringify(sarifLog(found, CONTEXT))) as Log;

test('logs of none, some and all codes keep to the schema', () => {
  const all = Object.keys(DIAGNOSTIC_CODES).map((code) =>
    diagnostic(code as keyof typeof DIAGNOSTIC_CODES, { message: `of ${code}` }),
  );
  for (const found of [[], FOUND, all]) expect(sarifComplaints(logOf(found))).toEqual([]);
  expect(logOf(all).runs[0].results).toHaveLength(all.length);
});

test('the check of the schema sees what is wrong', () => {
  const good = logOf(FOUND);
  const broken = (change: (text: string) => string): unknown => JSON.parse(change(JSON.stringify(good)));
  expect(sarifComplaints(broken((text) => text.replace('"2.1.0"', '"2.0.0"')))).not.toEqual([]);
  expect(sarifComplaints(broken((text) => text.replace('"startLine":12', '"startLine":0')))).not.toEqual([]);
  expect(sarifComplaints(broken((text) => text.replace('"ruleIndex":3', '"ruleIndex":9')))).not.toEqual([]);
  expect(sarifComplaints(broken((text) => text.replace('"level":"error"', '"level":"fatal"')))).not.toEqual(
    [],
  );
  expect(sarifComplaints(broken((text) => text.replace('"results"', '"findings"')))).not.toEqual([]);
});

test('lines are physical; objects, sections and symbols are logical', () => {
  const [{ results, tool }] = logOf(FOUND).runs;
  expect(tool.driver.rules.map((rule) => rule.id)).toEqual(['XS103', 'XS301', 'XS310', 'XS808']);
  expect(results.map(({ ruleId, ruleIndex }) => `${ruleId} ${String(ruleIndex)}`)).toEqual([
    'XS808 3',
    'XS301 1',
    'XS103 0',
    'XS310 2',
  ]);
  expect(results.map(({ locations }) => locations)).toEqual([
    [
      {
        physicalLocation: {
          artifactLocation: { uri: 'dir/a%20fix%231.patch' },
          region: { startLine: 12 },
        },
      },
    ],
    [
      {
        physicalLocation: { artifactLocation: { uri: 'common/x%3Ay.o' } },
        logicalLocations: [
          { name: '.data.x+0x10', fullyQualifiedName: 'common/x:y.o:(.data.x+0x10)', kind: 'module' },
          { name: 'x', fullyQualifiedName: 'common/x:y.o: x', kind: 'function' },
        ],
      },
    ],
    [
      {
        physicalLocation: {
          artifactLocation: { uri: 'file:///abs/%C3%BC.o' },
          region: { byteOffset: 64, byteLength: 8 },
        },
      },
    ],
    [{ physicalLocation: { artifactLocation: { uri: 'fix.xsplice' } } }],
  ]);
  expect(results[0]?.message.text).toBe(
    'hunk 1 does not match\n    expected: a\n    found:    b\nhint: rebase',
  );
});

test('a diagnostic told twice is one result, and one that only moved is known again', () => {
  const moved = FOUND.map((found) => ({ ...found, at: { ...found.at, section_offset: 99, line: 99 } }));
  const prints = (found: readonly Diagnostic[]): readonly object[] =>
    logOf(found).runs[0].results.map(({ partialFingerprints }) => partialFingerprints);
  expect(prints([...FOUND, ...FOUND])).toEqual(prints(FOUND));
  expect(prints(moved)).toEqual(prints(FOUND));
  expect(new Set(prints(FOUND).map((print) => JSON.stringify(print))).size).toBe(FOUND.length);
});
