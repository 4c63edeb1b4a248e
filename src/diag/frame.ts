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

/** A line of marks below a line of source, as frameOf makes them. */
const MARKS = /^( *\| *)(\^+)$/;
const CUT = '…';
/** Narrower frames show nothing. */
const NARROWEST = 24;

/**
 * A frame for a window of `width` characters: what does not fit is cut off, a line with a mark on the side where the
 * mark is not.
 */
export function fitFrame(frame: readonly string[], width: number): readonly string[] {
  const room = Math.max(width, NARROWEST);
  return frame.flatMap((line, k) => {
    if (k > 0 && MARKS.test(line)) return [];
    const [, lead, carets] = MARKS.exec(frame[k + 1] ?? '') ?? [];
    if (lead === undefined) return [cutAt(line, room)];
    return fitMarked(line, lead.length, lead.length + carets.length, room);
  });
}

/** The mark is below the characters from `from` to `to` of the line. */
function fitMarked(line: string, from: number, to: number, room: number): readonly string[] {
  const gutter = line.indexOf('|') + 2;
  // As far to the left as shows the whole mark with a character behind it, but never past where it begins.
  const most = Math.max(0, from - gutter - 1);
  const skipped = Math.min(most, Math.max(0, Math.min(to + 1, line.length) - room));
  const rest = skipped === 0 ? line.slice(gutter) : `${CUT}${line.slice(gutter + skipped + 1)}`;
  const shown = cutAt(`${line.slice(0, gutter)}${rest}`, room);
  const start = from - skipped;
  const marks = '^'.repeat(Math.max(1, Math.min(to - skipped, room) - start));
  return [shown, `${' '.repeat(gutter - 2)}| ${' '.repeat(start - gutter)}${marks}`];
}

const cutAt = (line: string, room: number): string =>
  line.length <= room ? line : `${line.slice(0, room - 1)}${CUT}`;

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');
