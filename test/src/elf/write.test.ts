/** What the writer promises beyond being read back: the places in the file, the order, and refusing nonsense. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { sectionBytes } from '../../../src/elf/read.js';
import { verifyObject } from '../../../src/elf/verify.js';
import type { OutputObject, OutputSection, OutputSymbol } from '../../../src/elf/write.js';
import { writeElf } from '../../../src/elf/write.js';
import { ElfBuilder, mustRead, sectionNamed } from '../../support/elf-builder.js';

const section = (changes: Partial<OutputSection> = {}): OutputSection => ({
  name: '.data',
  sh_type: c.SHT_PROGBITS,
  sh_flags: c.SHF_ALLOC,
  sh_addralign: 1,
  sh_entsize: 0,
  bytes: new Uint8Array(8),
  ...changes,
});

const symbol = (changes: Partial<OutputSymbol> = {}): OutputSymbol => ({
  name: 'x',
  st_info: c.stInfo(c.STB_GLOBAL, c.STT_OBJECT),
  st_other: 0,
  section: 0,
  st_value: 0,
  st_size: 0,
  ...changes,
});

const object = (sections: OutputSection[], symbols: OutputSymbol[] = []): OutputObject => ({
  sections,
  symbols,
});

describe('places in the file', () => {
  test('every section begins at 64 or later and has an alignment, the empty ones too', () => {
    const file = mustRead(
      writeElf(
        object([
          section({ name: '.text', bytes: new Uint8Array(0), sh_addralign: 16 }),
          section({
            name: '.bss',
            sh_type: c.SHT_NOBITS,
            bytes: new Uint8Array(0),
            sh_size: 4,
            sh_addralign: 64,
          }),
          section({ name: '.data' }),
        ]),
      ),
    );
    for (const { sh_offset, sh_addralign } of file.sections.slice(1)) {
      expect(sh_offset).toBeGreaterThanOrEqual(c.EHDR_SIZE);
      expect(sh_addralign).toBeGreaterThanOrEqual(1);
    }
    expect(verifyObject(file)).toEqual([]);
  });

  test('bytes lie at their alignment, but at most at that of a page', () => {
    const one = new Uint8Array([1]);
    const alignments = [1, 2, 32, 4096, 0x20_0000];
    const bytes = writeElf(object(alignments.map((sh_addralign) => section({ bytes: one, sh_addralign }))));
    const places = mustRead(bytes).sections.slice(1, 6);
    expect(places.map((s) => s.sh_addralign)).toEqual(alignments);
    for (const { sh_offset, sh_addralign } of places)
      expect(sh_offset % Math.min(sh_addralign, 4096)).toBe(0);
    expect(bytes.length).toBeLessThan(3 * 4096);
  });

  test('an object of nothing still has its tables', () => {
    const file = mustRead(writeElf(object([])));
    expect(file.sections.map((s) => s.name)).toEqual(['', '.symtab', '.strtab', '.shstrtab']);
    expect(verifyObject(file)).toEqual([]);
  });
});

describe('order', () => {
  test('a RELA section follows its target and carries SHF_INFO_LINK', () => {
    const relas = [{ r_offset: 0, r_type: c.R_X86_64_64, symbol: 0, r_addend: 1 }];
    const file = mustRead(
      writeElf(
        object([section({ name: '.a', relas }), section({ name: '.b' })], [symbol({ section: 'undef' })]),
      ),
    );
    expect(file.sections.map((s) => s.name).slice(1, 4)).toEqual(['.a', '.rela.a', '.b']);
    expect(sectionNamed(file, '.rela.a')).toMatchObject({
      sh_flags: c.SHF_INFO_LINK,
      sh_addralign: 8,
      sh_entsize: 24,
    });
  });

  test('locals come before globals, each in the order given, and relocations follow', () => {
    const local = c.stInfo(c.STB_LOCAL, c.STT_NOTYPE);
    const weak = c.stInfo(c.STB_WEAK, c.STT_NOTYPE);
    const symbols = [
      symbol({ name: 'g1' }),
      symbol({ name: 'l1', st_info: local }),
      symbol({ name: 'w1', st_info: weak }),
      symbol({ name: 'l2', st_info: local }),
    ];
    const relas = symbols.map((_, i) => ({ r_offset: i, r_type: c.R_X86_64_8, symbol: i, r_addend: 0 }));
    const file = mustRead(writeElf(object([section({ relas })], symbols)));
    expect(file.symbols.names).toEqual(['', 'l1', 'l2', 'g1', 'w1']);
    expect(file.symbols.firstGlobal).toBe(3);
    expect([...file.relas[0].r_sym].map((s) => file.symbols.names[s])).toEqual(['g1', 'l1', 'w1', 'l2']);
  });

  test('the same description gives the same bytes, and equal names are stored once', () => {
    const describe_ = (): OutputObject =>
      object([section({ name: 'same' })], [symbol({ name: 'same' }), symbol({ name: 'same', st_info: 1 })]);
    expect(writeElf(describe_())).toEqual(writeElf(describe_()));
    const file = mustRead(writeElf(describe_()));
    expect(Buffer.from(sectionBytes(file, sectionNamed(file, '.strtab'))).toString()).toBe('\0same\0');
  });
});

test('EI_OSABI is the description’s', () => {
  expect(mustRead(writeElf({ ...object([]), osabi: 9 })).header.osabi).toBe(9);
});

test('SHF_LINK_ORDER is written with the number of the section it names', () => {
  const file = new ElfBuilder()
    .text('.text', [0xc3])
    .section('.meta', [0, 0], { flags: c.SHF_ALLOC | c.SHF_LINK_ORDER, link: '.text' })
    .read();
  expect(file.sections[sectionNamed(file, '.meta').sh_link].name).toBe('.text');
});

describe('a description that contradicts itself is a bug', () => {
  const rela = { r_offset: 0, r_type: c.R_X86_64_64, symbol: 0, r_addend: 0 };
  const nobits = { sh_type: c.SHT_NOBITS, bytes: new Uint8Array(0) };

  test.each<[string, OutputObject, RegExp]>([
    ['bytes in SHT_NOBITS', object([section({ sh_type: c.SHT_NOBITS, sh_size: 8 })]), /SHT_NOBITS has bytes/],
    ['SHT_NOBITS without a size', object([section(nobits)]), /SHT_NOBITS needs sh_size/],
    ['a size beside bytes', object([section({ sh_size: 8 })]), /sh_size is given/],
    ['alignment 0', object([section({ sh_addralign: 0 })]), /sh_addralign 0 is not a power of two/],
    ['alignment 24', object([section({ sh_addralign: 24 })]), /sh_addralign 24 is not a power of two/],
    ['alignment 2^32', object([section({ sh_addralign: 2 ** 32 })]), /sh_addralign 4294967296 is not/],
    ['a table of the writer', object([section({ sh_type: c.SHT_SYMTAB })]), /are made by the writer/],
    ['negative flags', object([section({ sh_flags: -1 })]), /sh_flags -1/],
    ['a fractional entsize', object([section({ sh_entsize: 0.5 })]), /sh_entsize 0.5/],
    ['sh_link to nothing', object([section({ sh_link: 1 })]), /sh_link 1 names no section/],
    ['a zero in a name', object([section({ name: 'a\0b' })]), /the name holds a zero/],
    ['a name beyond latin-1', object([], [symbol({ section: 'abs', name: '\u0100' })]), /beyond latin-1/],
    ['a symbol in no section', object([], [symbol()]), /section 0 does not exist/],
    ['st_value below 0', object([section()], [symbol({ st_value: -1n })]), /st_value -1/],
    ['st_size of 65 bits', object([section()], [symbol({ st_size: 1n << 64n })]), /st_size/],
    ['st_info of 9 bits', object([section()], [symbol({ st_info: 256 })]), /st_info 256/],
    [
      'a relocation beyond its section',
      object([section({ relas: [{ ...rela, r_offset: 1 }] })], [symbol()]),
      /beyond/,
    ],
    ['a relocation to no symbol', object([section({ relas: [rela] })]), /symbol 0 names no symbol/],
    [
      'an unknown relocation',
      object([section({ relas: [{ ...rela, r_type: 99 }] })], [symbol()]),
      /unknown type/,
    ],
    [
      'a fractional addend',
      object([section({ relas: [{ ...rela, r_addend: 0.5 }] })], [symbol()]),
      /r_addend 0.5/,
    ],
    [
      'SHT_GROUP without a group',
      object([section({ sh_type: c.SHT_GROUP })]),
      /group and SHT_GROUP disagree/,
    ],
  ])('%s', (_, description, message) => {
    expect(() => writeElf(description)).toThrow(message);
  });

  test('a group of nothing, by nobody, or with bytes', () => {
    const group = (members: number[], signature: number, bytes = 0): OutputObject =>
      object(
        [
          section({
            sh_type: c.SHT_GROUP,
            bytes: new Uint8Array(bytes),
            group: { flags: c.GRP_COMDAT, signature, members },
          }),
        ],
        [symbol()],
      );
    expect(() => writeElf(group([7], 0))).toThrow(/member 7 names no section/);
    expect(() => writeElf(group([], 7))).toThrow(/signature 7 names no symbol/);
    expect(() => writeElf(group([], 0, 4))).toThrow(/a group has members, not bytes/);
  });
});
