/**
 * A folder that looks to the compiler like xen/ of the built tree with some files changed, and costs little: links to
 * whatever is the same, folders as a whole. Only the folders on the way to a changed file are folders. The compiler runs
 * in it with the recorded command, so all names that it sees and writes down are those of the real build. It writes
 * elsewhere: through the links it would write into the tree.
 *
 *   xen/common/keyhandler.c                           the changed file
 *   xen/common/domain.c → TREE/xen/common/domain.c    its neighbours
 *   xen/include → TREE/xen/include                    everything else
 *
 * `linked/../file.h` leads out of the overlay into the tree, to a file that may be another one here. So folders from
 * which a unit is known to climb are folders too, and of names that it climbed all the same the compiler tells
 * afterwards (`climbsOut`).
 */
import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { HOOKS_HEADER } from '../hooks-header.js';
import type { PlannedFile } from '../patch-series.js';
import { realPath } from './tree-listing.js';
import type { TreeListing } from './tree-listing.js';

/** Where the header for hooks lies, which a patched tree has although no patch brings it. */
export const HOOKS_PLACE = 'include/xen/xsplice-hooks.h';

/** Whether one of the files asks for the header for hooks; otherwise it need not be there. */
export function wantsHooks(changed: readonly PlannedFile[]): boolean {
  return changed.some(({ after }) => after?.text.includes('xsplice-hooks') === true);
}

/** Where a path leaves a folder by `..`: that folder, and the one it comes to. */
type Climb = readonly [from: string, to: string];

function climbsOf(path: string): readonly Climb[] {
  const climbs: Climb[] = [];
  const at: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') {
      at.push(part);
      continue;
    }
    const from = at.join('/');
    at.pop();
    climbs.push([from, at.join('/')]);
  }
  return climbs;
}

/** Whether a path, as the compiler names it, leads from a linked folder to one that is not. */
export function climbsOut(path: string, real: ReadonlySet<string>): boolean {
  return climbsOf(path).some(([from, to]) => real.has(to) && !real.has(from));
}

/**
 * The folders that must be folders, '' among them, when `changed` (real paths relative to xen/) differ and units read
 * `named` (paths as they name them).
 */
export function realFolders(
  listing: TreeListing,
  changed: readonly string[],
  named: Iterable<string>,
): ReadonlySet<string> {
  const real = new Set<string>(['']);
  const addAbove = (path: string): void => {
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) real.add(folder);
  };
  for (const path of changed) addAbove(path);
  // A link in a linked folder would lead to the tree's file.
  for (const link of listing.links.keys()) {
    const target = realPath(listing, link);
    if (changed.some((path) => path === target || path.startsWith(`${target}/`))) addAbove(link);
  }
  const climbs = new Map<string, Climb>();
  for (const path of named)
    if (path.includes('..')) for (const climb of climbsOf(path)) climbs.set(climb.join(' '), climb);
  for (let before = -1; before !== real.size;) {
    before = real.size;
    for (const [from, to] of climbs.values()) if (real.has(to) && from !== '') addAbove(`${from}/x`);
  }
  return real;
}

export interface OverlayContents {
  /** Files to have in another state, with paths below the top of the source. */
  readonly changed: readonly PlannedFile[];
  /** From `realFolders`. */
  readonly real: ReadonlySet<string>;
}

/** Makes `to` (absolute, must not exist) an overlay of the listed tree. Throws operating system errors. */
export function makeOverlay(listing: TreeListing, to: string, { changed, real }: OverlayContents): void {
  mkdirSync(to, { recursive: true });
  const isIn = (path: string): boolean => real.has(posix.dirname(path) === '.' ? '' : posix.dirname(path));
  const texts = new Map(changed.map((file) => [realPath(listing, file.path.slice('xen/'.length)), file]));
  for (const folder of listing.folders) {
    if (real.has(folder)) mkdirSync(join(to, folder));
    else if (isIn(folder)) symlinkSync(join(listing.xen, folder), join(to, folder));
  }
  for (const file of listing.files)
    if (isIn(file) && !texts.has(file)) symlinkSync(join(listing.xen, file), join(to, file));
  for (const [path, target] of listing.links) if (isIn(path)) symlinkSync(target, join(to, path));
  for (const [path, absolute] of listing.outside) if (isIn(path)) symlinkSync(absolute, join(to, path));
  for (const [path, { after }] of texts)
    if (after !== undefined)
      writeFileSync(join(to, path), Buffer.from(after.text, 'latin1'), { mode: after.mode | 0o600 });
  const header = join(to, HOOKS_PLACE);
  if (wantsHooks(changed) && real.has(dirname(HOOKS_PLACE)) && !existsSync(header))
    copyFileSync(HOOKS_HEADER, header);
}
