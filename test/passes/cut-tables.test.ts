/** Jump tables of several functions in one section, and what must stay in one piece. */
import { describe, expect, test } from '@jest/globals';
import { bundleSymbols } from '../../passes/bundle-symbols.js';
import { cutTables } from '../../passes/cut-tables.js';
import { resolveReferences } from '../../passes/resolve-references.js';
import * as c from '../../src/elf/constants.js';
import { runChain } from '../../src/engine/execute.js';
import { chainOf } from '../../src/engine/pass.js';
import type { ModelPair, PairDiff, ParsedPair } from '../../src/model/artifacts.js';
import type { ObjectModel } from '../../src/model/object-model.js';
import { TARGETS } from '../../src/xen/versions.js';
import { ElfBuilder } from '../support/elf-builder.js';
import { changedNames, compareObjects, listAtoms } from '../support/in-memory.js';

const LEA = [0x48, 0x8d, 0x05, 0, 0, 0, 0];
const FUNCTION = [...LEA, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xc3];

/** Each function takes one address in .rodata: a function's name -> offset there. */
type Addresses = Readonly<Record<string, number>>;
/** An element of 8 bytes: where it leads, or plain bytes. */
type Element = { readonly to: string; readonly place: number } | readonly number[];

function objectOf(addresses: Addresses, elements: readonly Element[]): ElfBuilder {
  const object = new ElfBuilder()
    .text(
      '.text',
      Object.keys(addresses).flatMap(() => FUNCTION),
    )
    .section(
      '.rodata',
      elements.flatMap((element) => ('to' in element ? [0, 0, 0, 0, 0, 0, 0, 0] : [...element])),
      { flags: c.SHF_ALLOC, align: 8 },
    );
  Object.entries(addresses).forEach(([name, at], k) => {
    const value = 16 * k;
    object.symbol(name, { section: '.text', type: c.STT_FUNC, size: 16, value });
    object.rela('.text', value + 3, c.R_X86_64_PC32, { section: '.rodata' }, at - 4);
  });
  elements.forEach((element, k) => {
    if (!('to' in element)) return;
    const home = 16 * Object.keys(addresses).indexOf(element.to);
    object.rela('.rodata', 8 * k, c.R_X86_64_64, { section: '.text' }, home + element.place);
  });
  return object;
}

const CHAIN = chainOf<ParsedPair, PairDiff>('cut')
  .then(bundleSymbols)
  .then(resolveReferences)
  .then(cutTables)
  .end({
    ...{ name: 'keep', reads: 'model-pair', makes: 'pair-diff' },
    each: (pair: ModelPair) => {
      kept = pair.orig;
      return { done: { object: pair.object } as unknown as PairDiff };
    },
  });
let kept: ObjectModel | undefined;

/** Extents of the pieces of .rodata. */
function pieces(object: ElfBuilder): string[] {
  kept = undefined;
  const file = object.read();
  runChain(CHAIN, [{ object: 'x.o', orig: file, patched: file }], { target: TARGETS.xen, verifyEach: true });
  if (kept === undefined) throw new Error('the chain did not come to its end');
  return listAtoms(kept)
    .filter((line) => line.includes('.rodata'))
    .map((line) => line.replace(/^literal - \.rodata/, ''));
}

const to = (name: string, ...places: readonly number[]): Element[] =>
  places.map((place) => ({ to: name, place }));
const VALUE = [1, 2, 3, 4, 5, 6, 7, 8];
const NOTHING = [0, 0, 0, 0, 0, 0, 0, 0];

describe('cut-tables', () => {
  test('parts the jump tables of two functions', () => {
    expect(pieces(objectOf({ f: 0, g: 16 }, [...to('f', 7, 9), ...to('g', 7, 8, 9)]))).toEqual([
      '+0 16',
      '+16 24',
    ]);
  });

  test('leaves two tables of one function together', () => {
    const object = objectOf({ f: 0, g: 24 }, [...to('f', 7, 9, 8), ...to('g', 7, 8)]);
    object.rela('.text', 10, c.R_X86_64_32S, { section: '.rodata' }, 8);
    expect(pieces(object)).toEqual(['+0 24', '+24 16']);
  });

  test('parts tables from zeros and from values on one side', () => {
    expect(pieces(objectOf({ f: 0, g: 24 }, [...to('f', 7, 9), NOTHING, VALUE]))).toEqual([
      '+0 16',
      '+16 16',
    ]);
  });

  test('cuts nothing when values lie on both sides: an address may be that of either', () => {
    expect(pieces(objectOf({ f: 8, g: 0, h: 24 }, [VALUE, ...to('f', 7, 9), VALUE]))).toEqual(['+0 32']);
  });

  test('cuts at no table that another function reads as well', () => {
    // That of g is cut off all the same; what is before it stays one piece.
    const shared = objectOf({ f: 0, g: 16, h: 8 }, [...to('f', 7, 9), ...to('g', 7, 8)]);
    expect(pieces(shared)).toEqual(['+0 16', '+16 16']);
    const changed = objectOf({ f: 0, g: 16, h: 8 }, [...to('f', 9, 7), ...to('g', 7, 8)]);
    expect(changedNames(compareObjects(shared, changed))).toEqual(['f', 'h']);
    expect(pieces(objectOf({ f: 0, g: 8 }, [...to('f', 7, 9), VALUE]))).toEqual(['+0 24']);
    const pointed = objectOf({ f: 0, g: 16 }, [...to('f', 7, 9), VALUE])
      .section('.data', NOTHING, { flags: c.SHF_ALLOC | c.SHF_WRITE })
      .rela('.data', 0, c.R_X86_64_64, { section: '.rodata' }, 8);
    expect(pieces(pointed)).toEqual(['+0 24']);
  });

  test('cuts nothing when an address lies before or behind the data', () => {
    expect(pieces(objectOf({ f: 0, g: 16, h: -8 }, [...to('f', 7, 9), ...to('g', 7, 8)]))).toEqual(['+0 32']);
    expect(pieces(objectOf({ f: 0, g: 16, h: 64 }, [...to('f', 7, 9), ...to('g', 7, 8)]))).toEqual(['+0 32']);
  });

  test('cuts nothing whose start nobody takes', () => {
    expect(pieces(objectOf({ f: 8, g: 16 }, [...to('f', 7, 9), VALUE]))).toEqual(['+0 24']);
  });

  test('makes a change in one table a change of its function alone', () => {
    const orig = objectOf({ f: 0, g: 16 }, [...to('f', 7, 9), ...to('g', 7, 8)]);
    const diff = compareObjects(orig, objectOf({ f: 0, g: 16 }, [...to('f', 7, 9), ...to('g', 8, 7)]));
    expect(changedNames(diff)).toEqual(['g']);
    expect(
      changedNames(compareObjects(orig, objectOf({ f: 0, g: 24 }, [...to('f', 7, 9, 8), ...to('g', 7, 8)]))),
    ).toEqual(['f']);
  });
});
