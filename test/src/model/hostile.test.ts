/**
 * Objects with bytes changed at random, aimed at their tables, go through the whole lane, and what comes out as a
 * change through the linker, with all promises checked. Nothing may throw, hang, or come out malformed: what is
 * wrong with a file is a diagnostic. fast-check prints the seed of a failure.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readElf } from '../../../src/elf/read.js';
import { verifyObject } from '../../../src/elf/verify.js';
import { runChain } from '../../../src/engine/execute.js';
import type { PairDiff } from '../../../src/model/artifacts.js';
import { DIFF_PAIR_CHAIN, PAYLOAD_PIPELINE } from '../../../src/pipeline.js';
import { readXenImage } from '../../../src/xen/image.js';
import { ABIS, TARGETS } from '../../../src/xen/versions.js';
import { CASES } from '../../support/golden-cases.js';

const SUBJECTS = ['exception-table', 'alternatives', 'bug-frames-assert', 'jump-table', 'shared-section'];
const RUNS = 400;

const read = (name: string, file: string): Buffer => readFileSync(join(CASES, name, file));

function compare(orig: Uint8Array, patched: Uint8Array): PairDiff {
  const item = { object: 'common/x.o', identical: false, orig, patched };
  return runChain(DIFF_PAIR_CHAIN, [item], { target: TARGETS.xen, verifyEach: true }).results[0];
}

/** What is wrong with the payload that a difference makes; nothing when it makes none. */
async function linkedBadly(diff: PairDiff, imageBytes: Uint8Array): Promise<readonly string[]> {
  const image = readXenImage('xen-syms', imageBytes, () => undefined);
  if (image === undefined) throw new Error('the image of the case cannot be read');
  const { buildId } = image;
  const wishes = {
    abi: ABIS['livepatch-v2'],
    depends: buildId,
    xenDepends: buildId,
    prelink: false,
    replace: false,
    modinfo: [],
  };
  const payload = await PAYLOAD_PIPELINE.run(
    { kind: 'payload-request', diffs: [diff], image, stack: [], wishes },
    { target: TARGETS.xen, threads: 1, verifyEach: true },
    { diagnostics: [], timings: new Map() },
  );
  if (payload === undefined) return [];
  const wrong: string[] = [];
  const file = readElf('payload', payload.bytes, (found) => wrong.push(found.message));
  return file === undefined ? wrong : verifyObject(file);
}

/** Up to eight bytes of a file, most of them in its second half, where the tables are. */
const changes = fc.array(
  fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    fc.constantFrom(0, 1, 4, 0x7f, 0x80, 0xff),
  ),
  { minLength: 1, maxLength: 8 },
);

describe.each(SUBJECTS)('%s with bytes changed', (name) => {
  test('gets a verdict, and a payload only if it is well-formed', async () => {
    const [orig, patched, image] = [read(name, 'orig.o'), read(name, 'patched.o'), read(name, 'image')];
    await fc.assert(
      fc.asyncProperty(changes, async (edits) => {
        const mutant = Uint8Array.from(patched);
        for (const [place, value] of edits) mutant[Math.floor(Math.sqrt(place) * mutant.length)] = value;
        const diff = compare(orig, mutant);
        if (diff.verdict === 'changed') expect(await linkedBadly(diff, image)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  test('gets a verdict at whatever byte it ends', () => {
    const [orig, patched] = [read(name, 'orig.o'), read(name, 'patched.o')];
    for (let length = 0; length < patched.length; length += 7) {
      expect(compare(orig, patched.subarray(0, length)).verdict).toBe('refused');
    }
  });
});
