/** read(write(x)) = x for any description x that the writer accepts. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import * as c from '../../../src/elf/constants.js';
import type { ElfFile, ElfSection } from '../../../src/elf/read.js';
import { sectionBytes } from '../../../src/elf/read.js';
import type { OutputObject, OutputRela, OutputSection, OutputSymbol } from '../../../src/elf/write.js';
import { writeElf } from '../../../src/elf/write.js';
import { mustRead } from '../../support/elf-builder.js';

const MADE_BY_WRITER: readonly number[] = [
  c.SHT_NULL,
  c.SHT_SYMTAB,
  c.SHT_STRTAB,
  c.SHT_RELA,
  c.SHT_SYMTAB_SHNDX,
];

/** The description that the file would be written from; the inverse of writeElf up to the order of symbols. */
function describeFile(file: ElfFile): OutputObject {
  const described = file.sections.filter((s) => !MADE_BY_WRITER.includes(s.sh_type));
  const position = new Map(described.map((s, i) => [s.index, i]));
  const { symbols } = file;
  return {
    osabi: file.header.osabi,
    sections: described.map((section) => describeSection(file, section, position)),
    symbols: symbols.names.slice(1).map((name, k) => ({
      name,
      st_info: symbols.st_info[k + 1],
      st_other: symbols.st_other[k + 1],
      section: describePlace(symbols.st_shndx[k + 1], position),
      st_value: symbols.st_value[k + 1],
      st_size: symbols.st_size[k + 1],
    })),
  };
}

function describePlace(shndx: number, position: ReadonlyMap<number, number>): OutputSymbol['section'] {
  if (shndx === c.SHN_UNDEF) return 'undef';
  if (shndx === c.RESERVED_SHNDX + c.SHN_ABS) return 'abs';
  if (shndx === c.RESERVED_SHNDX + c.SHN_COMMON) return 'common';
  return position.get(shndx) ?? 'undef';
}

function describeSection(file: ElfFile, s: ElfSection, position: ReadonlyMap<number, number>): OutputSection {
  const group = file.groups.find((g) => g.section === s.index);
  const table = file.relaOf[s.index] === -1 ? undefined : file.relas[file.relaOf[s.index]];
  const relas: OutputRela[] = [];
  for (let k = 0; table !== undefined && k < table.count; k++) {
    relas.push({
      r_offset: table.r_offset[k],
      r_type: table.r_type[k],
      symbol: table.r_sym[k] === 0 ? 'none' : table.r_sym[k] - 1,
      r_addend: table.r_addend[k],
    });
  }
  return {
    name: s.name,
    sh_type: s.sh_type,
    sh_flags: s.sh_flags,
    sh_addralign: Math.max(s.sh_addralign, 1),
    sh_entsize: s.sh_entsize,
    bytes: group === undefined ? Uint8Array.from(sectionBytes(file, s)) : new Uint8Array(0),
    ...(s.sh_type === c.SHT_NOBITS ? { sh_size: s.sh_size } : {}),
    ...(relas.length > 0 ? { relas } : {}),
    ...(s.sh_link !== 0 && group === undefined ? { sh_link: position.get(s.sh_link) ?? -1 } : {}),
    ...(group === undefined
      ? {}
      : {
          group: {
            flags: group.flags,
            signature: group.signature - 1,
            members: group.members.flatMap((m) => position.get(m) ?? []),
          },
        }),
  };
}

const nameOf = fc.string({
  unit: fc.integer({ min: 1, max: 255 }).map((n) => String.fromCharCode(n)),
  maxLength: 12,
});

const sectionOf = fc
  .record({
    name: nameOf,
    sh_flags: fc.oneof(fc.integer({ min: 0, max: 0x1f }), fc.maxSafeNat()),
    sh_addralign: fc.integer({ min: 0, max: 13 }).map((log) => 2 ** log),
    sh_entsize: fc.nat(64),
    bytes: fc.uint8Array({ maxLength: 40 }),
    nobits: fc.option(fc.maxSafeNat()),
  })
  .map(({ nobits, bytes, ...rest }): OutputSection => {
    if (nobits === null) return { ...rest, sh_type: c.SHT_PROGBITS, bytes };
    return { ...rest, sh_type: c.SHT_NOBITS, bytes: new Uint8Array(0), sh_size: nobits };
  });

