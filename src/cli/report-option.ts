/** `--report FILE`: the build as one HTML file, for whoever reviews it. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { BuildDocument } from '../report/json.js';
import { writeOutput } from './common.js';
import { packageVersion } from './package-version.js';
import type { Released } from './write-release.js';

export interface ReportOptions {
  readonly report?: string;
}

export function addReportOption(command: Command): Command {
  return command.option(
    '--report <file>',
    'write a report for reviewers: one HTML file with code, reasons, proofs and inputs; of a refused build, too',
  );
}

/** Writes the report, if one was asked for. What the system refuses is XS502. */
export async function writeReport(
  { report }: ReportOptions,
  path: string,
  { result, record }: Released,
  document: BuildDocument,
): Promise<Diagnostic[]> {
  if (report === undefined) return [];
  const { subjectOf } = await import('../report/html/subject.js');
  const { renderReport } = await import('../report/html/page.js');
  const { inputRows } = await import('../release/input-rows.js');
  const subject = subjectOf({
    version: packageVersion(),
    path,
    document,
    result,
    hunks: result.source?.patches.flatMap(({ hunks }) => hunks),
    inputs: record === undefined ? [] : inputRows(record),
  });
  const script = readFileSync(new URL('../report/html/browser/explore.js', import.meta.url), 'utf8');
  return writeOutput(report, Buffer.from(renderReport(subject, script)));
}
