/** `xsplice-build [build]`: from a source tree and patches, or from pairs of objects, to a payload. */
import { existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { cacheDirectory } from '../cache-directory.js';
import { diagnostic, hasErrors } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { BuildChoice, PayloadSettings, ProfileName, SourceProgress, UserCode } from '../index.js';
import { buildDocument } from '../report/json.js';
import { renderAsked, renderBuild } from '../report/text.js';
import { renderSplices } from '../report/plan.js';
import { renderSource } from '../report/source.js';
import { renderValidation } from '../report/validation.js';
import type { AbiName } from '../xen/versions.js';
import { ABIS } from '../xen/versions.js';
import {
  addCommonOptions,
  collect,
  exitCodeOf,
  parseBuildId,
  parseCount,
  printDiagnostics,
  printJson,
  printTimings,
} from './common.js';
import type { CommonOptions } from './common.js';
import { ExitCode } from './exit.js';
import { pairObjectPaths } from './object-paths.js';
import { StatusLine } from './terminal.js';
import { spliceOption } from './splice-option.js';
import type { SpliceOptions } from './splice-option.js';
import { profileOption } from './validate.js';
import type { Terminal } from './terminal.js';
import { defaultJobs } from './jobs.js';
import {
  addLivepatchBuildOptions,
  imageOfTree,
  namesLikeLivepatchBuild,
  notesOnOptions,
  pathInFolder,
} from './livepatch-build.js';
import type { LivepatchBuildOptions } from './livepatch-build.js';
import { addPatchOptions, namesPatches, readPatches, whyPatchesClash } from './patch-options.js';
import type { PatchOptions } from './patch-options.js';
import { addPassOptions, runWithPasses, writeReports } from './pass-options.js';
import type { PassOptions } from './pass-options.js';
import { addRecordOptions, writeSarif } from './record-options.js';
import type { ManifestOptions, SarifOptions } from './record-options.js';
import { writeRelease } from './write-release.js';
import type { Built } from './write-release.js';

/** As declared; what depends on others is settled by `settle`. */
interface GivenOptions
  extends
    CommonOptions,
    PatchOptions,
    PassOptions,
    LivepatchBuildOptions,
    SarifOptions,
    ManifestOptions,
    SpliceOptions {
  readonly source?: string;
  readonly config?: string;
  readonly orig?: string;
  readonly patched?: string;
  readonly xenSyms?: string;
  readonly depends?: string;
  readonly xenDepends?: string;
  readonly onTopOf?: readonly string[];
  readonly output?: string;
  readonly jobs: number;
  readonly abi: AbiName;
  readonly prelink?: boolean;
  readonly replace?: boolean;
  readonly modinfo?: readonly string[];
  readonly keepScratch?: boolean;
  readonly build: BuildChoice;
  readonly verifyBuild?: boolean;
  readonly cacheDir?: string;
  readonly cache: boolean;
  readonly cacheLimit: number;
  readonly validate: boolean;
  readonly baseProof: boolean;
  readonly expect?: boolean;
  readonly profile?: ProfileName;
  readonly scenario?: readonly string[];
}

/** Options with what they default to, given others. */
export interface BuildOptions extends GivenOptions {
  readonly xenSyms: string;
  readonly output: string;
}

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
    )
    .option('-s, --source <dir>', 'Xen source tree, built or not; it is never modified');
  addPatchOptions(command)
    .option('-c, --config <file>', 'the .config of the running hypervisor, instead of that of the tree')
    .option('--orig <path>', 'object or directory of objects before the change, instead of -s and -p')
    .option('--patched <path>', 'object or directory of objects after the change')
    .option('--xen-syms <file>', 'xen-syms of the running hypervisor; that of the built tree, unless given')
    .option('--depends <build-id>', 'build-id that this payload goes on top of', parseBuildId)
    .option('--xen-depends <build-id>', 'build-id of the hypervisor, if not that of --xen-syms', parseBuildId)
    .option(
      '--on-top-of <payload>',
      'payload that is applied before; may be given several times, oldest first',
      collect,
    )
    .option(
      '-o, --output <path>',
      'the payload (livepatch.xsplice unless given), or a folder for NAME.livepatch, named after the patch',
    )
    .addOption(
      new Option('-j, --jobs <n>', 'compilers at a time')
        .argParser(parseCount)
        .default(defaultJobs(), 'processors, as far as memory goes'),
    )
    .addOption(
      new Option('--abi <name>', 'form of the payload').choices(Object.keys(ABIS)).default('livepatch-v2'),
    )
    .addOption(spliceOption())
    .option('--prelink', 'fill in addresses instead of leaving names to the loader')
    .option('--replace', 'meant for `xen-livepatch replace`: can be uploaded beside the payloads it replaces')
    .option(
      '--modinfo <key=value>',
      'metadata to show in `xen-livepatch list`; may be given several times',
      collect,
    )
    .option('--no-base-proof', 'do not prove that what is replaced and relied on is what the hypervisor runs')
    .option('--expect', 'let the loader refuse when an old function does not begin as it does in xen-syms')
    .option('--no-validate', 'do not prove the payload in an emulated hypervisor')
    .addOption(profileOption())
    .option('--scenario <file>', 'scenario to play in the proof; may be given several times', collect)
    .option('--keep-scratch', 'leave the scratch copy of the tree');
  addSourceOptions(command);
  command.addHelpText(
    'after',
    '\nExample:\n  xsplice-build -s xen-4.17 -p fix.patch --xen-syms xen-syms-4.17-amd64 -o fix.xsplice',
  );
  addLivepatchBuildOptions(addRecordOptions(addPassOptions(command)));
  addCommonOptions(command).action(async (given: GivenOptions) => {
    finish(
      await runWithPasses(command, given, terminal, (options, passes, before) =>
        runBuild(options, terminal, passes, before),
      ),
    );
  });
}

