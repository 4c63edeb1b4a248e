/** `xsplice-build explain CODE`: the long text of a diagnostic code. */
import type { Command } from 'commander';
import { DIAGNOSTIC_CODES } from '../diag/codes.js';
import type { CodeEntry } from '../diag/codes.js';
import { wrapText } from '../diag/wrap.js';
import { ExitCode } from './exit.js';
import type { Terminal } from './terminal.js';

/** Wider lines are hard to read. */
const WIDEST = 80;

export function addExplainCommand(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('explain')
    .summary('tell what a diagnostic code means and what to do')
    .argument('[code]', 'a code such as XS301; without it, all codes are listed')
    .addHelpText('after', '\nExample:\n  xsplice-build explain XS301')
    .action((code?: string) => finish(explain(code, terminal)));
}

function explain(code: string | undefined, terminal: Terminal): ExitCode {
  const entries: readonly (readonly [string, CodeEntry])[] = Object.entries(DIAGNOSTIC_CODES);
  if (code === undefined) {
    terminal.stdout(
      entries.map(([name, entry]) => `${row(name, entry, terminal.widthOut()).join('\n')}\n`).join(''),
    );
    return ExitCode.done;
  }
  const found = entries.find(([name]) => name === code.toUpperCase());
  if (found === undefined) {
    terminal.stderr(`there is no code ${code}; \`xsplice-build explain\` lists all\n`);
    return ExitCode.usage;
  }
  const [name, entry] = found;
  const width = terminal.widthOut();
  const title = wrapText(`${name} (${entry.severity}): ${entry.title}`, width, { hanging: 4 });
  const lines = [...title, '', ...wrapText(entry.text, Math.min(WIDEST, width ?? WIDEST))];
  terminal.stdout(`${lines.join('\n')}\n`);
  return ExitCode.done;
}

function row(name: string, { severity, title }: CodeEntry, width: number | undefined): string[] {
  const head = `${name}  ${severity.padEnd(7)}  `;
  const place = { used: head.length, hanging: head.length };
  return wrapText(title, width, place).map((line, k) => (k === 0 ? `${head}${line}` : line));
}
