/** ELF header, section headers, string tables, symbol table: every rule broken once, with its number and its text. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../../src/elf/constants.js';
import {
  EHDR,
  patchedAt,
  patchedHeader,
  patchedSection,
  patchedSymbol,
  SHDR,
  mustRead,
} from '../../../support/elf-builder.js';
import { sample, sampleGuest } from '../../../support/payload-samples.js';
import { outcomeOf, refusal } from '../../../support/upload-outcome.js';

const good = sample(sampleGuest()).bytes();
const file = mustRead(good);
const numberOf = (name: string): number => file.sections.findIndex((s) => s.name === name);
const length = BigInt(good.length);

function outcome(bytes: Uint8Array, profile: '4.7' | '4.17' = '4.17', debug = false): unknown {
  return outcomeOf(sampleGuest(profile, debug), bytes);
}

describe('the ELF header', () => {
  test.each([
    ['is cut off', good.slice(0, 63), 'EINVAL', 'Section header is bigger than payload'],
    ['has another magic', patchedHeader(good, 'EI_MAG0', 0x7e), 'EINVAL', 'Not an ELF payload'],
    ['has another e_version', patchedHeader(good, 'e_version', 2), 'EOPNOTSUPP', 'Invalid ELF payload'],
    ['has another EI_VERSION', patchedHeader(good, 'EI_VERSION', 0), 'EOPNOTSUPP', 'Invalid ELF payload'],
    ['has an ABI version', patchedHeader(good, 'EI_ABIVERSION', 1), 'EOPNOTSUPP', 'Invalid ELF payload'],
    ['is for Linux', patchedHeader(good, 'EI_OSABI', 3), 'EOPNOTSUPP', 'Invalid ELF payload'],
    ['is of a program', patchedHeader(good, 'e_type', c.ET_EXEC), 'EOPNOTSUPP', 'Invalid ELF payload'],
    ['has program headers', patchedHeader(good, 'e_phnum', 1), 'EOPNOTSUPP', 'Invalid ELF payload'],
    ['is for ARM', patchedHeader(good, 'e_machine', 183), 'EOPNOTSUPP', 'Unsupported ELF Machine type'],
    ['is of 32 bits', patchedHeader(good, 'EI_CLASS', 1), 'EOPNOTSUPP', 'Unsupported ELF Machine type'],
    ['is big-endian', patchedHeader(good, 'EI_DATA', 2), 'EOPNOTSUPP', 'Unsupported ELF Machine type'],
    ['has no names', patchedHeader(good, 'e_shstrndx', 0), 'EINVAL', 'Section name idx is undefined'],
    ['has 1024 sections', patchedHeader(good, 'e_shnum', 1024), 'EOPNOTSUPP', 'Too many (1024) sections'],
    [
      'has its names past the end',
      patchedHeader(good, 'e_shstrndx', 99),
      'EINVAL',
      `Section name idx (99) is past end of sections (${file.sections.length})`,
    ],
    ['has no section headers', patchedHeader(good, 'e_shoff', length), 'EINVAL', 'Bogus e_shoff'],
    [
      'has short section headers',
      patchedHeader(good, 'e_shentsize', 63),
      'EINVAL',
      'Section header size is 63! Expected 64.',
    ],
    [
      'has section headers past the end',
      patchedHeader(good, 'e_shoff', length - 64n),
      'EINVAL',
      'Section header size is corrupted',
    ],
  ])('that %s', (_, bytes, errno, text) => {
    expect(outcome(bytes)).toEqual(refusal(errno, text));
  });

  test('that is of FreeBSD is as good as any', () => {
    expect(outcome(patchedHeader(good, 'EI_OSABI', 9))).toHaveProperty('payload');
  });

  test('is checked from the front: the first fault counts', () => {
    const both = patchedHeader(patchedHeader(good, 'e_machine', 3), 'e_shstrndx', 0);
    expect(outcome(both)).toEqual(refusal('EOPNOTSUPP', 'Unsupported ELF Machine type'));
  });

  test('is refused without a word before 4.13, unless it is a debug build', () => {
    const bytes = patchedHeader(good, 'EI_MAG0', 0);
    expect(outcome(bytes, '4.7')).toEqual(refusal('EINVAL'));
    expect(outcome(bytes, '4.7', true)).toEqual(refusal('EINVAL', 'Not an ELF payload'));
  });
});

describe('a section header', () => {
  const funcs = numberOf('.livepatch.funcs');
  const strtab = numberOf('.strtab');
  test.each([
    [
      'of data in the ELF header',
      patchedSection(good, funcs, 'sh_offset', 63),
      'EINVAL',
      `Section [${funcs}] data at ELF header of payload`,
    ],
    [
      'of data behind the end',
      patchedSection(good, funcs, 'sh_offset', length + 1n),
      'EINVAL',
      `Section [${funcs}] data is past end of payload`,
    ],
    [
      'of data over the end',
      patchedSection(good, funcs, 'sh_size', length),
      'EINVAL',
      `Section [${funcs}] data is past end of payload`,
    ],
    [
      'of a strange alignment',
      patchedSection(good, funcs, 'sh_addralign', 12),
      'EOPNOTSUPP',
      `Section [${funcs}] alignment (0xc) is not supported`,
    ],
    [
      'of an address without that alignment',
      patchedSection(good, funcs, 'sh_addr', 12),
      'EINVAL',
      `Section [${funcs}] addr (0xc) is not aligned properly (0x8)`,
    ],
    [
      'of a second symbol table',
      patchedSection(good, funcs, 'sh_type', c.SHT_SYMTAB),
      'EOPNOTSUPP',
      'Unsupported multiple symbol tables',
    ],
    [
      'of a symbol table without strings',
      patchedSection(good, '.symtab', 'sh_link', 99),
      'EINVAL',
      `Symbol table idx (99) to strtab past end (${file.sections.length})`,
    ],
    [
      'of no symbol table',
      patchedSection(good, '.symtab', 'sh_type', c.SHT_PROGBITS),
      'EINVAL',
      'No symbol table found',
    ],
    [
      'of an empty symbol table',
      patchedSection(good, '.symtab', 'sh_size', 0),
      'EINVAL',
      'Symbol table header is corrupted',
    ],
    [
      'of short symbols',
      patchedSection(good, '.symtab', 'sh_entsize', 23),
      'EINVAL',
      'Symbol table header is corrupted',
    ],
    [
      'of symbols that do not fill their table',
      patchedSection(good, '.symtab', 'sh_entsize', 25),
      'EINVAL',
      'Symbol table header is corrupted',
    ],
    [
      'of strings of another type',
      patchedSection(good, strtab, 'sh_type', c.SHT_PROGBITS),
      'EINVAL',
      'String table section is corrupted',
    ],
    [
      'of no strings',
      patchedSection(good, strtab, 'sh_size', 0),
      'EINVAL',
      'String table section is corrupted',
    ],
    [
      'of strings that do not begin with an empty one',
      patchedSection(good, strtab, 'sh_offset', file.sections[strtab].sh_offset + 1),
      'EINVAL',
      'String table section is corrupted',
    ],
    [
      'of strings that do not end',
      patchedSection(good, strtab, 'sh_size', file.sections[strtab].sh_size - 1),
      'EINVAL',
      'String table section is corrupted',
    ],
    [
      'of section names of another type',
      patchedSection(good, '.shstrtab', 'sh_type', c.SHT_PROGBITS),
      'EINVAL',
      'Section string table is corrupted',
    ],
    [
      'of a name past the end',
      patchedSection(good, funcs, 'sh_name', 0x1000),
      'EINVAL',
      `Section ${funcs} name is not within .shstrtab`,
    ],
  ])('%s', (_, bytes, errno, text) => {
    expect(outcome(bytes)).toEqual(refusal(errno, text));
  });

  test('of more than 2 MiB without bytes is refused silently, one of 2 MiB is not', () => {
    const withBss = (size: number): Uint8Array => sample(sampleGuest()).bss('.bss', size).bytes();
    expect(outcome(withBss(0x20_0001))).toEqual(refusal('EINVAL'));
    expect(outcome(withBss(0x20_0000))).toHaveProperty('payload');
    expect(
      outcomeOf(sampleGuest('4.7'), sample(sampleGuest('4.7')).bss('.bss', 0x20_0001).bytes()),
    ).toHaveProperty('payload');
  });

  test('need not be aligned before 4.10', () => {
    const old = sample(sampleGuest('4.7')).bytes();
    expect(outcome(patchedSection(old, '.livepatch.funcs', 'sh_addralign', 12), '4.7')).toHaveProperty(
      'payload',
    );
  });

  test('may be longer than its fields', () => {
    const wide = withWideHeaders(good);
    expect(outcome(wide)).toHaveProperty('payload');
  });
});

/** The same file with section headers of 80 bytes. */
function withWideHeaders(bytes: Uint8Array): Uint8Array {
  const count = file.sections.length;
  const at = file.header.e_shoff;
  const wide = new Uint8Array(bytes.length + 80 * count);
  wide.set(bytes);
  for (let k = 0; k < count; k++)
    wide.set(bytes.subarray(at + 64 * k, at + 64 * (k + 1)), bytes.length + 80 * k);
  return patchedAt(patchedAt(wide, 0, EHDR.e_shoff, bytes.length), 0, EHDR.e_shentsize, 80);
}

