/** `xsplice-build doctor`: is everything here, which version, and what mends what is not. */
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Work } from '../doctor/examine.js';
import { printJson } from './common.js';
import { ExitCode } from './exit.js';
import { packageVersion } from './package-version.js';
import type { Terminal } from './terminal.js';

/** As in src/doctor/examine.ts, which is not loaded for help texts. */
const WORKS = ['objects', 'source', 'qemu'] as const satisfies readonly Work[];

interface DoctorOptions {
  readonly for: Work;
  readonly compiler: string;
  readonly cacheDir?: string;
  readonly json?: boolean;
}

export function addDoctorCommand(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('doctor')
    .summary('tell whether everything is here that a build needs, and what mends what is not')
    .description('Looks for what the work needs, and ends with 0 when all of it is here, with 1 otherwise.')
    .addOption(
      new Option('--for <work>', 'what is to be done: with objects, from source, or on the real hypervisor')
        .choices(WORKS)
        .default('source'),
    )
    .option('--compiler <command>', 'the compiler of the tree', 'gcc')
    .option('--cache-dir <dir>', 'where built trees and objects are kept (default: $XSPLICE_CACHE)')
    .option('--json', 'print one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  xsplice-build doctor --for=objects')
    .action(async (options: DoctorOptions) => finish(await runDoctor(options, terminal)));
}

async function runDoctor(options: DoctorOptions, terminal: Terminal): Promise<ExitCode> {
  const [{ examine }, { doctorDocument, renderDoctor }] = await Promise.all([
    import('../doctor/examine.js'),
    import('../report/doctor.js'),
  ]);
  const found = await examine(options.for, options.compiler, options.cacheDir);
  if (options.json === true) printJson(terminal, doctorDocument(packageVersion(), found));
  else terminal.stdout(renderDoctor(found, { color: terminal.colorOut }));
  return found.ready ? ExitCode.done : ExitCode.refused;
}
