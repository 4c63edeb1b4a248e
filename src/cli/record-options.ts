/** What a run leaves behind for other programs, beside its payload: a SARIF log, a manifest. */
import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Diagnostic } from '../diag/diagnostic.js';
import { sarifLog } from '../report/sarif.js';
import { exitCodeOf, writeOutput } from './common.js';
import { packageVersion } from './package-version.js';

export interface SarifOptions {
  readonly sarif?: string;
}

export interface ManifestOptions {
  /** A path, or false for --no-manifest. */
  readonly manifest?: string | boolean;
}

export const sarifOption = (): Option =>
  new Option('--sarif <file>', 'write all diagnostics as a SARIF 2.1.0 log, for code-scanning pages');

export function addRecordOptions(command: Command): Command {
  return command
    .addOption(sarifOption())
    .option('--manifest <file>', 'where to write the manifest, instead of beside the payload')
    .option('--no-manifest', 'write no manifest');
}

/** Where the manifest of a payload goes; undefined for nowhere: to a device there is no beside. */
export function manifestPath({ manifest }: ManifestOptions, output: string): string | undefined {
  if (typeof manifest === 'string') return manifest;
  const there = statSync(output, { throwIfNoEntry: false });
  return manifest !== false && (there === undefined || there.isFile())
    ? `${output}.manifest.json`
    : undefined;
}

/** Writes the log, if one was asked for. A refusal of the system becomes XS502. */
export function writeSarif(
  { sarif }: SarifOptions,
  diagnostics: readonly Diagnostic[],
  subject: string,
): Diagnostic[] {
  if (sarif === undefined) return [];
  const log = sarifLog(diagnostics, {
    version: packageVersion(),
    exitCode: exitCodeOf(diagnostics),
    subject,
  });
  return writeOutput(sarif, Buffer.from(`${JSON.stringify(log, null, 2)}\n`));
}
