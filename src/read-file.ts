/** Reads a file that the user named; a file that cannot be read is the user's matter, so it becomes a diagnostic. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { diagnostic } from './diag/diagnostic.js';
import type { Report } from './diag/diagnostic.js';

/** More than any image with debug information has. */
export const MOST_BYTES = 512 << 20;

const CHUNK = 1 << 20;

/**
 * The file's bytes. Reports XS104 and returns undefined when the system refuses, and for more than `most` bytes:
 * of a file that has no end (/dev/zero, a pipe) no more are read.
 */
export function readFileOrReport(path: string, report: Report, most = MOST_BYTES): Uint8Array | undefined {
  try {
    const bytes = readAtMost(path, most);
    if (bytes !== undefined) return bytes;
    refuse(`it has more than ${most >> 10} KiB, which is more than such a file can have`);
  } catch (thrown) {
    refuse(thrown instanceof Error ? thrown.message.replace(/, \w+( '.*')?$/s, '') : String(thrown));
  }
  return undefined;

  function refuse(why: string): void {
    report(
      diagnostic('XS104', {
        message: `cannot read ${path}: ${why}`,
        at: { object: path },
        hint: 'check the path',
      }),
    );
  }
}

/** Undefined when there are more bytes. */
function readAtMost(path: string, most: number): Uint8Array | undefined {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > most) return undefined;
    // One byte more tells that a file of the size that the system gave ends there.
    const pieces: Buffer[] = [];
    for (let total = 0; total <= most;) {
      const piece = Buffer.allocUnsafe(Math.max(CHUNK, size + 1 - total));
      const count = readSync(file, piece, 0, piece.length, null);
      if (count === 0) return Buffer.concat(pieces, total);
      pieces.push(piece.subarray(0, count));
      total += count;
    }
    return undefined;
  } finally {
    closeSync(file);
  }
}
