/** `xsplice-build diff ORIG PATCHED`: what changed between two objects, or two directories of objects. */
import type { Command } from 'commander';
import type { Diagnostic } from '../diag/diagnostic.js';
import { diffDocument } from '../report/json.js';
import { renderDiff } from '../report/text.js';
import {
  addCommonOptions,
  exitCodeOf,
  isInterrupted,
  printDiagnostics,
  printJson,
  printTimings,
} from './common.js';
import type { CommonOptions } from './common.js';
import type { ExitCode } from './exit.js';
import { pairObjectPaths } from './object-paths.js';
import { watched } from './progress/watched.js';
import { sarifOption, writeSarif } from './record-options.js';
import type { SarifOptions } from './record-options.js';
import type { Terminal } from './terminal.js';

interface DiffOptions extends CommonOptions, SarifOptions {
  readonly aggregates?: boolean;
}

export function addDiffCommand(program: Command, terminal: Terminal, finish: (code: ExitCode) => void): void {
  const command = program
    .command('diff')
    .summary('tell which functions differ between two objects or directories of objects, and why')
    .description(
      'Compares two objects, or the .o files of two directories by their relative paths, and tells for each which functions changed and why. Differences that mean nothing (line numbers that are only reported, order, debug information) are no changes.',
    )
    .argument('<orig>', 'object or directory before the change')
    .argument('<patched>', 'object or directory after the change')
    .addHelpText(
      'after',
      '\nExample:\n  xsplice-build diff build-orig/xen build-patched/xen --json\n  xsplice-build diff orig/hypercall.o patched/hypercall.o --explain do_hypercall',
    );
  command.option(
    '--aggregates',
    'compare built_in.o and prelink.o of directories too, which repeat the others',
  );
  command.addOption(sarifOption());
  addCommonOptions(command).action(async (orig: string, patched: string, options: DiffOptions) => {
    finish(await runDiff(orig, patched, options, terminal));
  });
}

async function runDiff(
  orig: string,
  patched: string,
  options: DiffOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const found: Diagnostic[] = [];
  const paths = pairObjectPaths(orig, patched, (d) => found.push(d), {
    aggregates: options.aggregates === true,
  });
  const { diff } = await import('../index.js');
  const {
    threads = 'auto',
    target,
    verifyEach = false,
    allowLost = [],
    explain = [],
    reportsLine = [],
  } = options;
  const compared =
    paths === undefined
      ? { diffs: [], diagnostics: [], timings: new Map() }
      : await watched(terminal, options, ['compare'], (controls) =>
          diff({
            ...controls,
            pairs: paths.pairs,
            threads,
            target,
            verifyEach,
            allowLost,
            explain,
            reporters: reportsLine,
          }),
        );
  const result = { ...compared, diagnostics: [...found, ...compared.diagnostics] };
  if (options.json === true) printJson(terminal, diffDocument(result));
  else if (options.quiet !== true && paths !== undefined && !isInterrupted(result.diagnostics)) {
    terminal.stdout(
      renderDiff(result, {
        color: terminal.colorOut,
        verbose: options.verbose === true,
        width: terminal.widthOut(),
      }),
    );
  }
  if (options.time === true) printTimings(terminal, result.timings);
  // What a pair is refused for stands in its block, or in the document; without either it is told here.
  const ofPairs = result.diffs.flatMap((d) => d.diagnostics);
  const unsaid = options.quiet === true && options.json !== true ? ofPairs : [];
  const all = [...result.diagnostics, ...ofPairs];
  const logged = writeSarif(options, all, patched);
  printDiagnostics(terminal, [...unsaid, ...result.diagnostics, ...logged]);
  return exitCodeOf([...all, ...logged]);
}