/** How objects are made of source, and what of them is kept. */
function addSourceOptions(command: Command): void {
  command
    .addOption(
      new Option(
        '--build <how>',
        'compile just what the patch reaches (replay), let make decide (make), or the first where it does (auto)',
      )
        .choices(['auto', 'replay', 'make'])
        .default('auto'),
    )
    .option('--verify-build', 'do both, and refuse if the objects differ')
    .option('--cache-dir <dir>', 'where built trees and objects are kept (default: $XSPLICE_CACHE)')
    .option('--no-cache', 'neither use nor keep objects of other runs')
    .addOption(
      new Option('--cache-limit <MiB>', 'size of the kept objects').argParser(parseCount).default(512),
    );
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
      ? await buildFromObjects(options, passes)
      : await buildFromSource(options, options.source, terminal, passes);
  const released = await writeRelease(
    options,
    { ...result, diagnostics: [...before, ...notes, ...result.diagnostics] },
    passes?.files,
  );
  const whole = released.result;
  const document = buildDocument(whole, options.output, released.manifest);
  const reported = passes === undefined ? [] : await writeReports(passes, document, options.output);
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

/** Options that have two names, under one. */
function adoptSpellings(given: GivenOptions): GivenOptions {
  const source = given.source ?? given.srcdir;
  return {
    ...given,
    ...(source !== undefined && { source }),
    jobs: given.cpus ?? given.jobs,
    verbose: given.verbose === true || given.debug === true,
    replace: given.replace === true || given.cumulative === true,
  };
}

/** What is not given is found: the image in the tree, the name of the payload after the patch. */
function settle(
  given: GivenOptions,
): { readonly options: BuildOptions; readonly notes: readonly Diagnostic[] } | Diagnostic {
  const notes = notesOnOptions(given);
  const xenSyms = given.xenSyms ?? (given.source === undefined ? undefined : imageOfTree(given.source));
  if (xenSyms === undefined)
    return wrongUsage('give the xen-syms of the running hypervisor: --xen-syms FILE');
  if (given.xenSyms === undefined) {
    const message = `no --xen-syms was given: ${xenSyms} is taken for the running hypervisor`;
    const hint = 'give --xen-syms if the host runs another build';
    notes.push(diagnostic('XS832', { message, at: { object: xenSyms }, hint }));
  }
  if (!namesLikeLivepatchBuild(given, given.output, process.argv[1] ?? ''))
    return { options: { ...given, xenSyms, output: given.output ?? 'livepatch.xsplice' }, notes };
  const { patch = [], series, gitRange, output = '.' } = given;
  try {
    return {
      options: { ...given, xenSyms, output: pathInFolder(output, patch[0] ?? series ?? gitRange ?? '') },
      notes,
    };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return wrongUsage(`-o ${output} cannot be a folder: ${why.replace(/, \w+ '.*$/s, '')}`);
  }
}

function wrongUsage(message: string): Diagnostic {
  return diagnostic('XS901', { message, hint: 'see `xsplice-build help build`' });
}

function checkUsage(options: GivenOptions): Diagnostic | undefined {
  const bySource = options.source !== undefined || namesPatches(options);
  const byObjects = options.orig !== undefined || options.patched !== undefined;
  if (bySource && byObjects) return wrongUsage('-s and -p do not go with --orig and --patched');
  if (bySource && options.source === undefined) return wrongUsage('-p needs the source tree: -s DIR');
  if (bySource && !namesPatches(options)) return wrongUsage('-s needs at least one patch: -p FILE');
  if (!bySource && (options.orig === undefined || options.patched === undefined)) {
    return wrongUsage('give -s DIR and -p FILE, or --orig PATH and --patched PATH');
  }
  if (options.verifyBuild === true && options.build === 'make')
    return wrongUsage('--verify-build compares with make, which --build=make already is');
  const clash = whyPatchesClash(options);
  return clash === undefined ? undefined : wrongUsage(clash);
}

function payloadSettings(options: BuildOptions): PayloadSettings {
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
    ...(options.validate && {
      proof: {
        as: options.output,
        ...(profile !== undefined && { profile }),
        ...(scenario !== undefined && { scenarios: scenario }),
      },
    }),
  };
}

