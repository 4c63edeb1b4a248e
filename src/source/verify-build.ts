/**
 * The cross-check of the two ways: the objects that single compilations gave are compared, byte for byte, with those
 * that make gives in a copy of the tree.
 *
 * make pins the date that goes into include/xen/compile.h, and a replay takes the one that the tree was built with, so
 * objects that contain it are left out. Original objects with debug information name the folder in which they were
 * built, so they are left out when they are those of the tree.
 */
import { readFile, rename } from 'node:fs/promises';
import { diagnostic } from '../diag/diagnostic.js';
import type { Job } from './job.js';
import type { BuildSummary, SourceResult } from './request.js';
import type { PairFolders, Replayed } from './replay/replay.js';
import type { ObjectPairPaths } from './object-snapshot.js';

/** What make writes a date into. */
const DATED = 'include/xen/compile.h';

/**
 * Builds once more with `make`, which leaves its pairs in `folders`, and puts those of `replayed` back. Reports XS851
 * and returns undefined if they differ; undefined, too, if make has reported that it failed.
 */
export async function verifyReplay(
  job: Job,
  replayed: Replayed,
  folders: PairFolders,
  make: () => Promise<SourceResult | undefined>,
): Promise<BuildSummary['verified'] | undefined> {
  const kept = { origDir: `${folders.origDir}-replayed`, patchedDir: `${folders.patchedDir}-replayed` };
  await rename(folders.origDir, kept.origDir);
  await rename(folders.patchedDir, kept.patchedDir);
  const made = await make();
  if (made === undefined) return undefined;
  const mine = new Map(replayed.pairs.map((pair) => [pair.object, moved(pair, folders, kept)]));
  const theirs = new Map(made.pairs.map((pair) => [pair.object, pair]));
  const leftOut = replayed.units.filter(({ deps }) => deps.includes(DATED)).map(({ object }) => object);
  const debug = replayed.units.some(({ command }) => command.debug);
  const differing: string[] = [];
  let equal = 0;
  for (const object of [...new Set([...mine.keys(), ...theirs.keys()])].sort()) {
    if (leftOut.includes(object)) continue;
    const what = await difference(mine.get(object), theirs.get(object), debug && replayed.asRecorded > 0);
    if (what === undefined) equal += 1;
    else differing.push(`${object}: ${what}`);
  }
  await rename(folders.origDir, `${folders.origDir}-made`);
  await rename(folders.patchedDir, `${folders.patchedDir}-made`);
  await rename(kept.origDir, folders.origDir);
  await rename(kept.patchedDir, folders.patchedDir);
  if (differing.length === 0) return { equal, leftOut };
  const compared = String(equal + differing.length);
  const message = `single compilation and make differ in ${String(differing.length)} of ${compared} objects`;
  job.report(
    diagnostic('XS851', {
      message,
      at: { object: job.request.sourceDir },
      notes: differing.slice(0, 10),
      hint: 'use --build=make, or build the tree afresh',
    }),
  );
  return undefined;
}

function moved(pair: ObjectPairPaths, from: PairFolders, to: PairFolders): ObjectPairPaths {
  return {
    object: pair.object,
    ...(pair.orig !== undefined && { orig: pair.orig.replace(from.origDir, to.origDir) }),
    ...(pair.patched !== undefined && { patched: pair.patched.replace(from.patchedDir, to.patchedDir) }),
  };
}

async function difference(
  mine: ObjectPairPaths | undefined,
  theirs: ObjectPairPaths | undefined,
  patchedOnly: boolean,
): Promise<string | undefined> {
  if (mine === undefined) return 'changed only by make';
  if (theirs === undefined) return 'changed only by single compilation';
  if (!(await sameFile(mine.patched, theirs.patched))) return 'the patched sides differ';
  if (!patchedOnly && !(await sameFile(mine.orig, theirs.orig))) return 'the original sides differ';
  return undefined;
}

async function sameFile(a: string | undefined, b: string | undefined): Promise<boolean> {
  if (a === undefined || b === undefined) return a === b;
  const [x, y] = await Promise.all([readFile(a), readFile(b)]);
  return x.equals(y);
}
