/** Where things lie in a payload: alignment, merged strings, tables without gaps, spaces that nothing runs through. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as c from '../../../src/elf/constants.js';
import type { OutputSection } from '../../../src/elf/write.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { compareObjects, imageOf, linkObjects } from '../../support/in-memory.js';

const LEA = [0x48, 0x8d, 0x05, 0, 0, 0, 0];

const running = (): ReturnType<typeof imageOf> =>
  imageOf(
    new ElfBuilder()
      .text('.text', new Uint8Array(64))
      .symbol('f', { section: '.text', type: c.STT_FUNC, size: 8 }),
  );

/** Links a function f that uses sections which are new; gives the payload's sections by name. */
async function linkUsing(
  build: (object: ElfBuilder) => ElfBuilder,
  uses: readonly (readonly [section: string, distance: number])[],
): Promise<Map<string, OutputSection>> {
  const plain = new ElfBuilder()
    .text('.text.f', [...LEA, 0xc3])
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 8 })
    .rela('.text.f', 3, c.R_X86_64_PC32, 'f', -4);
  const code = uses.flatMap(() => LEA).concat(0xc3);
  const patched = build(
    new ElfBuilder()
      .text('.text.f', code)
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: code.length }),
  );
  for (const [k, [section, distance]] of uses.entries())
    patched.rela('.text.f', 7 * k + 3, c.R_X86_64_PC32, { section }, distance - 4);
  const { payload, codes } = await linkObjects([compareObjects(plain, patched)], running());
  expect(codes).toEqual([]);
  return new Map(payload?.object.sections.map((section) => [section.name, section]));
}

const textOf = (section: OutputSection | undefined): string =>
  Buffer.from(section?.bytes ?? []).toString('latin1');
const addendsOf = (section: OutputSection | undefined): number[] =>
  (section?.relas ?? []).map((rela) => rela.r_addend);

describe('strings', () => {
  test('that are equal are one, those of other alignment stand apart', async () => {
    const sections = await linkUsing(
      (o) =>
        o
          .strings('.rodata.str1.1', 'same', 'same', 'other')
          .section('.rodata.str1.8', Buffer.from('same\0'), {
            flags: c.SHF_ALLOC | c.SHF_MERGE | c.SHF_STRINGS,
            entsize: 1,
            align: 8,
          }),
      [
        ['.rodata.str1.1', 0],
        ['.rodata.str1.1', 5],
        ['.rodata.str1.1', 12],
        ['.rodata.str1.8', 0],
      ],
    );
    expect(textOf(sections.get('.rodata.str1.1'))).toBe('same\0other\0');
    expect(textOf(sections.get('.rodata.str1.8'))).toBe('same\0');
    expect(addendsOf(sections.get('.text'))).toEqual([-4, -4, 5 + 2 - 4, -4]);
  });
});

describe('data', () => {
  test('keeps the alignment that it had, and no more', async () => {
    const sections = await linkUsing(
      (o) =>
        o
          .section('.data.a', [1], { flags: c.SHF_ALLOC | c.SHF_WRITE, align: 1 })
          .section('.data.b', [2, 2, 2, 2], { flags: c.SHF_ALLOC | c.SHF_WRITE, align: 4 })
          .section('.data.c', new Uint8Array(64).fill(3), { flags: c.SHF_ALLOC | c.SHF_WRITE, align: 64 })
          .symbol('a', { section: '.data.a', type: c.STT_OBJECT, size: 1 })
          .symbol('b', { section: '.data.b', type: c.STT_OBJECT, size: 4 })
          .symbol('c', { section: '.data.c', type: c.STT_OBJECT, size: 64 }),
      [
        ['.data.a', 0],
        ['.data.b', 0],
        ['.data.c', 0],
      ],
    );
    const section = sections.get('.data');
    expect(section?.sh_addralign).toBe(64);
    expect(section?.bytes).toHaveLength(128);
    expect(
      [...(section?.bytes ?? [])].map((byte, at) => (byte === 0 ? -1 : at)).filter((at) => at >= 0),
    ).toEqual([0, 4, 5, 6, 7, ...Array.from({ length: 64 }, (_, k) => 64 + k)]);
  });

  test('without contents takes no room in the file', async () => {
    const sections = await linkUsing(
      (o) => o.bss('.bss.v', 100_000).symbol('v', { section: '.bss.v', type: c.STT_OBJECT, size: 100_000 }),
      [['.bss.v', 0]],
    );
    expect(sections.get('.bss')).toMatchObject({ sh_type: c.SHT_NOBITS, sh_size: 100_000 });
    expect(sections.get('.bss')?.bytes).toHaveLength(0);
  });
});

test('space between functions is int3', async () => {
  const sections = await linkUsing(
    (o) => o.text('.text.new', [0xc3]).symbol('fresh', { section: '.text.new', type: c.STT_FUNC, size: 1 }),
    [['.text.new', 0]],
  );
  expect([...(sections.get('.text')?.bytes ?? [])].slice(8, 17)).toEqual([
    ...Array<number>(8).fill(0xcc),
    0xc3,
  ]);
});

test('entries stand one behind the other, whatever the alignment of their section', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(1, 2, 4, 8, 16),
      fc.integer({ min: 1, max: 6 }),
      async (align, count) => {
        const object = (last: number): ElfBuilder => {
          const made = new ElfBuilder()
            .text('.text.f', [...new Array<number>(8).fill(0x90), last])
            .text('.altinstr_replacement', new Uint8Array(count).fill(0x90))
            .section('.altinstructions', new Uint8Array(14 * count).fill(1), { align })
            .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 9 });
          for (let k = 0; k < count; k++)
            made
              .rela('.altinstructions', 14 * k, c.R_X86_64_PC32, { section: '.text.f' }, k)
              .rela('.altinstructions', 14 * k + 4, c.R_X86_64_PC32, { section: '.altinstr_replacement' }, k);
          return made;
        };
        const image = imageOf(
          new ElfBuilder()
            .text('.text', new Uint8Array(16))
            .symbol('f', { section: '.text', type: c.STT_FUNC, size: 9 }),
        );
        const { payload, codes } = await linkObjects([compareObjects(object(0xc3), object(0xcb))], image);
        expect(codes).toEqual([]);
        const table = payload?.object.sections.find((section) => section.name === '.altinstructions');
        expect(table?.bytes).toHaveLength(14 * count);
        expect(table?.relas?.map((rela) => rela.r_offset)).toEqual(
          Array.from({ length: count }, (_, k) => [14 * k, 14 * k + 4]).flat(),
        );
      },
    ),
    { numRuns: 20 },
  );
});
