/**
 * A built Xen tree in the cache: Debian's source package unpacked and compiled once (about a minute on two
 * cores). Payloads are built against it, so their builds only compile what the patch touches.
 *
 * What Xen's build stamps into its objects (date, user, host) is pinned, so that the tree is the same
 * whoever builds it. The tree can be moved: the commands that Kbuild records hold no absolute paths.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { keptDirectory } from './kept-directory.js';
import { MachineError, run } from './command.js';
import { XEN_VERSION } from './debian.js';

/** Major version of the compiler of Debian 12. */
const DEBIAN_GCC = '12';

const PINNED = {
  XEN_BUILD_DATE: 'Thu Jan 1 00:00:00 UTC 1970',
  XEN_BUILD_TIME: '00:00:00',
  XEN_WHOAMI: 'builder',
  XEN_DOMAIN: 'localdomain',
  XEN_BUILD_HOST: 'localhost',
  SOURCE_DATE_EPOCH: '0',
};

/** The built tree; its `xen` directory is what `make -C` is called on. Nothing may write into it. */
export async function builtXenTree(
  cache: string,
  source_package: string,
  log: (line: string) => void,
): Promise<string> {
  const entry = await keptDirectory(path.join(cache, `xen-tree-${XEN_VERSION}`), async (unfinished) => {
    log('unpacking the source of Xen');
    const tree = path.join(unfinished, 'tree');
    await unpackSource(source_package, tree);
    const gcc = (await run('gcc', ['-dumpversion'])).trim();
    if (gcc.split('.')[0] !== DEBIAN_GCC) {
      log(
        `warning: Debian built its Xen with gcc ${DEBIAN_GCC}, this is gcc ${gcc}; payloads may not fit the shipped binary`,
      );
    }
    log('building Xen (about a minute, once)');
    await makeXen(tree, ['defconfig']);
    await makeXen(tree, []);
  });
  return path.join(entry, 'tree');
}

/**
 * Xen's own test payloads (xen/test/livepatch/*.livepatch), built in a copy of the tree. They bind to the
 * xen-syms of that copy by build-id, so they load only into a hypervisor of the same build: boot the `xen`
 * that lies beside them.
 */
export async function xenTestPayloads(
  cache: string,
  tree: string,
  log: (line: string) => void,
): Promise<string> {
  const entry = await keptDirectory(path.join(cache, `xen-tests-${XEN_VERSION}`), async (unfinished) => {
    log('building Xen’s own test payloads');
    const copy = path.join(unfinished, 'tree');
    await copyTree(tree, copy);
    await makeXen(copy, ['tests']);
  });
  return path.join(entry, 'tree/xen');
}

/** A writable copy of a tree, sharing storage where the file system can; times are kept, so make trusts it. */
export async function copyTree(tree: string, copy: string): Promise<void> {
  mkdirSync(path.dirname(copy), { recursive: true });
  await run('cp', ['-a', '--reflink=auto', tree, copy]);
}

/** Runs make in a tree, with what the build would stamp into objects pinned. */
export async function makeXen(tree: string, targets: readonly string[]): Promise<void> {
  const jobs = `-j${String(availableParallelism())}`;
  await run('make', ['-C', path.join(tree, 'xen'), jobs, ...targets], { env: PINNED });
}

async function unpackSource(source_package: string, tree: string): Promise<void> {
  const dsc = readdirSync(source_package).find((name) => name.endsWith('.dsc'));
  if (dsc === undefined) throw new MachineError(`no .dsc file in ${source_package}`);
  // apt has verified the files by the hashes of the signed package lists.
  await run('dpkg-source', ['--no-check', '--no-copy', '-x', path.join(source_package, dsc), tree]);
}
