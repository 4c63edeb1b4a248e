/**
 * One side of a replay, original or patched: what each file contains there, where the compiler runs, and the objects
 * that were made. The overlay comes to be when something is compiled, and not when the cache has all.
 */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { HOOKS_HEADER } from '../hooks-header.js';
import type { PlannedFile } from '../patch-series.js';
import { HOOKS_PLACE, makeOverlay } from './overlay-tree.js';
import { namesHash, realPath } from './tree-listing.js';
import type { TreeListing } from './tree-listing.js';

/** Largest file that is read to be hashed; what a compiler reads is far smaller. */
const LARGEST = 64 * 1024 * 1024;

export class Side {
  /** Hash over the names of all files. */
  readonly names: string;
  private readonly hashes = new Map<string, string | undefined>();
  private readonly changed: ReadonlyMap<string, string>;
  private readonly made = new Map<string, string>();
  private overlay: string | undefined;

  /** `folder` (absolute) is made when it is needed. The patched side has `changed` files, and the hooks header. */
  constructor(
    readonly name: 'original' | 'patched',
    private readonly listing: TreeListing,
    private readonly folder: string,
    private readonly files: readonly PlannedFile[],
  ) {
    this.names = namesHash(listing, name === 'patched' ? [HOOKS_PLACE] : []);
    this.changed = new Map(
      files.flatMap(({ path, after }) =>
        after === undefined ? [] : [[realPath(listing, path.slice('xen/'.length)), after.text]],
      ),
    );
  }

  /** Where the compiler runs: looks like xen/ of this side. */
  place(): string {
    if (this.overlay === undefined) {
      this.overlay = join(this.folder, 'xen');
      makeOverlay(this.listing, this.overlay, { changed: this.files, hooks: this.name === 'patched' });
    }
    return this.overlay;
  }

  /** SHA-256 of what this side has at `path` (absolute, or relative to xen/); undefined if it has no such file. */
  hashOf(path: string): string | undefined {
    if (!this.hashes.has(path)) this.hashes.set(path, this.readHash(path));
    return this.hashes.get(path);
  }

  private readHash(path: string): string | undefined {
    const real = isAbsolute(path) ? path : realPath(this.listing, path);
    const text = this.changed.get(real);
    if (text !== undefined) return createHash('sha256').update(text, 'latin1').digest('hex');
    const inTree = isAbsolute(real) ? real : join(this.listing.xen, real);
    const hooks = real === HOOKS_PLACE && this.name === 'patched';
    const file = hooks && statSync(inTree, { throwIfNoEntry: false }) === undefined ? HOOKS_HEADER : inTree;
    const info = statSync(file, { throwIfNoEntry: false });
    if (info === undefined || !info.isFile() || info.size > LARGEST) return undefined;
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  }

  /** Whether a file of the tree behind the overlay is what it was at `since` (milliseconds), by its change time. */
  isSettled(path: string, since: number): boolean {
    const place = isAbsolute(path) ? path : join(this.place(), path);
    const link = lstatSync(place, { throwIfNoEntry: false });
    if (link?.isFile() === true && !isAbsolute(path)) return true;
    const info = statSync(place, { throwIfNoEntry: false });
    return info !== undefined && info.ctimeMs < since;
  }

  /** Says where the object of that name lies. */
  setObject(object: string, path: string): void {
    this.made.set(object, path);
  }

  /** Keeps an object that was not compiled in the overlay. */
  keepObject(object: string, bytes: Buffer): void {
    const path = join(this.folder, 'kept', object);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    this.made.set(object, path);
  }

  /** Absolute path of an object: as made here, or as it lies in the tree. */
  objectPath(object: string): string {
    return this.made.get(object) ?? join(this.listing.xen, object);
  }

  isMade(object: string): boolean {
    return this.made.has(object);
  }
}
