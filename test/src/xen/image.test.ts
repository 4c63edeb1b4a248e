/** The linked hypervisor: names as Xen's own table has them, the build-id, and bytes at addresses. */
import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import * as c from '../../../src/elf/constants.js';
import { findBuildId, imageBytes, readXenImage, stableSymbolName } from '../../../src/xen/image.js';
import { ElfBuilder, patchedHeader, patchedSection } from '../../support/elf-builder.js';
import { imageBytesOf, imageOf } from '../../support/in-memory.js';

const local = (value: number, type: number = c.STT_FUNC) => ({
  section: '.text',
  value,
  size: 4,
  type,
  bind: c.STB_LOCAL,
});
const file = { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL } as const;

function refusalOf(bytes: Uint8Array): string[] {
  const found: Diagnostic[] = [];
  expect(readXenImage('xen-syms', bytes, (d) => found.push(d))).toBeUndefined();
  return found.map((d) => `${d.code}: ${d.message}`);
}

describe('symbols', () => {
  const image = imageOf(
    new ElfBuilder()
      .text('.text', new Uint8Array(64))
      .symbol('early', local(0))
      .symbol('common/a.c', file)
      .symbol('f', local(4))
      .symbol('count.12', local(8, c.STT_OBJECT))
      .symbol('common/b.c', file)
      .symbol('f', local(12))
      .symbol('count.3', local(16, c.STT_OBJECT))
      .symbol('count.4', local(20, c.STT_OBJECT))
      .symbol('f', { section: '.text', value: 24, size: 4, type: c.STT_FUNC })
      .symbol('__end', { place: 'abs', value: 1 }),
  );

  test('are spelt with the file that precedes them when they are local', () => {
    expect(image.symbols.map((s) => s.name)).toEqual([
      'early',
      'common/a.c#f',
      'common/a.c#count.12',
      'common/b.c#f',
      'common/b.c#count.3',
      'common/b.c#count.4',
      'f',
    ]);
  });

  test('are found by their name, and static locals without their number', () => {
    expect(image.byName.get('common/b.c#f')?.map((k) => image.symbols[k].address)).toEqual([12n]);
    expect(image.byStableName.get('common/b.c#count')).toHaveLength(2);
    expect(image.byStableName.get('common/a.c#count')).toHaveLength(1);
    expect(image.byStableName.get('f')).toBeUndefined();
  });

  test('keep dots of their file name', () => {
    expect(stableSymbolName('arch/x86/x86_64/mm.c#count.12')).toBe('arch/x86/x86_64/mm.c#count');
    expect(stableSymbolName('common/a.12#f')).toBe('common/a.12#f');
    expect(stableSymbolName('count.12')).toBe('count');
  });
});

describe('the build-id', () => {
  test('is the descriptor of the first note', () => {
    const image = imageOf(new ElfBuilder().text('.text', [0xc3]).symbol('f', { section: '.text' }));
    expect(Buffer.from(image.buildId).toString('hex')).toBe('deadbeef');
    expect(findBuildId(image.file, '.note.none')).toBeUndefined();
  });
});

describe('bytes at an address', () => {
  test('are those of the section that holds all of them', () => {
    const bytes = imageBytesOf(
      new ElfBuilder()
        .text('.text', [1, 2, 3, 4, 5, 6, 7, 8])
        .bss('.bss', 16)
        .symbol('f', { section: '.text', type: c.STT_FUNC, size: 4 }),
    );
    const placed = patchedSection(
      patchedSection(bytes, '.text', 'sh_addr', 0xffff82d040200000n),
      '.bss',
      'sh_addr',
      0xffff82d040300000n,
    );
    const image = readXenImage('xen-syms', placed, () => undefined);
    if (image === undefined) throw new Error('no image');
    expect(imageBytes(image, 0xffff82d040200002n, 4)).toEqual(Uint8Array.of(3, 4, 5, 6));
    expect(imageBytes(image, 0xffff82d040200006n, 4)).toBeUndefined();
    expect(imageBytes(image, 0xffff82d0401fffffn, 1)).toBeUndefined();
    expect(imageBytes(image, 0xffff82d040300000n, 4)).toBeUndefined();
  });
});

describe('refused as an image', () => {
  const object = (): ElfBuilder => new ElfBuilder().text('.text', [0xc3]).symbol('f', { section: '.text' });

  test('is an object, what has no symbols, and what has no build-id', () => {
    expect(refusalOf(object().bytes())).toEqual([expect.stringMatching(/^XS404.*no linked image/)]);
    expect(refusalOf(imageBytesOf(new ElfBuilder().text('.text', [0xc3])))).toEqual([
      expect.stringMatching(/^XS404.*no symbol table/),
    ]);
    expect(refusalOf(patchedHeader(object().bytes(), 'e_type', c.ET_EXEC))).toEqual([
      expect.stringMatching(/^XS404.*no GNU build-id note/),
    ]);
  });

  test('is what is no ELF file at all', () => {
    expect(refusalOf(Buffer.from('#!/bin/sh\n'))).toEqual([expect.stringMatching(/^XS101/)]);
  });
});
