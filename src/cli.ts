#!/usr/bin/env node
/**
 * The command line: commands are declared in cli/, this file runs one and turns its outcome into an exit code.
 * The only place that ends the process.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { addBuildCommand } from './cli/build.js';
import { addCheckBaseCommand } from './cli/check-base.js';
import { addCompletionCommand } from './cli/completion.js';
import { addDemoCommand } from './cli/demo.js';
import { addDiffCommand } from './cli/diff.js';
import { addDoctorCommand } from './cli/doctor.js';
import { ExitCode } from './cli/exit.js';
import { addExplainCommand } from './cli/explain.js';
import { addInspectCommand } from './cli/inspect.js';
import { addPlanCommand } from './cli/plan.js';
import { packageVersion } from './cli/package-version.js';
import { addReproduceCommand } from './cli/reproduce.js';
import { processTerminal } from './cli/terminal.js';
import { withoutControls } from './diag/printable.js';
import { addValidateCommand } from './cli/validate.js';

async function main(argv: readonly string[]): Promise<ExitCode> {
  const terminal = processTerminal();
  let code: ExitCode = ExitCode.done;
  const finish = (outcome: ExitCode): void => void (code = outcome);
  const program = new Command('xsplice-build')
    .description(
      'Makes live patches for the Xen hypervisor: from a source patch to a payload that it uploads, applies and reverts.',
    )
    .version(packageVersion())
    .showHelpAfterError('(see `xsplice-build --help`)')
    .configureOutput({ writeOut: terminal.stdout, writeErr: terminal.stderr })
    .addHelpText('after', '\nExit codes: 0 done, 1 refused, 2 usage, 3 nothing to patch, 70 internal bug.');
  program.exitOverride();
  addBuildCommand(program, terminal, finish);
  addDiffCommand(program, terminal, finish);
  addValidateCommand(program, terminal, finish);
  addPlanCommand(program, terminal, finish);
  addReproduceCommand(program, terminal, finish);
  addCheckBaseCommand(program, terminal, finish);
  addInspectCommand(program, terminal, finish);
  addExplainCommand(program, terminal, finish);
  addDemoCommand(program, terminal, finish);
  addDoctorCommand(program, terminal, finish);
  addCompletionCommand(program, terminal, finish);
  for (const command of program.commands)
    command
      .exitOverride()
      .configureOutput(program.configureOutput())
      .showHelpAfterError(`(see \`xsplice-build ${command.name()} --help\`)`);
  if (argv.length === 0) {
    program.outputHelp({ error: true });
    return ExitCode.usage;
  }
  const unknown = unknownCommand(program, argv[0]);
  if (unknown !== undefined) {
    terminal.stderr(`error: there is no command '${unknown}'\n(see \`xsplice-build --help\`)\n`);
    return ExitCode.usage;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? ExitCode.done : ExitCode.usage;
    throw thrown;
  }
  return code;
}

/** A first word that is neither an option nor a command; the default command takes no words, but would complain of them. */
function unknownCommand({ commands }: Command, word: string): string | undefined {
  const known = word.startsWith('-') || word === 'help' || commands.some((one) => one.name() === word);
  return known ? undefined : withoutControls(word);
}

/** Saves what is needed to reproduce an internal error, and says where. */
function reportBug(thrown: unknown, argv: readonly string[]): void {
  const directory = mkdtempSync(join(tmpdir(), 'xsplice-build-bug-'));
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  const facts = { version: packageVersion(), node: process.version, cwd: process.cwd(), argv, stack };
  writeFileSync(join(directory, 'report.json'), `${JSON.stringify(facts, null, 2)}\n`);
  process.stderr.write(
    `internal error: ${stack}\nThis is a bug of xsplice-build. What reproduces it is in ${directory}; please report it.\n`,
  );
}

// Who reads from us may stop (`| head`): then there is nobody to write to, and nothing left to do.
process.stdout.on('error', (failure: NodeJS.ErrnoException) => {
  if (failure.code !== 'EPIPE') throw failure;
  process.exit();
});

const argv = process.argv.slice(2);
try {
  process.exitCode = await main(argv);
} catch (thrown) {
  reportBug(thrown, argv);
  process.exitCode = ExitCode.internal;
}
