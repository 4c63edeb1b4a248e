/**
 * Fetches Debian packages by name and version with the machine's own apt-get, and touches nothing of the
 * machine: package lists, caches and the list of sources are private directories under the cache, and
 * packages are downloaded and unpacked, never installed.
 *
 * The private lists are what makes this work in a fresh container, where /var/lib/apt/lists is empty and no
 * `deb-src` entry exists.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { newestKernelPackage, withSources } from './apt-sources.js';
import { capture, lastLines, MachineError, run } from './command.js';

export interface Apt {
  /** Downloads `name=version` packages (the version may be left out) into an existing directory. */
  readonly downloadPackages: (packages: readonly string[], directory: string) => Promise<void>;
  /** Downloads the files of a source package, `name=version`, into an existing directory. */
  readonly downloadSource: (source_package: string, directory: string) => Promise<void>;
  /** Name of the newest plain amd64 kernel image of a series such as `6.1.0`. */
  readonly newestKernel: (series: string) => Promise<string>;
}

const ETC_APT = '/etc/apt';

/** Prepares private lists below `directory` and updates them; costs a download of about 20 MB. */
export async function privateApt(directory: string, log: (line: string) => void): Promise<Apt> {
  const options = privateOptions(directory);
  const aptGet = (args: readonly string[], cwd: string): Promise<string> =>
    run('apt-get', ['-q', ...options, ...args], { cwd });

  log('reading the package lists');
  const update = await capture('apt-get', ['-q', ...options, 'update']);
  if (update.exit_code !== 0) {
    // One broken third-party source is no obstacle; if it was Debian's, the next command says so.
    log(`apt-get update was not wholly successful:\n${lastLines(update.stderr, 5)}`);
  }
  return {
    downloadPackages: async (packages, target) => {
      log(
        `downloading ${packages.length === 1 ? (packages[0] ?? '') : `${String(packages.length)} packages`}`,
      );
      await explained(aptGet(['download', ...packages], target), packages);
    },
    downloadSource: async (source_package, target) => {
      log(`downloading the source package ${source_package}`);
      await explained(aptGet(['source', '--download-only', source_package], target), [source_package]);
    },
    newestKernel: async (series) => {
      const names = await run('apt-cache', [...options, 'pkgnames', `linux-image-${series}-`]);
      const newest = newestKernelPackage(names.split('\n'), series);
      if (newest === undefined)
        throw new MachineError(`apt offers no linux-image-${series}-*-amd64\n${WHICH_DEBIAN}`);
      return newest;
    },
  };
}

const WHICH_DEBIAN =
  '  the packages are those of Debian 12 (bookworm); run this there, or in a container of it';

async function explained(download: Promise<string>, packages: readonly string[]): Promise<void> {
  try {
    await download;
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : String(failure);
    throw new MachineError(`cannot download ${packages.join(', ')}\n${why}\n${WHICH_DEBIAN}`);
  }
}

/** Writes the private configuration below `directory` and returns the options that select it. */
function privateOptions(directory: string): readonly string[] {
  const parts = path.join(directory, 'sources.list.d');
  const lists = path.join(directory, 'lists');
  const cache = path.join(directory, 'cache');
  for (const needed of [parts, path.join(lists, 'partial'), path.join(cache, 'archives', 'partial')]) {
    mkdirSync(needed, { recursive: true });
  }
  for (const file of sourceFiles()) {
    const converted = withSources(file, readFileSync(file, 'utf8'));
    if (converted !== null) writeFileSync(path.join(parts, path.basename(file)), converted);
  }
  return [
    ...['-o', 'Dir::Etc::sourcelist=/dev/null'],
    ...['-o', `Dir::Etc::sourceparts=${parts}`],
    ...['-o', `Dir::State::lists=${lists}`],
    ...['-o', `Dir::Cache=${cache}`],
    // apt's download user may not look into a home directory; root then warns, though all is well.
    ...(process.getuid?.() === 0 ? ['-o', 'APT::Sandbox::User=root'] : []),
  ];
}

function sourceFiles(): readonly string[] {
  const parts = path.join(ETC_APT, 'sources.list.d');
  const in_parts = existsSync(parts) ? readdirSync(parts).map((name) => path.join(parts, name)) : [];
  return [path.join(ETC_APT, 'sources.list'), ...in_parts.sort()].filter((file) => existsSync(file));
}
