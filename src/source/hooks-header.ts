/**
 * The header that patch authors include to write hooks: part of this package, put into the scratch tree beside the
 * tree's own headers, so that a patch needs no copy of it. A file of that name that the tree has is left alone.
 */
import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errnoOf, isSystemError } from '../system-error.js';

/** This file runs as dist/src/source/hooks-header.js; the header lies with the sources. */
export const HOOKS_HEADER = fileURLToPath(new URL('../../../src/xen/xsplice-hooks.h', import.meta.url));

/** Copies the header to include/xen of `xen`, the absolute xen/ folder of a scratch tree. */
export async function installHooksHeader(xen: string): Promise<void> {
  try {
    await copyFile(HOOKS_HEADER, join(xen, 'include/xen/xsplice-hooks.h'), constants.COPYFILE_EXCL);
  } catch (thrown) {
    if (!isSystemError(thrown) || errnoOf(thrown) !== 'EEXIST') throw thrown;
  }
}
