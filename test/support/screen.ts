/**
 * What a terminal shows after a text was written to it: enough of its controls for what programs write that redraw a few
 * lines (carriage return, line feed, cursor up, to column, erase line, show and hide the cursor, colours).
 */
const CONTROL = /\x1b\[(\??)([\d;]*)([A-Za-z])|\r|\n|[^\x1b\r\n]/gu;

export interface Screen {
  /** Lines without what is blank at their ends; empty ones at the end are left out. */
  readonly lines: readonly string[];
  readonly cursor: 'shown' | 'hidden';
  /** The longest line that there ever was, in characters. */
  readonly widest: number;
  /** Texts of lines that were on the screen at any time, colours left out. */
  readonly ever: ReadonlySet<string>;
  readonly colored: boolean;
}

/** Throws an Error for controls that it does not know. */
export function screenOf(written: string): Screen {
  const lines: string[] = [''];
  const ever = new Set<string>();
  let [row, column, widest] = [0, 0, 0];
  let cursor: Screen['cursor'] = 'shown';
  let colored = false;
  for (const [piece, asked, argument = '', letter] of written.matchAll(CONTROL)) {
    const count = Number(argument === '' ? 1 : argument);
    if (piece === '\r') column = 0;
    else if (piece === '\n') {
      ever.add(lines[row]);
      row += 1;
      lines[row] ??= '';
    } else if (letter === undefined) {
      lines[row] = lines[row].padEnd(column).slice(0, column) + piece + lines[row].slice(column + 1);
      widest = Math.max(widest, (column += 1));
    } else if (asked === '?') {
      if (argument !== '25') throw new Error(`the control ${JSON.stringify(piece)}`);
      cursor = letter === 'h' ? 'shown' : 'hidden';
    } else if (letter === 'A') row = Math.max(0, row - count);
    else if (letter === 'G') column = count - 1;
    else if (letter === 'K') lines[row] = argument === '2' ? '' : lines[row].slice(0, column);
    else if (letter === 'm') colored = true;
    else throw new Error(`the control ${JSON.stringify(piece)}`);
  }
  const shown = lines.map((line) => line.trimEnd());
  while (shown.at(-1) === '') shown.pop();
  return { lines: shown, cursor, widest, ever, colored };
}
