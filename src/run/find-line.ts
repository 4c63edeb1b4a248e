/**
 * What a scenario looks for on the console. A regular expression can take for ever on a line that a payload prints, so
 * it gets a time, and is run where V8 can stop it. It lies here and not with scenarios because it asks a clock, if only
 * for what is refused then.
 */
import { createContext, Script } from 'node:vm';

/** Milliseconds for one expression on all lines of a call. */
const MOST_TIME = 1000;
const SEARCH = new Script('lines.findIndex((line) => expression.test(line))');

/** The first line that has the text or, between slashes, matches the regular expression: its index, or -1. */
export function findLine(pattern: string, lines: readonly string[]): number | 'slow' {
  if (!/^\/.+\/$/.test(pattern)) return lines.findIndex((line) => line.includes(pattern));
  const expression = new RegExp(pattern.slice(1, -1));
  try {
    const found: unknown = SEARCH.runInContext(createContext({ lines, expression }), { timeout: MOST_TIME });
    return typeof found === 'number' ? found : -1;
  } catch (thrown) {
    if (isTimeout(thrown)) return 'slow';
    throw thrown;
  }
}

function isTimeout(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return false;
  return thrown.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

/** What is said of an expression that was stopped. */
export function slowComplaint(pattern: string): string {
  return `takes longer than ${MOST_TIME / 1000} s on the lines of the console: ${pattern}`;
}
