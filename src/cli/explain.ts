/** `xsplice-build explain CODE`: the long text of a diagnostic code. */
import type { Command } from 'commander';
import { DIAGNOSTIC_CODES } from '../diag/codes.js';
import type { CodeEntry } from '../diag/codes.js';
import { ExitCode } from './exit.js';
import type { Terminal } from './terminal.js';

const WIDTH = 80;

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
      entries.map(([name, entry]) => `${name}  ${entry.severity.padEnd(7)}  ${entry.title}\n`).join(''),
    );
    return ExitCode.done;
  }
  const found = entries.find(([name]) => name === code.toUpperCase());
  if (found === undefined) {
    terminal.stderr(`there is no code ${code}; \`xsplice-build explain\` lists all\n`);
    return ExitCode.usage;
  }
  const [name, entry] = found;
  terminal.stdout(`${name} (${entry.severity}): ${entry.title}\n\n${wrap(entry.text)}\n`);
  return ExitCode.done;
}

function wrap(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
