/** `xsplice-build validate PAYLOAD… --xen-syms FILE`: proves finished payloads in an emulated hypervisor. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { renderValidation, validateDocument } from '../report/validation.js';
import type { ProfileName } from '../index.js';
import { PROFILE_NAMES } from '../xen/profile-names.js';
import { collect, exitCodeOf, printDiagnostics, printJson } from './common.js';
import type { ExitCode } from './exit.js';
import { watched } from './progress/watched.js';
import { sarifOption, writeSarif } from './record-options.js';
import type { SarifOptions } from './record-options.js';
import type { Terminal } from './terminal.js';

interface ValidateOptions extends SarifOptions {
  readonly xenSyms: string;
  readonly profile?: ProfileName;
  readonly scenario?: readonly string[];
  readonly replace?: boolean;
  readonly nodeps?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

export const profileOption = (): Option =>
  new Option('--profile <release>', "rules of this release's loader, instead of the image's own").choices(
    PROFILE_NAMES,
  );

export function addValidateCommand(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  program
    .command('validate')
    .summary('prove finished payloads, of any builder, in an emulated hypervisor')
    .description(
      'Uploads, applies, reverts and unloads payloads in an emulator that runs the given hypervisor and models its loader, looks for what the loader would not refuse but the host would die of, and plays scenarios.',
    )
    .argument('<payload...>', 'payloads in the order in which they are applied')
    .requiredOption('--xen-syms <file>', 'xen-syms of the hypervisor they are for')
    .addOption(profileOption())
    .option('--scenario <file>', 'scenario to play; may be given several times', collect)
    .option('--replace', 'the last payload replaces the others instead of going on top of them')
    .option('--nodeps', 'apply the first payload whatever it says that it goes on top of')
    .addOption(sarifOption())
    .option('--json', 'print one JSON document on stdout')
    .option('-q, --quiet', 'print diagnostics only')
    .option('-v, --verbose', 'print each step, each call, and what the hypervisor prints')
    .addHelpText(
      'after',
      '\nExample:\n  xsplice-build validate fix.xsplice --xen-syms xen-syms-4.17-amd64 --scenario fix.json',
    )
    .action(async (payloads: readonly string[], options: ValidateOptions) => {
      finish(await runValidate(payloads, options, terminal));
    });
}

async function runValidate(
  payloads: readonly string[],
  options: ValidateOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { validate } = await import('../index.js');
  const { xenSyms, profile, scenario, replace, nodeps } = options;
  const request = {
    image: xenSyms,
    payloads,
    ...(profile !== undefined && { profile }),
    ...(scenario !== undefined && { scenarios: scenario }),
    ...(replace !== undefined && { replaces: replace }),
    ...(nodeps !== undefined && { nodeps }),
  };
  const result = await watched(terminal, options, ['prove'], (controls) =>
    validate({ ...request, ...controls }),
  );
  if (options.json === true) printJson(terminal, validateDocument(result));
  else if (options.quiet !== true && result.validation !== undefined)
    terminal.stdout(
      renderValidation(result.validation, { color: terminal.colorOut, verbose: options.verbose === true }),
    );
  const logged = writeSarif(options, result.diagnostics, payloads[payloads.length - 1] ?? xenSyms);
  const said = [...result.diagnostics, ...logged];
  printDiagnostics(terminal, said);
  return exitCodeOf(said);
}
