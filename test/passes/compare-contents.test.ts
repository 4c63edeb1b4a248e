/** Pairs settled without a graph: equal in what is loaded, whatever their debug sections and tables hold. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../src/elf/constants.js';
import { XEN_TARGET } from '../../src/xen/versions.js';
import { compareContents } from '../../passes/compare-contents.js';
import { ElfBuilder } from '../support/elf-builder.js';

const CONTEXT = { target: XEN_TARGET, report: (): void => undefined };

function settled(orig: ElfBuilder, patched: ElfBuilder): boolean {
  return (
    'done' in compareContents.each({ object: 'x.o', orig: orig.read(), patched: patched.read() }, CONTEXT)
  );
}

interface Variation {
  readonly debug?: string;
  readonly code?: number;
  readonly call?: string;
  readonly addend?: number;
  readonly visibility?: number;
  readonly extra?: boolean;
  readonly align?: number;
}

function varied({
  debug = 'a',
  code = 0xc3,
  call = 'printk',
  addend = -4,
  visibility = 0,
  extra = false,
  align = 8,
}: Variation): ElfBuilder {
  const object = new ElfBuilder()
    .section('.debug_info', Buffer.from(debug), { flags: 0 })
    .text('.text.f', [0xe8, 0, 0, 0, 0, code])
    .section('.data', new Uint8Array(8), { flags: c.SHF_ALLOC | c.SHF_WRITE, align })
    .sectionSymbol('.debug_info')
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6, visibility });
  if (extra) object.symbol('alias', { section: '.text.f', type: c.STT_FUNC, size: 6 });
  return object
    .rela('.text.f', 1, c.R_X86_64_PLT32, call, addend)
    .rela('.data', 0, c.R_X86_64_64, { section: '.text.f' });
}

describe('settled is a pair', () => {
  test('that differs in debug sections, notes about the build, and numbers of sections and symbols', () => {
    expect(settled(varied({}), varied({ debug: 'something longer' }))).toBe(true);
    const renumbered = new ElfBuilder()
      .section('.comment', [1], { flags: 0 })
      .section('.debug_line', [1], { flags: 0 })
      .text('.text.f', [0xc3])
      .sectionSymbol('.debug_line')
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 1 });
    const plain = new ElfBuilder()
      .text('.text.f', [0xc3])
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 1 });
    expect(settled(plain, renumbered)).toBe(true);
  });
});

describe('left to the graph is a pair', () => {
  const differences: readonly (readonly [string, Variation])[] = [
    ['a byte of code', { code: 0xcb }],
    ['a callee', { call: 'printf' }],
    ['an addend', { addend: 0 }],
    ['a visibility', { visibility: c.STV_HIDDEN }],
    ['a symbol', { extra: true }],
    ['an alignment', { align: 16 }],
  ];
  test.each(differences)('that differs in %s', (_what, variation) => {
    expect(settled(varied({}), varied(variation))).toBe(false);
    expect(settled(varied(variation), varied({}))).toBe(false);
    expect(settled(varied(variation), varied(variation))).toBe(true);
  });

  test('of which one side is missing', () => {
    const only = compareContents.each({ object: 'x.o', orig: varied({}).read() }, CONTEXT);
    expect('next' in only).toBe(true);
  });

  test('that refers to sections which are not loaded', () => {
    const odd = (): ElfBuilder => varied({}).rela('.data', 0, c.R_X86_64_64, { section: '.debug_info' });
    expect(settled(odd(), odd())).toBe(false);
  });

  test('whose equal symbols stand for other sections', () => {
    const cross = (first: string, second: string): ElfBuilder =>
      new ElfBuilder()
        .data('.data.a', [1])
        .data('.data.b', [1])
        .data('.data.c', new Uint8Array(8))
        .rela('.data.c', 0, c.R_X86_64_64, { section: first })
        .rela('.data.c', 0, c.R_X86_64_64, { section: second });
    expect(settled(cross('.data.a', '.data.b'), cross('.data.b', '.data.a'))).toBe(false);
  });
});
