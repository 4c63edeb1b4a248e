/**
 * Finds in make's output what went wrong: the first compiler errors, or else the last words before make gave up.
 *
 *     common/x.c:12:5: error: 'foo' undeclared           GCC and Clang
 *     include/xen/y.h:3:10: fatal error: z.h: No such file or directory
 *     common/x.S:8: Error: no such instruction            the assembler
 *     ld: common/x.o: undefined reference to `foo'        the linker
 *     make[2]: *** [Rules.mk:258: common/x.o] Error 1     make
 */
import { posix } from 'node:path';

export interface BuildError {
  /** As the compiler wrote it: relative to xen/. */
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export interface BuildFailure {
  readonly errors: readonly BuildError[];
  /** Lines to show: those of the first errors with the source lines under them, or the end of the output. */
  readonly excerpt: readonly string[];
}

const COMPILER_ERROR = /^([^\s:][^:]*):(\d+):(?:\d+:)? (?:fatal )?[eE]rror: (.*)$/;
const OTHER_ERROR =
  /undefined reference|multiple definition|\*\*\* |: not found|No such file|cannot |[eE]rror:/;
/** Errors that are shown; more follow from the first as a rule. */
const SHOWN_ERRORS = 3;
/** Lines under an error (source line, caret, its note) that are shown. */
const SHOWN_CONTEXT = 3;
const SHOWN_TAIL = 8;

/** Reads the output of a failed make; `strip` (the scratch folder) is removed from paths. */
export function readFailure(output: readonly string[], strip: string): BuildFailure {
  const lines = output.map((line) => line.replaceAll(`${strip}/`, ''));
  const at = firstOfEach(lines);
  const errors = at
    .map((i) => COMPILER_ERROR.exec(lines[i] ?? ''))
    .flatMap((m) =>
      m === null ? [] : [{ file: posix.normalize(m[1] ?? ''), line: Number(m[2]), message: m[3] ?? '' }],
    );
  if (errors.length > 0) {
    const excerpt = at.slice(0, SHOWN_ERRORS).flatMap((i) => [lines[i] ?? '', ...contextAfter(lines, i)]);
    return { errors, excerpt };
  }
  const telling = lines.filter((line) => OTHER_ERROR.test(line));
  const excerpt = (telling.length > 0 ? telling : lines.filter((l) => l.trim() !== '')).slice(-SHOWN_TAIL);
  return { errors, excerpt };
}

/** Where each compiler error is first seen: one in a header comes once for every file that includes it. */
function firstOfEach(lines: readonly string[]): readonly number[] {
  const seen = new Set<string>();
  return lines.flatMap((line, i) => {
    if (!COMPILER_ERROR.test(line) || seen.has(line)) return [];
    seen.add(line);
    return [i];
  });
}

/** GCC puts the source line and a caret under an error, as lines that begin with blanks and a bar. */
function contextAfter(lines: readonly string[], at: number): readonly string[] {
  const context: string[] = [];
  for (const line of lines.slice(at + 1, at + 1 + SHOWN_CONTEXT)) {
    if (!/^\s*\d* \|/.test(line)) break;
    context.push(line);
  }
  return context;
}
