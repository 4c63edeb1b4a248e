/**
 * Rebuilds of Debian's Xen that differ from the built tree in one known way, to compare whole trees with: the same
 * source with debug information, with a blank line at the top of every .c file, as a debug build, with a header
 * changed that most objects include.
 *
 * Each is a copy of a built tree in which make compiles again what the change touches (nearly everything: a minute
 * and a half on two cores), kept in the cache. Date, user and host are pinned as for the first tree, so nothing
 * else differs.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MachineError } from '../../src/qemu/command.js';
import { XEN_VERSION } from '../../src/qemu/debian.js';
import { keptDirectory } from '../../src/qemu/kept-directory.js';
import { copyTree, makeXen } from '../../src/qemu/xen-tree.js';

export type VariantName = 'debug-info' | 'blank-lines' | 'debug' | 'debug-blank-lines' | 'header';

interface Variant {
  /** What the name of its directory in the cache ends in. */
  readonly suffix: string;
  readonly says: string;
  /** The variant that it is a copy of; Debian's tree unless given. */
  readonly of?: VariantName;
  /** Changes the copy, given its `xen` directory. */
  readonly change: (xen: string) => void;
  /** Calls of make, one after the other: the targets and settings of each. */
  readonly make: readonly (readonly string[])[];
}

const VARIANTS: Readonly<Record<VariantName, Variant>> = {
  'debug-info': {
    suffix: '-g',
    says: 'with debug information',
    change: () => undefined,
    make: [['CONFIG_DEBUG_INFO=y']],
  },
  'blank-lines': {
    suffix: '-blank-lines',
    says: 'with a blank line at the top of every .c file',
    change: addBlankLines,
    make: [[]],
  },
  debug: {
    suffix: '-debug',
    says: 'as a debug build',
    change: (xen) => {
      replaceOnce(path.join(xen, '.config'), '# CONFIG_DEBUG is not set', 'CONFIG_DEBUG=y');
    },
    make: [['olddefconfig'], []],
  },
  'debug-blank-lines': {
    suffix: '-debug-blank-lines',
    says: 'as a debug build with a blank line at the top of every .c file',
    of: 'debug',
    change: addBlankLines,
    make: [[]],
  },
  // Where a CPU finds its own data: the same place, computed in another way by every user of `current`.
  header: {
    suffix: '-header',
    says: 'with an inline function changed that most objects use',
    change: (xen) => {
      replaceOnce(
        path.join(xen, 'arch/x86/include/asm/current.h'),
        '((sp | (STACK_SIZE - 1)) + 1) - 1',
        '((sp & ~(STACK_SIZE - 1)) + STACK_SIZE) - 1',
      );
    },
    make: [[]],
  },
};

/** The `xen` directory of a variant, if it has been built. */
export function keptVariant(cache: string, name: VariantName): string | undefined {
  const xen = path.join(entryOf(cache, name), 'tree/xen');
  return existsSync(xen) ? xen : undefined;
}

/** The `xen` directory of a variant of the built tree `plain`; it is built unless it is in the cache. */
export async function variantTree(
  cache: string,
  plain: string,
  name: VariantName,
  log: (line: string) => void,
): Promise<string> {
  const { says, of, change, make } = VARIANTS[name];
  const kept = keptVariant(cache, name);
  if (kept !== undefined) return kept;
  const from = of === undefined ? plain : path.dirname(await variantTree(cache, plain, of, log));
  const entry = await keptDirectory(entryOf(cache, name), async (unfinished) => {
    log(`building Xen ${says} (a minute or two, once)`);
    const tree = path.join(unfinished, 'tree');
    await copyTree(from, tree);
    change(path.join(tree, 'xen'));
    for (const args of make) await makeXen(tree, args);
  });
  return path.join(entry, 'tree/xen');
}

function entryOf(cache: string, name: VariantName): string {
  return path.join(cache, `xen-tree-${XEN_VERSION}${VARIANTS[name].suffix}`);
}

/** Where programs that run during the build lie, and .c files that the build makes: no object of Xen comes of them. */
const NOT_XEN: readonly string[] = ['tools', 'include/compat'];

function addBlankLines(xen: string): void {
  const walk = (below: string): void => {
    for (const entry of readdirSync(path.join(xen, below), { withFileTypes: true })) {
      const relative = path.join(below, entry.name);
      if (entry.isDirectory() && !NOT_XEN.includes(relative)) walk(relative);
      // A symbolic link leads to a file that has its line, or gets it.
      if (!entry.isFile() || !entry.name.endsWith('.c')) continue;
      const file = path.join(xen, relative);
      writeFileSync(file, Buffer.concat([Buffer.from('\n'), readFileSync(file)]));
    }
  };
  walk('');
}

function replaceOnce(file: string, from: string, to: string): void {
  const parts = readFileSync(file, 'utf8').split(from);
  if (parts.length !== 2) throw new MachineError(`${file} does not hold this exactly once: ${from}`);
  writeFileSync(file, parts.join(to));
}
