/** An entry of the cache is there as a whole or not at all. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { keptDirectory } from '../../../src/qemu/kept-directory.js';

let cache = '';
beforeEach(() => {
  cache = mkdtempSync(path.join(tmpdir(), 'cache-'));
});
afterEach(() => {
  rmSync(cache, { recursive: true });
});

const fillWith =
  (text: string) =>
  (directory: string): Promise<void> => {
    writeFileSync(path.join(directory, 'file'), text);
    return Promise.resolve();
  };
const contents = (entry: string): string => readFileSync(path.join(entry, 'file'), 'utf8');

test('is filled once', async () => {
  const entry = path.join(cache, 'deep/entry');
  expect(await keptDirectory(entry, fillWith('first'))).toBe(entry);
  await keptDirectory(entry, fillWith('second'));
  expect(contents(entry)).toBe('first');
});

test('does not exist after a failure, and nothing else does', async () => {
  const entry = path.join(cache, 'entry');
  const fill = async (directory: string): Promise<void> => {
    await fillWith('half')(directory);
    throw new Error('the line went dead');
  };
  await expect(keptDirectory(entry, fill)).rejects.toThrow('the line went dead');
  expect(existsSync(entry)).toBe(false);
  expect(readdirSync(cache)).toEqual([]);
});

test('survives two that fill it at the same time', async () => {
  const entry = path.join(cache, 'entry');
  const slow = async (directory: string): Promise<void> => {
    await keptDirectory(entry, fillWith('fast'));
    await fillWith('slow')(directory);
  };
  await keptDirectory(entry, slow);
  expect(contents(entry)).toBe('fast');
  expect(readdirSync(cache)).toEqual(['entry']);
});
