/**
 * Which files of a source tree decided a payload: the sources and headers that the compared objects were compiled
 * from, as make recorded them, and the makefiles on the way to them. Their hashes are the identity of the source
 * in a manifest; a tree has ten thousand other files, and none of them matters.
 *
 *   common/domain.o ─ .domain.o.cmd ─► common/domain.c include/xen/lib.h …    (since 4.17; .domain.o.d before)
 *   common/boot.init.o ─ .boot.init.o.cmd ─► common/boot.o ─► …               objects made from objects
 *
 * Records are read where the build ran, contents in the user's tree, so that patches do not count. What a build
 * generates (configuration, asm-offsets) is left out: it follows from the rest, and a date may be in it.
 */
import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { errnoOf } from '../system-error.js';
import { inspectTree } from './tree.js';

/** SHA-256 in hexadecimal by path, relative to the top of the source, in order of the paths. */
export type FileHashes = Readonly<Record<string, string>>;

const GENERATED =
  /(?:^|\/)(?:generated|compat|include\/config)\/|include\/xen\/(?:compile|hypercall-defs)\.h$|asm-offsets\.[hs]$/;
/** A record that is longer is none. */
const LONGEST_RECORD = 4 << 20;
/** Files in flight. */
const READ_AHEAD = 16;

/**
 * The files of the tree at `top` (absolute) that `objects` (relative to xen/) were made from in `built`, the
 * absolute xen/ folder where the build ran. An object without a record contributes only makefiles.
 */
export async function sourceIdentity(
  top: string,
  built: string,
  objects: readonly string[],
): Promise<FileHashes> {
  const words = new Set<string>();
  for (const object of objects) await collect(built, object, words);
  const named = [...words].filter((path) => !GENERATED.test(path)).map((path) => posix.join('xen', path));
  const candidates = new Set([...named, ...(await makefilesOf(top, objects))]);
  const paths = [...candidates].filter((path) => !path.startsWith('../') && !path.startsWith('/')).sort();
  return hashFiles(top, paths);
}

/** As they are now, the hashes of files of the source that holds `sourceDir`; what is not there is left out. */
export async function hashSourceFiles(sourceDir: string, paths: readonly string[]): Promise<FileHashes> {
  const tree = await inspectTree(sourceDir, () => undefined);
  return tree === undefined ? {} : hashFiles(tree.top, paths);
}

async function hashFiles(top: string, paths: readonly string[]): Promise<FileHashes> {
  const hashes: [string, string][] = [];
  for (let k = 0; k < paths.length; k += READ_AHEAD) {
    const some = paths.slice(k, k + READ_AHEAD);
    const found = await Promise.all(some.map((path) => hashOfFile(join(top, path))));
    for (const [i, hash] of found.entries()) if (hash !== undefined) hashes.push([some[i] ?? '', hash]);
  }
  return Object.fromEntries(hashes);
}

/** SHA-256 of a regular file; undefined when there is none at this path. */
export async function hashOfFile(path: string): Promise<string | undefined> {
  try {
    const info = await stat(path);
    return info.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : undefined;
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG'].includes(errnoOf(error))) throw error;
    return undefined;
  }
}

/** Adds the paths, relative to xen/, that the records of an object name; those of objects are followed. */
async function collect(built: string, object: string, words: Set<string>): Promise<void> {
  const pending = [object];
  const seen = new Set(pending);
  for (const next of pending) {
    const folder = posix.dirname(next);
    for (const suffix of ['cmd', 'd']) {
      const text = await readRecord(join(built, folder, `.${posix.basename(next)}.${suffix}`));
      for (const word of text.split(/[\s\\:;]+/)) {
        const path = relativePath(built, word);
        if (path === undefined) continue;
        if (!/\.[oa]$/.test(path)) words.add(path);
        else if (!seen.has(path)) {
          seen.add(path);
          pending.push(path);
        }
      }
    }
  }
}

async function readRecord(path: string): Promise<string> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isFile() !== true || info.size > LONGEST_RECORD) return '';
  return readFile(path, 'latin1');
}

/** A word of a record as a path below xen/, if it looks like one: `common/domain.c`, `./include/xen/config.h`. */
function relativePath(built: string, word: string): string | undefined {
  const path = word.startsWith(`${built}/`) ? word.slice(built.length + 1) : word;
  if (!/^[\w.][\w./+-]*\.[A-Za-z]\w*$/.test(path)) return undefined;
  return posix.normalize(path);
}

/** Makefiles that decide how these objects are compiled, relative to the top. Not all need exist. */
async function makefilesOf(top: string, objects: readonly string[]): Promise<readonly string[]> {
  const shared = await readdir(join(top, 'config')).catch(() => []);
  const folders = new Set<string>(['.', 'arch/x86']);
  for (const object of objects) {
    for (let folder = posix.dirname(object); folder !== '.'; folder = posix.dirname(folder))
      folders.add(folder);
  }
  return [
    'Config.mk',
    ...shared.filter((name) => name.endsWith('.mk')).map((name) => `config/${name}`),
    ...['xen/build.mk', 'xen/arch/x86/arch.mk', 'xen/scripts/Kbuild.include'],
    ...[...folders].flatMap((folder) =>
      ['Makefile', 'Rules.mk'].map((name) => posix.join('xen', folder, name)),
    ),
  ];
}
