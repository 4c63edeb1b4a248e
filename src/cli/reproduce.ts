/** `xsplice-build reproduce MANIFEST`: makes a payload again from its manifest, and compares the bytes. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { cacheDirectory } from '../cache-directory.js';
import { withoutControls } from '../diag/printable.js';
import type { ReproduceResult } from '../release/reproduce.js';
import { exitCodeOf, parseCount, printDiagnostics, printJson, writeOutput } from './common.js';
import type { ExitCode } from './exit.js';
import { defaultJobs } from './jobs.js';
import { packageVersion } from './package-version.js';
import { watched } from './progress/watched.js';
import { sarifOption, writeSarif } from './record-options.js';
import type { SarifOptions } from './record-options.js';
import type { Terminal } from './terminal.js';

interface ReproduceOptions extends SarifOptions {
  readonly source?: string;
  readonly xenSyms?: string;
  readonly output?: string;
  readonly jobs: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface ReproduceDocument {
  readonly schema: 'xsplice-build/reproduce/1';
  readonly equal: boolean;
  readonly wanted: ReproduceResult['wanted'] | null;
  readonly made: { readonly size: number; readonly sha256: string } | null;
  readonly diagnostics: ReproduceResult['diagnostics'];
}

export function addReproduceCommand(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('reproduce')
    .summary('make a payload again from its manifest, and compare the bytes')
    .description(
      'Checks that every input still is what the manifest beside a payload says, builds the payload again, and compares: 0 when the bytes are equal, 1 when they are not or an input differs.',
    )
    .argument('<manifest>', 'the .manifest.json of the payload')
    .option('-s, --source <dir>', 'where the source tree is now')
    .option('--xen-syms <file>', 'where the xen-syms is now')
    .option('-o, --output <file>', 'keep the payload that was made')
    .addOption(
      new Option('-j, --jobs <n>', 'compilers at a time')
        .argParser(parseCount)
        .default(defaultJobs(), 'processors, as far as memory goes'),
    )
    .addOption(sarifOption())
    .option('--json', 'print one JSON document on stdout')
    .option('-q, --quiet', 'print diagnostics only')
    .addHelpText('after', '\nExample:\n  xsplice-build reproduce fix.xsplice.manifest.json -s xen-4.17')
    .action(async (manifest: string, options: ReproduceOptions) => {
      finish(await runReproduce(manifest, options, terminal));
    });
}

async function runReproduce(
  manifest: string,
  options: ReproduceOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { reproduce } = await import('../release/reproduce.js');
  const request = {
    manifest,
    source: options.source,
    image: options.xenSyms,
    version: packageVersion(),
    jobs: options.jobs,
    cacheDir: cacheDirectory(),
  };
  const result = await watched(terminal, options, ['source', 'compare', 'link', 'base'], (controls) =>
    reproduce({ ...request, ...controls }),
  );
  const { made } = result;
  const written =
    options.output === undefined || made === undefined ? [] : writeOutput(options.output, made.bytes);
  const found = [...result.diagnostics, ...written];
  const logged = writeSarif(options, found, manifest);
  if (options.json === true) printJson(terminal, documentOf(result));
  else if (options.quiet !== true && result.equal && result.wanted !== undefined) {
    const { path, size, sha256 } = result.wanted;
    terminal.stdout(`${withoutControls(path)}: reproduced, ${String(size)} bytes, SHA-256 ${sha256}\n`);
  }
  const said = [...found, ...logged];
  printDiagnostics(terminal, said);
  return exitCodeOf(said);
}

function documentOf({ equal, wanted, made, diagnostics }: ReproduceResult): ReproduceDocument {
  return {
    schema: 'xsplice-build/reproduce/1',
    equal,
    wanted: wanted ?? null,
    made: made === undefined ? null : { size: made.bytes.length, sha256: made.sha256 },
    diagnostics,
  };
}