async function buildFromObjects(options: BuildOptions, passes: UserCode | undefined): Promise<Built> {
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
  const linked = await link({
    ...payloadSettings(options),
    ...(passes && { passes }),
    pairs,
    threads,
    target,
    verifyEach,
    allowLost,
    explain,
    reporters: reportsLine,
  });
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
  const status = new StatusLine(terminal, options.quiet !== true && options.json !== true);
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const { build } = await import('../index.js');
    const built = await build({
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
        onProgress: (event) => status.show(describeProgress(event)),
        signal: abort.signal,
      },
    });
    // A signal that came while nothing else could run is heard now, and not after the payload was written.
    await setImmediate();
    if (!abort.signal.aborted || hasErrors(built.diagnostics)) return built;
    const stopped = diagnostic('XS819', { message: 'interrupted; nothing was written' });
    return { ...built, diagnostics: [...built.diagnostics, stopped] };
  } finally {
    status.clear();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

const STAGES: Readonly<Record<SourceProgress['stage'], string>> = {
  check: 'checking the tree and the patches',
  copy: 'copying the tree',
  'build-base': 'building the tree for the first time',
  'build-original': 'building the original',
  'build-patched': 'building the patched source',
  replay: 'compiling what the patch reaches',
  collect: 'collecting objects',
};

/** The stage and, while something is compiled, how far it is. */
export function describeProgress(event: SourceProgress): string {
  if (event.compiled === 0) return STAGES[event.stage];
  const about = event.estimated === true ? 'about ' : '';
  const count =
    event.total === undefined ? `${event.compiled}` : `${event.compiled} of ${about}${event.total}`;
  const object = event.object === undefined ? '' : `, ${event.object}`;
  return `${STAGES[event.stage]} (${count} compiled${object})`;
}
