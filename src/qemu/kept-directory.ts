/**
 * What is expensive to get (packages, a built Xen tree) is kept in the cache directory and got once.
 *
 * An entry is a directory that exists only when it is whole: it is filled under a name of its own and then
 * renamed, so an interrupted run leaves nothing that a later run could mistake for the real thing, and two
 * runs at once end with one winner and no harm. Nothing in an entry may depend on its own path.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Returns the directory `entry`, after letting `fill` make its contents if it is not there yet. */
export async function keptDirectory(
  entry: string,
  fill: (unfinished: string) => Promise<void>,
): Promise<string> {
  if (existsSync(entry)) return entry;
  mkdirSync(path.dirname(entry), { recursive: true });
  const unfinished = mkdtempSync(`${entry}.unfinished-`);
  try {
    await fill(unfinished);
    chmodSync(unfinished, 0o755);
    renameSync(unfinished, entry);
  } catch (failure) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another run was faster; its entry is as good as ours would have been.
    if (!existsSync(entry)) throw failure;
  }
  return entry;
}
