/**
 * Copies what the hypervisor build reads to another place, so that the copy can be patched and built while
 * the user's tree stays as it is.
 *
 * Reflinks where the file system has them (no data is copied), real copies elsewhere. Never hard links:
 * a makefile changed by the patch may write to any file, and would then write to the user's.
 * Modification times are kept, because make decides by them: the copy of a built tree is a built tree.
 * Node rounds them (to about a quarter of a microsecond) but keeps their order, which is all that make asks.
 * Makefiles before 4.17 record absolute paths in their .cmd and .d files. These are rewritten, or make would
 * take every object for one with changed flags, and would look for changed headers in the user's tree.
 */
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TreeFile } from './tree-files.js';

/** Copies in flight: enough to keep libuv's four threads busy. */
const IN_FLIGHT = 12;

export interface CopyOptions {
  /** What to copy, folders before their content. */
  readonly files: readonly TreeFile[];
  /** Absolute new top; it must exist. */
  readonly to: string;
  /** Absolute top at which the objects among `files` were built. */
  readonly builtAt: string;
  readonly signal?: AbortSignal | undefined;
}

/** Copies a listed tree. Throws operating system errors, and the signal's reason when aborted. */
export async function copyTree(options: CopyOptions): Promise<void> {
  const { files, to, builtAt, signal } = options;
  await mkdir(join(to, 'tools'), { recursive: true });
  for (const folder of files) {
    // The owner must be able to write into a copied folder even if the original is write-protected.
    if (folder.kind === 'folder') await mkdir(join(to, folder.path), { mode: folder.info.mode | 0o700 });
  }
  const queue = files.filter((f) => f.kind !== 'folder').values();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const file of queue) {
      if (failed) return;
      signal?.throwIfAborted();
      await copyOne(file, join(to, file.path), builtAt, to);
    }
  };
  const guarded = (): Promise<void> =>
    worker().catch((error: unknown) => {
      failed = true;
      throw error;
    });
  // All workers are waited for, or one would still write while the caller removes the half-made copy.
  const ends = await Promise.allSettled(Array.from({ length: IN_FLIGHT }, guarded));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function copyOne(file: TreeFile, target: string, builtAt: string, to: string): Promise<void> {
  if (file.kind === 'link') {
    await symlink(file.link, target);
    return;
  }
  const rewritten = isRecord(file.path) ? await rewrite(file.source, builtAt, to) : undefined;
  if (rewritten === undefined) await copyFile(file.source, target, constants.COPYFILE_FICLONE);
  else await writeFile(target, rewritten, { mode: file.info.mode | 0o200 });
  if ((file.info.mode & 0o200) === 0) await chmod(target, (file.info.mode & 0o777) | 0o200);
  await utimes(target, file.info.atimeMs / 1000, file.info.mtimeMs / 1000);
}

/** The files in which the makefiles record commands and dependencies. */
function isRecord(path: string): boolean {
  return /(?:^|\/)\.[^/]*\.(?:cmd|d|d2)$/.test(path);
}

async function rewrite(source: string, builtAt: string, to: string): Promise<Buffer | undefined> {
  const text = await readFile(source, 'latin1');
  if (!text.includes(`${builtAt}/`)) return undefined;
  return Buffer.from(text.replaceAll(`${builtAt}/`, `${to}/`), 'latin1');
}
