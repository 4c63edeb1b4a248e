/**
 * What the source stage tells although it could go on: changes without effect, a configuration that cannot be
 * the running one's, a tree that was not up to date. A change that would be lost is never silent.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import type { Job } from './job.js';
import type { PatchPlan } from './patch-series.js';
import type { SourceResult } from './request.js';
import { hasRelativeRecords } from './tree.js';
import { isBuildInput } from './tree-files.js';
import { buildFiles } from './write-plan.js';

/** Names listed before "and N more". */
const LISTED = 5;

/** Compiled objects beyond those of the touched files that are put down to a stale tree. */
const STALE = 20;

/** Reports XS809 for files that the hypervisor is not built from. */
export function checkOutside(plan: PatchPlan, report: Report): void {
  const outside = plan.touched.map((file) => file.path).filter((path) => !isBuildInput(path));
  if (outside.length === 0) return;
  const message = `${String(outside.length)} of ${String(plan.touched.length)} changed files have no effect on the hypervisor`;
  report(diagnostic('XS809', { message, notes: shortList(outside) }));
}

/** Reports XS815 if the configuration (text of .config) has no live patching. */
export function checkConfig(job: Job, config: string): void {
  if (/^CONFIG_LIVEPATCH=y$/m.test(config)) return;
  const object = job.request.configFile ?? posix.join(job.request.sourceDir, 'xen/.config');
  const message = 'CONFIG_LIVEPATCH is not set: a hypervisor built so cannot load payloads';
  job.report(
    diagnostic('XS815', {
      message,
      at: { object },
      hint: 'give the configuration of the running hypervisor with -c',
    }),
  );
}

/**
 * Reports XS817 if the user's built tree needed much more than the patch touches. Not told apart when a
 * header or a makefile is touched, which may reach any number of objects.
 */
export function checkFreshness(
  job: Job,
  plan: PatchPlan,
  base: SourceResult['base'],
  compiled: number,
): void {
  const touched = buildFiles(plan).filter((file) => file.before !== undefined);
  if (base !== 'tree' || !touched.every((file) => /\.[cS]$/.test(file.path))) return;
  const surplus = compiled - touched.length;
  if (surplus <= STALE) return;
  const message = `${String(surplus)} objects of the tree were not up to date and were compiled in the scratch copy`;
  const hint = 'run make in the tree, or give the make variables that it was built with';
  job.report(diagnostic('XS817', { message, at: { object: job.request.sourceDir }, hint }));
}

/**
 * Reports XS818 for each patched source file that no object was compiled from. The makefiles' records name
 * all files that an object depends on; their paths are relative to xen/ since 4.17, and only then is it told.
 */
export async function checkCoverage(job: Job, plan: PatchPlan, xen: string): Promise<void> {
  if (hasRelativeRecords(job.tree.version) && patchedSources(plan).length > 0)
    checkRecorded(job, plan, await recordedFiles(xen));
}

/** The same with the files that records are known to name, relative to xen/. */
export function checkRecorded(job: Job, plan: PatchPlan, known: ReadonlySet<string>): void {
  for (const source of patchedSources(plan)) {
    if (known.has(source) || known.has(efiAlias(source))) continue;
    const message = `${source} is changed by the patch, but not compiled into this hypervisor`;
    const hint =
      'its part of the patch has no effect; check that the configuration is that of the running hypervisor';
    job.report(diagnostic('XS818', { message, at: { object: `xen/${source}` }, hint }));
  }
}

/** Relative to xen/. */
function patchedSources(plan: PatchPlan): readonly string[] {
  return buildFiles(plan)
    .filter((file) => file.after !== undefined && /^xen\/.*\.[cS]$/.test(file.path))
    .map((file) => file.path.slice('xen/'.length));
}

/** The files of common/efi are compiled through links in arch/x86/efi. */
function efiAlias(source: string): string {
  return source.replace(/^common\/efi\//, 'arch/x86/efi/');
}

/** Every word in the records of objects, host tools and tests aside: sources, headers, and flags among them. */
async function recordedFiles(xen: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(xen, { recursive: true, withFileTypes: true });
  const records = entries
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path.endsWith('.o.cmd') && !/^(?:tools|test)\//.test(posix.relative(xen, path)));
  const texts = await Promise.all(records.map((path) => readFile(path, 'latin1')));
  return new Set(texts.flatMap((text) => text.split(/[\s\\]+/)));
}

function shortList(paths: readonly string[]): readonly string[] {
  const more = paths.length - LISTED;
  return more <= 0 ? paths : [...paths.slice(0, LISTED), `and ${String(more)} more`];
}
