/**
 * Lists what the hypervisor build reads from a Xen tree, and hashes it.
 *
 * Symbolic links are listed as links when they are relative and lead to something that is listed too (Xen has
 * arch/x86/efi/boot.c -> ../../../common/efi/boot.c). Any other link would let a build in a copy of the tree
 * write to where it points, so the file or folder behind it is listed in its place; dangling ones are left out.
 */
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, readFile, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { errnoOf } from '../system-error.js';

/** What is listed from the top. The rest (tools, stubdom, docs, .git) the hypervisor build never opens. */
const BUILD_ROOTS = [
  'xen',
  'Config.mk',
  'config',
  '.config',
  '.scmversion',
  'version.sh',
  'tools/flask',
  'tools/Rules.mk',
];

/** Results of the final link: large, and no object depends on them. */
const LINK_PRODUCTS = new Set(
  ['xen', 'xen.gz', 'xen-syms', 'xen-syms.map', 'xen.efi', 'xen.efi.map', 'xen.efi.elf'].map(
    (f) => `xen/${f}`,
  ),
);

export interface TreeFile {
  /** Relative to the top, / between folders. */
  readonly path: string;
  /** Absolute path to read the content from. */
  readonly source: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Where a link leads, as written in it; '' for the others. */
  readonly link: string;
  readonly info: Stats;
}

/** Whether a path relative to the top belongs to what the hypervisor is built from. */
export function isBuildInput(path: string): boolean {
  return !LINK_PRODUCTS.has(path) && BUILD_ROOTS.some((root) => path === root || path.startsWith(`${root}/`));
}

/**
 * Lists the build inputs (and build products among them) below `top`, folders before their content, in an
 * order that depends on names only. Throws operating system errors, and the signal's reason when aborted.
 */
export async function listTree(top: string, signal?: AbortSignal): Promise<readonly TreeFile[]> {
  const list: TreeFile[] = [];
  for (const root of BUILD_ROOTS) await visit(join(top, root), root, [], list, signal);
  return list;
}

async function visit(
  source: string,
  path: string,
  ancestors: readonly string[],
  list: TreeFile[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const info = await lstat(source).catch((error: unknown) => absent(error));
  if (info === undefined || LINK_PRODUCTS.has(path)) return;
  if (info.isSymbolicLink()) {
    await visitLink(source, path, ancestors, list, info, signal);
  } else if (info.isDirectory()) {
    signal?.throwIfAborted();
    list.push({ path, source, kind: 'folder', link: '', info });
    const names = (await readdir(source)).filter((name) => name !== '.git').sort();
    for (const name of names) await visit(join(source, name), `${path}/${name}`, ancestors, list, signal);
  } else if (info.isFile()) {
    list.push({ path, source, kind: 'file', link: '', info });
  }
}

async function visitLink(
  source: string,
  path: string,
  ancestors: readonly string[],
  list: TreeFile[],
  info: Stats,
  signal: AbortSignal | undefined,
): Promise<void> {
  const link = await readlink(source);
  const leadsTo = posix.join(dirname(path), link);
  if (!link.startsWith('/') && isBuildInput(leadsTo)) {
    list.push({ path, source, kind: 'link', link, info });
    return;
  }
  const behind = await realpath(source).catch(() => undefined);
  if (behind === undefined || ancestors.includes(behind)) return;
  const target = await stat(behind);
  if (target.isFile()) list.push({ path, source: behind, kind: 'file', link: '', info: target });
  else if (target.isDirectory()) await visit(behind, path, [...ancestors, behind], list, signal);
}

function absent(error: unknown): undefined {
  const code = errnoOf(error);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
  return undefined;
}

/** Files read at a time while hashing: enough to keep the disk busy, few enough to stay small. */
const READ_AHEAD = 16;

/** SHA-256, in hex, over the names, kinds, execute bits and contents of `files`; times do not count. */
export async function hashTree(files: readonly TreeFile[], signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (let i = 0; i < files.length; i += READ_AHEAD) {
    signal?.throwIfAborted();
    const some = files.slice(i, i + READ_AHEAD);
    const contents = await Promise.all(
      some.map(async (f) => (f.kind === 'file' ? await readFile(f.source) : Buffer.alloc(0))),
    );
    for (const [j, file] of some.entries()) {
      const executable = (file.info.mode & 0o100) !== 0 ? 'x' : '-';
      const bytes = contents[j] ?? Buffer.alloc(0);
      hash
        .update(`${file.kind} ${executable} ${String(bytes.length)} ${file.path}\0${file.link}\0`)
        .update(bytes);
    }
  }
  return hash.digest('hex');
}
