/**
 * Which programs the records name, and which exactly these are now: an object in the cache is that of one compiler and
 * one assembler, not of a name.
 *
 * A program is known by its resolved path, size and times; for GCC, those of the compiler proper and the assembler
 * count as well, to which `gcc` only leads, and of which one can be updated without the other.
 */
import { statSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { findProgram, runProgram } from './run-program.js';

/** What of the environment GCC and the assembler listen to. */
const HEARD = ['CPATH', 'C_INCLUDE_PATH', 'COMPILER_PATH', 'GCC_EXEC_PREFIX', 'LIBRARY_PATH'];

export interface Toolchain {
  readonly compiler: string;
  /** First line of what it says of its version. */
  readonly versionLine: string;
  /** Changes with everything outside of the tree that decides about objects. */
  readonly identity: string;
  /** Whether the assembler is a program of its own, which tells what it reads. */
  readonly tellsIncludes: boolean;
}

/** What `path` (absolute) is now. Throws operating system errors. */
export function programStamp(path: string): string {
  const real = realpathSync(path);
  const info = statSync(real);
  return `${real} ${String(info.size)} ${String(info.mtimeMs)} ${String(info.ctimeMs)}`;
}

/** Looks at `compiler`, an absolute path. Throws operating system errors. */
export async function describeToolchain(
  compiler: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<Toolchain> {
  const isClang = basename(compiler).includes('clang');
  const asked = [['--version'], ...(isClang ? [] : [['-print-prog-name=cc1'], ['-print-prog-name=as']])];
  const place = { cwd, env: { ...env, LC_ALL: 'C' }, signal };
  const answers = await Promise.all(asked.map((args) => runProgram(compiler, args, place)));
  const [version = '', ...parts] = answers.map(({ stdout }) => stdout.trim());
  const found = parts.map((part) => findProgram(part, env['PATH']));
  const stamps = [compiler, ...found.filter((path) => path !== undefined)].map(programStamp);
  const heard = HEARD.map((name) => `${name}=${env[name] ?? ''}`);
  return {
    compiler,
    versionLine: version.split('\n')[0] ?? '',
    identity: [version, ...stamps, ...heard].join('\n'),
    tellsIncludes: !isClang && found[1] !== undefined,
  };
}
