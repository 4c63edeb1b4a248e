/** One object against an image: whatever the bytes of either are, there is an answer, and no proof that is none. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runChain } from '../../src/engine/execute.js';
import type { ObjectProof } from '../../src/model/base-artifacts.js';
import { PROVE_OBJECT_CHAIN } from '../../src/pipeline.js';
import { readXenImage } from '../../src/xen/image.js';
import { linkedImage } from '../../src/xen/linked-image.js';
import { TARGETS } from '../../src/xen/versions.js';
import { Random } from '../mutations/random.js';
import { CASES } from '../support/golden-cases.js';

const OBJECT = new Uint8Array(readFileSync(join(CASES, 'base-as-it-runs', 'orig.o')));
const IMAGE = new Uint8Array(readFileSync(join(CASES, 'base-as-it-runs', 'image')));

function proofOf(
  object: Uint8Array,
  imageBytes: Uint8Array,
  wanted: readonly string[] | null = null,
): ObjectProof | undefined {
  const image = readXenImage('xen-syms', imageBytes, () => undefined);
  if (image === undefined) return undefined;
  const question = { wanted, renumbered: false, whole: true };
  const item = { object: 'common/x.o', member: false, bytes: object, image: linkedImage(image), question };
  return runChain(PROVE_OBJECT_CHAIN, [item], { target: TARGETS.xen }).results[0];
}

/** The bytes with up to four of them changed. */
function altered(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let k = random.below(4); k >= 0; k--) copy[random.below(copy.length)] = random.below(256);
  return copy;
}

describe('prove-objects', () => {
  test('proves an object to be in the image that was linked from it', () => {
    const proof = proofOf(OBJECT, IMAGE);
    expect([proof?.proven.length, proof?.unproven, proof?.diagnostics]).toEqual([8, [], []]);
  });

  test('looks at nothing but what is wanted', () => {
    const [name] = proofOf(OBJECT, IMAGE)?.proven ?? [];
    expect(proofOf(OBJECT, IMAGE, [name])?.proven).toEqual([name]);
    expect(proofOf(OBJECT, IMAGE, ['nobody'])).toMatchObject({ proven: [], unproven: [], diagnostics: [] });
  });

  test('has an answer for objects and images with bytes changed at random', () => {
    for (let seed = 0; seed < 1500; seed++) {
      const random = new Random(seed);
      const ofObject = random.chance(0.5);
      const [object, image] = ofObject ? [altered(OBJECT, random), IMAGE] : [OBJECT, altered(IMAGE, random)];
      expect(() => proofOf(object, image)).not.toThrow();
    }
  });

  test('finds every byte of the code of the image that is another', () => {
    const image = readXenImage('xen-syms', IMAGE, () => undefined);
    const text = image?.file.sections.find(({ name }) => name === '.text');
    const functions = (image?.symbols ?? []).filter(({ name }) => ['code', 'jumps', 'target'].includes(name));
    expect([text === undefined, functions.length]).toEqual([false, 3]);
    for (const { name, address, size } of functions) {
      const start = (text?.sh_offset ?? 0) + Number(address - (text?.sh_addr ?? 0n));
      for (let k = 0; k < size; k++) {
        const other = Uint8Array.from(IMAGE);
        other[start + k] ^= 0x10;
        const proof = proofOf(OBJECT, other);
        expect(proof?.unproven.map((one) => [one.name, one.verdict])).toEqual([[name, 'differs']]);
      }
    }
  });
});
