/**
 * The Xen trees that are compared: the one that `make xen-test` keeps in the cache, a rebuild of it with debug
 * information, in which every object differs in its bytes and none in what it does, one with a blank line at the top
 * of every .c file, in which line numbers differ, and one with a header changed, in which half of the objects have
 * other code.
 *
 * $XSPLICE_BENCH_TREE_A and $XSPLICE_BENCH_TREE_B name other trees for the first two: directories with objects
 * below them.
 */
import { constants, copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../../src/cache-directory.js';
import { pairObjectPaths } from '../../src/cli/object-paths.js';
import { XEN_VERSION } from '../../src/qemu/debian.js';
import { keptVariant, variantTree } from '../support/xen-variants.js';

export interface Trees {
  readonly plain: string | undefined;
  readonly debug: string | undefined;
  readonly blankLines: string | undefined;
  readonly header: string | undefined;
  /** The hypervisor that was linked from the first. */
  readonly image: string | undefined;
  /** What is missing and how to get it, one line each. */
  readonly missing: readonly string[];
}

const PLAIN = join(`xen-tree-${XEN_VERSION}`, 'tree');
const MAKE = '`node dist/test/bench/run.js --make-trees` builds one (a minute or two)';

export function findTrees(): Trees {
  const cache = cacheDirectory();
  const built = join(cache, PLAIN, 'xen');
  const plain = given('XSPLICE_BENCH_TREE_A') ?? (existsSync(built) ? built : undefined);
  const debug = given('XSPLICE_BENCH_TREE_B') ?? keptVariant(cache, 'debug-info');
  // They can only be compared with what they were made from.
  const blankLines = plain === built ? keptVariant(cache, 'blank-lines') : undefined;
  const header = plain === built ? keptVariant(cache, 'header') : undefined;
  const image =
    plain !== undefined && existsSync(join(plain, 'xen-syms')) ? join(plain, 'xen-syms') : undefined;
  const missing: string[] = [];
  if (plain === undefined)
    missing.push('no Xen tree: `make xen-test` makes one, or set XSPLICE_BENCH_TREE_A to a built xen/');
  if (debug === undefined)
    missing.push(`no rebuild with debug information: ${MAKE}, or set XSPLICE_BENCH_TREE_B`);
  if (blankLines === undefined) missing.push(`no rebuild with blank lines: ${MAKE}`);
  if (header === undefined) missing.push(`no rebuild with a header changed: ${MAKE}`);
  return { plain, debug, blankLines, header, image, missing };
}

/** Makes the rebuilds of the tree in the cache. */
export async function makeTrees(log: (line: string) => void): Promise<void> {
  const plain = join(cacheDirectory(), PLAIN);
  if (!existsSync(plain)) throw new Error('the tree to rebuild is missing: run `make xen-test` first');
  for (const name of ['debug-info', 'blank-lines', 'header'] as const)
    await variantTree(cacheDirectory(), plain, name, log);
}

/**
 * Copies of `count` objects of both trees, below `scratch`: objects of all sizes, in the proportion in which the
 * whole has them. Returns the two directories.
 */
export function subset(orig: string, patched: string, count: number, scratch: string): [string, string] {
  const sides: [string, string] = [join(scratch, `${count}-orig`), join(scratch, `${count}-patched`)];
  const pairs = (pairObjectPaths(orig, patched, () => undefined)?.pairs ?? [])
    .flatMap(({ object, orig: x, patched: y }) =>
      x === undefined || y === undefined ? [] : [{ object, paths: [x, y], bytes: statSync(x).size }],
    )
    .sort((a, b) => a.bytes - b.bytes || (a.object < b.object ? -1 : 1));
  if (pairs.length < count) throw new Error(`${orig} and ${patched} have ${pairs.length} objects in common`);
  for (let k = 0; k < count; k++) {
    const { object, paths } = pairs[Math.floor(((k + 0.5) * pairs.length) / count)];
    for (const [side, path] of paths.entries()) {
      const copy = join(sides[side], object);
      mkdirSync(dirname(copy), { recursive: true });
      copyFileSync(path, copy, constants.COPYFILE_FICLONE);
    }
  }
  return sides;
}

function given(variable: string): string | undefined {
  const path = process.env[variable];
  return path === undefined || path === '' ? undefined : path;
}
