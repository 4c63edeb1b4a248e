/** `xsplice-build [build]`: from a source tree and patches, or from pairs of objects, to a payload. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { cacheDirectory } from '../cache-directory.js';
import { hasErrors } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { PayloadSettings, RunSettings, UserCode } from '../index.js';
import { buildDocument } from '../report/json.js';
import { renderSplices } from '../report/plan.js';
import { renderAsked, renderBuild } from '../report/text.js';
import { renderSource } from '../report/source.js';
import { renderValidation } from '../report/validation.js';
import { addBuildOptions, adoptSpellings, checkUsage, settle } from './build-options.js';
import type { BuildOptions, GivenOptions } from './build-options.js';
import { exitCodeOf, printDiagnostics, printJson, printTimings } from './common.js';
import { ExitCode } from './exit.js';
import { pairObjectPaths } from './object-paths.js';
import { runWithPasses, writeReports } from './pass-options.js';
import { readPatches } from './patch-options.js';
import { watched } from './progress/watched.js';
import { writeSarif } from './record-options.js';
import { writeReport } from './report-option.js';
import type { Terminal } from './terminal.js';
import { writeRelease } from './write-release.js';
import type { Built } from './write-release.js';

export function addBuildCommand(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  const command = program
    .command('build', { isDefault: true })
    .summary('make a payload from a source tree and patches (the default command)')
    .description(
      'Builds what the patches touch before and after them, in a scratch copy of the tree, finds what changed, and links it into a payload for the hypervisor whose xen-syms is given.',
    );
  addBuildOptions(command).action(async (given: GivenOptions) => {
    finish(
      await runWithPasses(command, given, terminal, (options, passes, before) =>
        runBuild(options, terminal, passes, before),
      ),
    );
  });
}

const MEBIBYTE = 1024 * 1024;

async function runBuild(
  given: GivenOptions,
  terminal: Terminal,
  passes: UserCode | undefined,
  before: readonly Diagnostic[],
): Promise<ExitCode> {
  const merged = adoptSpellings(given);
  const usage = checkUsage(merged);
  const settled = usage ?? settle(merged);
  if ('code' in settled) {
    printDiagnostics(terminal, [settled]);
    return ExitCode.usage;
  }
  const { options, notes } = settled;
  const result =
    options.source === undefined
      ? await buildFromObjects(options, terminal, passes)
      : await buildFromSource(options, options.source, terminal, passes);
  const released = await writeRelease(
    options,
    { ...result, diagnostics: [...before, ...notes, ...result.diagnostics] },
    passes?.files,
  );
  const whole = released.result;
  const document = buildDocument(whole, options.output, released.manifest);
  const reported = passes === undefined ? [] : await writeReports(passes, document, options.output);
  reported.push(...(await writeReport(options, options.output, released, document)));
  const logged = [...reported, ...writeSarif(options, [...whole.diagnostics, ...reported], options.output)];
  if (options.json === true) printJson(terminal, document);
  else if (options.quiet !== true) {
    const style = { color: terminal.colorOut, verbose: options.verbose === true };
    // What is asked for helps to understand a refusal, too.
    const refused = hasErrors(whole.diagnostics);
    terminal.stdout(refused ? renderAsked(whole, style) : renderBuild(whole, options.output, style));
    if (options.verbose === true) terminal.stdout(renderSource(whole));
    if (whole.plan !== undefined && !refused) terminal.stdout(renderSplices(whole.plan, style));
    if (whole.validation !== undefined) terminal.stdout(renderValidation(whole.validation, style));
  }
  if (options.time === true) printTimings(terminal, whole.timings);
  const said = [...whole.diagnostics, ...logged];
  printDiagnostics(terminal, said);
  return exitCodeOf(said);
}

function payloadSettings(options: BuildOptions): PayloadSettings & Pick<RunSettings, 'whole'> {
  const { depends, xenDepends, onTopOf, abi, prelink, replace, modinfo, profile, scenario, expect, splice } =
    options;
  return {
    image: options.xenSyms,
    abi,
    ...(depends !== undefined && { depends }),
    ...(xenDepends !== undefined && { xenDepends }),
    ...(onTopOf !== undefined && { onTopOf }),
    ...(prelink !== undefined && { prelink }),
    ...(replace !== undefined && { replace }),
    ...(modinfo !== undefined && { modinfo }),
    ...(expect !== undefined && { expect }),
    ...(splice !== undefined && { splice }),
    baseProof: options.baseProof,
    ...(profile !== undefined && { profile }),
    whole: options.report !== undefined,
    ...(options.validate && {
      proof: {
        as: options.output,
        ...(scenario !== undefined && { scenarios: scenario }),
      },
    }),
  };
}

async function buildFromObjects(
  options: BuildOptions,
  terminal: Terminal,
  passes: UserCode | undefined,
): Promise<Built> {
  const found: Diagnostic[] = [];
  const { orig = '', patched = '' } = options;
  const only = await objectsOfTrees([orig, patched]);
  const paths = pairObjectPaths(orig, patched, (d) => found.push(d), only === undefined ? {} : { only });
  if (paths === undefined) return { diffs: [], diagnostics: found, timings: new Map() };
  const {
    threads = 'auto',
    target,
    verifyEach = false,
    allowLost = [],
    explain = [],
    reportsLine = [],
  } = options;
  const { link } = await import('../index.js');
  const { pairs } = paths;
  const request = {
    ...payloadSettings(options),
    ...(passes && { passes }),
    pairs,
    threads,
    target,
    verifyEach,
    allowLost,
    explain,
    reporters: reportsLine,
  };
  const linked = await watched(terminal, options, ['compare', 'link', 'prove'], (controls) =>
    link({ ...request, ...controls }),
  );
  return { ...linked, pairs };
}

/**
 * The objects that are linked into the hypervisor, if these are built Xen trees: besides them a tree holds the
 * steps on the way to some (libelf, init sections), whose functions would count twice. Otherwise undefined.
 */
async function objectsOfTrees(trees: readonly string[]): Promise<ReadonlySet<string> | undefined> {
  if (!trees.every((tree) => existsSync(join(tree, '.prelink.o.cmd')))) return undefined;
  const { linkedObjects } = await import('../source/index.js');
  const lists = await Promise.all(trees.map((tree) => linkedObjects(tree)));
  return new Set(lists.flat());
}

async function buildFromSource(
  options: BuildOptions,
  sourceDir: string,
  terminal: Terminal,
  passes: UserCode | undefined,
): Promise<Built> {
  const found: Diagnostic[] = [];
  const patches = await readPatches(options, sourceDir, (problem) => found.push(problem));
  if (patches === undefined) return { diffs: [], diagnostics: found, timings: new Map() };
  const { build } = await import('../index.js');
  const request = {
    ...payloadSettings(options),
    ...(passes && { passes }),
    threads: options.threads ?? 'auto',
    verifyEach: options.verifyEach === true,
    allowLost: options.allowLost ?? [],
    reporters: options.reportsLine ?? [],
    explain: options.explain ?? [],
    applied: options.applied ?? [],
    source: {
      sourceDir,
      patches,
      configFile: options.config,
      jobs: options.jobs,
      cacheDir: options.cacheDir ?? cacheDirectory(),
      keepScratch: options.keepScratch,
      build: options.build,
      verifyBuild: options.verifyBuild,
      cache: options.cache,
      cacheLimit: options.cacheLimit * MEBIBYTE,
    },
  };
  return await watched(terminal, options, ['source', 'compare', 'link', 'base', 'prove'], (controls) =>
    build({ ...request, ...controls }),
  );
}