const placeOf = (sections: readonly OutputSection[]): fc.Arbitrary<OutputSymbol['section']> =>
  fc.oneof(
    fc.constantFrom('undef' as const, 'abs' as const, 'common' as const),
    ...(sections.length === 0 ? [] : [fc.nat(sections.length - 1)]),
  );

/** Locals first, as the writer will order them; values inside their sections, as the reader demands. */
const symbolsOf = (sections: readonly OutputSection[]): fc.Arbitrary<OutputSymbol[]> =>
  fc
    .array(
      fc.record({
        name: nameOf,
        st_info: fc.nat(255),
        st_other: fc.nat(255),
        section: placeOf(sections),
        st_value: fc.bigInt(0n, (1n << 64n) - 1n),
        st_size: fc.bigInt(0n, (1n << 64n) - 1n),
      }),
      { maxLength: 8 },
    )
    .map((list) => {
      const kept = list.map((s) => {
        if (typeof s.section !== 'number') return s;
        const { bytes, sh_size } = sections[s.section];
        const size = BigInt(sh_size ?? bytes.length);
        const st_value = s.st_value % (size + 1n);
        return { ...s, st_value, st_size: s.st_size % (size - st_value + 1n) };
      });
      const isLocal = (s: OutputSymbol): boolean => c.stBind(s.st_info) === c.STB_LOCAL;
      return [...kept.filter(isLocal), ...kept.filter((s) => !isLocal(s))];
    });

const relasOf = (size: number, symbols: number): fc.Arbitrary<OutputRela[]> =>
  fc.array(
    fc.record({
      r_offset: fc.nat(size - 8),
      r_type: fc.constantFrom(
        c.R_X86_64_NONE,
        c.R_X86_64_64,
        c.R_X86_64_PC32,
        c.R_X86_64_PLT32,
        c.R_X86_64_32S,
      ),
      symbol: fc.oneof(fc.constant('none' as const), ...(symbols === 0 ? [] : [fc.nat(symbols - 1)])),
      r_addend: fc.oneof(fc.integer(), fc.maxSafeInteger()),
    }),
    { maxLength: 5 },
  );

const objectOf: fc.Arbitrary<OutputObject> = fc
  .array(sectionOf, { maxLength: 6 })
  .chain((sections) => fc.tuple(fc.constant(sections), symbolsOf(sections), fc.nat(255)))
  .chain(([sections, symbols, osabi]) =>
    fc.record({
      osabi: fc.constant(osabi),
      symbols: fc.constant(symbols),
      sections: fc.tuple(
        ...sections.map((section) =>
          section.bytes.length < 8
            ? fc.constant(section)
            : relasOf(section.bytes.length, symbols.length).map((relas) =>
                relas.length === 0 ? section : { ...section, relas },
              ),
        ),
      ),
    }),
  );

/** One width for all numbers that may be given as either. */
const normalized = (object: OutputObject): OutputObject => ({
  ...object,
  symbols: object.symbols.map((s) => ({ ...s, st_value: BigInt(s.st_value), st_size: BigInt(s.st_size) })),
});

test('any description survives', () => {
  fc.assert(
    fc.property(objectOf, (object) => {
      expect(describeFile(mustRead(writeElf(object)))).toEqual(normalized(object));
    }),
    { numRuns: 1000 },
  );
});

test('an object of gcc survives, and writing it again gives the same bytes', () => {
  const sample = readFileSync(new URL('../../../../test/src/elf/fixtures/sample.o', import.meta.url));
  const first = describeFile(mustRead(new Uint8Array(sample)));
  const bytes = writeElf(first);
  const second = describeFile(mustRead(bytes));
  expect(second).toEqual(first);
  expect(writeElf(second)).toEqual(bytes);
});
