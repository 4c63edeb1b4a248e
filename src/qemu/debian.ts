/**
 * Debian 12's Xen, as its users run it: the hypervisor, its symbols, the tool that loads payloads, a dom0
 * kernel, and the source that all of it was built from. Fetched by package name, unpacked into the cache.
 *
 * The version is pinned. The source package, compiled with the machine's gcc 12, gives function for function
 * the hypervisor that Debian ships, so payloads built from it fit the shipped binary; the newer build of the
 * security suite would come without that guarantee. The kernel is whatever 6.1 Debian offers: it only has to
 * carry xen-livepatch's hypercalls.
 */
import { gunzipSync } from 'node:zlib';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { privateApt } from './apt.js';
import type { Apt } from './apt.js';
import { keptDirectory } from './kept-directory.js';
import { MachineError, run } from './command.js';

export const XEN_VERSION = '4.17.5+72-g01140da4e8-1';
const KERNEL_SERIES = '6.1.0';

const XEN_PACKAGES = ['xen-hypervisor-4.17-amd64', 'xen-hypervisor-4.17-amd64-dbg', 'xen-utils-4.17'];
/** The libraries of xen-livepatch that are built from Xen's source. */
const XEN_LIBRARIES = [
  ...['libxenmisc4.17', 'libxencall1', 'libxendevicemodel1', 'libxenevtchn1', 'libxenforeignmemory1'],
  ...['libxengnttab1', 'libxenhypfs1', 'libxenstore4', 'libxentoolcore1', 'libxentoollog1'],
];

/** Absolute paths of the unpacked files. */
export interface DebianXen {
  /** The hypervisor as a multiboot ELF image, uncompressed. */
  readonly xen: string;
  /** The same hypervisor with its symbol table. */
  readonly xen_syms: string;
  readonly vmlinuz: string;
  /** The kernel modules that xen-livepatch needs, in the order in which they are inserted. */
  readonly modules: readonly string[];
  /** A statically linked busybox. */
  readonly busybox: string;
  readonly xen_livepatch: string;
  /** Directory of the shared libraries that belong to xen-livepatch. */
  readonly library_directory: string;
  /** Directory that holds the .dsc file of the source package and what it refers to. */
  readonly source_package: string;
}

/** Fetches what is not in the cache yet. `log` hears of everything that takes time. */
export async function debianXen(cache: string, log: (line: string) => void): Promise<DebianXen> {
  const apt = lazyApt(cache, log);
  try {
    const packages = await keptDirectory(path.join(cache, `debian-xen-${XEN_VERSION}`), async (unfinished) =>
      unpackXen(await apt.get(), unfinished),
    );
    const guest = await keptDirectory(path.join(cache, `debian-guest-${KERNEL_SERIES}`), async (unfinished) =>
      unpackGuest(await apt.get(), unfinished),
    );
    const source_package = await keptDirectory(
      path.join(cache, `debian-source-${XEN_VERSION}`),
      async (unfinished) => (await apt.get()).downloadSource(`xen=${XEN_VERSION}`, unfinished),
    );
    return {
      xen: path.join(packages, 'xen'),
      xen_syms: path.join(packages, 'usr/lib/debug/boot/xen-syms-4.17-amd64'),
      vmlinuz: path.join(guest, 'vmlinuz'),
      modules: GUEST_MODULES.map((name) => path.join(guest, name)),
      busybox: path.join(guest, 'busybox'),
      xen_livepatch: path.join(packages, 'usr/lib/xen-4.17/bin/xen-livepatch'),
      library_directory: path.join(packages, 'usr/lib/x86_64-linux-gnu'),
      source_package,
    };
  } finally {
    apt.discard();
  }
}

/** The package lists are 100 MB and serve one run: made when the first package is needed, then removed. */
function lazyApt(
  cache: string,
  log: (line: string) => void,
): { get: () => Promise<Apt>; discard: () => void } {
  let made: Promise<Apt> | undefined;
  let directory: string | undefined;
  return {
    get: () => {
      mkdirSync(cache, { recursive: true });
      directory ??= mkdtempSync(path.join(cache, 'apt-'));
      made ??= privateApt(directory, log);
      return made;
    },
    discard: () => {
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function unpackXen(apt: Apt, target: string): Promise<void> {
  const debs = path.join(target, 'debs');
  mkdirSync(debs);
  await apt.downloadPackages(
    [...XEN_PACKAGES, ...XEN_LIBRARIES].map((name) => `${name}=${XEN_VERSION}`),
    debs,
  );
  for (const deb of readdirSync(debs)) await run('dpkg-deb', ['-x', path.join(debs, deb), target]);
  rmSync(debs, { recursive: true });
  // QEMU's multiboot loader takes ELF, not gzip.
  writeFileSync(
    path.join(target, 'xen'),
    gunzipSync(readFileSync(path.join(target, 'boot/xen-4.17-amd64.gz'))),
  );
}

/** In this order: xenfs shows /proc/xen, xen-privcmd makes hypercalls, xen-evtchn is opened by the libraries. */
const GUEST_MODULES = ['xen-privcmd.ko', 'xenfs.ko', 'xen-evtchn.ko'];

async function unpackGuest(apt: Apt, target: string): Promise<void> {
  const work = path.join(target, 'unpacked');
  mkdirSync(work);
  await apt.downloadPackages([await apt.newestKernel(KERNEL_SERIES), 'busybox-static'], work);
  for (const deb of readdirSync(work)) {
    // A kernel package is 400 MB unpacked; three modules of it are wanted.
    const wanted = deb.startsWith('busybox')
      ? ['./bin/busybox']
      : ['./boot/vmlinuz-*', './lib/modules/*/drivers/xen/*'];
    const script = 'deb=$1; shift; dpkg-deb --fsys-tarfile "$deb" | tar -x --wildcards "$@"';
    await run('sh', ['-c', script, 'sh', deb, ...wanted], { cwd: work });
  }
  copyFileSync(onlyFile(work, /^vmlinuz-/), path.join(target, 'vmlinuz'));
  copyFileSync(onlyFile(work, /^busybox$/), path.join(target, 'busybox'));
  for (const name of GUEST_MODULES) await placeModule(work, name, path.join(target, name));
  rmSync(work, { recursive: true });
}

/** Debian 12 ships modules as they are; later kernels compress them. */
async function placeModule(directory: string, name: string, target: string): Promise<void> {
  const found = onlyFile(directory, new RegExp(`^${name.replace('.', '\\.')}(\\.xz|\\.zst)?$`));
  const plain = found.replace(/\.(xz|zst)$/, '');
  if (found.endsWith('.xz')) await run('xz', ['-d', found]);
  if (found.endsWith('.zst')) await run('zstd', ['-q', '-d', '--rm', found]);
  copyFileSync(plain, target);
}

function onlyFile(directory: string, name: RegExp): string {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile() && name.test(entry.name));
  const [file] = found;
  if (file === undefined || found.length > 1) {
    throw new MachineError(
      `the packages should hold one file ${String(name)}, they hold ${String(found.length)}`,
    );
  }
  return path.join(file.parentPath, file.name);
}
