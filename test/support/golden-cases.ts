/**
 * The cases of golden/cases: a folder each, with the objects before and after a change, mostly an image to link
 * against, and settings in case.json where the usual ones will not do. See golden/cases/make.sh for the inputs.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderDiagnostics } from '../../src/diag/render.js';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { dumpElf } from '../../src/elf/dump.js';
import { diff, link } from '../../src/index.js';
import type { DiffResult, LinkRequest, LinkResult } from '../../src/index.js';
import { renderDiff } from '../../src/report/text.js';
import { disassemble } from '../../src/x86/disassemble.js';
import { describeXenSection } from '../../src/xen/describe-sections.js';
import { mustRead } from './elf-builder.js';
import { GOLDEN } from './golden.js';

export const CASES = join(GOLDEN, 'cases');

/** Settings of a case; all optional, and kept in case.json. */
interface CaseSettings extends Partial<
  Pick<LinkRequest, 'abi' | 'target' | 'prelink' | 'replace' | 'modinfo' | 'allowLost' | 'expect' | 'splice'>
> {
  /** False: only compared, not linked. */
  readonly link?: boolean;
  /** The case whose image this one is linked against. */
  readonly image?: string;
  /** Cases whose payloads are applied before, oldest first. */
  readonly onTopOf?: readonly string[];
}

export interface GoldenCase {
  readonly name: string;
  /** The input is refused: diagnostics are expected, no payload. */
  readonly refused: boolean;
  readonly settings: CaseSettings;
  readonly pairs: LinkRequest['pairs'];
}

export function goldenCases(): GoldenCase[] {
  return readdirSync(CASES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => goldenCase(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function goldenCase(name: string): GoldenCase {
  const folder = join(CASES, name);
  const files = readdirSync(folder);
  const suffixes = new Set(
    files.flatMap((file) => /^(?:orig|patched)((?:-[a-z]+)?)\.o$/.exec(file)?.slice(1, 2) ?? []),
  );
  const pairs = [...suffixes].sort().map((suffix) => {
    const side = (which: string): string | undefined => {
      const file = `${which}${suffix}.o`;
      return files.includes(file) ? join(folder, file) : undefined;
    };
    const [orig, patched] = [side('orig'), side('patched')];
    return {
      object: `common/${name}${suffix}.o`,
      ...(orig !== undefined && { orig }),
      ...(patched !== undefined && { patched }),
    };
  });
  const file = join(folder, 'case.json');
  const settings = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CaseSettings) : {};
  return { name, refused: name.endsWith('-refused'), settings, pairs };
}

/** Runs a case on so many threads. `stacked` gives the file that holds the payload of an earlier case. */
export async function runCase(
  which: GoldenCase,
  threads: number,
  stacked: (name: string) => string = () => '',
): Promise<LinkResult> {
  const { link: wanted = true, onTopOf = [], ...settings } = which.settings;
  const image = imageOfCase(which);
  const request = { ...settings, pairs: which.pairs, threads, verifyEach: true };
  if (!wanted) return await diff(request);
  return await link({ ...request, image, onTopOf: onTopOf.map(stacked) });
}

/** The image that the payload of a case is for. */
export function imageOfCase({ name, settings }: GoldenCase): string {
  return join(CASES, settings.image ?? name, 'image');
}

/** Compares the objects of a case and shows functions whole: those named, or all that changed, came or went. */
export async function explainCase(which: GoldenCase, names?: readonly string[]): Promise<DiffResult> {
  const { target } = which.settings;
  const request = { pairs: which.pairs, threads: 1, verifyEach: true, ...(target && { target }) };
  const found = (await diff(request)).diffs.flatMap((d) => [
    ...d.changed.map(({ name }) => name),
    ...d.added,
    ...d.removed,
  ]);
  return await diff({ ...request, explain: names ?? found });
}

/** What differs, then what the run has to say, as text without a path of this machine. */
export function describeRun(result: LinkResult): string {
  const said = onlyOwn(result);
  const text = renderDiff(result, { color: false, verbose: true });
  return said.length === 0 ? text : `${text}\n${renderRelative(said)}`;
}

/** All diagnostics of a run, those of its pairs included, each once. */
export function allDiagnostics(result: LinkResult): readonly Diagnostic[] {
  const own = onlyOwn(result);
  return [...result.diffs.flatMap((d) => d.diagnostics), ...own];
}

/** A build takes up the diagnostics of its pairs; they are not told twice. */
function onlyOwn(result: LinkResult): Diagnostic[] {
  const ofPairs = new Set(result.diffs.flatMap((d) => d.diagnostics).map((d) => JSON.stringify(d)));
  return result.diagnostics.filter((d) => !ofPairs.has(JSON.stringify(d)));
}

/** A payload as text, one fact a line. */
export function dumpPayload(bytes: Uint8Array): string {
  return dumpElf(mustRead(bytes), { stable: true, disassemble, decode: describeXenSection });
}

/** Diagnostics as text, paths below golden/ relative to it. */
export function renderRelative(diagnostics: readonly Diagnostic[]): string {
  return renderDiagnostics(diagnostics, { color: false }).replaceAll(GOLDEN, 'golden/');
}
