/** Kept objects: found, not found, damaged, too many, and by several processes at once. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ObjectCache, unitKey } from '../../../../src/source/replay/object-cache.js';
import { makeFolder, removeFolders } from '../mini-tree.js';

afterAll(removeFolders);

const UNIT = unitKey(['gcc -c x.c']);
const FILES = [
  { path: 'b.h', hash: 'bb' },
  { path: 'a.c', hash: 'aa' },
];
const hashes = (more: Readonly<Record<string, string>> = {}) => {
  const all: Readonly<Record<string, string | undefined>> = { 'a.c': 'aa', 'b.h': 'bb', ...more };
  return (path: string): string | undefined => all[path];
};
const MANY = 1 << 30;

function filesIn(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isFile());
}

describe('ObjectCache', () => {
  test('finds an object by what it was made from, and nothing else', async () => {
    const cache = new ObjectCache(makeFolder(), MANY);
    expect(await cache.find(UNIT, hashes())).toBeUndefined();
    await cache.store(UNIT, FILES, Buffer.from('object'));
    expect((await cache.find(UNIT, hashes()))?.object.toString()).toBe('object');
    expect(await cache.find(UNIT, hashes({ 'b.h': 'other' }))).toBeUndefined();
    expect(await cache.find(unitKey(['gcc -O0 -c x.c']), hashes())).toBeUndefined();
    expect(await cache.find(UNIT, () => undefined)).toBeUndefined();
  });

  test('keeps several states of a unit, with other files each', async () => {
    const cache = new ObjectCache(makeFolder(), MANY);
    await cache.store(UNIT, FILES, Buffer.from('first'));
    await cache.store(UNIT, [...FILES, { path: 'c.h', hash: 'cc' }], Buffer.from('second'));
    await cache.store(UNIT, [{ path: 'a.c', hash: 'a2' }], Buffer.from('third'));
    expect((await cache.find(UNIT, hashes()))?.object.toString()).toBe('first');
    expect((await cache.find(UNIT, hashes({ 'a.c': 'a2' })))?.object.toString()).toBe('third');
  });

  test.each([
    ['a byte', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from('!')])],
    ['the end', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['everything', () => Buffer.alloc(0)],
    ['the hash', (bytes: Buffer) => Buffer.concat([Buffer.from('0'), bytes.subarray(1)])],
  ])('drops an object that lost %s', async (_what, damage) => {
    const root = makeFolder();
    const cache = new ObjectCache(root, MANY);
    await cache.store(UNIT, FILES, Buffer.from('object'));
    const [path = ''] = filesIn(root).filter((name) => name.endsWith('.object'));
    writeFileSync(path, damage(readFileSync(path)));
    expect(await cache.find(UNIT, hashes())).toBeUndefined();
    expect(existsSync(path)).toBe(false);
    await cache.store(UNIT, FILES, Buffer.from('object'));
    expect(await cache.find(UNIT, hashes())).toBeDefined();
  });

  test.each(['', '{', '{}', '[1]', '[["a", 2]]', JSON.stringify(Array(100).fill([]))])(
    'drops a list that is %j',
    async (text) => {
      const root = makeFolder();
      const cache = new ObjectCache(root, MANY);
      await cache.store(UNIT, FILES, Buffer.from('object'));
      const [path = ''] = filesIn(root).filter((name) => name.endsWith('.deps'));
      writeFileSync(path, text);
      expect(await cache.find(UNIT, hashes())).toBeUndefined();
      expect(existsSync(path)).toBe(false);
    },
  );

  test('drops what was not used for longest when it is full, and leavings of killed runs', async () => {
    const root = makeFolder();
    const cache = new ObjectCache(root, 16 * 5_000);
    const keys = Array.from({ length: 64 }, (_, k) => unitKey([`unit ${k}`]));
    for (const [k, key] of keys.entries()) {
      await cache.store(key, FILES, Buffer.alloc(1_000, k));
      const then = new Date(Date.now() - (100 - k) * 1_000);
      for (const path of filesIn(root))
        if (Date.now() - statSync(path).mtimeMs < 500) utimesSync(path, then, then);
    }
    const [share = ''] = readdirSync(root);
    const left = join(root, share, 'part-1-1');
    writeFileSync(left, 'half');
    const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1_000);
    utimesSync(left, longAgo, longAgo);
    expect(await cache.find(keys[0] ?? '', hashes())).toBeDefined();
    await cache.trim();
    expect(existsSync(left)).toBe(false);
    for (const name of readdirSync(root)) {
      const sizes = filesIn(join(root, name)).map((path) => statSync(path).size);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(5_000);
    }
    const found = await Promise.all(keys.map(async (key) => (await cache.find(key, hashes())) !== undefined));
    expect(found.at(-1)).toBe(true);
    expect(found[0]).toBe(true);
    expect(found.filter((is) => !is).length).toBeGreaterThan(0);
  });

  test('serves processes that write, read, trim and are killed at the same time', async () => {
    const root = makeFolder();
    const module = new URL('../../../../src/source/replay/object-cache.js', import.meta.url).href;
    const program = `
      const { ObjectCache, unitKey } = await import(${JSON.stringify(module)});
      const cache = new ObjectCache(${JSON.stringify(root)}, 16 * 20000);
      let wrong = 0;
      for (let round = 0; round < 150; round++) {
        const k = round % 30, unit = unitKey(['u' + k]);
        const found = await cache.find(unit, () => 'h');
        if (found && !found.object.equals(Buffer.alloc(2000, k))) wrong++;
        if (!found) await cache.store(unit, [{ path: 'f' + k, hash: 'h' }], Buffer.alloc(2000, k));
        if (round % 20 === 19) await cache.trim();
      }
      process.exitCode = wrong === 0 ? 0 : 1;`;
    const start = () => spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
    const victim = start();
    const codes = [start(), start()].map(
      (child) => new Promise<number | null>((resolve) => child.once('close', resolve)),
    );
    setTimeout(() => victim.kill('SIGKILL'), 150);
    expect(await Promise.all(codes)).toEqual([0, 0]);
  }, 60_000);
});
