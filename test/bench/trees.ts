/**
 * The two Xen trees that are compared: the one that `make xen-test` keeps in the cache, and a twin of it built with
 * debug information, in which every object differs in its bytes and none in what it does.
 *
 * $XSPLICE_BENCH_TREE_A and $XSPLICE_BENCH_TREE_B name other trees: directories with objects below them.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../../src/cache-directory.js';
import { XEN_VERSION } from '../../src/qemu/debian.js';
import { keptDirectory } from '../../src/qemu/kept-directory.js';
import { copyTree, makeXen } from '../../src/qemu/xen-tree.js';

export interface Trees {
  readonly plain: string | undefined;
  readonly debug: string | undefined;
  /** What is missing and how to get it, one line each. */
  readonly missing: readonly string[];
}

const entryOf = (name: string): string => join(cacheDirectory(), name);
const PLAIN = `xen-tree-${XEN_VERSION}`;
const DEBUG = `xen-tree-${XEN_VERSION}-g`;

export function findTrees(): Trees {
  const plain = given('XSPLICE_BENCH_TREE_A') ?? kept(PLAIN);
  const debug = given('XSPLICE_BENCH_TREE_B') ?? kept(DEBUG);
  const missing: string[] = [];
  if (plain === undefined)
    missing.push('no Xen tree: `make xen-test` makes one, or set XSPLICE_BENCH_TREE_A to a built xen/');
  if (debug === undefined)
    missing.push(
      'no twin with debug information: `node dist/test/bench/run.js --make-trees` builds one (a minute, 320 MB), or set XSPLICE_BENCH_TREE_B',
    );
  return { plain, debug, missing };
}

/** Builds the twin from the tree in the cache. Date, user and host are pinned as they are for the first. */
export async function makeDebugTree(log: (line: string) => void): Promise<void> {
  const plain = entryOf(join(PLAIN, 'tree'));
  if (!existsSync(plain)) throw new Error('the tree to make a twin of is missing: run `make xen-test` first');
  await keptDirectory(entryOf(DEBUG), async (unfinished) => {
    log('building Xen again, with debug information (about a minute, once)');
    const tree = join(unfinished, 'tree');
    await copyTree(plain, tree);
    await makeXen(tree, ['CONFIG_DEBUG_INFO=y']);
  });
}

function given(variable: string): string | undefined {
  const path = process.env[variable];
  return path === undefined || path === '' ? undefined : path;
}

function kept(name: string): string | undefined {
  const path = entryOf(join(name, 'tree/xen'));
  return existsSync(path) ? path : undefined;
}
