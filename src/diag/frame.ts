/**
 * The line of a text file that a diagnostic is about, with its number and a mark under what is wrong:
 *
 *     12 | --- a/../outside.c
 *        |     ^^^^^^^^^^^^^^
 */
import { withoutControls } from './printable.js';

/** Longer lines are not read by eye, and a terminal would break them under the mark. */
const LONGEST_LINE = 160;

/** `line` and `column` count from 1, `length` in characters. Nothing for an empty line, or one that is too long. */
export function frameOf(source: string, line: number, column: number, length: number): readonly string[] {
  if (source === '' || source.length > LONGEST_LINE) return [];
  const number = String(line);
  const shown = withoutControls(source.replaceAll('\t', ' '));
  const mark = '^'.repeat(Math.max(1, Math.min(length, source.length - column + 1)));
  return [`${number} | ${shown}`, `${' '.repeat(number.length)} | ${' '.repeat(column - 1)}${mark}`];
}

/** The frame of a line of a file that was read as latin-1, with the mark under the first of `what` that it has, or under all. */
export function frameOfLine(latin1: string, line: number, what: readonly string[] = []): readonly string[] {
  const source = utf8(latin1).replace(/\s+$/, '');
  for (const text of what.map(utf8)) {
    const at = text === '' ? -1 : source.lastIndexOf(text);
    if (at >= 0) return frameOf(source, line, at + 1, text.length);
  }
  const blanks = source.length - source.trimStart().length;
  return frameOf(source, line, blanks + 1, source.length - blanks);
}

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');