describe('a symbol', () => {
  const index = file.symbols.names.indexOf('replacement');
  test.each([
    [
      'whose name is past the end',
      patchedSymbol(good, index, 'st_name', 0x1000),
      'EINVAL',
      `Symbol [${index}] name is not within .strtab`,
    ],
    [
      'that is common',
      patchedSymbol(good, index, 'st_shndx', c.SHN_COMMON),
      'EINVAL',
      'Unexpected common symbol: replacement',
    ],
    [
      'that nobody has',
      patchedSymbol(good, index, 'st_shndx', c.SHN_UNDEF),
      'ENOENT',
      'Unknown symbol: replacement',
    ],
    [
      'in a reserved section',
      patchedSymbol(good, index, 'st_shndx', c.SHN_XINDEX),
      'EOPNOTSUPP',
      'Out of bounds symbol section 0xffff',
    ],
    [
      'in a section past the end',
      patchedSymbol(good, index, 'st_shndx', 0x100),
      'EINVAL',
      'Out of bounds symbol section 0x100',
    ],
  ])('%s', (_, bytes, errno, text) => {
    expect(outcome(bytes)).toEqual(refusal(errno, text));
  });

  test('without a name is unknown, weak or not', () => {
    const weak = patchedSymbol(good, 'printk', 'st_info', c.stInfo(c.STB_WEAK, c.STT_NOTYPE));
    expect(outcome(weak)).toHaveProperty('payload');
    expect(outcome(patchedSymbol(weak, 'printk', 'st_name', 0))).toEqual(
      refusal('ENOENT', 'Unknown symbol: '),
    );
  });

  test('that is absolute keeps its value', () => {
    const absolute = patchedSymbol(good, index, 'st_shndx', c.SHN_ABS);
    expect(outcome(absolute)).toHaveProperty('payload.functions.0.newAddress', 0n);
    expect(outcome(patchedSymbol(absolute, index, 'st_value', 0x1234))).toEqual(refusal('EOVERFLOW'));
  });
});

