/** Reads: base-objects. Makes: base-object. Assumes: nothing about the files. Reports: XS104. Effect: reads files. */
import { readFileSync, statSync } from 'node:fs';
import type { Weighed } from '../src/engine/execute.js';
import type { Feed, PassContext } from '../src/engine/pass.js';
import type { BaseObject, BaseObjects } from '../src/model/base-artifacts.js';
import { diagnostic } from '../src/diag/diagnostic.js';

/** Reads the objects of a tree into shared memory, where worker threads see them, and the image, without a copy. */
export const loadBaseObjects: Feed<BaseObjects, BaseObject> = {
  name: 'load-base-objects',
  reads: 'base-objects',
  makes: 'base-object',
  items: loadAll,
  count: ({ objects }) => objects.length,
};

function* loadAll({ image, objects }: BaseObjects, ctx: PassContext): Generator<Weighed<BaseObject>> {
  for (const { object, path, member } of objects) {
    const bytes = readShared(path, ctx);
    if (bytes !== undefined) yield { item: { object, member, bytes, image }, weight: bytes.length };
  }
}

/** The largest file that is read, in bytes: far beyond any object, well inside what a Buffer can hold. */
const LARGEST_FILE = 2 ** 31 - 1;

function readShared(path: string, ctx: PassContext): Uint8Array | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > LARGEST_FILE)
      throw new Error(stat.isFile() ? 'it is larger than 2 GiB' : 'it is no regular file');
    const bytes = readFileSync(path);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return shared;
  } catch (thrown) {
    ctx.report(
      diagnostic('XS104', {
        message: `cannot read ${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
        at: { object: path },
        hint: 'check the path and its permissions',
      }),
    );
    return undefined;
  }
}
