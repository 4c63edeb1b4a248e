/** What the terminal can do, and the one place that writes to it. */
import { isatty } from 'node:tty';
import pc from 'picocolors';

export interface Terminal {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Colour on stdout and stderr each: a terminal, and neither NO_COLOR nor TERM=dumb. */
  readonly colorOut: boolean;
  readonly colorErr: boolean;
  /** Whether lines on stderr may be overwritten: a terminal that is not dumb, and no log that is made to look like one. */
  readonly live: boolean;
  /** Characters in a line now; undefined where text is not for a terminal, and lines may have any length. */
  readonly widthOut: () => number | undefined;
  readonly widthErr: () => number | undefined;
}

/** Narrower terminals do not tell their size. */
const NARROWEST = 20;

export function processTerminal(): Terminal {
  const { TERM, CI = '' } = process.env;
  const smart = TERM !== 'dumb';
  // picocolors takes CI=true for a terminal with colours, so it is asked about NO_COLOR and the like only.
  const supported = pc.isColorSupported && smart;
  const widthErr = (): number | undefined => widthOf(process.stderr);
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    colorOut: supported && isatty(1),
    colorErr: supported && isatty(2),
    live: smart && (CI === '' || CI === 'false') && isatty(2) && widthErr() !== undefined,
    widthOut: () => widthOf(process.stdout),
    widthErr,
  };
}

function widthOf({ isTTY, columns }: NodeJS.WriteStream): number | undefined {
  return isTTY && columns >= NARROWEST ? columns : undefined;
}
