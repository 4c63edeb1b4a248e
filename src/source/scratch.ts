/**
 * Scratch folders: unique, owned, and gone afterwards, even after kill -9.
 *
 *   CACHE/scratch/run-XXXXXX/owner.json     {"host": …, "pid": …}
 *
 * A run removes its own folder when it ends. Folders whose owner died without doing so are removed by the
 * next run on the same host, and those of other hosts (a shared cache) when they are a day old. xen/Makefile
 * refuses paths with blanks or colons, so such a place is replaced by the system's temporary folder.
 */
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProcessAlive } from '../process-alive.js';

/** After this many milliseconds a folder of another host is taken for abandoned. */
const ABANDONED = 24 * 60 * 60 * 1000;

/** Makes a scratch folder below `root` and removes abandoned ones beside it. Throws operating system errors. */
export async function makeScratch(root: string): Promise<string> {
  const usable = /[\s:]/.test(root) ? join(tmpdir(), 'xsplice-build') : root;
  await mkdir(usable, { recursive: true });
  await removeAbandoned(usable);
  const made = await mkdtemp(join(await realpath(usable), 'run-'));
  await writeFile(join(made, 'owner.json'), JSON.stringify({ host: hostname(), pid: process.pid }));
  return made;
}

export async function removeScratch(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
}

/** Removes the run-… folders below `root` whose owners are no more. */
export async function removeAbandoned(root: string): Promise<void> {
  const names = await readdir(root).catch(() => []);
  for (const name of names.filter((n) => n.startsWith('run-'))) {
    const folder = join(root, name);
    if (await isAbandoned(folder)) await removeScratch(folder).catch(() => undefined);
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  const info = await stat(folder).catch(() => undefined);
  if (info === undefined) return false;
  const old = Date.now() - info.mtimeMs > ABANDONED;
  const owner = await readFile(join(folder, 'owner.json'), 'utf8').catch(() => '');
  const pid = /"pid":(\d+)/.exec(owner)?.[1];
  const here = owner.includes(`"host":${JSON.stringify(hostname())}`);
  // A folder without owner.json is one that another run is just making.
  return here && pid !== undefined ? !isProcessAlive(Number(pid)) : old;
}
