/** `xsplice-build inspect FILE`: an object or payload as text, one fact a line. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { Diagnostic } from '../diag/diagnostic.js';
import { readFileOrReport } from '../read-file.js';
import { exitCodeOf, printDiagnostics } from './common.js';
import type { ExitCode } from './exit.js';
import type { Terminal } from './terminal.js';

export function addInspectCommand(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('inspect')
    .summary('print an object or payload as text: sections, code, relocations, symbols')
    .argument('<file>', 'an ELF64 x86-64 object')
    .addHelpText('after', '\nExample:\n  xsplice-build inspect fix.xsplice')
    .action(async (path: string) => {
      finish(await inspect(path, terminal));
    });
}

async function inspect(path: string, terminal: Terminal): Promise<ExitCode> {
  const found: Diagnostic[] = [];
  const bytes = readFileOrReport(path, (d) => found.push(d));
  const { renderDump } = await import('../report/dump.js');
  const text = bytes && renderDump(basename(path), bytes, (d) => found.push(d));
  if (text !== undefined) terminal.stdout(text);
  printDiagnostics(terminal, found);
  return exitCodeOf(found);
}
