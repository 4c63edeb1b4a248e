/**
 * The hunks of the patches, and which functions each touches: by what diff wrote behind the `@@`, and by definitions
 * that stand in the hunk itself. A hunk that names no function is shown all the same, at the end.
 */
import { bareName } from '../../model/names.js';

export interface Hunk {
  /** As the patch names it, without a/ and b/. */
  readonly file: string;
  /** The `@@` line and what follows, without line feeds. */
  readonly lines: readonly string[];
  /** Functions whose changed lines it has. */
  readonly functions: readonly string[];
}

/** C puts the name before the parameters, at the start of a line that is not indented. */
const DEFINITION =
  /^(?!typedef|struct \w+ \{|union |enum |return |if |for |while )[A-Za-z_][\w\s*]*?\b(\w+)\s*\(/;

export function hunksOf(patch: string): Hunk[] {
  const hunks: Hunk[] = [];
  let file = '';
  let old = '';
  let lines: string[] | undefined;
  const close = (): void => {
    if (lines !== undefined) hunks.push({ file, lines, functions: functionsIn(lines) });
    lines = undefined;
  };
  for (const line of patch.split('\n')) {
    if (line.startsWith('--- ')) {
      close();
      old = nameIn(line);
    } else if (line.startsWith('+++ ')) file = nameIn(line) === '/dev/null' ? old : nameIn(line);
    else if (line.startsWith('@@ ')) {
      close();
      lines = [line];
    } else if (lines !== undefined && /^[ +\\-]/.test(line)) lines.push(line);
    else if (lines !== undefined && line === '') lines.push(' ');
    else close();
  }
  close();
  return hunks.map((hunk) => ({ ...hunk, lines: withoutEmptyEnd(hunk.lines) }));
}

const nameIn = (line: string): string =>
  line
    .slice(4)
    .split('\t')[0]
    .trim()
    .replace(/^[ab]\//, '');

function withoutEmptyEnd(lines: readonly string[]): readonly string[] {
  let end = lines.length;
  while (end > 1 && lines[end - 1] === ' ') end--;
  return lines.slice(0, end);
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
