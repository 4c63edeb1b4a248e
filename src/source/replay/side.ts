/**
 * One side of a replay, original or patched: what each file contains there, where the compiler runs, and the objects
 * that were made. The original is the tree itself. The overlay of the patched one comes to be when something is
 * compiled, and not when the cache has all.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { HOOKS_HEADER } from '../hooks-header.js';
import type { PlannedFile } from '../patch-series.js';
import { HOOKS_PLACE, climbsOut, makeOverlay, realFolders, wantsHooks } from './overlay-tree.js';
import { namesHash, realPath } from './tree-listing.js';
import type { TreeListing } from './tree-listing.js';

/** Largest file that is read to be hashed; what a compiler reads is far smaller. */
const LARGEST = 64 * 1024 * 1024;

export interface SideFiles {
  /** Files that differ from the tree's; none on the original side. */
  readonly changed: readonly PlannedFile[];
  /** Paths that the units read, as they name them. */
  readonly named: Iterable<string>;
}

export class Side {
  /** Hash over the names of all files. */
  readonly names: string;
  /** Where the compiler and what comes after it write: absolute. */
  readonly out: string;
  private readonly hashes = new Map<string, string | undefined>();
  private readonly texts: ReadonlyMap<string, string>;
  private readonly real: ReadonlySet<string>;
  private readonly hooks: boolean;
  private readonly made = new Map<string, string>();
  private overlay: string | undefined;

  /** `folder` (absolute) is made when it is needed. */
  constructor(
    readonly name: 'original' | 'patched',
    private readonly listing: TreeListing,
    private readonly folder: string,
    private readonly files: SideFiles,
  ) {
    this.out = join(folder, 'out');
    this.texts = new Map(
      files.changed.flatMap(({ path, after }): readonly (readonly [string, string])[] =>
        after === undefined ? [] : [[realPath(listing, path.slice('xen/'.length)), after.text]],
      ),
    );
    this.hooks = wantsHooks(files.changed);
    const news = this.hooks ? [HOOKS_PLACE] : [];
    this.names = namesHash(listing, news);
    this.real = realFolders(listing, [...this.texts.keys(), ...news], files.named);
  }

  /** Where the compiler runs: looks like xen/ of this side, and is read only. */
  place(): string {
    if (this.files.changed.length === 0) return this.listing.xen;
    if (this.overlay === undefined) {
      this.overlay = join(this.folder, 'xen');
      makeOverlay(this.listing, this.overlay, { changed: this.files.changed, real: this.real });
    }
    return this.overlay;
  }

  /** The absolute path to write something to that belongs to `path`; its folder is made. */
  outPath(path: string): string {
    const place = join(this.out, path);
    mkdirSync(dirname(place), { recursive: true });
    return place;
  }

  /** Whether the compiler, naming `path`, may have read a file of the tree instead of the one of this side. */
  isAstray(path: string): boolean {
    return this.files.changed.length > 0 && climbsOut(path, this.real);
  }

  /** SHA-256 of what this side has at `path` (absolute, or relative to xen/); undefined if it has no such file. */
  hashOf(path: string): string | undefined {
    if (!this.hashes.has(path)) this.hashes.set(path, this.readHash(path));
    return this.hashes.get(path);
  }

  private readHash(path: string): string | undefined {
    const text = isAbsolute(path) ? undefined : this.texts.get(realPath(this.listing, path));
    if (text !== undefined) return createHash('sha256').update(text, 'latin1').digest('hex');
    const file = this.fileOf(path);
    const info = statSync(file, { throwIfNoEntry: false });
    if (info === undefined || !info.isFile() || info.size > LARGEST) return undefined;
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  }

  private fileOf(path: string): string {
    if (isAbsolute(path)) return path;
    const file = join(this.listing.xen, realPath(this.listing, path));
    const hooks = this.hooks && path === HOOKS_PLACE;
    return hooks && statSync(file, { throwIfNoEntry: false }) === undefined ? HOOKS_HEADER : file;
  }

  /** Whether a file is what it was at `since` (milliseconds), by its change time. */
  isSettled(path: string, since: number): boolean {
    if (!isAbsolute(path) && this.texts.has(realPath(this.listing, path))) return true;
    const info = statSync(this.fileOf(path), { throwIfNoEntry: false });
    return info !== undefined && info.ctimeMs < since;
  }

  /** Says where the object of that name lies. */
  setObject(object: string, path: string): void {
    this.made.set(object, path);
  }

  /** Keeps an object that was not compiled now. */
  keepObject(object: string, bytes: Buffer): void {
    const path = this.outPath(object);
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
