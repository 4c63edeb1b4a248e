/** Where downloads, built trees and scratch copies lie: outside every repository, and the user's to move. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `$XSPLICE_CACHE`, or `~/.cache/xsplice-build`. It need not exist yet. */
export function cacheDirectory(): string {
  const given = process.env['XSPLICE_CACHE'];
  return given === undefined || given === '' ? join(homedir(), '.cache', 'xsplice-build') : given;
}
