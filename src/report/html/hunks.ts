/**
 * The hunks of the patches, and which functions each touches: by what diff wrote behind the `@@`, and by definitions
 * that stand in the hunk itself. A hunk that names no function is shown all the same, at the end.
 */
import type { HunkRecord } from '../../index.js';
import { bareName } from '../../model/names.js';

export interface Hunk extends HunkRecord {
  /** Functions whose changed lines it has. */
  readonly functions: readonly string[];
}

/** C puts the name before the parameters, at the start of a line that is not indented. */
const DEFINITION =
  /^(?!typedef|struct \w+ \{|union |enum |return |if |for |while )[A-Za-z_][\w\s*]*?\b(\w+)\s*\(/;

export function hunkOf({ file, lines }: HunkRecord): Hunk {
  return { file, lines, functions: functionsIn(lines) };
}

/** The functions in which lines change. */
function functionsIn([head, ...lines]: readonly string[]): string[] {
  let current = DEFINITION.exec(head.replace(/^@@.*?@@ ?/, ''))?.[1];
  const found = new Set<string>();
  for (const line of lines) {
    const name = DEFINITION.exec(line.slice(1))?.[1];
    if (name !== undefined && !line.trimEnd().endsWith(';')) current = name;
    if (/^[+-]/.test(line) && current !== undefined) found.add(current);
  }
  return [...found];
}

/** The name of a function without what the compiler or the linker put to it: `x.c#f.part.0` is of `f`. */
export function sourceName(name: string): string {
  return bareName(name).split('.')[0];
}
