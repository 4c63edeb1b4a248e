/** The cases are well-formed, and each patch that lies there is used. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { loadCases, ownPayloadSteps, REPOSITORY, withPrerequisites } from './cases.js';
import type { Case } from './cases.js';

const CASES = loadCases();

test('every case is described in the README', () => {
  const readme = readFileSync(path.join(REPOSITORY, 'test/xen/README.md'), 'utf8');
  expect([...CASES.keys()].filter((name) => !readme.includes(`| \`${name}\` |`))).toEqual([]);
});

test('every patch belongs to a case, and every patch that a case names is there', () => {
  const root = path.join(REPOSITORY, 'test/xen');
  const there = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.patch'),
  );
  const named = [...CASES.values()].flatMap(({ patch_files }) => patch_files);
  expect([...new Set(named)].sort()).toEqual(there.map((file) => path.join(root, file)).sort());
});

test('what lies below is built before what lies on top', () => {
  const named = (name: string): Case => {
    const found = CASES.get(name);
    if (found === undefined) throw new Error(`no case ${name}`);
    return found;
  };
  const [two_files, stacked, replacement] = [named('two-files'), named('stacked'), named('replacement')];
  expect(withPrerequisites([replacement], CASES)).toEqual([two_files, stacked, replacement]);
  expect(withPrerequisites([stacked, two_files], CASES)).toEqual([two_files, stacked]);
});

test('the steps for Xen’s own payloads end with the one that kills the host', () => {
  expect(ownPayloadSteps().at(-1)).toHaveProperty('fatal');
});
