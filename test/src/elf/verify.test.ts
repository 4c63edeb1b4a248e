/** Each rule of the verifier, broken once in an object that is otherwise sound. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import * as c from '../../../src/elf/constants.js';
import { verifyObject } from '../../../src/elf/verify.js';
import type { EHDR, SHDR, SYM } from '../../support/elf-builder.js';
import {
  ElfBuilder,
  mustRead,
  patchedAt,
  patchedHeader,
  patchedRela,
  patchedSection,
  patchedSymbol,
  sectionNamed,
} from '../../support/elf-builder.js';

const sound = (): Uint8Array =>
  new ElfBuilder()
    .text('.text.f', [0xe8, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0, 0xc3])
    .strings('.rodata.str1.1', 'hello')
    .section('.meta', [0, 0], { flags: c.SHF_ALLOC | c.SHF_LINK_ORDER, link: '.text.f' })
    .bss('.bss', 16)
    .symbol('x.c', { place: 'abs', bind: c.STB_LOCAL, type: c.STT_FILE })
    .symbol('counter', { section: '.bss', bind: c.STB_LOCAL, type: c.STT_OBJECT, size: 4 })
    .sectionSymbol('.bss')
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 11 })
    .symbol('g', { section: '.text.f' })
    .symbol('shared', { place: 'common', value: 8, size: 16 })
    .rela('.text.f', 1, c.R_X86_64_PLT32, 'printk', -4)
    .rela('.text.f', 6, c.R_X86_64_PLT32, 'printk', -4)
    .bytes();

const verify = (bytes: Uint8Array): string[] => verifyObject(mustRead(bytes));

test('a sound object and an object of gcc have no findings', () => {
  expect(verify(sound())).toEqual([]);
  const sample = readFileSync(new URL('../../../../test/src/elf/fixtures/sample.o', import.meta.url));
  expect(verify(new Uint8Array(sample))).toEqual([]);
});

describe('the ELF header', () => {
  test.each<[keyof typeof EHDR, number, string]>([
    ['EI_VERSION', 0, 'EI_VERSION is 0, not 1'],
    ['e_type', c.ET_DYN, 'e_type is 3, not 1'],
    ['e_version', 2, 'e_version is 2, not 1'],
    ['e_entry', 4, 'e_entry is 4, not 0'],
    ['e_phoff', 64, 'e_phoff is 64, not 0'],
    ['e_flags', 1, 'e_flags is 1, not 0'],
    ['e_ehsize', 52, 'e_ehsize is 52, not 64'],
    ['e_phnum', 1, 'e_phnum is 1, not 0'],
  ])('%s = %d', (field, value, finding) => {
    expect(verify(patchedHeader(sound(), field, value))).toContain(finding);
  });

  test('no sections, and a table at an odd place', () => {
    expect(verify(patchedHeader(sound(), 'e_shoff', 0))).toContain('there is no section header table');
    const bytes = sound();
    const { header } = mustRead(bytes);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes.subarray(0, header.e_shoff));
    shifted.set(bytes.subarray(header.e_shoff), header.e_shoff + 1);
    expect(verify(patchedHeader(shifted, 'e_shoff', header.e_shoff + 1))).toEqual([
      `e_shoff ${header.e_shoff + 1} is not a multiple of 8`,
    ]);
  });
});

describe('section headers', () => {
  test.each<[string, keyof typeof SHDR, number, string]>([
    ['.text.f', 'sh_addr', 16, '.text.f: sh_addr is 0x10 in a relocatable object'],
    ['.text.f', 'sh_addralign', 0, '.text.f: sh_addralign is 0'],
    ['.bss', 'sh_offset', 0, '.bss: sh_offset 0 is inside the ELF header'],
    ['.bss', 'sh_flags', 0, '.bss: SHT_NOBITS without SHF_ALLOC occupies nothing'],
    ['.rodata.str1.1', 'sh_entsize', 0, '.rodata.str1.1: SHF_MERGE and sh_entsize 0'],
    ['.rodata.str1.1', 'sh_entsize', 4, '.rodata.str1.1: sh_size 6 is not a multiple of sh_entsize 4'],
    [
      '.rodata.str1.1',
      'sh_size',
      5,
      '.rodata.str1.1: SHF_STRINGS and the last string has no terminating zero',
    ],
    [
      '.text.f',
      'sh_flags',
      c.SHF_ALLOC | c.SHF_COMPRESSED,
      '.text.f: SHF_COMPRESSED and SHF_ALLOC exclude each other',
    ],
    ['.text.f', 'sh_link', 99, '.text.f: sh_link names no section'],
    ['.meta', 'sh_link', 4, '.meta: SHF_LINK_ORDER and linked to itself'],
    ['.strtab', 'sh_size', 0, '.strtab: an empty string table'],
    ['.text.f', 'sh_name', 0, 'section 1 has no name'],
    ['.text.f', 'sh_flags', c.SHF_ALLOC | c.SHF_GROUP, '.text.f has SHF_GROUP and is in no group'],
  ])('%s: %s = %d', (section, field, value, finding) => {
    let bytes = patchedSection(sound(), section, field, value);
    // Without names the empty string table is no contradiction for the reader.
    if (section === '.strtab') bytes = withoutSymbolNames(sound());
    expect(verify(bytes)).toContain(finding);
  });

  /** All symbols nameless and .strtab empty. */
  function withoutSymbolNames(bytes: Uint8Array): Uint8Array {
    const { symbols } = mustRead(bytes);
    let copy = bytes;
    for (let i = 0; i < symbols.count; i++) copy = patchedSymbol(copy, i, 'st_name', 0);
    return patchedSection(copy, '.strtab', 'sh_size', 0);
  }

  test('string tables begin and end with zero', () => {
    const bytes = sound();
    const { sh_offset, sh_size } = sectionNamed(mustRead(bytes), '.strtab');
    expect(verify(patchedAt(bytes, sh_offset, [0, 1], 0x41))).toContain(
      '.strtab: the first byte is not zero',
    );
    const extra = patchedSection(bytes, '.strtab', 'sh_size', sh_size + 1);
    expect(verify(extra)[0]).toMatch(/\.strtab: the last byte is not zero|overlap in the file/);
  });

  test('section 0 is SHT_NULL', () => {
    const bytes = patchedSection(sound(), 0, 'sh_type', c.SHT_PROGBITS);
    expect(verify(bytes)).toContain('section 0 is not SHT_NULL');
  });

  test('no two share bytes of the file, nor with the headers', () => {
    const { header } = mustRead(sound());
    const overlapping = patchedSection(sound(), '.meta', 'sh_offset', 64);
    expect(verify(overlapping)).toContain('.text.f and .meta overlap in the file');
    expect(verify(patchedSection(sound(), '.meta', 'sh_offset', header.e_shoff))).toContain(
      'the section header table and .meta overlap in the file',
    );
    expect(verify(patchedSection(sound(), '.meta', 'sh_offset', 8))).toEqual([
      '.meta: sh_offset 8 is inside the ELF header',
      'the ELF header and .meta overlap in the file',
    ]);
  });
});

