/** Paths of the user's files as messages have them. */
import { relative } from 'node:path';

/** Relative to the folder in which the command runs, for what lies below it. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}
