/** The options of `build`: how they are declared, what goes together, and what those default to that depend on others. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { BuildChoice, ProfileName } from '../index.js';
import { ABIS } from '../xen/versions.js';
import type { AbiName } from '../xen/versions.js';
import { addCommonOptions, collect, parseBuildId, parseCount } from './common.js';
import type { CommonOptions } from './common.js';
import { defaultJobs } from './jobs.js';
import {
  addLivepatchBuildOptions,
  imageOfTree,
  namesLikeLivepatchBuild,
  notesOnOptions,
  pathInFolder,
} from './livepatch-build.js';
import type { LivepatchBuildOptions } from './livepatch-build.js';
import { addPassOptions } from './pass-options.js';
import type { PassOptions } from './pass-options.js';
import { addPatchOptions, namesPatches, whyPatchesClash } from './patch-options.js';
import type { PatchOptions } from './patch-options.js';
import { addRecordOptions } from './record-options.js';
import type { ManifestOptions, SarifOptions } from './record-options.js';
import { addReportOption } from './report-option.js';
import type { ReportOptions } from './report-option.js';
import { spliceOption } from './splice-option.js';
import type { SpliceOptions } from './splice-option.js';
import { profileOption } from './validate.js';

/** As declared; what depends on others is settled by `settle`. */
export interface GivenOptions
  extends
    CommonOptions,
    PatchOptions,
    PassOptions,
    ReportOptions,
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

/** Declares all options of the command. */
export function addBuildOptions(command: Command): Command {
  command.option('-s, --source <dir>', 'Xen source tree, built or not; it is never modified');
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
    );
  addPayloadOptions(command);
  addSourceOptions(command);
  command.addHelpText(
    'after',
    '\nExample:\n  xsplice-build -s xen-4.17 -p fix.patch --xen-syms xen-syms-4.17-amd64 -o fix.xsplice',
  );
  addLivepatchBuildOptions(addRecordOptions(addReportOption(addPassOptions(command))));
  return addCommonOptions(command);
}

/** What the payload is like, and how it is proven. */
function addPayloadOptions(command: Command): void {
  command
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

/** Options that have two names, under one. */
export function adoptSpellings(given: GivenOptions): GivenOptions {
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
export function settle(
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

export function checkUsage(options: GivenOptions): Diagnostic | undefined {
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
