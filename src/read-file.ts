/** Reads a file that the user named; a file that cannot be read is the user's matter: it becomes a diagnostic. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { diagnostic } from './diag/diagnostic.js';
import type { Diagnostic, Report } from './diag/diagnostic.js';

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
    report(cannotRead(path, `it has more than ${most >> 10} KiB, which is more than such a file can have`));
  } catch (thrown) {
    report(cannotRead(path, thrown));
  }
  return undefined;
}

/** The largest object that is read, in bytes: far beyond any, well inside what a Buffer can hold. */
const LARGEST_OBJECT = 2 ** 31 - 1;

/**
 * The bytes of a regular file, at the start of the memory that `place` gives for so many. Reports XS104 and returns
 * undefined when the system refuses, and for what is no regular file or has more than 2 GiB.
 */
export function readRegularFile(
  path: string,
  report: Report,
  place: (bytes: number) => Uint8Array,
): Uint8Array | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > LARGEST_OBJECT)
      throw new Error(stat.isFile() ? 'it is larger than 2 GiB' : 'it is no regular file');
    const bytes = place(stat.size);
    let length = 0;
    for (let got = 1; got > 0 && length < stat.size; length += got)
      got = readSync(file, bytes, length, stat.size - length, length);
    return bytes.subarray(0, length);
  } catch (thrown) {
    report(cannotRead(path, thrown));
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function cannotRead(path: string, thrown: unknown): Diagnostic {
  const why = thrown instanceof Error ? thrown.message.replace(/, \w+( '.*')?$/s, '') : String(thrown);
  return diagnostic('XS104', {
    message: `cannot read ${path}: ${why}`,
    at: { object: path },
    hint: 'check the path and its permissions',
  });
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
