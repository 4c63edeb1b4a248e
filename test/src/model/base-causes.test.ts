/** Why a tree is not that of an image: what the files say comes before what can only be guessed. */
import { describe, expect, test } from '@jest/globals';
import type { ObjectProof, UnprovenFunction } from '../../../src/model/base-artifacts.js';
import { causesOf } from '../../../src/model/base-causes.js';
import { linkedImage } from '../../../src/xen/linked-image.js';
import type { LinkedImage } from '../../../src/xen/linked-image.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { imageOf } from '../../support/in-memory.js';

function differing(name: string, kind: 'size' | 'missing'): UnprovenFunction {
  const nowhere = { size: 1, place: 0, imageSize: 2, at: 0, reasons: ['it differs'], excerpt: null };
  return { ...nowhere, object: 'common/a.o', name, verdict: 'differs', kind };
}

function proof(more: Partial<ObjectProof> = {}): ObjectProof {
  const none = { compilers: ['GCC: 12'], asserts: false, diagnostics: [] };
  return { object: 'common/a.o', member: false, proven: ['p'], unproven: [], ...none, ...more };
}

/** `asserts`: bytes of frames of asserts. */
function image(compiler: string, asserts: number): LinkedImage {
  const object = new ElfBuilder()
    .text('.text', new Array<number>(16).fill(0x90))
    .symbol('__stop_bug_frames_2', { section: '.text', value: 0 })
    .symbol('__stop_bug_frames_3', { section: '.text', value: asserts })
    .section('.comment', [...Buffer.from(`${compiler}\0`)]);
  return linkedImage(imageOf(object));
}

const texts = (running: LinkedImage, objects: readonly ObjectProof[]): string[] =>
  causesOf(running, objects).map(({ text, certain }) => `${certain ? '!' : '?'} ${text}`);

describe('causes', () => {
  const one = [differing('f', 'size')];

  test('are not looked for when nothing differs', () => {
    expect(texts(image('GCC: 13', 8), [proof()])).toEqual([]);
  });

  test('another compiler and a debug build are told by the files', () => {
    const [compiler, debug] = texts(image('GCC: 13', 0), [proof({ unproven: one, asserts: true })]);
    expect(compiler).toBe('! another compiler: the objects were made by GCC: 12, the image by GCC: 13');
    expect(debug).toContain('! the objects are of a debug build and the image is of a release build');
    const many = Array.from({ length: 20 }, () => proof());
    const release = texts(image('GCC: 12', 8), [...many, proof({ unproven: one })]);
    expect(release[0]).toContain('! the objects are of a release build and the image is of a debug build');
    // One object without asserts says nothing.
    expect(texts(image('GCC: 12', 8), [proof({ unproven: one })])[0]).toMatch(/^\?/);
  });

  test('few functions are a patch, many another build', () => {
    expect(texts(image('GCC: 12', 0), [proof({ unproven: one })])).toEqual([
      '? 1 function differs, in common/a.o: a patch that only one side has, another .config, or other options of the compiler',
    ]);
    const many = Array.from({ length: 40 }, (_, k) => differing(`f${k}`, 'size'));
    expect(texts(image('GCC: 12', 0), [proof({ unproven: many })])).toEqual([
      '? 40 of 41 functions differ, 40 of them in size: it is another release, configuration (.config) or set of compiler options, not a patch',
    ]);
  });

  test('functions that the image has not are named', () => {
    const missing = ['a', 'b', 'c', 'd'].map((name) => differing(name, 'missing'));
    expect(texts(image('GCC: 12', 0), [proof({ unproven: missing })])).toEqual([
      '? the image does not have a, b, c and 1 more: another configuration (.config), or a patch that only the source has',
    ]);
  });
});
