/**
 * Reads quilt's `series` file: which patches make up a stack, in order.
 *
 *   # a comment
 *   fix-one.patch
 *   dir/fix-two.patch -p0        # leading components that -pN removes from names of files; 1 unless said
 *
 * Names are relative to the folder of the series file. `-pab` means names of files as in a/x and b/x, which is
 * `-p1`. A patch that is to be applied in reverse (`-R`) is refused: its author should say so in a patch.
 */
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import { frameOf } from '../diag/frame.js';
import { withoutControls } from '../diag/printable.js';
import type { PatchInput } from './patch-input.js';
import { errnoOf } from '../system-error.js';

/** A series of more bytes or patches is no series. */
const MOST_BYTES = 1 << 20;
const MOST_PATCHES = 10_000;
/** Deepest -pN that is believed. */
const DEEPEST = 20;

/** The patches of the series file at `path`. Reports XS830, and then returns undefined. */
export async function readSeries(path: string, report: Report): Promise<readonly PatchInput[] | undefined> {
  const refuse = (message: string, line?: number, source = ''): undefined => {
    const at = { object: path, ...(line !== undefined && { line }) };
    const hint = 'a line holds the name of a patch and, perhaps, -pN; comments begin with #';
    const frame = line === undefined ? [] : frameOf(source, line, 1, source.length);
    report(diagnostic('XS830', { message, at, frame, hint }));
    return undefined;
  };
  let text: string;
  try {
    const bytes = await readFile(path);
    if (bytes.length > MOST_BYTES)
      return refuse(`${String(bytes.length)} bytes are too many for a series file`);
    text = bytes.toString('utf8');
  } catch (error) {
    return refuse(`cannot read the series file: ${errnoOf(error)}`);
  }
  const patches: PatchInput[] = [];
  for (const [k, line] of text.split('\n').entries()) {
    const [name, ...options] = line
      .replace(/(^|\s)#.*$/, '')
      .split(/\s+/)
      .filter((word) => word !== '');
    if (name === undefined) continue;
    const strip = stripOf(options);
    if (strip === undefined) {
      const wrong = withoutControls(options.join(' '));
      return refuse(`cannot follow '${wrong}'`, k + 1, line);
    }
    if (patches.length >= MOST_PATCHES)
      return refuse(`more than ${String(MOST_PATCHES)} patches`, k + 1, line);
    patches.push({ path: isAbsolute(name) ? name : join(dirname(path), name), strip });
  }
  return patches.length > 0 ? patches : refuse('the series file names no patch');
}

/** What the options behind a name come to; undefined for others than -pN. */
function stripOf(options: readonly string[]): number | undefined {
  let strip = 1;
  for (const option of options) {
    const depth = option === '-pab' ? 1 : Number(/^-p(\d{1,2})$/.exec(option)?.[1] ?? NaN);
    if (!(depth <= DEEPEST)) return undefined;
    strip = depth;
  }
  return strip;
}
