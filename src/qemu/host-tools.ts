/**
 * The programs that must be installed on this machine for the real-hypervisor tests: an emulator, a compiler
 * with the tools that Xen's build runs, and the package tools that fetch and unpack the rest. What runs
 * inside the guest (busybox, xen-livepatch, a kernel) is not here: it is unpacked into the cache.
 *
 * All that is missing is named at once, with the one command that installs it. In CI (CI=true), where nobody
 * could type it, that command is run.
 */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { MachineError, run } from './command.js';

export interface HostTool {
  readonly program: string;
  /** The Debian package that has it. */
  readonly package: string;
  /** What it is needed for, as the end of the sentence "it is needed to …". */
  readonly purpose: string;
}

export const HOST_TOOLS: readonly HostTool[] = [
  { program: 'apt-get', package: 'apt', purpose: 'fetch Debian’s Xen' },
  { program: 'dpkg-deb', package: 'dpkg', purpose: 'unpack packages' },
  { program: 'dpkg-source', package: 'dpkg-dev', purpose: 'unpack the source of Xen' },
  { program: 'tar', package: 'tar', purpose: 'unpack parts of packages' },
  { program: 'ldd', package: 'libc-bin', purpose: 'find the libraries of xen-livepatch' },
  { program: 'gcc', package: 'build-essential', purpose: 'compile Xen' },
  { program: 'ld', package: 'binutils', purpose: 'link Xen' },
  { program: 'make', package: 'build-essential', purpose: 'build Xen' },
  { program: 'flex', package: 'flex', purpose: 'configure Xen (its Kconfig)' },
  { program: 'bison', package: 'bison', purpose: 'configure Xen (its Kconfig)' },
  { program: 'python3', package: 'python3', purpose: 'build Xen (its compat headers)' },
  { program: 'patch', package: 'patch', purpose: 'apply patches to the source' },
  { program: 'qemu-system-x86_64', package: 'qemu-system-x86', purpose: 'run the hypervisor' },
];

/** True when `program` is an executable file in one of the directories of `search_path` (a $PATH). */
export function isInstalled(program: string, search_path: string): boolean {
  return search_path
    .split(path.delimiter)
    .filter((directory) => directory !== '')
    .some((directory) => {
      try {
        accessSync(path.join(directory, program), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The tools of the table that are not installed, in the order of the table. */
export function missingTools(
  search_path: string,
  tools: readonly HostTool[] = HOST_TOOLS,
): readonly HostTool[] {
  return tools.filter((tool) => !isInstalled(tool.program, search_path));
}

/** The command that installs these tools, as a person would type it. */
export function installCommand(tools: readonly HostTool[]): string {
  const packages = [...new Set(tools.map((tool) => tool.package))];
  return `apt-get update && apt-get install --no-install-recommends ${packages.join(' ')}`;
}

export function missingToolsMessage(missing: readonly HostTool[]): string {
  const lines = missing.map((tool) => `    ${tool.program} is needed to ${tool.purpose}`);
  return `these programs are not installed:\n${lines.join('\n')}\n  as root: ${installCommand(missing)}`;
}

/** Returns when every tool is there. Throws a MachineError that names the missing ones otherwise. */
export async function requireHostTools(log: (line: string) => void): Promise<void> {
  const search_path = process.env['PATH'] ?? '';
  const missing = missingTools(search_path);
  if (missing.length === 0) return;
  const in_ci = process.env['CI'] === 'true' || process.env['CI'] === '1';
  if (!in_ci || !isInstalled('apt-get', search_path)) throw new MachineError(missingToolsMessage(missing));

  log(`installing ${missing.map((tool) => tool.package).join(' ')} (CI is set)`);
  const quietly = ['DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  const aptGet = (...args: string[]): Promise<string> =>
    process.getuid?.() === 0
      ? run('env', [...quietly, ...args])
      : run('sudo', ['-n', 'env', ...quietly, ...args]);
  await aptGet('update', '-qq');
  await aptGet(
    'install',
    '-y',
    '-qq',
    '--no-install-recommends',
    ...new Set(missing.map((tool) => tool.package)),
  );
  const still_missing = missingTools(search_path);
  if (still_missing.length > 0) throw new MachineError(missingToolsMessage(still_missing));
}
