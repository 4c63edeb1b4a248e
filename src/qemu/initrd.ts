/**
 * The whole user space of dom0: busybox, xen-livepatch with its libraries and their loader, three kernel
 * modules, the payloads, and an /init that takes commands from the serial line.
 *
 * /init is the guest's half of a small protocol (the other half is machine.ts). The host sends one line,
 * `NUMBER COMMAND`; the guest answers
 *
 *   @@NUMBER{          start, on a line of its own
 *   …                  what the command printed, stdout and stderr together
 *   @@NUMBER}CODE      end, with the exit code
 *
 * The output is collected in a file first: a command that prints while Xen prints would be torn apart on the
 * line they share. The kernel is silenced for the same reason.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { writeCpio } from './cpio.js';
import type { CpioMember } from './cpio.js';
import { MachineError, run } from './command.js';
import type { DebianXen } from './debian.js';

/** Files to find in the guest: path in the guest (absolute) to contents. */
export type GuestFiles = ReadonlyMap<string, Uint8Array>;

const INIT = `#!/bin/sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
exec </dev/hvc0 >/dev/hvc0 2>&1
dmesg -n 1
stty -echo
for module in MODULES; do insmod /modules/$module || echo "@@failed to load $module"; done
mount -t xenfs xenfs /proc/xen || echo "@@failed to mount xenfs"
echo
echo "@@ready"
while read -r number command; do
  sh -c "$command" >/output 2>&1 </dev/null
  code=$?
  echo
  echo "@@$number{"
  cat /output
  echo
  echo "@@$number}$code"
done
poweroff -f
`;

const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;
const S_IFLNK = 0o120000;
const S_IFCHR = 0o020000;

/** The initrd as bytes (about 8 MB, not compressed: it is read once, from memory). */
export async function buildInitrd(debian: DebianXen, files: GuestFiles): Promise<Uint8Array> {
  const libraries = await sharedLibraries(debian.xen_livepatch, debian.library_directory);
  const contents = new Map<string, { mode: number; bytes: Uint8Array }>();
  const place = (guest_path: string, bytes: Uint8Array, mode = 0o755): void => {
    contents.set(guest_path.replace(/^\/+/, ''), { mode: S_IFREG | mode, bytes });
  };
  const modules = debian.modules.map((module) => path.basename(module));
  place('/init', Buffer.from(INIT.replace('MODULES', modules.join(' '))));
  place('/bin/busybox', readFileSync(debian.busybox));
  place('/bin/xen-livepatch', readFileSync(debian.xen_livepatch));
  for (const [guest_path, host_path] of libraries) place(guest_path, readFileSync(host_path));
  for (const module of debian.modules)
    place(`/modules/${path.basename(module)}`, readFileSync(module), 0o644);
  for (const [guest_path, bytes] of files) place(guest_path, bytes, 0o644);

  const members: CpioMember[] = [...contents].map(([name, file]) => ({
    name,
    mode: file.mode,
    contents: file.bytes,
  }));
  const directories = parentDirectories([...contents.keys(), 'proc/.', 'sys/.', 'dev/.']);
  const nothing = new Uint8Array();
  return writeCpio([
    ...directories.map((name) => ({ name, mode: S_IFDIR | 0o755, contents: nothing })),
    { name: 'bin/sh', mode: S_IFLNK | 0o777, contents: Buffer.from('busybox') },
    { name: 'dev/console', mode: S_IFCHR | 0o600, contents: nothing, device: [5, 1] },
    ...members,
  ]);
}

/** Every directory above the given paths, parents first. */
export function parentDirectories(names: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const name of names) {
    const steps = name.split('/').slice(0, -1);
    steps.forEach((_, depth) => found.add(steps.slice(0, depth + 1).join('/')));
  }
  return [...found].sort();
}

/** Where the dynamic loader would find each library: path in the guest (its name there) to path on the host. */
async function sharedLibraries(program: string, library_directory: string): Promise<Map<string, string>> {
  const listing = await run('ldd', [program], { env: { LD_LIBRARY_PATH: library_directory } });
  const { libraries, missing } = parseLdd(listing);
  if (missing.length > 0) {
    throw new MachineError(`xen-livepatch needs libraries that are not here: ${missing.join(', ')}`);
  }
  return new Map(
    // Xen's own lie in the cache here; in the guest all lie where the loader looks first.
    libraries.map(({ name, file }) => [
      name.startsWith('/') ? name : `/usr/lib/x86_64-linux-gnu/${name}`,
      file,
    ]),
  );
}

/** Reads ldd's lines `libfoo.so.1 => /path/libfoo.so.1 (0x…)` and `/lib64/ld-linux-x86-64.so.2 (0x…)`. */
export function parseLdd(listing: string): {
  libraries: readonly { name: string; file: string }[];
  missing: readonly string[];
} {
  const libraries: { name: string; file: string }[] = [];
  const missing: string[] = [];
  for (const line of listing.split('\n')) {
    const bound = /^\s*(\S+) => (\/\S+) \(0x/.exec(line);
    const loader = /^\s*(\/\S+) \(0x/.exec(line);
    const absent = /^\s*(\S+) => not found/.exec(line);
    if (bound?.[1] !== undefined && bound[2] !== undefined)
      libraries.push({ name: bound[1], file: bound[2] });
    else if (loader?.[1] !== undefined) libraries.push({ name: loader[1], file: loader[1] });
    else if (absent?.[1] !== undefined) missing.push(absent[1]);
  }
  return { libraries, missing };
}
