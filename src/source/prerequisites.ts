/**
 * The programs that building Xen's objects takes, found before the build instead of by its failing.
 *
 * make, the compiler and the linker always; flex, bison and Python only while the tree has no Kconfig
 * program and no generated headers yet, that is before its first build.
 */
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';

export interface Prerequisite {
  readonly program: string;
  /** Other names under which it will do. */
  readonly alternatives: readonly string[];
  /** Package by family of distributions. */
  readonly debian: string;
  readonly fedora: string;
  readonly why: string;
}

/** What a build needs. `compiler` is the command the makefiles call; `first` asks for a first build. */
export function buildPrerequisites(compiler: string, first: boolean): readonly Prerequisite[] {
  const cc = compiler.split(/\s+/)[0] ?? compiler;
  const family = cc.includes('clang') ? 'clang' : 'gcc';
  const always: Prerequisite[] = [
    { program: 'make', alternatives: [], debian: 'make', fedora: 'make', why: "runs Xen's makefiles" },
    { program: cc, alternatives: [], debian: family, fedora: family, why: 'compiles the hypervisor' },
    { program: 'ld', alternatives: [], debian: 'binutils', fedora: 'binutils', why: 'joins objects' },
    { program: 'objcopy', alternatives: [], debian: 'binutils', fedora: 'binutils', why: 'finishes objects' },
  ];
  const once: Prerequisite[] = [
    { program: 'flex', alternatives: [], debian: 'flex', fedora: 'flex', why: "builds Kconfig's reader" },
    { program: 'bison', alternatives: [], debian: 'bison', fedora: 'bison', why: "builds Kconfig's reader" },
    {
      program: 'python3',
      alternatives: ['python', 'python2'],
      debian: 'python3',
      fedora: 'python3',
      why: 'generates headers',
    },
  ];
  return first ? [...always, ...once] : always;
}

/** Those of `wanted` that are not on PATH. */
export async function missingPrograms(wanted: readonly Prerequisite[]): Promise<readonly Prerequisite[]> {
  const found = await Promise.all(
    wanted.map(async (p) => (await Promise.all([p.program, ...p.alternatives].map(onPath))).includes(true)),
  );
  return wanted.filter((_, i) => found[i] === false);
}

/** Reports XS810 if programs are missing, naming the command that installs them. Returns whether all are there. */
export async function checkPrerequisites(wanted: readonly Prerequisite[], report: Report): Promise<boolean> {
  const missing = await missingPrograms(wanted);
  if (missing.length === 0) return true;
  report(
    diagnostic('XS810', {
      message: `not found on PATH: ${missing.map((p) => p.program).join(', ')}`,
      notes: missing.map((p) => `${p.program} ${p.why}`),
      hint: await installCommand(missing),
    }),
  );
  return false;
}

/** The command that installs `missing` on this system. */
export async function installCommand(missing: readonly Prerequisite[]): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const fedora = /^ID(?:_LIKE)?=.*\b(?:fedora|rhel|centos|suse)/m.test(release);
  const packages = [...new Set(missing.map((p) => (fedora ? p.fedora : p.debian)))].join(' ');
  if (!fedora) return `apt-get install ${packages}`;
  return /suse/.test(release) ? `zypper install ${packages}` : `dnf install ${packages}`;
}

async function onPath(program: string): Promise<boolean> {
  const folders = program.includes('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  const tried = folders.map(async (folder) => {
    const path = folder === '' ? program : join(folder, program);
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  });
  return (await Promise.allSettled(tried)).some((t) => t.status === 'fulfilled' && t.value);
}
