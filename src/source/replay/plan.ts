/**
 * Decides whether compiling single files is enough for a patch, and which.
 */
import type { PlannedFile } from '../patch-series.js';
import type { PatchPlan } from '../patch-series.js';
import { linkedObjects } from '../linked-objects.js';
import { hasRelativeRecords } from '../tree.js';
import type { XenVersion } from '../tree.js';
import { buildFiles } from '../write-plan.js';
import { FileTimes, builtArches, editsSinceBuild, isForeign } from './freshness.js';
import { kindOf } from './path-kinds.js';
import { findReach } from './reach.js';
import type { Reach } from './reach.js';
import { refuse } from './refusal.js';
import type { Refusal } from './refusal.js';
import { listBuilt, realPath } from './tree-listing.js';
import type { TreeListing } from './tree-listing.js';
import { hasRenamingStep } from './unique-symbols.js';

export interface ReplayPlan {
  readonly listing: TreeListing;
  readonly times: FileTimes;
  readonly linked: readonly string[];
  readonly reach: Reach;
  /** What the patch changes below xen/. */
  readonly changed: readonly PlannedFile[];
}

/** Plans the replay of `plan` in the built tree at `top` (absolute). Throws operating system errors. */
export async function planReplay(
  top: string,
  version: XenVersion,
  plan: PatchPlan,
): Promise<ReplayPlan | { readonly refused: Refusal }> {
  if (!hasRelativeRecords(version))
    return refuse('old-tree', 'before 4.17 the records of the build name no paths that can be followed');
  const xen = `${top}/xen`;
  const listing = listBuilt(xen);
  if ('refused' in listing) return listing;
  const touched = touchedSources(plan, builtArches(listing));
  if ('refused' in touched) return touched;
  const times = new FileTimes(xen);
  const edits = editsSinceBuild(listing, top, times);
  if ('refused' in edits) return edits;
  const linked = await linkedObjects(xen);
  const real = new Set(touched.changed.map(({ path }) => realPath(listing, path.slice('xen/'.length))));
  const reach = findReach(listing, linked, { touched: real, edited: edits.edited });
  if ('refused' in reach) return reach;
  const renamed = reach.units.some(({ command, object }) => command.output !== object);
  if (renamed && !hasRenamingStep(xen))
    return refuse('unknown-record', 'xen/Rules.mk makes objects in a way that is not known');
  return { listing, times, linked, reach, changed: touched.changed };
}

/** The sources among what the patch changes; refused if it changes what decides about other files. */
function touchedSources(
  plan: PatchPlan,
  arches: ReadonlySet<string>,
): { readonly changed: readonly PlannedFile[] } | { readonly refused: Refusal } {
  const changed: PlannedFile[] = [];
  for (const file of buildFiles(plan)) {
    const kind = kindOf(file.path);
    if (kind === 'bystander' || isForeign(file.path, arches)) continue;
    if (kind !== 'source') return refuse(kind.kind, `${file.path} ${kind.what}`);
    const { before, after } = file;
    if (before === undefined) return refuse('created-removed', `the patch creates ${file.path}`);
    if (after === undefined) return refuse('created-removed', `the patch removes ${file.path}`);
    if (before.mode !== after.mode)
      return refuse('created-removed', `the patch changes the permissions of ${file.path}`);
    changed.push(file);
  }
  return { changed };
}
