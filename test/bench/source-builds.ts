/**
 * Builds from source that are measured: a one-line fix with an empty cache and with a full one, and a header that many
 * units include against make, which compiles just these. The latter takes minutes and is asked for.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from '../../src/cache-directory.js';
import { XEN_VERSION } from '../../src/qemu/debian.js';
import { copyTree } from '../../src/qemu/xen-tree.js';
import { OBJECTS_GOAL, objectsMakefile } from '../../src/source/objects-goal.js';
import type { Command } from './measure.js';

const CLI = fileURLToPath(new URL('../../src/cli.js', import.meta.url));
const FIX = fileURLToPath(
  new URL('../../../test/xen/static-function/static-function.patch', import.meta.url),
);
const IMAGE = `debian-xen-${XEN_VERSION}/usr/lib/debug/boot/xen-syms-4.17-amd64`;
/** Included by 189 units of Debian's Xen 4.17. */
const HEADER = 'include/xen/domain_page.h';

/** What is measured on demand, because it takes minutes. */
export interface SlowWishes {
  /** A header that many units include, against make. */
  readonly headers: boolean;
  /** The whole tree by make, once. */
  readonly full: boolean;
}

const FULL = '`make` of the whole tree from source';
/** The promise: 25 times as fast as three builds, which is what the tool takes that builds before, after, and with a section per function. */
const FASTER = { title: FULL, times: 25 / 3 };

/** The commands for the built `xen` folder of a tree; none without the image that belongs to it. */
export async function sourceCommands(xen: string, scratch: string, slow: SlowWishes): Promise<Command[]> {
  const image = join(cacheDirectory(), IMAGE);
  if (!existsSync(image)) return [];
  const built = (
    title: string,
    patch: string,
    options: readonly string[],
    more: Partial<Command>,
  ): Command => ({
    title,
    args: [
      ...[CLI, 'build', '-s', dirname(xen), '-p', patch, '--xen-syms', image],
      ...['-o', join(scratch, 'source.xsplice'), ...options],
    ],
    exits: [0],
    ...more,
  });
  const cold = join(scratch, 'cold');
  const warm = ['--cache-dir', join(scratch, 'warm')];
  const commands = [
    built('`build` of a one-line fix from source, empty cache', FIX, ['--cache-dir', cold], {
      before: () => rmSync(cold, { recursive: true, force: true }),
      limit: { ms: 6000, faster: FASTER },
    }),
    built('… from source, full cache', FIX, warm, { limit: { ms: 2500 } }),
    built('… from source, full cache, `--no-validate`', FIX, [...warm, '--no-validate'], {
      limit: { ms: 1200 },
    }),
    built('… from source, `--build=make`', FIX, ['--build=make'], {}),
  ];
  if (slow.full) commands.push(await fullBuild(xen, scratch));
  if (!slow.headers) return commands;
  const make = await makeOfHeader(xen, scratch);
  const patch = headerPatch(xen, scratch);
  // Nothing in the code changes, so that only the compilers are measured: 3 is "nothing to patch".
  const replay = built(
    '… from source of a header that 189 units include',
    patch,
    ['--no-cache', '--build=replay'],
    {
      exits: [0, 1, 3],
      once: true,
      limit: { over: { title: make.title, ms: 5000 } },
    },
  );
  return [...commands, make, replay];
}

async function copyOf(xen: string, copy: string): Promise<string> {
  mkdirSync(copy, { recursive: true });
  await copyTree(dirname(xen), join(copy, 'tree'));
  return join(copy, 'tree/xen');
}

/** Everything from nothing, as the tree's own makefile builds the hypervisor. */
async function fullBuild(xen: string, scratch: string): Promise<Command> {
  const folder = await copyOf(xen, join(scratch, 'full'));
  return {
    title: FULL,
    program: 'make',
    args: [`-j${availableParallelism()}`, '-C', folder],
    exits: [0],
    once: true,
    before: () => void execFileSync('make', ['-C', folder, 'clean'], { stdio: 'ignore' }),
  };
}

/** make in a copy of the tree after the header was touched. */
async function makeOfHeader(xen: string, scratch: string): Promise<Command> {
  const copy = join(scratch, 'copy');
  const folder = await copyOf(xen, copy);
  const makefile = join(copy, 'objects.mk');
  const goal = objectsMakefile(readFileSync(join(folder, 'Makefile'), 'latin1'));
  if (goal === undefined) throw new Error(`${xen} has no rule for its objects`);
  writeFileSync(makefile, goal);
  return {
    title: '`make` from source after a header that 189 units include was touched',
    program: 'make',
    args: [`-j${availableParallelism()}`, '-C', folder, '-f', makefile, OBJECTS_GOAL],
    exits: [0],
    once: true,
    before: () => appendFileSync(join(folder, HEADER), '\n'),
  };
}

/** A declaration more at the end of the header. */
function headerPatch(xen: string, scratch: string): string {
  const lines = readFileSync(join(xen, HEADER), 'latin1').split('\n').slice(0, -1);
  const path = join(scratch, 'header.patch');
  const at = lines.length - 2;
  writeFileSync(
    path,
    [
      `--- a/xen/${HEADER}`,
      `+++ b/xen/${HEADER}`,
      `@@ -${at},3 +${at},4 @@`,
      ...lines.slice(-3, -1).map((line) => ` ${line}`),
      '+extern int never_defined;',
      ` ${lines.at(-1) ?? ''}`,
      '',
    ].join('\n'),
    'latin1',
  );
  return path;
}
