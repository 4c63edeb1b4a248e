/**
 * A folder that looks to the compiler like xen/ of the built tree with some files changed, and costs nothing: every
 * folder is there, every file is a link to the one of the tree, and only changed files are files. The compiler runs in
 * it with the recorded command, so all names that it sees and writes down are those of the real build.
 *
 * Folders are no links, or `dir/../file.h` would lead from the overlay into the tree, and past a changed file.h. What
 * the compiler writes (objects, dependencies) has no link in the overlay, so nothing is written through one.
 */
import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HOOKS_HEADER } from '../hooks-header.js';
import type { PlannedFile } from '../patch-series.js';
import type { TreeListing } from './tree-listing.js';

/** Where the header for hooks lies, which a patched tree has although no patch brings it. */
export const HOOKS_PLACE = 'include/xen/xsplice-hooks.h';

export interface OverlayContents {
  /** Files to have in another state, with paths below xen/. */
  readonly changed: readonly PlannedFile[];
  readonly hooks: boolean;
}

/** Makes `to` (absolute, must not exist) an overlay of the listed tree. Throws operating system errors. */
export function makeOverlay(listing: TreeListing, to: string, contents: OverlayContents): void {
  mkdirSync(to, { recursive: true });
  for (const folder of listing.folders) mkdirSync(join(to, folder));
  for (const file of listing.files) symlinkSync(join(listing.xen, file), join(to, file));
  for (const [path, target] of listing.links) symlinkSync(target, join(to, path));
  for (const [path, absolute] of listing.outside) symlinkSync(absolute, join(to, path));
  for (const { path, after } of contents.changed) {
    if (after === undefined || !path.startsWith('xen/')) continue;
    const place = join(to, path.slice('xen/'.length));
    rmSync(place, { force: true });
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, Buffer.from(after.text, 'latin1'), { mode: after.mode | 0o600 });
  }
  const header = join(to, HOOKS_PLACE);
  if (contents.hooks && existsSync(dirname(header)) && !existsSync(header)) copyFileSync(HOOKS_HEADER, header);
}
