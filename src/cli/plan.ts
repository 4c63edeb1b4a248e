/** `xsplice-build plan PAYLOAD… --xen-syms FILE`: the ways to splice each function, and what each takes. */
import type { Command } from 'commander';
import type { ProfileName } from '../index.js';
import { planDocument, renderPlan } from '../report/plan.js';
import { exitCodeOf, printDiagnostics, printJson } from './common.js';
import type { ExitCode } from './exit.js';
import { watched } from './progress/watched.js';
import type { Terminal } from './terminal.js';
import { profileOption } from './validate.js';

interface PlanOptions {
  readonly xenSyms: string;
  readonly profile?: ProfileName;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export function addPlanCommand(program: Command, terminal: Terminal, finish: (code: ExitCode) => void): void {
  program
    .command('plan')
    .summary('tell for each function of a payload which ways to splice it there are')
    .description(
      'Finds in the hypervisor who calls each replaced function, and tells whether the new one fits over the old one, whether all callers can be turned to it, and whether a jump at its start will do.',
    )
    .argument('<payload...>', 'payloads in the order in which they are applied')
    .requiredOption('--xen-syms <file>', 'xen-syms of the hypervisor they are for')
    .addOption(profileOption())
    .option('--json', 'print one JSON document on stdout')
    .option('-v, --verbose', 'print every place that would be changed')
    .addHelpText('after', '\nExample:\n  xsplice-build plan fix.xsplice --xen-syms xen-syms-4.17-amd64')
    .action(async (payloads: readonly string[], options: PlanOptions) => {
      finish(await runPlan(payloads, options, terminal));
    });
}

async function runPlan(
  payloads: readonly string[],
  { xenSyms, profile, json, verbose }: PlanOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { plan } = await import('../index.js');
  const request = { image: xenSyms, payloads, ...(profile !== undefined && { profile }) };
  const result = await watched(terminal, { json: json === true }, ['plan'], (controls) =>
    plan({ ...request, ...controls }),
  );
  if (json === true) printJson(terminal, planDocument(result));
  else if (result.plan !== undefined)
    terminal.stdout(renderPlan(result.plan, { color: terminal.colorOut, verbose: verbose === true }));
  printDiagnostics(terminal, result.diagnostics);
  return exitCodeOf(result.diagnostics);
}
