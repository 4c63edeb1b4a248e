/** `xsplice-build [build]`: from a source tree and patches, or from pairs of objects, to a payload. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { cacheDirectory } from '../cache-directory.js';
import { diagnostic, hasErrors } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { LinkResult, PayloadSettings, ProfileName, SourceProgress } from '../index.js';
import { buildDocument } from '../report/json.js';
import { renderAsked, renderBuild } from '../report/text.js';
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
  writeOutput,
} from './common.js';
import type { CommonOptions } from './common.js';
import { ExitCode } from './exit.js';
import { pairObjectPaths } from './object-paths.js';
import { StatusLine } from './terminal.js';
import { profileOption } from './validate.js';
import type { Terminal } from './terminal.js';

interface BuildOptions extends CommonOptions {
  readonly source?: string;
  readonly patch?: readonly string[];
  readonly config?: string;
  readonly orig?: string;
  readonly patched?: string;
  readonly xenSyms: string;
  readonly depends?: string;
  readonly xenDepends?: string;
  readonly onTopOf?: readonly string[];
  readonly output: string;
  readonly jobs: number;
  readonly abi: AbiName;
  readonly prelink?: boolean;
  readonly replace?: boolean;
  readonly modinfo?: readonly string[];
  readonly keepScratch?: boolean;
  readonly validate: boolean;
  readonly baseProof: boolean;
  readonly expect?: boolean;
  readonly profile?: ProfileName;
  readonly scenario?: readonly string[];
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
    .option('-s, --source <dir>', 'Xen source tree, built or not; it is never modified')
    .option('-p, --patch <file>', 'source patch to live-patch in; may be given several times', collect)
    .option('-c, --config <file>', 'the .config of the running hypervisor, instead of that of the tree')
    .option('--orig <path>', 'object or directory of objects before the change, instead of -s and -p')
    .option('--patched <path>', 'object or directory of objects after the change')
    .requiredOption('--xen-syms <file>', 'xen-syms of the running hypervisor')
    .option('--depends <build-id>', 'build-id that this payload goes on top of', parseBuildId)
    .option('--xen-depends <build-id>', 'build-id of the hypervisor, if not that of --xen-syms', parseBuildId)
    .option(
      '--on-top-of <payload>',
      'payload that is applied before; may be given several times, oldest first',
      collect,
    )
    .option('-o, --output <file>', 'the payload', 'livepatch.xsplice')
    .addOption(
      new Option('-j, --jobs <n>', 'compilers at a time')
        .argParser(parseCount)
        .default(availableParallelism()),
    )
    .addOption(
      new Option('--abi <name>', 'form of the payload').choices(Object.keys(ABIS)).default('livepatch-v2'),
    )
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
    .option('--keep-scratch', 'leave the scratch copy of the tree')
    .addHelpText(
      'after',
      '\nExample:\n  xsplice-build -s xen-4.17 -p fix.patch --xen-syms xen-syms-4.17-amd64 -o fix.xsplice',
    );
  addCommonOptions(command).action(async (options: BuildOptions) => {
    finish(await runBuild(options, terminal));
  });
}

async function runBuild(options: BuildOptions, terminal: Terminal): Promise<ExitCode> {
  const usage = checkUsage(options);
  if (usage !== undefined) {
    printDiagnostics(terminal, [usage]);
    return ExitCode.usage;
  }
  const result =
    options.source === undefined
      ? await buildFromObjects(options)
      : await buildFromSource(options, options.source, terminal);
  const written = writePayload(result, options.output);
  const whole = { ...result, diagnostics: [...result.diagnostics, ...written] };
  if (options.json === true) printJson(terminal, buildDocument(whole, options.output));
  else if (options.quiet !== true) {
    const style = { color: terminal.colorOut, verbose: options.verbose === true };
    // What is asked for helps to understand a refusal, too.
    const refused = hasErrors(whole.diagnostics);
    terminal.stdout(refused ? renderAsked(whole, style) : renderBuild(whole, options.output, style));
    if (whole.validation !== undefined) terminal.stdout(renderValidation(whole.validation, style));
  }
  if (options.time === true) printTimings(terminal, whole.timings);
  printDiagnostics(terminal, whole.diagnostics);
  return exitCodeOf(whole.diagnostics);
}

function checkUsage(options: BuildOptions): Diagnostic | undefined {
  const bySource = options.source !== undefined || options.patch !== undefined;
  const byObjects = options.orig !== undefined || options.patched !== undefined;
  const wrong = (message: string): Diagnostic =>
    diagnostic('XS901', { message, hint: 'see `xsplice-build help build`' });
  if (bySource && byObjects) return wrong('-s and -p do not go with --orig and --patched');
  if (bySource && options.source === undefined) return wrong('-p needs the source tree: -s DIR');
  if (bySource && options.patch === undefined) return wrong('-s needs at least one patch: -p FILE');
  if (!bySource && (options.orig === undefined || options.patched === undefined)) {
    return wrong('give -s DIR and -p FILE, or --orig PATH and --patched PATH');
  }
  return undefined;
}

function payloadSettings(options: BuildOptions): PayloadSettings {
  const { depends, xenDepends, onTopOf, abi, prelink, replace, modinfo, profile, scenario, expect } = options;
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

async function buildFromObjects(options: BuildOptions): Promise<LinkResult> {
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
  return await link({
    ...payloadSettings(options),
    pairs: paths.pairs,
    threads,
    target,
    verifyEach,
    allowLost,
    explain,
    reporters: reportsLine,
  });
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
): Promise<LinkResult> {
  const status = new StatusLine(terminal, options.quiet !== true && options.json !== true);
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const { build } = await import('../index.js');
    return await build({
      ...payloadSettings(options),
      threads: options.threads ?? 'auto',
      verifyEach: options.verifyEach === true,
      allowLost: options.allowLost ?? [],
      reporters: options.reportsLine ?? [],
      explain: options.explain ?? [],
      source: {
        sourceDir,
        patches: options.patch ?? [],
        configFile: options.config,
        jobs: options.jobs,
        cacheDir: cacheDirectory(),
        keepScratch: options.keepScratch,
        onProgress: (event) => status.show(describeProgress(event)),
        signal: abort.signal,
      },
    });
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
  collect: 'collecting objects',
};

function describeProgress(event: SourceProgress): string {
  const compiled =
    event.compiled === 0
      ? ''
      : ` (${event.compiled} compiled${event.object === undefined ? '' : `, ${event.object}`})`;
  return `${STAGES[event.stage]}${compiled}`;
}

function writePayload(result: LinkResult, path: string): Diagnostic[] {
  if (result.payload === undefined || hasErrors(result.diagnostics)) return [];
  return writeOutput(path, result.payload.bytes);
}
