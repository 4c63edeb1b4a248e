/** More than 65,279 sections: e_shnum and e_shstrndx move to section header 0, st_shndx to SHT_SYMTAB_SHNDX. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { dumpElf } from '../../../src/elf/dump.js';
import type { ElfFile } from '../../../src/elf/read.js';
import { symbolSection } from '../../../src/elf/read.js';
import { verifyObject } from '../../../src/elf/verify.js';
import type { OutputObject } from '../../../src/elf/write.js';
import { writeElf } from '../../../src/elf/write.js';
import { mustRead, patchedSection, sectionNamed, tryRead } from '../../support/elf-builder.js';

const COUNT = 66_000;

/** Section i is `.data.<i>`, one byte long, and defines `v<i>`; every thousandth is relocated. */
function manySections(): OutputObject {
  const empty = {
    sh_type: c.SHT_PROGBITS,
    sh_flags: c.SHF_ALLOC | c.SHF_WRITE,
    sh_addralign: 1,
    sh_entsize: 0,
  };
  return {
    sections: Array.from({ length: COUNT }, (_, i) => ({
      ...empty,
      name: `.data.${i}`,
      bytes: Uint8Array.of(i & 0xff),
      ...(i % 1000 === 0 ? { relas: [{ r_offset: 0, r_type: c.R_X86_64_8, symbol: i, r_addend: i }] } : {}),
    })),
    symbols: Array.from({ length: COUNT }, (_, i) => ({
      name: `v${i}`,
      st_info: c.stInfo(c.STB_GLOBAL, c.STT_OBJECT),
      st_other: 0,
      section: i,
      st_value: 0,
      st_size: 1,
    })),
  };
}

describe('SHN_XINDEX', () => {
  let bytes: Uint8Array;
  let file: ElfFile;
  beforeAll(() => {
    bytes = writeElf(manySections());
    file = mustRead(bytes);
  });

  test('the ELF header says that section header 0 knows', () => {
    const view = new DataView(bytes.buffer);
    expect(view.getUint16(60, true)).toBe(0);
    expect(view.getUint16(62, true)).toBe(c.SHN_XINDEX);
    expect(file.header.shnum).toBe(1 + COUNT + COUNT / 1000 + 4);
    expect(file.sections[file.header.shstrndx].name).toBe('.shstrtab');
  });

  test('every symbol is in its section', () => {
    const { symbols, sections } = file;
    const wrong = symbols.names.filter(
      (name, i) => i > 0 && sections[symbolSection(symbols, i) ?? 0].name !== `.data.${name.slice(1)}`,
    );
    expect(wrong).toEqual([]);
  });

  test('real sections with numbers like SHN_ABS are no absolute symbols', () => {
    const { symbols } = file;
    const numbers = new Set(symbols.st_shndx);
    expect(numbers.has(c.SHN_ABS)).toBe(true);
    expect(numbers.has(c.SHN_COMMON)).toBe(true);
    const i = symbols.st_shndx.indexOf(c.SHN_ABS);
    expect(symbolSection(symbols, i)).toBe(c.SHN_ABS);
  });

  test('relocations name their targets, and the verifier is content', () => {
    expect(file.relas).toHaveLength(COUNT / 1000);
    const last = file.relas[file.relas.length - 1];
    expect(file.sections[last.target].name).toBe('.data.65000');
    expect(file.symbols.names[last.r_sym[0]]).toBe('v65000');
    expect(verifyObject(file)).toEqual([]);
    expect(dumpElf(file)).toContain(
      'symbol v65999 .data.65999+0x0 size 0x1 STB_GLOBAL STT_OBJECT STV_DEFAULT',
    );
  });

  test('SHN_XINDEX without a SHT_SYMTAB_SHNDX entry is refused', () => {
    const cut = patchedSection(bytes, '.symtab_shndx', 'sh_size', 40_000);
    expect(tryRead(cut).diagnostics[0]?.message).toMatch(/symbol \d+ has SHN_XINDEX and no entry/);
    const gone = patchedSection(bytes, '.symtab_shndx', 'sh_type', c.SHT_PROGBITS);
    expect(tryRead(gone).diagnostics[0]?.code).toBe('XS103');
    expect(sectionNamed(file, '.symtab_shndx').sh_link).toBe(file.symbols.section);
  });
});
