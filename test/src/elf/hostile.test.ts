/**
 * Files that lie. Whatever the bytes say, the reader answers with a file or with one diagnostic: it does not
 * throw, does not take long, and does not allocate more than a small multiple of the file. What it accepts,
 * the verifier and the dump must survive, too.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import * as c from '../../../src/elf/constants.js';
import { dumpElf } from '../../../src/elf/dump.js';
import type { ElfFile } from '../../../src/elf/read.js';
import { verifyObject } from '../../../src/elf/verify.js';
import { writeElf } from '../../../src/elf/write.js';
import {
  EHDR,
  ElfBuilder,
  RELA,
  SHDR,
  SYM,
  mustRead,
  patchedAt,
  patchedHeader,
  patchedRela,
  patchedSection,
  patchedSymbol,
  tryRead,
} from '../../support/elf-builder.js';

/** The compiled test is in dist/test/src/elf; the object stays beside its source. */
const SAMPLE = new Uint8Array(
  readFileSync(new URL('../../../../test/src/elf/fixtures/sample.o', import.meta.url)),
);

const small = (): Uint8Array =>
  new ElfBuilder()
    .text('.text.f', [0xe8, 0, 0, 0, 0, 0xc3])
    .strings('.rodata.str1.1', 'hello')
    .bss('.bss', 16)
    .symbol('local', { section: '.bss', bind: c.STB_LOCAL, size: 4 })
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6 })
    .rela('.text.f', 1, c.R_X86_64_PLT32, 'printk', -4)
    .group('.group', 'f', ['.text.f'])
    .bytes();

/** Bytes held by a read file beside the bytes of the file itself. */
function bytesHeld(file: ElfFile): number {
  const { symbols } = file;
  let held = file.relaOf.byteLength + 200 * file.sections.length;
  for (const column of [
    symbols.st_info,
    symbols.st_other,
    symbols.st_shndx,
    symbols.st_value,
    symbols.st_size,
  ]) {
    held += column.byteLength;
  }
  for (const table of file.relas) held += 24 * table.count;
  for (const group of file.groups) held += 8 * group.members.length;
  return held;
}

/** Reads, verifies and dumps; fails on an exception, on silence, and on more memory than the file explains. */
function mustSurvive(bytes: Uint8Array): void {
  const { file, diagnostics } = tryRead(bytes);
  expect(diagnostics).toHaveLength(file === undefined ? 1 : 0);
  if (file === undefined) return;
  expect(bytesHeld(file)).toBeLessThanOrEqual(8 * bytes.length + 1024);
  verifyObject(file);
  dumpElf(file);
}

const EXTREMES = [
  0n,
  1n,
  2n,
  0x7fn,
  0xffn,
  0xff00n,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1f_ffff_ffff_ffffn,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0001n,
  0xffff_ffff_ffff_ffffn,
];

describe('truncated files', () => {
  test('a small object cut at each byte is refused', () => {
    const bytes = small();
    for (let length = 0; length < bytes.length; length++) {
      const { file, diagnostics } = tryRead(bytes.slice(0, length));
      // The section header table is at the end, so that nothing can be missing unnoticed.
      expect([length, file, diagnostics.length]).toEqual([length, undefined, 1]);
    }
  });

  test('a real object cut at each byte is refused', () => {
    for (let length = 0; length < SAMPLE.length; length++) {
      const { file } = tryRead(SAMPLE.subarray(0, length));
      if (file !== undefined) throw new Error(`a file cut at ${length} of ${SAMPLE.length} was accepted`);
    }
  });
});

describe('extreme fields', () => {
  const bytes = small();
  const file = mustRead(bytes);

  test.each(Object.entries(EHDR))('ELF header: %s', (_, field) => {
    for (const value of EXTREMES) mustSurvive(patchedAt(bytes, 0, field, value));
  });

  test.each(Object.entries(SHDR))('each section header: %s', (_, field) => {
    for (const { index } of file.sections) {
      const at = file.header.e_shoff + index * c.SHDR_SIZE;
      for (const value of EXTREMES) mustSurvive(patchedAt(bytes, at, field, value));
    }
  });

  test.each(Object.entries(SYM))('each symbol: %s', (_, field) => {
    const { sh_offset } = file.sections[file.symbols.section];
    for (let i = 0; i < file.symbols.count; i++) {
      const at = sh_offset + i * c.SYM_SIZE;
      for (const value of EXTREMES) mustSurvive(patchedAt(bytes, at, field, value));
    }
  });

  test.each(Object.entries(RELA))('a relocation: %s', (_, field) => {
    const at = file.sections[file.relas[0].section].sh_offset;
    for (const value of EXTREMES) mustSurvive(patchedAt(bytes, at, field, value));
  });

  test('each group member', () => {
    const at = file.sections[file.groups[0].section].sh_offset;
    for (let word = 0; word < 3; word++) {
      for (const value of EXTREMES) mustSurvive(patchedAt(bytes, at, [word * 4, 4], value));
    }
  });
});

