/** Options that several commands share, and how a run ends. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { diagnostic, hasErrors } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { renderDiagnostics } from '../diag/render.js';
import type { Threads } from '../engine/choose.js';
import { parseReporter } from '../xen/reporting-functions.js';
import type { Reporter } from '../xen/reporting-functions.js';
import { writeFileAtomically } from '../write-file.js';
import { ExitCode } from './exit.js';
import type { Terminal } from './terminal.js';

export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly threads?: Threads;
  readonly time?: boolean;
  readonly verifyEach?: boolean;
  readonly explain?: readonly string[];
  readonly target: 'xen' | 'generic';
  readonly allowLost?: readonly string[];
  readonly reportsLine?: readonly Reporter[];
}

export function addCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document on stdout')
    .option('-q, --quiet', 'print diagnostics only')
    .option('-v, --verbose', 'print more')
    .addOption(
      new Option('--threads <n>', 'threads for the work on objects').argParser(parseThreads).default('auto'),
    )
    .addOption(
      new Option('--target <name>', 'what the objects are for').choices(['xen', 'generic']).default('xen'),
    )
    .option(
      '--allow-lost <kind:name>',
      'accept a change that a payload cannot carry, as its refusal names it; may be given several times',
      collect,
    )
    .addOption(
      new Option(
        '--reports-line <name:line=n>',
        'a function whose argument n is a line number; name:format=n for one with a format',
      ).argParser(collectReporter),
    )
    .option('--time', 'print the time of each pass on stderr')
    .option(
      '--explain <function>',
      'show a function whole, both sides aligned; may be given several times',
      collect,
    )
    .option('--verify-each', 'prove after each pass what it promises');
}

export function parseThreads(text: string): Threads {
  return text === 'auto' ? 'auto' : parseCount(text);
}

export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1024)
    throw new InvalidArgumentError('give a number from 1 to 1024.');
  return value;
}

export function parseBuildId(text: string): string {
  if (!/^([0-9a-fA-F]{2}){1,64}$/.test(text))
    throw new InvalidArgumentError('give a build-id in hexadecimal, for instance 39a640e6…');
  return text.toLowerCase();
}

/** An option that may be given several times; the values keep their order. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function collectReporter(text: string, before: readonly Reporter[] = []): readonly Reporter[] {
  const reporter = parseReporter(text);
  if (reporter === undefined)
    throw new InvalidArgumentError('give NAME:line=N or NAME:format=N, arguments counted from 1.');
  return [...before, reporter];
}

/** What is said of how the tool was called, after it began to work. */
const USAGE: ReadonlySet<string> = new Set(['XS715', 'XS902', 'XS903']);

/** The exit code that the diagnostics of a run ask for. */
export function exitCodeOf(diagnostics: readonly Diagnostic[]): ExitCode {
  if (!hasErrors(diagnostics)) return ExitCode.done;
  const errors = diagnostics.filter((d) => d.severity === 'error');
  if (isInterrupted(errors)) return ExitCode.interrupted;
  if (errors.every((d) => USAGE.has(d.code))) return ExitCode.usage;
  return errors.every((d) => d.code === 'XS310') ? ExitCode.nothing : ExitCode.refused;
}

/** Whether the user ended the run: there is nothing to tell but that. */
export function isInterrupted(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ code }) => code === 'XS819');
}

export function printDiagnostics(terminal: Terminal, diagnostics: readonly Diagnostic[]): void {
  const options = { color: terminal.colorErr, width: terminal.widthErr() };
  if (diagnostics.length > 0) terminal.stderr(renderDiagnostics(diagnostics, options));
}

export function printTimings(terminal: Terminal, timings: ReadonlyMap<string, number>): void {
  for (const [name, ms] of timings) terminal.stderr(`${ms.toFixed(1).padStart(9)} ms  ${name}\n`);
}

export function printJson(terminal: Terminal, document: object): void {
  terminal.stdout(`${JSON.stringify(document, null, 2)}\n`);
}

/** Writes a payload; what the system answers otherwise becomes XS502. */
export function writeOutput(path: string, bytes: Uint8Array): Diagnostic[] {
  try {
    writeFileAtomically(path, bytes);
    return [];
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return [
      diagnostic('XS502', {
        // Without the system call, which names the temporary file.
        message: `cannot write ${path}: ${why.replace(/, \w+ '.*$/s, '')}`,
        at: { object: path },
        hint: 'check the directory and its permissions',
      }),
    ];
  }
}
