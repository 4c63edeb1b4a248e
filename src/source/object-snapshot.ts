/**
 * Remembers the objects of the original build, so that those of the patched build can be told apart.
 *
 * The second build overwrites objects in place, so each is copied (a reflink where possible). Afterwards an
 * object whose inode, size and time are the same was not rebuilt; one that was is compared byte by byte,
 * because most objects that a header change rebuilds come out as they were.
 */
import { constants } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compilerOf } from './compiler.js';

/** The two sides of one object. `orig` is absent for a new object, `patched` for one that is gone. */
export interface ObjectPairPaths {
  /** Relative to xen/: `common/keyhandler.o`. */
  readonly object: string;
  /** Absolute paths. */
  readonly orig?: string;
  /** Absent for an object that the patches remove. */
  readonly patched?: string;
}

interface Remembered {
  readonly copy: string;
  readonly stamp: string;
}

export interface ObjectSnapshot {
  readonly objects: ReadonlyMap<string, Remembered>;
  /** Compiler names found in .comment, with the number of objects that carry each. */
  readonly compilers: ReadonlyMap<string, number>;
}

/** Copies `objects` (relative to `xen`, absolute) below `keep`. Throws operating system errors. */
export async function takeSnapshot(
  xen: string,
  objects: readonly string[],
  keep: string,
  signal?: AbortSignal,
): Promise<ObjectSnapshot> {
  const remembered = new Map<string, Remembered>();
  const compilers = new Map<string, number>();
  for (const folder of new Set(objects.map((o) => dirname(o))))
    await mkdir(join(keep, folder), { recursive: true });
  for (const object of objects) {
    signal?.throwIfAborted();
    const path = join(xen, object);
    const copy = join(keep, object);
    const compiler = compilerOf(await readFile(path));
    if (compiler !== undefined) compilers.set(compiler, (compilers.get(compiler) ?? 0) + 1);
    await copyFile(path, copy, constants.COPYFILE_FICLONE);
    remembered.set(object, { copy, stamp: await stampOf(path) });
  }
  return { objects: remembered, compilers };
}

/**
 * The objects that differ between the snapshot and the present `objects` of `xen`, sorted by name. Their
 * original sides are moved to `origDir`, the patched ones copied to `patchedDir`, under the same names.
 */
export async function collectPairs(
  snapshot: ObjectSnapshot,
  xen: string,
  objects: readonly string[],
  origDir: string,
  patchedDir: string,
): Promise<readonly ObjectPairPaths[]> {
  await Promise.all([mkdir(origDir, { recursive: true }), mkdir(patchedDir, { recursive: true })]);
  const present = new Set(objects);
  const pairs: ObjectPairPaths[] = [];
  for (const object of [...new Set([...snapshot.objects.keys(), ...objects])].sort()) {
    const before = snapshot.objects.get(object);
    const now = join(xen, object);
    if (before !== undefined && present.has(object) && (await isSame(before, now))) continue;
    const orig = before === undefined ? undefined : await place(before.copy, join(origDir, object), rename);
    const patched = present.has(object) ? await place(now, join(patchedDir, object), copyFile) : undefined;
    pairs.push({
      object,
      ...(orig === undefined ? {} : { orig }),
      ...(patched === undefined ? {} : { patched }),
    });
  }
  return pairs;
}

/** Removes the copies of objects that did not change. */
export async function dropSnapshot(keep: string): Promise<void> {
  await rm(keep, { recursive: true, force: true });
}

async function isSame(before: Remembered, now: string): Promise<boolean> {
  if ((await stampOf(now)) === before.stamp) return true;
  const [a, b] = await Promise.all([readFile(before.copy), readFile(now)]);
  return a.equals(b);
}

async function stampOf(path: string): Promise<string> {
  const info = await stat(path, { bigint: true });
  return `${String(info.ino)} ${String(info.size)} ${String(info.mtimeNs)}`;
}

async function place(
  from: string,
  to: string,
  how: (from: string, to: string) => Promise<void>,
): Promise<string> {
  await mkdir(dirname(to), { recursive: true });
  await how(from, to);
  return to;
}
