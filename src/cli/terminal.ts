/** What the terminal can do, and the one place that writes to it. */
import { isatty } from 'node:tty';
import pc from 'picocolors';

export interface Terminal {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Colour on stdout and stderr each: a terminal, and neither NO_COLOR nor TERM=dumb. */
  readonly colorOut: boolean;
  readonly colorErr: boolean;
  /** Whether a line on stderr may be overwritten, and how many characters it holds. */
  readonly live: boolean;
  readonly columns: number;
}

export function processTerminal(): Terminal {
  const smart = process.env['TERM'] !== 'dumb';
  // picocolors takes CI=true for a terminal with colours, so it is asked about NO_COLOR and the like only.
  const supported = pc.isColorSupported && smart;
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    colorOut: supported && isatty(1),
    colorErr: supported && isatty(2),
    live: isatty(2) && smart,
    columns: process.stderr.columns ?? 80,
  };
}

/** A status line on stderr: overwritten in place on a terminal, silent elsewhere. */
export class StatusLine {
  private shown = 0;

  constructor(
    private readonly terminal: Terminal,
    private readonly enabled: boolean,
  ) {}

  show(text: string): void {
    if (!this.enabled || !this.terminal.live) return;
    const line = text.slice(0, Math.max(10, this.terminal.columns - 1));
    this.terminal.stderr(`\r${line.padEnd(this.shown)}`);
    this.shown = line.length;
  }

  clear(): void {
    if (this.shown === 0) return;
    this.terminal.stderr(`\r${' '.repeat(this.shown)}\r`);
    this.shown = 0;
  }
}
