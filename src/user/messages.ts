/** What went wrong with code of the user's, as diagnostics: at the place in its source, with the line. */
import { SourceMap } from 'node:module';
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { frameOf } from '../diag/frame.js';
import { withoutControls } from '../diag/printable.js';
import type { CompiledModule, CompiledPass, CompileError } from '../engine/user-pass.js';
import { readSourceMap } from './answers.js';
import { shownPath } from './shown-path.js';
import type { Failure, Limits } from './supervised.js';

/** What of the user's ran: a pass, or a file that is loaded. */
export interface Subject {
  /** `pass hvm-needs-review`, or `the file`. */
  readonly what: string;
  /** Path as the user gave it. */
  readonly file: string;
}

const MOST_ERRORS = 10;

const NO_CONSOLE = 'a pass speaks through its context: ctx.note, ctx.warn, ctx.veto';
/** What to do where the compiler's own advice does not fit. */
const HINTS: ReadonlyMap<number, string> = new Map([
  [2584, NO_CONSOLE],
  [
    2591,
    'there is nothing of Node in a pass; it may import xsplice-build/config and files by relative paths',
  ],
]);

/** Without advice to install types or to change options, which a pass cannot follow. */
function shortened(message: string): string {
  return message.replace(/ (Do you need to|Try) .*$/, '');
}

/** Complaints of the compiler. */
export function compileErrors(file: string, errors: readonly CompileError[]): Diagnostic[] {
  const shown = errors.slice(0, MOST_ERRORS).map((error) => {
    const [message, ...notes] = error.message.split('\n').map((line) => withoutControls(line.trim()));
    const hint = HINTS.get(error.code);
    return diagnostic(error.code === 0 ? 'XS701' : 'XS702', {
      message: error.code === 0 ? message : `${shortened(message)} (TS${String(error.code)})`,
      at: { object: error.file === undefined ? file : shownPath(error.file), line: error.line },
      frame: frameOf(error.source, error.line, error.column, error.length),
      notes,
      ...(hint !== undefined && { hint }),
    });
  });
  const more = errors.length - shown.length;
  if (more <= 0) return shown;
  const last = diagnostic('XS702', {
    message: `and ${String(more)} more in ${file}`,
    at: { object: file },
    hint: 'mend the first ones: others often follow from them',
  });
  return [...shown, last];
}

/** Code of the user's that gave no answer. */
export function failed(
  { what, file }: Subject,
  failure: Exclude<Failure, { failed: 'interrupted' }>,
  limits: Limits,
): Diagnostic {
  const at = { object: file };
  switch (failure.failed) {
    case 'time':
      return diagnostic('XS705', {
        message: `${what} did not come to its end within ${String(limits.time / 1000)} s, and was stopped`,
        at,
        hint: 'look for a loop without an end, or for a promise that nothing fulfils; --pass-timeout gives more time',
      });
    case 'memory':
      return diagnostic('XS706', {
        message: `${what} took more than ${String(limits.memory >> 20)} MiB of memory, and was stopped`,
        at,
      });
    case 'ended':
      return diagnostic('XS713', { message: `${what} ended without an answer: ${failure.how}`, at });
  }
}

/** Code of the user's that threw. */
export function threw(
  { what, file }: Subject,
  { message, stack }: { readonly message: string; readonly stack: string },
  pass: CompiledPass,
): Diagnostic {
  const [first, ...rest] = message.split('\n').map((line) => withoutControls(line));
  const place = placeOf(stack, pass.modules);
  return diagnostic('XS704', {
    message: `${what} threw: ${first === '' ? 'an error without a message' : first.slice(0, 1000)}`,
    at: place === undefined ? { object: file } : { object: shownPath(place.path), line: place.line },
    frame: place === undefined ? [] : frameOf(place.source, place.line, place.column, 1),
    notes: rest.slice(0, 5),
  });
}

interface SourcePlace {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly source: string;
}

/** The innermost place of a stack that lies in a source of the user's. */
function placeOf(stack: string, modules: readonly CompiledModule[]): SourcePlace | undefined {
  for (const [, path, line, column] of stack.matchAll(/(\/[^():\n]+):(\d+):(\d+)/g)) {
    const module = modules.find((found) => found.path === path && found.map !== '');
    if (module === undefined) continue;
    const map = readSourceMap(JSON.parse(module.map));
    if ('wrong' in map) throw new Error(`the map of ${path} is none: ${map.wrong}`);
    const entry = new SourceMap(map.value).findEntry(Number(line) - 1, Number(column) - 1);
    if (!('originalLine' in entry)) continue;
    const source = map.value.sourcesContent[0].split('\n')[entry.originalLine] ?? '';
    const name = map.value.sources[0].split('/').at(-1) ?? '';
    return {
      path: path.replace(/[^/]*$/, name),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
      source: source.replace(/\r$/, ''),
    };
  }
  return undefined;
}
