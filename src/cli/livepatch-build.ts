/**
 * The command line of livepatch-build, so that a pipeline that calls it changes one word: every option of it is
 * taken, those that make no sense here with a note of what happens instead, and the payload is named as it would
 * name it (NAME.livepatch in the folder of -o, after the patch) when
 *
 *   - the program is called xsplice-livepatch-build, or
 *   - --output-format livepatch-build is given, or
 *   - -o is a folder, or ends with a slash.
 *
 * docs/coming-from-livepatch-build.md tells the same to users.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { parseCount } from './common.js';

export interface LivepatchBuildOptions {
  readonly srcdir?: string;
  readonly cpus?: number;
  readonly skip?: 'build' | 'diff';
  readonly debug?: boolean;
  readonly xenDebug?: boolean;
  readonly strip?: boolean;
  readonly skipCompilerCheck?: boolean;
  readonly outputFormat?: 'file' | 'livepatch-build';
}

export function addLivepatchBuildOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--output-format <form>', 'what -o is: the payload, or a folder for NAME.livepatch').choices(
        ['file', 'livepatch-build'],
      ),
    )
    .option('--srcdir <dir>', 'the same as --source, for livepatch-build')
    .addOption(new Option('--cpus <n>', 'the same as --jobs, for livepatch-build').argParser(parseCount))
    .option('-d, --debug', 'the same as --verbose, for livepatch-build')
    .addOption(
      new Option('-k, --skip <phase>', 'taken from livepatch-build; nothing is skipped').argParser(
        parsePhase,
      ),
    )
    .option('--xen-debug', 'taken from livepatch-build; the .config decides')
    .option('--strip', 'taken from livepatch-build; payloads have no symbols to spare')
    .option('--skip-compiler-check', 'taken from livepatch-build; other compilers are told of');
}

function parsePhase(text: string): string {
  if (text !== 'build' && text !== 'diff') throw new InvalidArgumentError('give build or diff.');
  return text;
}

/** What is said of options without effect. */
const INSTEAD = {
  skip: 'what was built before is found again by itself, and -o needs nothing of an earlier run',
  xenDebug: 'CONFIG_DEBUG of the .config decides; give that of the running hypervisor with -c',
  strip: 'a payload has no symbols but those that the loader or later payloads look up',
  skipCompilerCheck: 'a compiler that does not fit is told of as a warning, and the build goes on',
} as const;

const SPELLING = {
  skip: '--skip',
  xenDebug: '--xen-debug',
  strip: '--strip',
  skipCompilerCheck: '--skip-compiler-check',
} as const;

/** XS833 for each option that was given and has no effect. */
export function notesOnOptions(options: LivepatchBuildOptions): Diagnostic[] {
  const names = ['skip', 'xenDebug', 'strip', 'skipCompilerCheck'] as const;
  return names
    .filter((name) => options[name] !== undefined)
    .map((name) =>
      diagnostic('XS833', {
        message: `${SPELLING[name]} has no effect: ${INSTEAD[name]}`,
        hint: 'leave it out',
      }),
    );
}

/** Whether the payload is named after the patch, in the folder `output`. */
export function namesLikeLivepatchBuild(
  { outputFormat }: LivepatchBuildOptions,
  output: string | undefined,
  program: string,
): boolean {
  if (outputFormat !== undefined) return outputFormat === 'livepatch-build';
  if (basename(program) === 'xsplice-livepatch-build') return true;
  return output !== undefined && (output.endsWith('/') || isFolder(output));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Longest name of a payload that xen-livepatch takes. Source: XEN_LIVEPATCH_NAME_SIZE, xen/include/public/sysctl.h. */
const LONGEST_NAME = 127;

/**
 * The name that livepatch-build gives the payload of a patch: that of its file without .patch or .diff, all but
 * letters, digits, - and _ turned into -.
 */
export function payloadName(patch: string): string {
  const name = basename(patch).replace(/\.(?:patch|diff)$/, '');
  return name.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, LONGEST_NAME) || 'livepatch';
}

/** The path of a payload in the folder `output`, which is made. Throws operating system errors. */
export function pathInFolder(output: string, patch: string): string {
  mkdirSync(output, { recursive: true });
  return join(output, `${payloadName(patch)}.livepatch`);
}

/** xen-syms as a build of the tree leaves it: what livepatch-build links against unless told otherwise. */
export function imageOfTree(sourceDir: string): string | undefined {
  return [join(sourceDir, 'xen/xen-syms'), join(sourceDir, 'xen-syms')].find((path) => existsSync(path));
}
