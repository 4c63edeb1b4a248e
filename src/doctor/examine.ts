/**
 * Whether everything is here that the work needs: one finding for each thing, with the command that mends it.
 *
 * There are three kinds of work. Comparing, linking and proving take Node alone; building from source takes a compiler
 * and what Xen's makefiles call; trying a payload on the real hypervisor takes QEMU and Debian's packages. Each thing
 * belongs to the least work that needs it, and what is asked for is judged with all below it.
 */
import { constants } from 'node:fs';
import { access, mkdir, readdir, stat, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../cache-directory.js';
import { HOST_TOOLS } from '../qemu/host-tools.js';
import { buildPrerequisites, findProgram, installCommand, versionLine } from '../source/index.js';
import type { Prerequisite } from '../source/index.js';
import { debianFinding } from './debian-packages.js';

export const WORKS = ['objects', 'source', 'qemu'] as const;
/** What is to be done: with objects that are there, from a source tree, or on the real hypervisor. */
export type Work = (typeof WORKS)[number];

export interface Finding {
  readonly work: Work;
  readonly name: string;
  readonly state: 'ok' | 'missing' | 'unusable';
  /** The version that was found, or what is wrong. */
  readonly detail: string;
  /** What needs it. */
  readonly why: string;
  /** The command that mends it, as a person would type it; null when all is well. */
  readonly mend: string | null;
}

export interface Examination {
  /** What was asked for. */
  readonly work: Work;
  readonly findings: readonly Finding[];
  /** Nothing is wrong that this work needs. */
  readonly ready: boolean;
}

/** The first release of Node.js that will do, as package.json has it. */
const OLDEST_NODE = 20;
/** Bytes that a built tree, a scratch copy and objects take. */
const WANTED_SPACE = 2 ** 30;

/** Looks at this machine. Runs nothing but `--version` of the programs that it names, and apt-cache. */
export async function examine(work: Work, compiler = 'gcc', cache = cacheDirectory()): Promise<Examination> {
  const findings = [
    nodeFinding(process.versions.node),
    libraryFinding(),
    await cacheFinding(cache),
    memoryFinding(),
    ...(await programFindings(compiler)),
    await debianFinding(cache),
  ];
  const judged = WORKS.slice(0, WORKS.indexOf(work) + 1);
  const ready = findings.every((one) => one.state === 'ok' || !judged.includes(one.work));
  return { work, findings, ready };
}

/** Of a version of Node.js as `process.versions.node` has it. */
export function nodeFinding(version: string): Finding {
  const fits = Number(version.split('.')[0]) >= OLDEST_NODE;
  return {
    work: 'objects',
    name: 'Node.js',
    state: fits ? 'ok' : 'unusable',
    detail: fits ? version : `${version}, and ${OLDEST_NODE} or later is needed`,
    why: 'runs this tool',
    mend: fits ? null : 'install a later Node.js: https://nodejs.org',
  };
}

/** iced-x86 is WebAssembly: it is there, and yet does not load, where that is switched off. */
function libraryFinding(): Finding {
  const common = { work: 'objects', name: 'iced-x86', why: 'decodes instructions' } as const;
  try {
    const load = createRequire(import.meta.url);
    const loaded: unknown = load('iced-x86');
    if (typeof loaded === 'object' && loaded !== null && 'Decoder' in loaded)
      return { ...common, state: 'ok', detail: 'loads', mend: null };
    return { ...common, state: 'unusable', detail: 'it has no decoder', mend: REINSTALL };
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message.split('\n')[0] : String(thrown);
    return { ...common, state: 'unusable', detail, mend: REINSTALL };
  }
}

const REINSTALL = 'npm install xsplice-build';

async function cacheFinding(folder: string): Promise<Finding> {
  const common = { work: 'source', name: 'cache', why: 'keeps built trees and objects' } as const;
  const mend = 'export XSPLICE_CACHE=DIR, or --cache-dir DIR, with room and write permission';
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const detail = `${folder}, ${sizeText(await usedIn(join(folder, 'objects')))} of objects, ${sizeText(free)} free`;
    return free < WANTED_SPACE
      ? { ...common, state: 'unusable', detail: `${detail}; ${sizeText(WANTED_SPACE)} are needed`, mend }
      : { ...common, state: 'ok', detail, mend: null };
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return { ...common, state: 'unusable', detail, mend };
  }
}

/** Bytes of the files in a folder and below; 0 where there is none. Files that go away meanwhile count as none. */
async function usedIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** What a compiler of Xen's largest files and this tool take together. */
const WANTED_MEMORY = 2 ** 30;

function memoryFinding(): Finding {
  const constrained = process.constrainedMemory();
  const all = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  const fits = all >= WANTED_MEMORY;
  return {
    work: 'source',
    name: 'memory',
    state: fits ? 'ok' : 'unusable',
    detail: `${sizeText(all)}, ${sizeText(Math.min(freemem(), all))} free${fits ? '' : `; ${sizeText(WANTED_MEMORY)} are needed`}`,
    why: 'holds compilers and objects',
    mend: fits ? null : 'give the container or the machine more memory',
  };
}

/** A size as people read it: three digits and a unit. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const value = bytes / 1024 ** power;
  return `${value >= 100 || power === 0 ? value.toFixed(0) : value.toPrecision(3)} ${units[power]}`;
}

async function programFindings(compiler: string): Promise<Finding[]> {
  const build = buildPrerequisites(compiler, true);
  const known = new Set(build.map(({ program }) => program));
  const machine = HOST_TOOLS.filter(({ program }) => !known.has(program) && program !== 'gcc').map(
    (tool): Prerequisite => ({
      program: tool.program,
      alternatives: [],
      debian: tool.package,
      fedora: tool.package,
      why: `is there to ${tool.purpose}`,
    }),
  );
  return await Promise.all([
    ...build.map((one) => programFinding('source', one)),
    ...machine.map((one) => programFinding('qemu', one)),
  ]);
}

async function programFinding(work: Work, wanted: Prerequisite): Promise<Finding> {
  const { program: name, alternatives, why } = wanted;
  const path = [name, ...alternatives].map((one) => findProgram(one)).find((one) => one !== undefined);
  if (path === undefined)
    return { work, name, state: 'missing', detail: 'not on PATH', why, mend: await installCommand([wanted]) };
  const version = await versionLine(path);
  return {
    work,
    name,
    state: 'ok',
    detail: version === '' ? `in ${dirname(path)}` : version,
    why,
    mend: null,
  };
}