describe('what the real loader would follow out of its buffer', () => {
  test('is a dead host: a symbol table whose strings are section 0', () => {
    expect(outcome(patchedSection(good, '.symtab', 'sh_link', 0))).toHaveProperty(
      'died',
      'page fault in the loader: section 0 is a null pointer',
    );
  });

  test('is a dead host: a size that wraps', () => {
    const { sh_offset } = file.sections[numberOf('.livepatch.funcs')];
    const wraps = (1n << 64n) - BigInt(sh_offset);
    expect(outcome(patchedSection(good, '.livepatch.funcs', 'sh_size', wraps))).toHaveProperty(
      'died',
      expect.stringMatching(/^the loader reaches 0xf+[0-9a-f]* bytes at offset/),
    );
  });

  test('is a lack of memory: more symbols than can be counted', () => {
    const at = file.header.e_shoff + numberOf('.symtab') * c.SHDR_SIZE;
    const { sh_offset } = file.sections[numberOf('.symtab')];
    let bytes = patchedAt(good, at, SHDR.sh_offset, sh_offset - (sh_offset % 32));
    bytes = patchedAt(bytes, at, SHDR.sh_size, (1n << 64n) - BigInt(sh_offset - (sh_offset % 32)));
    bytes = patchedAt(bytes, at, SHDR.sh_entsize, 32);
    expect(outcome(bytes)).toEqual(refusal('ENOMEM', 'Could not allocate memory for symbols'));
  });
});
