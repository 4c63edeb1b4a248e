/**
 * Finds the base, a built tree, and makes the scratch tree of it: a copy.
 *
 * A tree that its owner built with the wanted configuration is the base, and that is all. Otherwise (never
 * built, another configuration, make variables given) it must be built once, which may take a minute. That
 * build goes to the cache, so that the next run of any patch on the same source finds it.
 */
import { createHash } from 'node:crypto';
import { readFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diagnostic } from '../diag/diagnostic.js';
import { baseKey, basesDir, findBase, storeBase } from './base-cache.js';
import type { Base } from './base-cache.js';
import { compilerCommand, versionLine } from './compiler.js';
import { copyTree } from './copy-tree.js';
import { inStage, makeInStage } from './job.js';
import type { Job } from './job.js';
import { OBJECTS_GOAL, objectsMakefile } from './objects-goal.js';
import { checkPrerequisites, buildPrerequisites } from './prerequisites.js';
import type { SourceResult } from './request.js';
import { makeScratch, removeScratch } from './scratch.js';
import { errnoOf } from '../system-error.js';
import { hashTree, listTree } from './tree-files.js';
import type { TreeFile } from './tree-files.js';

export interface PreparedBase {
  readonly base: Base;
  readonly kind: SourceResult['base'];
  /** Builds it again, should another run have removed it from the cache. */
  readonly rebuild: () => Promise<Base | undefined>;
}

/** Finds or builds what is patched. Reports XS810, XS811, XS813, XS814, and then (but for the last) returns undefined. */
export async function prepareBase(job: Job): Promise<PreparedBase | undefined> {
  const wanted = await readWantedConfig(job);
  if (wanted === 'unreadable') return undefined;
  const compiler = compilerCommand(job.request.makeVariables ?? {});
  const own = await readFile(join(job.tree.top, 'xen', '.config')).catch(() => undefined);
  // Variables may differ from those that the tree was built with, and then make compiles everything again.
  const plain = Object.keys(job.request.makeVariables ?? {}).length === 0;
  const ready = job.tree.built && plain && (wanted === undefined || sameConfig(wanted, own));
  if (!(await checkPrerequisites(buildPrerequisites(compiler, !job.tree.built), job.report)))
    return undefined;
  if (wanted === undefined && own === undefined) {
    const message = 'the tree has no xen/.config: its default configuration is used';
    job.report(
      diagnostic('XS814', { message, at: { object: job.request.sourceDir }, hint: 'give one with -c' }),
    );
  }
  if (ready) {
    const base = { top: job.tree.top, builtAt: job.tree.top };
    return { base, kind: 'tree', rebuild: () => Promise.resolve(base) };
  }
  const key = await inStage(job, 'check', () => keyOf(job, compiler, wanted));
  const rebuild = (): Promise<Base | undefined> =>
    inStage(job, 'build-base', () => buildBase(job, key, wanted));
  const cached = await findBase(job.request.cacheDir, key);
  if (cached !== undefined) return { base: cached, kind: 'cache', rebuild };
  const made = await rebuild();
  return made && { base: made, kind: 'full-build', rebuild };
}

/** Copies a base to the scratch tree, whose absolute top is returned. */
export async function copyToScratch(job: Job, prepared: PreparedBase): Promise<string | undefined> {
  const top = join(job.scratch, 'tree');
  if (await copyBase(job, prepared.base, top)) return top;
  const again = await prepared.rebuild();
  if (again === undefined) return undefined;
  await inStage(job, 'copy', () => copyFrom(job, again, top));
  return top;
}

/** The arguments that make the tree at `xen` build its objects; `folder` gets the makefile for that. */
export async function objectsArguments(xen: string, folder: string): Promise<readonly string[]> {
  const text = objectsMakefile(await readFile(join(xen, 'Makefile'), 'latin1'));
  if (text === undefined) return [];
  const makefile = join(folder, 'objects.mk');
  await writeFile(makefile, text, 'latin1');
  return ['-f', makefile, OBJECTS_GOAL];
}

async function readWantedConfig(job: Job): Promise<Buffer | 'unreadable' | undefined> {
  const path = job.request.configFile;
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    job.report(
      diagnostic('XS813', {
        message: `cannot read: ${errnoOf(error)}`,
        at: { object: path },
        hint: 'check the path and its permissions',
      }),
    );
    return 'unreadable';
  }
}

/** Whether two .config files set the same options. Order and comments do not count, "is not set" does. */
export function sameConfig(a: Buffer, b: Buffer | undefined): boolean {
  const settings = (text: string): string =>
    text
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => /^(?:CONFIG_\w+=|# CONFIG_\w+ is not set$)/.test(line))
      .sort()
      .join('\n');
  return b !== undefined && settings(a.toString('latin1')) === settings(b.toString('latin1'));
}

/**
 * About how many objects a build makes: the source files of the parts that are always built. The configuration leaves
 * out some of them (of 450 in Xen 4.17, Debian's has 390), and who waits is told that the number is about right.
 */
function countSources(files: readonly TreeFile[]): number {
  return files.filter(({ path }) => /^xen\/(?:arch\/x86|common|crypto|drivers|lib|xsm)\/.*\.[cS]$/.test(path))
    .length;
}

async function copyFrom(job: Job, base: Base, to: string): Promise<readonly TreeFile[]> {
  await mkdir(to, { recursive: true });
  const files = await listTree(base.top, job.request.signal);
  await copyTree({ files, to, builtAt: base.builtAt, signal: job.request.signal });
  return files;
}

/** Copies a cached base; false if another run removed it meanwhile. */
async function copyBase(job: Job, base: Base, to: string): Promise<boolean> {
  try {
    await inStage(job, 'copy', () => copyFrom(job, base, to));
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await removeScratch(to);
    return false;
  }
}

async function keyOf(job: Job, compiler: string, wanted: Buffer | undefined): Promise<string> {
  const { signal, makeVariables } = job.request;
  const files = await listTree(job.tree.top, signal);
  const config = wanted === undefined ? '' : createHash('sha256').update(wanted).digest('hex');
  const variables = Object.entries(makeVariables ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const versions = await Promise.all([compiler, 'ld'].map(versionLine));
  return baseKey([await hashTree(files, signal), config, compiler, ...versions, JSON.stringify(variables)]);
}

async function buildBase(job: Job, key: string, wanted: Buffer | undefined): Promise<Base | undefined> {
  const folder = await makeScratch(basesDir(job.request.cacheDir));
  const top = join(folder, 'tree');
  const xen = join(top, 'xen');
  try {
    const files = await copyFrom(job, { top: job.tree.top, builtAt: job.tree.top }, top);
    if (!(await configure(job, xen, wanted))) return undefined;
    const args = await objectsArguments(xen, folder);
    const run = await makeInStage(job, 'build-base', xen, args, 'XS811', countSources(files));
    return run === undefined ? undefined : await storeBase(job.request.cacheDir, key, folder);
  } finally {
    // After a rename there is nothing here any more.
    await removeScratch(folder);
  }
}

/** Gives the tree at `xen` its configuration in the tree's own way. Reports XS813. */
async function configure(job: Job, xen: string, wanted: Buffer | undefined): Promise<boolean> {
  if (wanted === undefined && job.tree.configured) return true;
  if (wanted !== undefined) await writeFile(join(xen, '.config'), wanted);
  const goal = wanted === undefined ? 'defconfig' : 'olddefconfig';
  return (await makeInStage(job, 'build-base', xen, [goal], 'XS813')) !== undefined;
}
