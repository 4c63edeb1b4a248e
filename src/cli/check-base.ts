/** `xsplice-build check-base`: how much of a built tree is the hypervisor that runs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic, Report } from '../diag/diagnostic.js';
import type { Threads } from '../engine/choose.js';
import type { CheckBaseRequest } from '../index.js';
import { checkBaseDocument, renderCheckBase } from '../report/base.js';
import { exitCodeOf, parseThreads, printDiagnostics, printJson, printTimings } from './common.js';
import { ExitCode } from './exit.js';
import { pairObjectPaths } from './object-paths.js';
import { watched } from './progress/watched.js';
import type { Terminal } from './terminal.js';

interface CheckBaseOptions {
  readonly source?: string;
  readonly objects?: string;
  readonly xenSyms: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly threads: Threads;
  readonly time?: boolean;
  readonly verifyEach?: boolean;
}

export function addCheckBaseCommand(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('check-base')
    .summary('tell how much of a built tree is the hypervisor that runs')
    .description(
      'Looks every function of a built tree up in the image of the running hypervisor and compares it, with its relocations applied. What differs is told by kinds, the likely cause first.',
    )
    .option('-s, --source <dir>', 'built Xen source tree; nothing is built')
    .option('--objects <dir>', 'directory of objects, or one object, instead of -s')
    .requiredOption('--xen-syms <file>', 'xen-syms of the running hypervisor')
    .option('--json', 'print one JSON document on stdout')
    .option('-q, --quiet', 'print diagnostics only')
    .option('-v, --verbose', 'list all that differs, with both sides')
    .addOption(
      new Option('--threads <n>', 'threads for the work on objects').argParser(parseThreads).default('auto'),
    )
    .option('--time', 'print the time of each pass on stderr')
    .option('--verify-each', 'prove after each pass what it promises')
    .addHelpText(
      'after',
      '\nExample:\n  xsplice-build check-base -s xen-4.17 --xen-syms xen-syms-4.17-amd64\n\nExit codes: 0 all that can be checked is proven, 1 something differs.',
    )
    .action(async (options: CheckBaseOptions) => finish(await runCheckBase(options, terminal)));
}

async function runCheckBase(options: CheckBaseOptions, terminal: Terminal): Promise<ExitCode> {
  if ((options.source === undefined) === (options.objects === undefined)) {
    const hint = 'see `xsplice-build help check-base`';
    printDiagnostics(terminal, [
      diagnostic('XS901', { message: 'give either -s DIR or --objects DIR', hint }),
    ]);
    return ExitCode.usage;
  }
  const found: Diagnostic[] = [];
  const objects = await objectsOf(options, (problem) => found.push(problem));
  const { checkBase } = await import('../index.js');
  const { xenSyms: image, threads, verifyEach = false } = options;
  const checked =
    objects === undefined
      ? { diagnostics: [], timings: new Map<string, number>() }
      : await watched(terminal, options, ['base'], (controls) =>
          checkBase({ ...controls, image, objects, threads, verifyEach }),
        );
  const result = { ...checked, diagnostics: [...found, ...checked.diagnostics] };
  if (options.json === true) printJson(terminal, checkBaseDocument(result));
  else if (options.quiet !== true && result.proof !== undefined) {
    const style = { color: terminal.colorOut, verbose: options.verbose === true };
    terminal.stdout(renderCheckBase(result.proof, style));
  }
  if (options.time === true) printTimings(terminal, result.timings);
  printDiagnostics(terminal, result.diagnostics);
  return exitCodeOf(result.diagnostics);
}

/** Of a built tree what it links, of any other directory all objects in it. */
async function objectsOf(
  { source, objects = '' }: CheckBaseOptions,
  report: Report,
): Promise<CheckBaseRequest['objects'] | undefined> {
  const tree = source ?? (existsSync(join(objects, '.prelink.o.cmd')) ? objects : undefined);
  if (tree !== undefined) {
    const { baseObjects } = await import('../source/index.js');
    return await baseObjects(tree, report);
  }
  const paths = pairObjectPaths(objects, objects, report);
  return paths?.pairs.map(({ object, orig = '' }) => ({ object, path: orig, member: false }));
}
