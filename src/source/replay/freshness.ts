/**
 * When an object that is there may stand for the original, and when a tree is not what its records say.
 *
 * An object is *as recorded* if nothing that it was made from was changed after it was written. For each input, both
 * times of the file count: the modification time, which make asks, and the change time, which no program can set back;
 * so a source that was replaced by an older one is seen, where make would not see it. In a tree that was copied all
 * change times are new, and then originals are compiled: dearer, never wrong. Assembly is always compiled, because
 * files that it takes in with .incbin are in no record.
 *
 * Records tell what was built, so an edit since then counts: of a source file, it makes objects stale, which the above
 * sees; of a makefile, a generator or the configuration, it makes the records themselves doubtful, and make decides.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compilerOf } from '../compiler.js';
import { kindOf } from './path-kinds.js';
import type { Unit } from './reach.js';
import { refuse } from './refusal.js';
import type { Refusal } from './refusal.js';
import { targetOf } from './records.js';
import type { TreeListing } from './tree-listing.js';

/** Times of files of one tree in milliseconds, asked for once. */
export class FileTimes {
  private readonly latest = new Map<string, number>();

  constructor(private readonly xen: string) {}

  /** When a file was last written or changed in any way; infinitely late if it is not there. */
  changed(path: string): number {
    const before = this.latest.get(path);
    if (before !== undefined) return before;
    const info = statSync(join(this.xen, path), { throwIfNoEntry: false });
    const time = info === undefined ? Infinity : Math.max(info.mtimeMs, info.ctimeMs);
    this.latest.set(path, time);
    return time;
  }

  /** When a file was last written; infinitely early if it is not there. */
  written(path: string): number {
    return statSync(join(this.xen, path), { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
  }
}

/** Whether the unit's object (its bytes are `object`) is as recorded, and made by the compiler of that name. */
export function isAsRecorded(
  unit: Unit,
  object: Buffer,
  compilerName: string | undefined,
  times: FileTimes,
): boolean {
  if (unit.command.source.endsWith('.S')) return false;
  if (compilerName === undefined || compilerOf(object) !== compilerName) return false;
  const written = times.written(unit.object);
  return unit.deps.every((path) => times.changed(path) < written);
}

/**
 * Looks for edits since the hypervisor's objects were last joined. Returns the sources among them, relative to xen/, or,
 * where something was edited that decides about other files, a reason to leave all to make. `top` is the absolute top of
 * the tree.
 */
export function editsSinceBuild(
  listing: TreeListing,
  top: string,
  times: FileTimes,
): { readonly edited: ReadonlySet<string> } | { readonly refused: Refusal } {
  const edited = new Set<string>();
  const built = times.written('prelink.o');
  if (built === -Infinity) return refuse('never-complete', 'the tree was not built to the end');
  const recorded = new Set(listing.records.map(targetOf));
  const arches = builtArches(listing);
  for (const path of listing.files) {
    if (recorded.has(path) || times.written(path) <= built || isForeign(`xen/${path}`, arches)) continue;
    const kind = kindOf(`xen/${path}`);
    if (kind === 'source') edited.add(path);
    if (typeof kind !== 'string')
      return refuse(kind.kind, `xen/${path} was edited after the last build and ${kind.what}`);
  }
  const config = readFolder(join(top, 'config')).map((name) => join('config', name));
  for (const path of ['Config.mk', '.config', ...config]) {
    const info = statSync(join(top, path), { throwIfNoEntry: false });
    if (info !== undefined && info.isFile() && info.mtimeMs > built)
      return refuse('makefile', `${path} was edited after the last build`);
  }
  return { edited };
}

function readFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Names of the architectures of which something was built. */
export function builtArches(listing: TreeListing): ReadonlySet<string> {
  return new Set(listing.records.flatMap((path) => /^arch\/([^/]+)\//.exec(path)?.[1] ?? []));
}

/** Whether a path below the top belongs to an architecture that is not built. */
export function isForeign(path: string, arches: ReadonlySet<string>): boolean {
  const arch = /^xen\/arch\/([^/]+)\//.exec(path)?.[1];
  return arch !== undefined && !arches.has(arch);
}
