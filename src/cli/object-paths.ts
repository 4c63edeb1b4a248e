/** From two files or two directories on the command line to the pairs of objects in them. */
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import type { ObjectPaths } from '../model/artifacts.js';

/** What Xen's build links together from other objects of the tree; everything in them stands in those too. */
const AGGREGATES: readonly string[] = ['built_in.o', 'built-in.o', 'prelink.o'];

export interface PairingOptions {
  /** Take aggregates of directories too. */
  readonly aggregates?: boolean;
  /** Take only these objects of directories, given by relative path. */
  readonly only?: ReadonlySet<string>;
}

/**
 * Pairs two files, or the `.o` files of two directories by their relative paths. Hidden files are left out (they
 * are what builds keep for themselves), and so are aggregates unless they are asked for. Reports XS104 when a
 * path is missing or a file is given with a directory.
 */
export function pairObjectPaths(
  orig: string,
  patched: string,
  report: Report,
  options: PairingOptions = {},
): ObjectPaths | undefined {
  const x = kindOf(orig, report);
  const y = kindOf(patched, report);
  if (x === undefined || y === undefined) return undefined;
  if (x !== y) {
    report(
      diagnostic('XS104', {
        message: `${orig} is a ${x} and ${patched} is a ${y}; they cannot be compared`,
        hint: 'give two files or two directories',
      }),
    );
    return undefined;
  }
  if (x === 'file') return { kind: 'object-paths', pairs: [{ object: basename(patched), orig, patched }] };
  const { aggregates = false, only } = options;
  const wanted = (path: string): boolean =>
    (aggregates || !AGGREGATES.includes(basename(path))) && (only === undefined || only.has(path));
  const olds = new Set(objectsUnder(orig).filter(wanted));
  const news = new Set(objectsUnder(patched).filter(wanted));
  const names = [...new Set([...olds, ...news])].sort();
  return {
    kind: 'object-paths',
    pairs: names.map((object) => ({
      object,
      ...(olds.has(object) && { orig: join(orig, object) }),
      ...(news.has(object) && { patched: join(patched, object) }),
    })),
  };
}

function kindOf(path: string, report: Report): 'file' | 'directory' | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined) return stat.isDirectory() ? 'directory' : 'file';
  report(
    diagnostic('XS104', { message: `there is no ${path}`, at: { object: path }, hint: 'check the path' }),
  );
  return undefined;
}

/** Relative paths of all `.o` files below a directory, with forward slashes. */
function objectsUnder(directory: string): string[] {
  const found: string[] = [];
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(directory, below), { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile() && entry.name.endsWith('.o')) found.push(path);
    }
  };
  walk('');
  return found;
}
