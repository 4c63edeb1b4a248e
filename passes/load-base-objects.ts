/** Reads: base-objects. Makes: base-object. Assumes: nothing about the files. Reports: XS104. Effect: reads files. */
import type { Weighed } from '../src/engine/execute.js';
import type { Feed, PassContext } from '../src/engine/pass.js';
import type { BaseObject, BaseObjects } from '../src/model/base-artifacts.js';
import { readRegularFile } from '../src/read-file.js';

/** Reads the objects of a tree into shared memory, where worker threads see them, and the image, without a copy. */
export const loadBaseObjects: Feed<BaseObjects, BaseObject> = {
  name: 'load-base-objects',
  reads: 'base-objects',
  makes: 'base-object',
  items: loadAll,
  count: ({ objects }) => objects.length,
};

function* loadAll(
  { image, objects, question }: BaseObjects,
  ctx: PassContext,
): Generator<Weighed<BaseObject>> {
  for (const { object, path, member } of objects) {
    const bytes = readRegularFile(path, ctx.report, shared);
    if (bytes === undefined) continue;
    // Where single functions are wanted, most objects are only looked at.
    const weight = question.wanted === null ? bytes.length : bytes.length >> 4;
    yield { item: { object, member, bytes, image, question }, weight };
  }
}

const shared = (bytes: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(bytes));
