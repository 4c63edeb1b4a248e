/**
 * Lists xen/ of a built tree once, for all who ask: what the compiler may read, the records, the links. Synchronous,
 * because two hundred folders are read faster than the answers of a thread pool are waited for.
 *
 * A symbolic link stays one (arch/x86/efi/boot.c -> ../../../common/efi/boot.c), and a path that leads through it has a
 * real path, by which it is compared with what the patch touches. A folder behind a link that leaves xen/ is not
 * followed.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { refuse } from './refusal.js';
import type { Refusal } from './refusal.js';

export interface TreeListing {
  /** Absolute xen/. */
  readonly xen: string;
  /** Relative to xen/, folders before what is in them. */
  readonly folders: readonly string[];
  /** What is neither record nor product. */
  readonly files: readonly string[];
  /** Links below xen/ that lead to something below xen/, with what is written in them. */
  readonly links: ReadonlyMap<string, string>;
  /** Files behind links that lead elsewhere, with their absolute path. */
  readonly outside: ReadonlyMap<string, string>;
  /** Paths of .NAME.cmd and of .NAME.d. */
  readonly records: readonly string[];
  readonly depfiles: readonly string[];
}

/** More than any tree has; a listing that goes on stops here. */
const MOST_ENTRIES = 200_000;
const MOST_HOPS = 16;

/** What a build leaves behind and no compiler reads, and the files of the final link. */
const PRODUCT = /\.(?:o|a|tmp|new|efi|gz|map)$|^(?:xen|xen-syms)$|(?:^|\/)\.git$/;

interface Growing {
  readonly folders: string[];
  readonly files: string[];
  readonly links: Map<string, string>;
  readonly outside: Map<string, string>;
  readonly records: string[];
  readonly depfiles: string[];
}

/** Lists the absolute folder `xen`. Throws operating system errors. */
export function listBuilt(xen: string): TreeListing | { readonly refused: Refusal } {
  const growing: Growing = {
    folders: [],
    files: [],
    links: new Map(),
    outside: new Map(),
    records: [],
    depfiles: [],
  };
  const queue = [''];
  let entries = 0;
  for (const folder of queue) {
    for (const entry of readdirSync(join(xen, folder), { withFileTypes: true })) {
      if ((entries += 1) > MOST_ENTRIES) return refuse('links', 'the tree has too many files');
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== '.git') {
        growing.folders.push(path);
        queue.push(path);
      } else if (entry.isSymbolicLink()) {
        if (!takeLink(xen, path, growing)) return refuse('links', `xen/${path} leads to a folder elsewhere`);
      } else if (entry.isFile()) takeFile(path, entry.name, growing);
    }
  }
  return { xen, ...growing };
}

function takeFile(path: string, name: string, growing: Growing): void {
  if (name.startsWith('.') && name.endsWith('.cmd')) growing.records.push(path);
  else if (name.startsWith('.') && name.endsWith('.d')) growing.depfiles.push(path);
  else if (!PRODUCT.test(path)) growing.files.push(path);
}

/** Returns false if the link cannot be represented. A dangling one is left out, as if it were not there. */
function takeLink(xen: string, path: string, growing: Growing): boolean {
  const target = readlinkSync(join(xen, path));
  const leadsTo = posix.join(posix.dirname(path), target);
  const info = statSync(join(xen, path), { throwIfNoEntry: false });
  if (info === undefined) return true;
  if (!target.startsWith('/') && leadsTo !== '..' && !leadsTo.startsWith('../'))
    growing.links.set(path, target);
  else if (info.isDirectory()) return false;
  else growing.outside.set(path, join(xen, path));
  return true;
}

/** The path behind all links, relative to xen/; the path itself when it goes round in circles. */
export function realPath(listing: TreeListing, path: string): string {
  let now = posix.normalize(path);
  if (listing.links.size === 0) return now;
  for (let hop = 0; hop < MOST_HOPS; hop += 1) {
    const link = linkIn(listing, now);
    if (link === undefined) return now;
    const target = listing.links.get(link) ?? '';
    now = posix.join(posix.dirname(link), target, now.slice(link.length));
  }
  return posix.normalize(path);
}

function linkIn(listing: TreeListing, path: string): string | undefined {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1))
    if (listing.links.has(path.slice(0, end))) return path.slice(0, end);
  return listing.links.has(path) ? path : undefined;
}

/** A hash over all names that an #include could find: another name may hide one that was found before. */
export function namesHash(listing: TreeListing, more: readonly string[]): string {
  const links = [...listing.links].map(([path, target]) => `${path} -> ${target}`);
  const names = [...listing.files, ...links, ...listing.outside.keys(), ...more].sort();
  return createHash('sha256').update(names.join('\n')).digest('hex');
}
