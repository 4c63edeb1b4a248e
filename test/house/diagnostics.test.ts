/**
 * Diagnostic codes: each is emitted, explained in full sentences, and shown by a golden text that a reviewer has
 * read. A code that nobody emits misleads those who read the list; one without an explanation sends its user to
 * the source.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ts } from '@ts-morph/bootstrap';
import { DIAGNOSTIC_CODES } from '../../src/diag/codes.js';
import type { CodeEntry } from '../../src/diag/codes.js';
import { emittedCodes } from './emitted-codes.js';
import { ROOT, demand, filesUnder, placeOf, sample, sourcesUnder, walk } from './house.js';
import type { Source } from './house.js';

const TABLES = 'src/diag/codes/';
const GOLDEN = 'golden/diagnostics';
const SHORTEST_TEXT = 80;
const LONGEST_TITLE = 70;

type Codes = Readonly<Record<string, CodeEntry>>;

function entryComplaints(codes: Codes): string[] {
  return Object.entries(codes).flatMap(([code, { severity, title, text }]) => {
    const found: string[] = [];
    if (!/^XS[1-9]\d\d$/.test(code)) found.push('is not of the form XSnnn');
    if (!['error', 'warning', 'note'].includes(severity)) found.push(`has the severity '${severity}'`);
    if (!/^[A-Za-z].*[^.]$/.test(title) || title.length > LONGEST_TITLE)
      found.push(
        `has the title '${title}': a phrase of up to ${LONGEST_TITLE} characters, without a full stop`,
      );
    if (text.length < SHORTEST_TEXT) found.push(`explains itself in ${text.length} characters`);
    if (!/[.!?]$/.test(text)) found.push('explains itself in something that is no sentence');
    return found.map((what) => `${code} ${what}`);
  });
}

/** Codes by the tables they stand in; a code in two tables would be one of them by chance. */
function duplicateComplaints(tables: readonly Source[]): string[] {
  const first = new Map<string, string>();
  return tables.flatMap((source) => {
    const found: string[] = [];
    walk(source.tree, (node) => {
      if (!ts.isPropertyAssignment(node) || !/^XS\d+$/.test(node.name.getText(source.tree))) return;
      const code = node.name.getText(source.tree);
      const before = first.get(code);
      if (before === undefined) first.set(code, placeOf(source, node));
      else found.push(`${placeOf(source, node)}: ${code} is also at ${before}`);
    });
    return found;
  });
}

function emissionComplaints(codes: Codes, sources: readonly Source[]): string[] {
  const emitted = sources
    .filter((source) => !source.path.startsWith(TABLES))
    .flatMap((source) =>
      emittedCodes(source).map(({ code, node }) => ({ code, place: placeOf(source, node) })),
    );
  const silent = Object.keys(codes).filter((code) => !emitted.some((found) => found.code === code));
  const unknown = emitted.filter(({ code }) => !(code in codes));
  return [
    ...silent.map((code) => `${code} is emitted nowhere`),
    ...unknown.map(({ code, place }) => `${place}: ${code} is in no table`),
  ];
}

function goldenComplaints(
  codes: Codes,
  goldens: readonly string[],
  read: (path: string) => string,
): string[] {
  const wanted = Object.keys(codes).map((code) => `${GOLDEN}/${code}.txt`);
  const shown = goldens.filter((path) => path.endsWith('.txt'));
  return [
    ...wanted.filter((path) => !shown.includes(path)).map((path) => `${path} is missing`),
    ...shown
      .filter((path) => !wanted.includes(path))
      .map((path) => `${path} shows a code that does not exist`),
    ...shown
      .filter((path) => wanted.includes(path))
      .filter((path) => !read(path).includes(`[${path.slice(GOLDEN.length + 1, -4)}]`))
      .map((path) => `${path} does not show its code`),
  ];
}

function goldenFiles(): string[] {
  return filesUnder('golden').filter((path) => path.startsWith(`${GOLDEN}/`));
}

const PRODUCT = sourcesUnder('src', 'passes');

describe('diagnostic codes', () => {
  test('explain themselves', () => {
    demand(
      entryComplaints(DIAGNOSTIC_CODES),
      'say in the table under src/diag/codes/ what the code means, why it matters and what to do',
    );
  });

  test('stand in one table each', () => {
    const tables = PRODUCT.filter((source) => source.path.startsWith(TABLES));
    demand(duplicateComplaints(tables), 'take the next free number; a code is never used for two meanings');
  });

  test('are emitted, and none that is emitted is unknown', () => {
    demand(
      emissionComplaints(DIAGNOSTIC_CODES, PRODUCT),
      'delete the code (its number stays unused), or report it where it happens',
    );
  });

  test('are shown by a golden text each', () => {
    demand(
      goldenComplaints(DIAGNOSTIC_CODES, goldenFiles(), (path) => readFileSync(join(ROOT, path), 'utf8')),
      `write a case that provokes the code, run \`make bless\` and read ${GOLDEN}/XSnnn.txt`,
    );
  });
});

describe('the rules about codes', () => {
  const text =
    'It means this and that, and it matters because of something else. Do what must be done about it.';
  const codes: Codes = { XS101: { severity: 'error', title: 'wrong thing', text } };

  test('are content with a good code', () => {
    const source = sample('src/elf/x.ts', "diagnostic('XS101', {});");
    expect(entryComplaints(codes)).toEqual([]);
    expect(emissionComplaints(codes, [source])).toEqual([]);
    expect(goldenComplaints(codes, [`${GOLDEN}/XS101.txt`], () => 'error[XS101]: x')).toEqual([]);
  });

  test('complain about codes that say too little', () => {
    expect(entryComplaints({ XS101: { severity: 'error', title: 'Wrong.', text: 'short' } })).toHaveLength(3);
  });

  test('take no type, comparison, comment or table for an emission', () => {
    const talk = "// 'XS101'\ntype C = 'XS101' | 'XS102';\nif (d.code === 'XS101') again();";
    expect(emissionComplaints(codes, [sample('src/elf/x.ts', talk)])).toEqual(['XS101 is emitted nowhere']);
    const table = sample(`${TABLES}read.ts`, "diagnostic('XS101', {});");
    expect(emissionComplaints(codes, [table])).toEqual(['XS101 is emitted nowhere']);
  });

  test('complain about codes in two tables, and goldens that are missing, orphaned or about something else', () => {
    const table = 'export const T = { XS101: {}, XS102: {} };';
    const twice = [sample(`${TABLES}a.ts`, table), sample(`${TABLES}b.ts`, table)];
    expect(duplicateComplaints(twice)).toHaveLength(2);
    expect(goldenComplaints(codes, [], () => '')).toEqual([`${GOLDEN}/XS101.txt is missing`]);
    expect(goldenComplaints(codes, [`${GOLDEN}/XS101.txt`, `${GOLDEN}/XS102.txt`], () => '')).toHaveLength(2);
  });
});
