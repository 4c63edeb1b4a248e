/**
 * Which compiler made an object, and which one is going to make the next.
 *
 * GCC and Clang leave their name in the section .comment of every object, as zero-terminated strings:
 * "GCC: (Debian 12.2.0-14+deb12u1) 12.2.0". A payload is right only if this is the compiler that built the
 * running hypervisor, so the name goes into every report.
 */
import { execFile } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const MARKS = ['GCC: (', 'clang version '].map((mark) => Buffer.from(mark, 'latin1'));
/** Longest name that is believed, in bytes. */
const LONGEST = 200;

/** The compiler that is here, and those that made the original objects. */
export interface CompilerIdentity {
  /** The command that the tree's makefiles call, like `gcc`. */
  readonly command: string;
  /** First line of `command --version`; '' if it cannot be run. */
  readonly version: string;
  /** Names found in .comment of the original objects, the most frequent first. */
  readonly comments: readonly string[];
}

/** The name of the compiler in the bytes of an object; undefined if it has none (assembly, `-fno-ident`). */
export function compilerOf(object: Buffer): string | undefined {
  for (const mark of MARKS) {
    // The last occurrence: string constants of the program come before .comment, and may contain the mark.
    const at = object.lastIndexOf(mark);
    if (at < 0) continue;
    const end = object.indexOf(0, at);
    const start = object.lastIndexOf(0, at) + 1;
    if (end > at && end - start <= LONGEST) return object.toString('latin1', start, end);
  }
  return undefined;
}

/** Compilers that those of `objects` that are there below `xen` (absolute) name, with the number of objects that name each. */
export function compilersOf(xen: string, objects: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  // One buffer for all: there are hundreds, and they are looked at once.
  let buffer = Buffer.allocUnsafe(1024 * 1024);
  for (const object of objects) {
    if (!existsSync(join(xen, object))) continue;
    const file = openSync(join(xen, object), 'r');
    try {
      const { size } = fstatSync(file);
      if (size > buffer.length) buffer = Buffer.allocUnsafe(size);
      const name = compilerOf(buffer.subarray(0, readSync(file, buffer, 0, size, 0)));
      if (name !== undefined) found.set(name, (found.get(name) ?? 0) + 1);
    } finally {
      closeSync(file);
    }
  }
  return found;
}

/** The compiler command that a build with these make variables calls (config/StdGNU.mk of the tree). */
export function compilerCommand(variables: Readonly<Record<string, string>>): string {
  const clang = variables['clang'] === 'y' ? 'clang' : 'gcc';
  return variables['CC'] ?? `${variables['CROSS_COMPILE'] ?? process.env['CROSS_COMPILE'] ?? ''}${clang}`;
}

/** The name that `command` leaves in objects now, found by compiling an empty file in `folder`. */
export async function probeCompiler(command: string, folder: string): Promise<string | undefined> {
  const [program, ...options] = command.split(/\s+/).filter((word) => word !== '');
  const object = join(folder, 'probe.o');
  if (program === undefined) return undefined;
  try {
    await promisify(execFile)(program, [...options, '-x', 'c', '-c', '/dev/null', '-o', object]);
    return compilerOf(await readFile(object));
  } catch {
    return undefined;
  }
}

/** First line of what `command --version` prints; '' if it cannot be run. `command` may contain options. */
export async function versionLine(command: string): Promise<string> {
  const [program, ...options] = command.split(/\s+/).filter((word) => word !== '');
  if (program === undefined) return '';
  try {
    const { stdout } = await promisify(execFile)(program, [...options, '--version'], {
      env: { ...process.env, LC_ALL: 'C' },
    });
    return stdout.split('\n')[0]?.trim() ?? '';
  } catch {
    return '';
  }
}
