/**
 * A miniature tree of Xen with an image of it: enough to go the whole way from -s and -p to a payload. What the
 * hypervisor would do with that is not asked, so the image need not be one that runs.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildTree, makeTree } from '../src/source/mini-tree.js';

/** Programs that a linked miniature tree needs. */
export const TREE_TOOLS = ['gcc', 'make', 'ld', 'objcopy', 'flex', 'bison', 'python3'];

/** A built tree whose xen/xen-syms is linked, with a build-id; returns its top. */
export function linkedTree(changes: Readonly<Record<string, string>> = {}): string {
  // The date is in the image, and two trees are to be of one hypervisor.
  process.env['XEN_BUILD_DATE'] = 'some day';
  const top = buildTree(makeTree({ 'xen/common/one.c': ONE, ...changes }));
  const link = ['-o', 'xen-syms', '-Ttext=0x200000', '-e', '0', '--build-id=sha1', 'prelink.o'];
  execFileSync('ld', link, { cwd: join(top, 'xen'), stdio: 'pipe' });
  return top;
}

/** A function with room for the jump over it. */
export const ONE =
  '#include <xen/lib.h>\n\nint one(int x)\n{\n    return triple(x) + triple(x + 7) * triple(x + 1);\n}\n';
