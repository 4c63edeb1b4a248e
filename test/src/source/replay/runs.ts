/** Runs of the source stage on miniature trees, by single compilations, by make, or by both. */
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Diagnostic } from '../../../../src/diag/diagnostic.js';
import { buildObjectPairs } from '../../../../src/source/index.js';
import type { SourceRequest } from '../../../../src/source/index.js';
import { makeFolder, writeFix } from '../mini-tree.js';

export const TOOLS = ['gcc', 'make', 'ld', 'objcopy', 'flex', 'bison', 'python3'];

/** A patch of one line of one function. */
export const fix = (): string => writeFix('xen/common/one.c', '+ 1', '+ 2');

/** One run; its pairs are read before its scratch folder goes. */
export async function run(sourceDir: string, patches: readonly string[], more: Partial<SourceRequest> = {}) {
  const found: Diagnostic[] = [];
  const request = { sourceDir, patches, jobs: 2, cacheDir: makeFolder(), ...more };
  const result = await buildObjectPairs(request, (d) => found.push(d));
  const pairs = result?.pairs.map((pair) => ({
    object: pair.object,
    orig: pair.orig && readFileSync(pair.orig),
    patched: pair.patched && readFileSync(pair.patched),
  }));
  await result?.dispose();
  return { result, pairs, codes: found.map((d) => d.code), found, request };
}

/** Runs in both ways, which must come to the same. */
export async function verified(top: string, patches: readonly string[], more: Partial<SourceRequest> = {}) {
  const both = await run(top, patches, { verifyBuild: true, ...more });
  expect(both.found.filter((d) => d.severity === 'error')).toEqual([]);
  expect(both.result?.build.how).toBe('replay');
  return both;
}

/** The kind of reason for which make had to build. */
export async function whyMake(top: string, patches: readonly string[]): Promise<string | undefined> {
  const { result } = await run(top, patches);
  expect(result?.build.how).toBe('make');
  return result?.build.because?.kind;
}

/** Dates a file a minute ahead. */
export const later = (path: string): void => {
  const time = new Date(Date.now() + 60_000);
  utimesSync(path, time, time);
};

/** Replaces in the record of common/one.o. */
export function forge(top: string, from: string | RegExp, to: string): string {
  const record = join(top, 'xen/common/.one.o.cmd');
  writeFileSync(record, readFileSync(record, 'utf8').replace(from, to));
  return top;
}
