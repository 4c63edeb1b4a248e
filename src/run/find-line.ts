/**
 * What a scenario looks for on the console. A regular expression can take for ever on a line that a payload prints, so
 * it gets a time, and is run where V8 can stop it. It lies here and not with scenarios because it asks a clock, if only
 * for what is refused then.
 */
import { createContext, Script } from 'node:vm';
import { errnoOf } from '../system-error.js';

/** Milliseconds for one expression on all lines of a call. */
const MOST_TIME = 1000;
const SEARCH = new Script('lines.findIndex((line) => expression.test(line))');

/** The regular expression that a pattern between slashes is; undefined for text. Throws SyntaxError for one that is none. */
export function expressionOf(pattern: string): RegExp | undefined {
  return /^\/.+\/$/.test(pattern) ? new RegExp(pattern.slice(1, -1)) : undefined;
}

/** The first line that has the text, or matches the expression: its index, or -1. */
export function findLine(pattern: string, lines: readonly string[]): number | 'slow' {
  const expression = expressionOf(pattern);
  if (expression === undefined) return lines.findIndex((line) => line.includes(pattern));
  try {
    const found: unknown = SEARCH.runInContext(createContext({ lines, expression }), { timeout: MOST_TIME });
    return typeof found === 'number' ? found : -1;
  } catch (thrown) {
    if (errnoOf(thrown) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'slow';
    throw thrown;
  }
}

/** What is said of an expression that was stopped. */
export function slowComplaint(pattern: string): string {
  return `takes longer than ${MOST_TIME / 1000} s on the lines of the console: ${pattern}`;
}
