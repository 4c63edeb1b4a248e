/** `xsplice-build inspect FILE`: an object or payload as text, one fact a line. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
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
  const bytes = readOrReport(path, found);
  const { renderDump } = await import('../report/dump.js');
  const text = bytes && renderDump(basename(path), bytes, (d) => found.push(d));
  if (text !== undefined) terminal.stdout(text);
  printDiagnostics(terminal, found);
  return exitCodeOf(found);
}

function readOrReport(path: string, found: Diagnostic[]): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    found.push(
      diagnostic('XS104', {
        message: `cannot read ${path}: ${why}`,
        at: { object: path },
        hint: 'check the path',
      }),
    );
    return undefined;
  }
}