describe('symbols', () => {
  const GLOBAL = c.STB_GLOBAL << 4;
  test.each<[string | number, keyof typeof SYM, number, string]>([
    [0, 'st_value', 1, 'symbol 0 is not all zero'],
    ['f', 'st_info', 0, 'symbol f is local, but among the globals'],
    ['counter', 'st_info', GLOBAL, 'symbol counter is global, but among the locals'],
    ['counter', 'st_shndx', 0, 'symbol counter is local and undefined'],
    ['printk', 'st_value', 1, 'symbol printk is undefined and has a value'],
    ['shared', 'st_value', 3, 'symbol shared is common and its alignment is 3'],
    ['f', 'st_shndx', 0xff20, 'symbol f has the reserved section number 0xff20'],
    [
      'f',
      'st_info',
      GLOBAL | c.STT_SECTION,
      'symbol f is STT_SECTION, but not local at the start of a section',
    ],
    ['x.c', 'st_shndx', 1, 'symbol x.c is STT_FILE, but not local and absolute'],
  ])('%s: %s = %d', (symbol, field, value, finding) => {
    expect(verify(patchedSymbol(sound(), symbol, field, value))).toContain(finding);
  });

  test('one global name is defined once', () => {
    const { symbols, sections } = mustRead(sound());
    const nameOfF = new DataView(sound().buffer).getUint32(
      sections[symbols.section].sh_offset + symbols.names.indexOf('f') * c.SYM_SIZE,
      true,
    );
    expect(verify(patchedSymbol(sound(), 'g', 'st_name', nameOfF))).toEqual(['symbol f is defined twice']);
  });

  test('sh_info is the number of locals', () => {
    const { symbols } = mustRead(sound());
    const fewer = patchedSection(sound(), '.symtab', 'sh_info', symbols.firstGlobal - 1);
    expect(verify(fewer)).toEqual([`symbol ${symbols.firstGlobal - 1} is local, but among the globals`]);
    expect(verify(patchedSection(sound(), '.symtab', 'sh_info', 0))).toContain(
      'sh_info of the symbol table is 0, but symbol 0 is local',
    );
  });
});

test('two relocations of one field', () => {
  expect(verify(patchedRela(sound(), '.rela.text.f', 1, 'r_offset', 3))).toEqual([
    '.text.f+0x3: R_X86_64_PLT32 overlaps the relocation before it',
  ]);
});

describe('groups', () => {
  const grouped = (): Uint8Array => {
    const flags = c.SHF_ALLOC | c.SHF_EXECINSTR | c.SHF_GROUP;
    const describe_ = new ElfBuilder()
      .section('.before', [0], { flags })
      .text('.outside', [0])
      .section('.text.a', [0xe8, 0, 0, 0, 0], { flags })
      .symbol('a', { section: '.text.a', bind: c.STB_WEAK })
      .rela('.text.a', 1, c.R_X86_64_PLT32, 'printk', -4);
    return describe_.group('.group', 'a', ['.text.a']).bytes();
  };

  test('flags, members, their order and their SHF_GROUP', () => {
    const bytes = grouped();
    const file = mustRead(bytes);
    const at = file.sections[file.groups[0].section].sh_offset;
    const outside = sectionNamed(file, '.outside').index;
    expect(verify(bytes)).toEqual([
      'group a: member .text.a comes before its group',
      'group a: member .rela.text.a comes before its group',
      '.before has SHF_GROUP and is in no group',
    ]);
    expect(verify(patchedAt(bytes, at, [0, 4], 4))).toContain('group a: flags 0x4 are unknown');
    const replaced = verify(patchedAt(bytes, at, [8, 4], outside));
    expect(replaced).toContain('group a: member .outside has no SHF_GROUP');
    expect(replaced).toContain('.rela.text.a is not in the group of its target');
    expect(verify(patchedAt(bytes, at, [8, 4], sectionNamed(file, '.text.a').index))).toContain(
      '.text.a is a member of two groups',
    );
  });
});

test('a flood of findings is cut and counted', () => {
  const builder = new ElfBuilder();
  for (let i = 0; i < 150; i++) builder.section(`.s${i}`, [1], { flags: c.SHF_ALLOC | c.SHF_GROUP });
  const found = verifyObject(builder.read());
  expect(found).toHaveLength(101);
  expect(found[100]).toBe('and 50 more');
});
