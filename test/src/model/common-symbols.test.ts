/** A variable that is a common symbol on one side and has its place in .bss on the other. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { changedNames, compareObjects, imageOf, linkObjects } from '../../support/in-memory.js';

const FUNCTION = { type: c.STT_FUNC, size: 7 } as const;

/** A function that reads a variable, and another one of some version. */
function objectOf(at: number, version: number, more: (object: ElfBuilder) => ElfBuilder): ElfBuilder {
  return more(
    new ElfBuilder()
      .text('.text.f', [0x8b, 0x05, 0, 0, 0, 0, 0xc3])
      .text('.text.g', [0x8b, 0x05, 0, 0, 0, 0, version])
      .symbol('f', { section: '.text.f', ...FUNCTION })
      .symbol('g', { section: '.text.g', ...FUNCTION }),
  )
    .rela('.text.f', 2, c.R_X86_64_PC32, 'turns', at - 4)
    .rela('.text.g', 2, c.R_X86_64_PC32, 'turns', at - 4);
}

const common =
  (size: number) =>
  (object: ElfBuilder): ElfBuilder =>
    object.symbol('turns', { place: 'common', type: c.STT_OBJECT, size, value: 8 });
const placed =
  (section: '.bss' | '.data', size: number, value = 0) =>
  (object: ElfBuilder): ElfBuilder => {
    const home =
      section === '.bss' ? object.bss(section, size) : object.data(section, new Uint8Array(size).fill(value));
    return home.symbol('turns', { section, type: c.STT_OBJECT, size });
  };

describe('a common symbol', () => {
  test('is the variable of its name that has a place on the other side', () => {
    for (const place of [placed('.bss', 8), placed('.data', 8)]) {
      expect(compareObjects(objectOf(4, 0xc3, common(8)), objectOf(4, 0xc3, place)).verdict).toBe(
        'unchanged',
      );
      expect(compareObjects(objectOf(4, 0xc3, place), objectOf(4, 0xc3, common(8))).verdict).toBe(
        'unchanged',
      );
    }
  });

  test('that is reached at another place counts as a change', () => {
    expect(
      changedNames(compareObjects(objectOf(0, 0xc3, common(8)), objectOf(4, 0xc3, placed('.bss', 8)))),
    ).toEqual(['f', 'g']);
  });

  test('that got another size or an initial value is refused', () => {
    const refusals = [
      compareObjects(objectOf(0, 0xc3, common(8)), objectOf(0, 0xc3, common(16))),
      compareObjects(objectOf(0, 0xc3, common(8)), objectOf(0, 0xc3, placed('.bss', 16))),
      compareObjects(objectOf(0, 0xc3, common(8)), objectOf(0, 0xc3, placed('.data', 8, 1))),
      compareObjects(objectOf(0, 0xc3, placed('.data', 8, 1)), objectOf(0, 0xc3, common(8))),
    ];
    for (const { diagnostics } of refusals)
      expect(diagnostics.map(({ code, at }) => `${code} ${at?.symbol ?? ''}`)).toEqual(['XS302 turns']);
  });

  test('is found in the hypervisor by its name, and does not come along', async () => {
    const diff = compareObjects(objectOf(4, 0xc3, common(8)), objectOf(4, 0xcb, placed('.bss', 8)));
    expect(changedNames(diff)).toEqual(['g']);
    const linked = await linkObjects([diff], imageOf(objectOf(4, 0xc3, placed('.bss', 8))));
    expect(linked.codes).toEqual([]);
    expect(linked.payload?.resolved.bindings.map(({ name }) => name)).toEqual(['turns']);
  });
});
