/** Passes, reporters and the configuration of the user on the command line: --pass, --config-file. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { cacheDirectory } from '../cache-directory.js';
import { diagnostic, hasErrors } from '../diag/diagnostic.js';
import type { Diagnostic, Report } from '../diag/diagnostic.js';
import { withoutControls } from '../diag/printable.js';
import type { UserCode } from '../index.js';
import { collect, exitCodeOf, printDiagnostics, writeOutput } from './common.js';
import type { ExitCode } from './exit.js';
import { watched } from './progress/watched.js';
import type { Terminal } from './terminal.js';

export interface PassOptions {
  readonly pass?: readonly string[];
  readonly configFile?: string;
  readonly passTimeout?: number;
}

const CONFIGURATION = 'xsplice.config.ts';
/** Settings that are paths: they are relative to the folder of the configuration. */
const PATHS = new Set(['source', 'patch', 'config', 'xenSyms', 'onTopOf', 'scenario', 'cacheDir']);
/** Options that a configuration does not set: what concerns one run only, and what says where settings are. */
const NOT_SETTINGS = new Set(['pass', 'configFile', 'json', 'quiet', 'verbose', 'debug', 'time', 'output']);

export function addPassOptions(command: Command): Command {
  return command
    .option(
      '--pass <file>',
      'a pass or reporter of your own, in TypeScript: docs/user-passes.md; may be given several times',
      collect,
    )
    .option('--config-file <file>', `settings and passes, in TypeScript: an ${CONFIGURATION}`)
    .addOption(
      new Option('--pass-timeout <seconds>', 'time that a call of a pass may take (default: 10)').argParser(
        parseSeconds,
      ),
    );
}

function parseSeconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 3600)) throw new InvalidArgumentError('give seconds, at most 3600.');
  return value;
}

/** Loads what was named, and says XS714 of a configuration that was not; undefined when it cannot be run. */
async function openPasses(
  options: PassOptions,
  cacheDir: string | undefined,
  signal: AbortSignal | undefined,
  report: Report,
): Promise<UserCode | 'none' | undefined> {
  const { pass: files = [], configFile: configuration, passTimeout } = options;
  if (configuration === undefined && existsSync(CONFIGURATION))
    report(
      diagnostic('XS714', {
        message: `there is an ${CONFIGURATION} here, and it is not used: nothing is run that was not named`,
        at: { object: CONFIGURATION },
        hint: `give --config-file ${CONFIGURATION} if it is yours`,
      }),
    );
  if (configuration === undefined && files.length === 0) return 'none';
  const { loadPasses } = await import('../index.js');
  const settings = {
    cacheDir,
    signal,
    files,
    ...(configuration !== undefined && { configuration }),
    ...(passTimeout !== undefined && { timeout: passTimeout * 1000 }),
  };
  return await loadPasses(settings, report);
}

/**
 * Runs a build with what was named of the user's code; what that says before is handed to the build, or, when it keeps
 * the build from running, printed.
 */
export async function runWithPasses<
  O extends PassOptions & { readonly cacheDir?: string; readonly cache: boolean },
>(
  command: Command,
  given: O,
  terminal: Terminal,
  run: (options: O, passes: UserCode | undefined, before: readonly Diagnostic[]) => Promise<ExitCode>,
): Promise<ExitCode> {
  const found: Diagnostic[] = [];
  const report: Report = (problem) => void found.push(problem);
  const cacheDir = given.cache ? (given.cacheDir ?? cacheDirectory()) : undefined;
  const code = await watched(terminal, { quiet: true }, [], ({ signal }) =>
    openPasses(given, cacheDir, signal, report),
  );
  if (code === undefined) {
    printDiagnostics(terminal, found);
    return exitCodeOf(found);
  }
  if (code === 'none') return await run(given, undefined, found);
  try {
    if (given.configFile !== undefined) adoptSettings(command, code, given.configFile, report);
    if (!hasErrors(found)) return await run(command.opts<O>(), code, found);
    printDiagnostics(terminal, found);
    return exitCodeOf(found);
  } finally {
    code.close();
  }
}

/**
 * Gives options of the command that the command line did not give the values of the configuration. Reports XS715.
 */
function adoptSettings(command: Command, code: UserCode, file: string, report: Report): void {
  for (const [name, value] of Object.entries(code.settings)) {
    const option = command.options.find((found) => found.attributeName() === name);
    const wrong =
      option === undefined || NOT_SETTINGS.has(name)
        ? 'there is no such setting'
        : adopt(command, option, value, dirname(file));
    if (wrong === undefined) continue;
    report(
      diagnostic('XS715', {
        message: `${withoutControls(name)}: ${wrong}`,
        at: { object: file },
        hint: 'settings are named as the options of `xsplice-build build` without dashes: allowLost for --allow-lost',
      }),
    );
  }
}

/** Why it cannot be done; undefined when it was. */
function adopt(command: Command, option: Option, value: unknown, folder: string): string | undefined {
  const name = option.attributeName();
  const source = command.getOptionValueSource(name);
  if (source === 'cli') return undefined;
  if (option.isBoolean() || option.negate) {
    if (typeof value !== 'boolean') return 'give true or false';
    command.setOptionValueWithSource(name, value, 'config');
    return undefined;
  }
  const values = (Array.isArray(value) ? value : [value]).map((one: unknown) =>
    typeof one === 'string' || typeof one === 'number' ? String(one) : undefined,
  );
  let parsed: unknown;
  for (const text of values) {
    if (text === undefined) return 'give a text or a number';
    const given = PATHS.has(name) ? resolve(folder, text) : text;
    try {
      parsed = option.parseArg === undefined ? given : option.parseArg(given, parsed);
    } catch (thrown) {
      if (!(thrown instanceof Error)) throw thrown;
      return withoutControls(thrown.message);
    }
  }
  command.setOptionValueWithSource(name, parsed, 'config');
  return undefined;
}

/** Lets reporters make their files, and writes them beside the payload. */
export async function writeReports(code: UserCode, document: object, output: string): Promise<Diagnostic[]> {
  const found: Diagnostic[] = [];
  const files = await code.report(document, (problem) => void found.push(problem));
  const taken = new Set([output]);
  for (const { name, text } of files) {
    const path = join(dirname(output), name);
    if (taken.has(path))
      found.push(
        diagnostic('XS713', {
          message: `a reporter wants to write ${path}, which is written already`,
          at: { object: path },
        }),
      );
    else found.push(...writeOutput(path, Buffer.from(text)));
    taken.add(path);
  }
  return found;
}
