/**
 * Writes a file so that nobody ever sees half of it: to a temporary name beside it, synced, then renamed, then the
 * folder is synced, so that the new name survives a power failure, too. What kill -9 leaves of an earlier run
 * (`.NAME.PID.tmp`) is removed by the next that writes the same file.
 *
 * Devices and pipes (`-o /dev/null`, `/dev/stdout`) are written to, never replaced.
 */
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isProcessAlive } from './process-alive.js';

/** Throws the system's error when a step fails; the temporary file is gone then. */
export function writeFileAtomically(path: string, bytes: Uint8Array): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) {
    writeFileSync(path, bytes);
    return;
  }
  // A symbolic link stays one; the file behind it is replaced.
  const target = there === undefined ? path : realpathSync(path);
  removeAbandoned(target);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    const fd = openSync(temporary, 'w', 0o644);
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, target);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
  syncFolder(dirname(target));
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } catch (thrown) {
    // Some file systems (of networks, of FUSE) cannot sync folders, and say so; there is nothing more to do then.
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw thrown;
  } finally {
    closeSync(fd);
  }
}

/** Temporary files of this target whose writers are no more. */
function removeAbandoned(target: string): void {
  const folder = dirname(target);
  const start = `.${basename(target)}.`;
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(start)) continue;
    const pid = /^(\d+)\.tmp$/.exec(name.slice(start.length))?.[1];
    if (pid !== undefined && !isProcessAlive(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}
