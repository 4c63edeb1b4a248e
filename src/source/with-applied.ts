/**
 * The source stage on top of earlier patches: the same stage, on a copy of the tree that has them.
 */
import { dirname, resolve } from 'node:path';
import type { Report } from '../diag/diagnostic.js';
import { makeAppliedTree, nameOwnTree } from './applied-tree.js';
import type { Patch } from './patch-input.js';
import { buildObjectPairs, reportStop } from './source-stage.js';
import type { PatchRecord } from './patch-series.js';
import type { SourceRequest, SourceResult } from './request.js';
import { sourceIdentity } from './source-identity.js';
import type { FileHashes } from './source-identity.js';
import { inspectTree } from './tree.js';

/** What the source stage did, with earlier patches on both sides. */
export interface StackedSourceResult extends SourceResult {
  /** The earlier patches, oldest first. */
  readonly applied: readonly PatchRecord[];
  /** Hashes of the files that decided the compared objects; to be called before `dispose`. */
  readonly identify: () => Promise<FileHashes>;
}

/**
 * As buildObjectPairs, with the patches of `applied` on both sides. Without any it is the same.
 * Reports XS801 to XS819; returns undefined if one of them is an error.
 */
export async function buildOnTop(
  request: SourceRequest,
  applied: readonly Patch[],
  report: Report,
): Promise<StackedSourceResult | undefined> {
  if (applied.length === 0) {
    const result = await buildObjectPairs(request, report);
    return result && { ...result, applied: [], identify: () => identify(request, result) };
  }
  const own = resolve(request.sourceDir);
  const tree = await makeAppliedTree(request, applied, report).catch((error: unknown) => {
    reportStop(error, request, report);
    return undefined;
  });
  if (tree === undefined) return undefined;
  const { sourceDir, dispose } = tree;
  let done = false;
  try {
    const result = await buildObjectPairs({ ...request, sourceDir }, (found) =>
      report(nameOwnTree(found, sourceDir, own)),
    );
    if (result === undefined) return undefined;
    // Before anything else is compiled in the copy, which may hold the records.
    const files = await identify(request, result);
    const both = async (): Promise<void> => {
      await result.dispose();
      await dispose();
    };
    done = true;
    return { ...result, applied: tree.applied, identify: () => Promise.resolve(files), dispose: both };
  } finally {
    if (!done) await dispose();
  }
}

async function identify(request: SourceRequest, result: SourceResult): Promise<FileHashes> {
  const tree = await inspectTree(request.sourceDir, () => undefined);
  // Records lie where the configuration does: in the scratch copy, or in the base that was not copied.
  const built = dirname(result.configFile);
  const objects = result.pairs.map(({ object }) => object);
  return tree === undefined ? {} : sourceIdentity(tree.top, built, objects);
}
