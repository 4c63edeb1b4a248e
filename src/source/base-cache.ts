/**
 * Built bases of trees that their owner never built (or built with another configuration).
 *
 *   CACHE/bases/KEY/base.json      {"builtAt": "/path"}: where the objects' commands say they were built
 *   CACHE/bases/KEY/tree/          the copy of the tree, built
 *   CACHE/bases/run-XXXXXX/tree/   one that is being built
 *
 * KEY is a hash of everything that decides the objects: all files of the tree, the configuration, compiler
 * and linker, make variables. A base appears by one rename, when it is complete, so a run that is killed
 * leaves nothing that could be taken for one, and two runs that build the same base do not disturb each
 * other: the second finds the name taken and drops its own. A base is copied before use and never changed.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../system-error.js';

/** Bases that are kept, the latest used ones. */
const KEPT = 3;
/** A base used within this many milliseconds is kept in any case: another run may be copying it. */
const IN_USE = 10 * 60 * 1000;

/** Layout of the cache. A change of it, or of how bases are built, changes this number and forgets old ones. */
const GENERATION = 'base-1';

export interface Base {
  /** Absolute top of the built tree. */
  readonly top: string;
  /** The path that its records name. */
  readonly builtAt: string;
}

/** The name of a base: a hash over its ingredients. */
export function baseKey(ingredients: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of [GENERATION, ...ingredients]) hash.update(`${String(part.length)}:${part}`);
  return hash.digest('hex').slice(0, 40);
}

export function basesDir(cacheDir: string): string {
  return join(cacheDir, 'bases');
}

/** A base made earlier; undefined if there is none. Marks it as used now. */
export async function findBase(cacheDir: string, key: string): Promise<Base | undefined> {
  const folder = join(basesDir(cacheDir), key);
  const text = await readFile(join(folder, 'base.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const now = new Date();
  await utimes(folder, now, now).catch(() => undefined);
  return { top: join(folder, 'tree'), builtAt: readBuiltAt(text) ?? join(folder, 'tree') };
}

/**
 * Puts a finished base in its place: `folder` (made by makeScratch below basesDir) holds tree/, built there.
 * Returns it, or the one that another run put there meanwhile. Throws operating system errors.
 */
export async function storeBase(cacheDir: string, key: string, folder: string): Promise<Base> {
  await writeFile(join(folder, 'base.json'), JSON.stringify({ builtAt: join(folder, 'tree') }));
  await rm(join(folder, 'owner.json'), { force: true });
  const place = join(basesDir(cacheDir), key);
  try {
    await rename(folder, place);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error))) throw error;
    await rm(folder, { recursive: true, force: true });
  }
  await prune(cacheDir);
  return (await findBase(cacheDir, key)) ?? { top: join(place, 'tree'), builtAt: join(folder, 'tree') };
}

async function prune(cacheDir: string): Promise<void> {
  const root = basesDir(cacheDir);
  await mkdir(root, { recursive: true });
  const names = (await readdir(root)).filter((name) => /^[0-9a-f]{40}$/.test(name));
  const aged = await Promise.all(
    names.map(async (name) => ({
      name,
      used: (await stat(join(root, name)).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  );
  const surplus = aged.sort((a, b) => b.used - a.used).slice(KEPT);
  for (const { name } of surplus.filter((base) => Date.now() - base.used > IN_USE)) {
    // Renamed first, so that no run finds a base that is half removed.
    const doomed = join(root, `run-removed-${name}`);
    await rename(join(root, name), doomed).catch(() => undefined);
    await rm(doomed, { recursive: true, force: true });
  }
}

function readBuiltAt(text: string): string | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('builtAt' in value)) return undefined;
  return typeof value.builtAt === 'string' ? value.builtAt : undefined;
}
