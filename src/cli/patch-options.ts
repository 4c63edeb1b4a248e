/** Where the patches of a build come from: files, a series file of quilt, or commits of git; and those below. */
import type { Command } from 'commander';
import type { Report } from '../diag/diagnostic.js';
import type { Patch } from '../index.js';
import { collect } from './common.js';

export interface PatchOptions {
  readonly patch?: readonly string[];
  readonly series?: string;
  readonly gitRange?: string;
  readonly applied?: readonly string[];
  readonly cumulative?: boolean;
}

export function addPatchOptions(command: Command): Command {
  return command
    .option('-p, --patch <file>', 'source patch to live-patch in; may be given several times', collect)
    .option('--series <file>', "quilt's series file with the patches, instead of -p")
    .option('--git-range <a..b>', 'commits of the repository that holds the tree, instead of -p')
    .option(
      '--applied <file>',
      'patch that the payloads of --on-top-of brought, and the tree does not have; may be given several times, oldest first',
      collect,
    )
    .option(
      '--cumulative',
      'one payload of all patches for `xen-livepatch replace`; --on-top-of names what it replaces',
    );
}

/** What does not go together, as a sentence; undefined when all is well. */
export function whyPatchesClash(options: PatchOptions & { readonly replace?: boolean }): string | undefined {
  const ways = [options.patch, options.series, options.gitRange].filter((way) => way !== undefined);
  if (ways.length > 1) return 'give patches in one way: -p, --series or --git-range';
  const replacing =
    options.cumulative === true ? '--cumulative' : options.replace === true ? '--replace' : undefined;
  if (options.applied !== undefined && replacing !== undefined)
    return `${replacing} starts from the bare hypervisor: give the patches of --applied with -p, before the others`;
  return undefined;
}

/** Whether any patch is named. */
export function namesPatches({ patch, series, gitRange }: PatchOptions): boolean {
  return patch !== undefined || series !== undefined || gitRange !== undefined;
}

/** The patches, in order. Reports XS830 and XS831, and then returns undefined. */
export async function readPatches(
  { patch, series, gitRange }: PatchOptions,
  sourceDir: string,
  report: Report,
): Promise<readonly Patch[] | undefined> {
  if (series === undefined && gitRange === undefined) return patch ?? [];
  const { readGitRange, readSeries } = await import('../source/index.js');
  return series === undefined
    ? await readGitRange(sourceDir, gitRange ?? '', report)
    : await readSeries(series, report);
}
