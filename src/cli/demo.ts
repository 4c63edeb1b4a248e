/** `xsplice-build demo`: makes a payload from the bundled example and proves it, with nothing but Node. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import pc from 'picocolors';
import { renderDiagnostics } from '../diag/render.js';
import { renderBuild, renderDiff } from '../report/text.js';
import { renderValidation } from '../report/validation.js';
import { exitCodeOf, printDiagnostics, writeOutput } from './common.js';
import type { ExitCode } from './exit.js';
import { watched } from './progress/watched.js';
import type { Terminal } from './terminal.js';

export function addDemoCommand(program: Command, terminal: Terminal, finish: (code: ExitCode) => void): void {
  program
    .command('demo')
    .summary('make a payload from the bundled example and prove it; needs no compiler and no Xen')
    .option('-o, --output <file>', 'keep the payload')
    .addHelpText('after', '\nExample:\n  xsplice-build demo -o demo.xsplice')
    .action(async (options: { output?: string }) => finish(await runDemo(options.output, terminal)));
}

const EXAMPLE = new URL('../../../golden/example/', import.meta.url);
const bundled = (name: string): string => fileURLToPath(new URL(name, EXAMPLE));

async function runDemo(output: string | undefined, terminal: Terminal): Promise<ExitCode> {
  const color = pc.createColors(terminal.colorOut);
  const style = { color: terminal.colorOut, verbose: true, width: terminal.widthOut() };
  const heading = (text: string): void => terminal.stdout(`\n${color.bold(color.cyan(text))}\n\n`);
  const { link } = await import('../index.js');
  const request = {
    pairs: ['console.o', 'hypercall.o'].map((name) => ({
      object: `src/${name}`,
      orig: bundled(`orig/${name}`),
      patched: bundled(`patched/${name}`),
    })),
    image: bundled('mini-syms'),
    proof: { as: output ?? 'demo.xsplice', scenarios: [bundled('scenario.json')] },
  };
  const result = await watched(terminal, {}, ['compare', 'link', 'prove'], (controls) =>
    link({ ...request, ...controls }),
  );
  if (result.payload === undefined) {
    printDiagnostics(terminal, result.diagnostics);
    return exitCodeOf(result.diagnostics);
  }

  terminal.stdout('A miniature hypervisor forgets to check a domain number. This is the fix:\n\n');
  terminal.stdout(readFileSync(bundled('fix.patch'), 'utf8').replace(/^(?=.)/gm, '  '));
  heading('1. What changed, and why (orig/*.o against patched/*.o)');
  terminal.stdout(renderDiff(result, style));
  heading('2. The payload, linked against mini-syms');
  terminal.stdout(renderBuild(result, output ?? 'demo.xsplice', { ...style, verbose: false }));
  heading('3. Its contents (xsplice-build inspect)');
  const { renderDump } = await import('../report/dump.js');
  terminal.stdout(renderDump('demo.xsplice', result.payload.bytes, () => undefined) ?? '');
  heading('4. Its proof, in an emulated hypervisor (golden/example/scenario.json)');
  if (result.validation !== undefined) terminal.stdout(renderValidation(result.validation, style));
  if (result.diagnostics.length > 0) terminal.stdout(`\n${renderDiagnostics(result.diagnostics, style)}`);
  const written = output === undefined ? [] : writeOutput(output, result.payload.bytes);
  printDiagnostics(terminal, written);
  return exitCodeOf([...result.diagnostics, ...written]);
}
