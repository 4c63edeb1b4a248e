/** Reads: object-paths. Makes: pair-bytes. Assumes: nothing about the files. Reports: XS104. Effect: reads files. */
import type { Weighed } from '../src/engine/execute.js';
import type { Feed, PassContext } from '../src/engine/pass.js';
import type { ObjectPaths, PairBytes } from '../src/model/artifacts.js';
import { asBuffer } from '../src/elf/read.js';
import { readRegularFile } from '../src/read-file.js';

/**
 * Reads both sides of every pair. Most pairs of two builds are equal byte for byte: these are recognised here,
 * in two buffers that are used again and again, and cost no memory. The others go into shared memory, where
 * worker threads see them without a copy.
 */
export const loadObjects: Feed<ObjectPaths, PairBytes> = {
  name: 'load-objects',
  reads: 'object-paths',
  makes: 'pair-bytes',
  items: loadPairs,
  count: ({ pairs }) => pairs.length,
};

function* loadPairs(paths: ObjectPaths, ctx: PassContext): Generator<Weighed<PairBytes>> {
  const scratch = { orig: Buffer.alloc(1 << 20), patched: Buffer.alloc(1 << 20) };
  const asked = (ctx.explain ?? []).length > 0;
  for (const { object, orig, patched } of paths.pairs) {
    const x = orig === undefined ? undefined : readInto(scratch, 'orig', orig, ctx);
    const y = patched === undefined ? undefined : readInto(scratch, 'patched', patched, ctx);
    const weight = (x?.length ?? 0) + (y?.length ?? 0);
    if (x !== undefined && y !== undefined && x.equals(y)) {
      // A function that is asked for may be the same.
      const both = asked ? share(x) : undefined;
      const item = { object, identical: true, ...(both && { orig: both, patched: both }) };
      yield { item, weight: asked ? weight : 0 };
    } else
      yield {
        item: { object, identical: false, ...(x && { orig: share(x) }), ...(y && { patched: share(y) }) },
        weight,
      };
  }
}

/** The file's bytes in the scratch buffer of that side, valid until the next call for it. */
function readInto(
  scratch: { orig: Buffer; patched: Buffer },
  side: 'orig' | 'patched',
  path: string,
  ctx: PassContext,
): Buffer | undefined {
  const bytes = readRegularFile(path, ctx.report, (size) => {
    if (scratch[side].length < size) scratch[side] = Buffer.alloc(2 ** Math.ceil(Math.log2(size)));
    return scratch[side];
  });
  return bytes && asBuffer(bytes);
}

function share(bytes: Buffer): Uint8Array {
  const shared = asBuffer(new Uint8Array(new SharedArrayBuffer(bytes.length)));
  bytes.copy(shared);
  return shared;
}
