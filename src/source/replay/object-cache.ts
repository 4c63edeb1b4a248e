/**
 * Compiled objects, kept by what they were made from.
 *
 *   CACHE/objects/X/KEY.deps       which files a unit reads: lists of paths, the latest first
 *   CACHE/objects/X/KEY.object     a line with a hash, then the object
 *
 * Which files a unit reads is known only after it was compiled, so there are two steps. The first key is a hash of all
 * that is known before (command, compiler, names of all files); it leads to lists of paths. The first key and the
 * present contents of all files of a list make the second key, and that leads to an object. A list may be outdated or
 * lost, and then nothing is found; an object under its key is right, whoever put it there.
 *
 * Files appear by rename, so that a run that is killed leaves no half of one, and two runs that write the same file
 * write the same thing. An object whose hash is not right is removed. X is a digit: each of 16 folders has its share of
 * the size, and those that got something are trimmed at the end of the run, what was not used for longest first.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../system-error.js';

/** Bytes that objects may take, if nothing else is said. */
export const CACHE_LIMIT = 512 * 1024 * 1024;

/** Layout and meaning of entries. A change of how objects are compiled changes this number and forgets old ones. */
const GENERATION = 'unit-1';
const SHARES = 16;
/** Lists that are kept of one unit. */
const LISTS = 8;
/** How full a share is after it was trimmed. */
const TRIMMED = 0.9;
/** After this many milliseconds a file that never got its name is one of a run that was killed. */
const LEFT_BEHIND = 60 * 60 * 1000;
/** A unit that reads more files than this is not looked up. */
const MOST_FILES = 20_000;

export interface Ingredient {
  /** Relative to xen/. */
  readonly path: string;
  /** Hash of the content. */
  readonly hash: string;
}

/** The first key of a unit: a hash over what is known before it is compiled. */
export function unitKey(ingredients: readonly string[]): string {
  const hash = createHash('sha256').update(GENERATION);
  for (const part of ingredients) hash.update(`\n${String(part.length)}:${part}`);
  return hash.digest('hex');
}

function objectKey(unit: string, ingredients: readonly Ingredient[]): string {
  return unitKey([unit, ...ingredients.flatMap(({ path, hash }) => [path, hash])]);
}

let written = 0;

export class ObjectCache {
  private readonly grown = new Set<string>();

  /** `root` need not exist; `limit` is the size of all entries in bytes. */
  constructor(
    private readonly root: string,
    private readonly limit: number,
  ) {}

  /**
   * The object of a unit, if it was compiled before from the same contents. `hashOf` tells the hash of a file's present
   * content, undefined for a file that is not there.
   */
  async find(
    unit: string,
    hashOf: (path: string) => string | undefined,
  ): Promise<{ readonly object: Buffer; readonly ingredients: readonly Ingredient[] } | undefined> {
    for (const paths of await this.lists(unit)) {
      const ingredients = paths.map((path) => ({ path, hash: hashOf(path) ?? '' }));
      if (ingredients.some(({ hash }) => hash === '')) continue;
      const object = await this.read(objectKey(unit, ingredients));
      if (object !== undefined) return { object, ingredients };
    }
    return undefined;
  }

  /** Keeps an object. Not being able to is no error: the next run compiles again. */
  async store(unit: string, ingredients: readonly Ingredient[], object: Buffer): Promise<void> {
    if (ingredients.length > MOST_FILES) return;
    const sorted = [...ingredients].sort((a, b) => (a.path < b.path ? -1 : 1));
    const paths = sorted.map(({ path }) => path);
    const same = (list: readonly string[]): boolean => list.join('\n') === paths.join('\n');
    const others = (await this.lists(unit)).filter((list) => !same(list));
    const lists = JSON.stringify([paths, ...others].slice(0, LISTS));
    const head = Buffer.from(`${createHash('sha256').update(object).digest('hex')}\n`);
    try {
      await this.write(this.place(objectKey(unit, sorted), 'object'), Buffer.concat([head, object]));
      await this.write(this.place(unit, 'deps'), Buffer.from(lists));
    } catch (error) {
      if (errnoOf(error) === '') throw error;
    }
  }

  /** Brings what has grown in this run back to its size. */
  async trim(): Promise<void> {
    for (const folder of this.grown) await trimShare(folder, this.limit / SHARES);
    this.grown.clear();
  }

  private place(key: string, kind: 'deps' | 'object'): string {
    return join(this.root, key.slice(0, 1), `${key}.${kind}`);
  }

  private async lists(unit: string): Promise<readonly (readonly string[])[]> {
    const path = this.place(unit, 'deps');
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return [];
    const lists = readLists(text);
    if (lists === undefined) await rm(path, { force: true });
    else await touch(path);
    return lists ?? [];
  }

  private async read(key: string): Promise<Buffer | undefined> {
    const path = this.place(key, 'object');
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined) return undefined;
    const end = bytes.indexOf(10);
    const object = bytes.subarray(end + 1);
    if (bytes.toString('latin1', 0, Math.max(0, end)) !== createHash('sha256').update(object).digest('hex')) {
      await rm(path, { force: true });
      return undefined;
    }
    await touch(path);
    return object;
  }

  private async write(path: string, bytes: Buffer): Promise<void> {
    const folder = join(path, '..');
    await mkdir(folder, { recursive: true });
    const part = join(folder, `part-${String(process.pid)}-${String((written += 1))}`);
    await writeFile(part, bytes);
    await rename(part, path);
    this.grown.add(folder);
  }
}

function readLists(text: string): readonly (readonly string[])[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isList(value) || value.length > LISTS) return undefined;
  const lists: string[][] = [];
  for (const list of value) {
    if (!isList(list) || list.length > MOST_FILES) return undefined;
    const paths = list.filter((path) => typeof path === 'string');
    if (paths.length !== list.length) return undefined;
    lists.push(paths);
  }
  return lists;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** Marks as used now; another run may have removed it meanwhile. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

async function trimShare(folder: string, limit: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const info = await stat(path).catch(() => undefined);
      return { path, part: name.startsWith('part-'), size: info?.size ?? 0, used: info?.mtimeMs ?? 0 };
    }),
  );
  const now = Date.now();
  const orphans = files.filter(({ part, used }) => part && now - used > LEFT_BEHIND);
  const entries = files.filter(({ part }) => !part).sort((a, b) => a.used - b.used);
  let total = entries.reduce((sum, { size }) => sum + size, 0);
  const doomed = orphans.map(({ path }) => path);
  if (total > limit) {
    for (const { path, size } of entries) {
      if (total <= limit * TRIMMED) break;
      total -= size;
      doomed.push(path);
    }
  }
  for (const path of doomed) await rm(path, { force: true });
}
