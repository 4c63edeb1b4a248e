/** The objects of a built tree, for those who compare them with the hypervisor that runs. Nothing is built. */
import { join } from 'node:path';
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import { linkInputs } from './linked-objects.js';
import { inspectTree } from './tree.js';

export interface BaseObjectPath {
  /** Relative to xen/, as the tree calls it. */
  readonly object: string;
  readonly path: string;
  /** Of an archive: linked only if something needs it. */
  readonly member: boolean;
}

/**
 * What is linked into the hypervisor of a built tree, by the top of its source or its xen/ folder. Reports XS801 where
 * no Xen source is, XS853 where one was not built; then undefined.
 */
export async function baseObjects(
  sourceDir: string,
  report: Report,
): Promise<readonly BaseObjectPath[] | undefined> {
  const tree = await inspectTree(sourceDir, report);
  if (tree === undefined) return undefined;
  const xen = join(tree.top, 'xen');
  const inputs = tree.built ? await linkInputs(xen) : new Map<string, boolean>();
  const found = [...inputs].map(([object, member]) => ({ object, path: join(xen, object), member }));
  if (found.length > 0) return found;
  report(
    diagnostic('XS853', {
      message: `the tree ${sourceDir} was not built: there are no objects to compare`,
      at: { object: sourceDir },
      hint: 'build it first (make -C xen), with the .config and the compiler of the running hypervisor',
    }),
  );
  return undefined;
}