/** fast-check prints the seed and the smallest counterexample when one of these fails. */
describe('random mutations', () => {
  const edit = (length: number): fc.Arbitrary<readonly [number, number]> =>
    fc.tuple(fc.nat(length - 1), fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)));

  const mutate = (bytes: Uint8Array, edits: readonly (readonly [number, number])[]): Uint8Array => {
    const copy = Uint8Array.from(bytes);
    for (const [at, value] of edits) copy[at] = value;
    return copy;
  };

  test('of a small object', () => {
    const bytes = small();
    const edits = fc.array(edit(bytes.length), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(edits, (list) => mustSurvive(mutate(bytes, list))),
      { numRuns: 3000 },
    );
  });

  test('of the tables of a real object', () => {
    const { header, sections, symbols } = mustRead(SAMPLE);
    const tables = [
      [0, c.EHDR_SIZE],
      [header.e_shoff, header.shnum * c.SHDR_SIZE],
      [sections[symbols.section].sh_offset, sections[symbols.section].sh_size],
    ] as const;
    const inTables = fc
      .constantFrom(...tables)
      .chain(([start, size]) => edit(size).map(([at, value]) => [start + at, value] as const));
    fc.assert(
      fc.property(fc.array(inTables, { minLength: 1, maxLength: 4 }), (list) =>
        mustSurvive(mutate(SAMPLE, list)),
      ),
      { numRuns: 1500 },
    );
  });

  test('of bytes that are no object at all', () => {
    const head = small().slice(0, c.EHDR_SIZE);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (tail) => {
        const bytes = new Uint8Array(head.length + tail.length);
        bytes.set(head);
        bytes.set(tail, head.length);
        mustSurvive(patchedHeader(bytes, 'e_shoff', tail.length === 0 ? 0 : 64 + (tail[0] % 64)));
        mustSurvive(tail);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('lies that would cost more than they weigh', () => {
  const refusal = (bytes: Uint8Array): string => tryRead(bytes).diagnostics[0]?.message ?? 'accepted';

  test('many sections over the same bytes', () => {
    const builder = new ElfBuilder().data('.data', new Uint8Array(4096));
    for (let i = 0; i < 200; i++) builder.data(`.data.${i}`, [i]);
    let bytes = builder.bytes();
    const { header, sections } = mustRead(bytes);
    for (const { index, name } of sections) {
      if (!name.startsWith('.data.')) continue;
      const at = header.e_shoff + index * c.SHDR_SIZE;
      bytes = patchedAt(patchedAt(bytes, at, SHDR.sh_offset, 64), at, SHDR.sh_size, 4096);
    }
    expect(refusal(bytes)).toBe('sections overlap: together they are larger than the file');
  });

  test('many symbols that share the tails of one long name', () => {
    const symbols = Array.from({ length: 2000 }, (_, i) => ({
      name: i === 0 ? 'x'.repeat(1_000_000) : '',
      st_info: c.stInfo(c.STB_GLOBAL, c.STT_NOTYPE),
      st_other: 0,
      section: 'undef' as const,
      st_value: 0,
      st_size: 0,
    }));
    const bytes = writeElf({ sections: [], symbols });
    const file = mustRead(bytes);
    const view = new DataView(bytes.buffer);
    const { sh_offset } = file.sections[file.symbols.section];
    for (let i = 1; i <= 2000; i++) view.setUint32(sh_offset + i * c.SYM_SIZE, i, true);
    const before = performance.now();
    expect(refusal(bytes)).toBe('the names are together longer than 16 times the file');
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test('a name without a terminating zero', () => {
    const bytes = small();
    const size = mustRead(bytes).sections.find((s) => s.name === '.strtab')?.sh_size ?? 0;
    expect(refusal(patchedSection(bytes, '.strtab', 'sh_size', size - 1))).toMatch(/has no terminating zero/);
    expect(refusal(patchedSymbol(bytes, 'f', 'st_name', size))).toMatch(/lies beyond its string table/);
  });

  test('SHT_NOBITS of 2^63 bytes allocates nothing and is refused', () => {
    expect(refusal(patchedSection(small(), '.bss', 'sh_size', 1n << 63n))).toMatch(/ends beyond the file/);
    mustSurvive(patchedSection(small(), '.bss', 'sh_size', 1n << 52n));
  });

  test('an alignment that a double takes for a power of two', () => {
    for (const alignment of [(1n << 49n) + 1n, (1n << 63n) + 1n, 1n << 31n, 3n]) {
      const bytes = patchedSection(small(), '.text.f', 'sh_addralign', alignment);
      expect(refusal(bytes)).toContain(`sh_addralign of section .text.f is ${alignment}, not a power of two`);
    }
  });
});

describe('references that lead nowhere', () => {
  const refusal = (bytes: Uint8Array): string => {
    const { diagnostics } = tryRead(bytes);
    return `${diagnostics[0]?.code}: ${diagnostics[0]?.message}`;
  };

  test.each([
    ['r_offset', 3, 'XS103: a relocation of .rela.text.f patches 0x3, beyond the 6 bytes of .text.f'],
    ['r_type', 200, 'XS105: .rela.text.f holds relocation type 200 at 0x1, which is not known'],
    ['r_sym', 99, 'XS103: a relocation of .rela.text.f at 0x1 names symbol 99 of 4'],
    ['r_addend', 1n << 53n, 'XS105: a relocation of .rela.text.f at 0x1 has an addend beyond 2^53'],
  ] as const)('a relocation: %s', (field, value, message) => {
    expect(refusal(patchedRela(small(), '.rela.text.f', 0, field, value))).toBe(message);
  });

  test('a relocation section', () => {
    const patched = (field: keyof typeof SHDR, value: number): string =>
      refusal(patchedSection(small(), '.rela.text.f', field, value));
    expect(patched('sh_info', 0)).toBe('XS103: sh_info of .rela.text.f (0) names no section');
    expect(patched('sh_info', 99)).toBe('XS103: sh_info of .rela.text.f (99) names no section');
    expect(patched('sh_info', 4)).toBe('XS103: .rela.text.f patches .bss, which has no bytes (SHT_NOBITS)');
    expect(patched('sh_link', 1)).toBe('XS103: sh_link of .rela.text.f (1) is not the symbol table');
    expect(patched('sh_entsize', 16)).toBe('XS103: .rela.text.f is not a whole number of 24-byte records');
    expect(patched('sh_size', 23)).toBe('XS103: .rela.text.f is not a whole number of 24-byte records');
    expect(patched('sh_type', c.SHT_REL)).toBe('XS105: .rela.text.f holds REL records; x86-64 uses RELA');
  });

  test('two relocation sections of one target', () => {
    const bytes = new ElfBuilder()
      .data('.a', new Uint8Array(8))
      .data('.b', new Uint8Array(8))
      .rela('.a', 0, c.R_X86_64_64, 'x')
      .rela('.b', 0, c.R_X86_64_64, 'x')
      .bytes();
    expect(refusal(patchedSection(bytes, '.rela.b', 'sh_info', 1))).toBe(
      'XS103: section .a has two relocation sections',
    );
  });

  test('a symbol', () => {
    expect(refusal(patchedSymbol(small(), 'f', 'st_shndx', 99))).toBe(
      'XS103: symbol 2 is in section 99 of a file of 9 sections',
    );
    expect(refusal(patchedSymbol(small(), 'f', 'st_size', 7))).toBe(
      'XS103: symbol f (0x7 bytes at 0x0) ends beyond the 0x6 bytes of .text.f',
    );
    expect(refusal(patchedSymbol(small(), 'f', 'st_value', 0xffff_ffff_ffff_fffan))).toMatch(/ends beyond/);
  });

  test('a symbol table', () => {
    const patched = (field: keyof typeof SHDR, value: number): string =>
      refusal(patchedSection(small(), '.symtab', field, value));
    expect(patched('sh_link', 1)).toBe('XS103: sh_link of the symbol table (1) is no string table');
    expect(patched('sh_info', 5)).toBe('XS103: sh_info of the symbol table is 5, beyond its 4 symbols');
    expect(patched('sh_entsize', 0)).toMatch(
      /^XS103: the symbol table is not a whole number of 24-byte records/,
    );
    expect(refusal(patchedSection(small(), '.rela.text.f', 'sh_type', c.SHT_SYMTAB))).toBe(
      'XS103: the file has more than one symbol table',
    );
  });

  test('the table of section names', () => {
    expect(refusal(patchedHeader(small(), 'e_shstrndx', 0))).toBe(
      'XS103: e_shstrndx is 0 in a file of 9 sections',
    );
    expect(refusal(patchedHeader(small(), 'e_shstrndx', 1))).toBe(
      'XS103: the table of section names is not a string table inside the file',
    );
  });

  test('a group', () => {
    const bytes = small();
    const file = mustRead(bytes);
    const at = file.sections[file.groups[0].section].sh_offset;
    expect(refusal(patchedAt(bytes, at, [4, 4], 99))).toBe('XS103: group .group names section 99 of 9');
    expect(refusal(patchedSection(bytes, '.group', 'sh_info', 99))).toBe(
      'XS103: group .group is named by symbol 99 of 4',
    );
    expect(refusal(patchedSection(bytes, '.group', 'sh_size', 2))).toBe('XS103: group .group has 2 bytes');
  });

  test('names in messages cannot drive a terminal', () => {
    const bytes = new ElfBuilder()
      .data('\x1b[31m', new Uint8Array(4))
      .rela('\x1b[31m', 0, c.R_X86_64_32, 'x')
      .bytes();
    const message = refusal(patchedSection(bytes, 2, 'sh_info', 99));
    expect(message).toBe('XS103: sh_info of .rela\\x1b[31m (99) names no section');
  });
});
