/** Paths of the user's files as messages have them. */
import { relative, sep } from 'node:path';

/** Relative to the folder in which the command runs, where that is shorter. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith(`..${sep}..`) ? path : short;
}
