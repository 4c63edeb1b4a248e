/** What the reader gives for well-formed files, field by field. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { readElf, sectionBytes, symbolSection } from '../../../src/elf/read.js';
import {
  ElfBuilder,
  mustRead,
  patchedHeader,
  patchedSymbol,
  sectionNamed,
  tryRead,
} from '../../support/elf-builder.js';

const object = (): ElfBuilder =>
  new ElfBuilder()
    .text('.text.f', [0xe8, 0, 0, 0, 0, 0xc3])
    .data('.data', [1, 2, 3, 4, 5, 6, 7, 8])
    .section('.debug', [0, 0, 0, 0, 0, 0, 0, 0], { flags: 0 })
    .symbol('counter', { section: '.data', size: 4, bind: c.STB_LOCAL, type: c.STT_OBJECT, value: 4 })
    .symbol('f', { section: '.text.f', size: 6, type: c.STT_FUNC, visibility: c.STV_HIDDEN })
    .rela('.text.f', 1, c.R_X86_64_PLT32, 'printk', -4)
    .rela('.data', 0, c.R_X86_64_64, { section: '.text.f' }, 2)
    .rela('.debug', 0, c.R_X86_64_64, 'f', 0);

describe('header and sections', () => {
  test('fields and bytes of sections', () => {
    const file = object().read();
    expect(file.header).toMatchObject({ e_type: c.ET_REL, e_machine: c.EM_X86_64, osabi: 0, abiversion: 0 });
    const section = sectionNamed(file, '.data');
    expect(section).toMatchObject({
      sh_type: c.SHT_PROGBITS,
      sh_flags: c.SHF_ALLOC | c.SHF_WRITE,
      sh_addr: 0n,
      sh_size: 8,
      sh_addralign: 8,
    });
    expect([...sectionBytes(file, section)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('the bytes may begin anywhere in their buffer', () => {
    const bytes = object().bytes();
    const shifted = new Uint8Array(new SharedArrayBuffer(bytes.length + 13), 13);
    shifted.set(bytes);
    const file = mustRead(shifted);
    expect(file.symbols.names).toEqual(mustRead(bytes).symbols.names);
    expect([...sectionBytes(file, sectionNamed(file, '.text.f'))]).toEqual([0xe8, 0, 0, 0, 0, 0xc3]);
  });

  test('flags keep their low 53 bits exactly when higher ones are set', () => {
    const bytes = object().bytes();
    const file = mustRead(bytes);
    const at = file.header.e_shoff + sectionNamed(file, '.data').index * c.SHDR_SIZE + 8;
    new DataView(bytes.buffer).setBigUint64(at, 0xffff_ffff_ffff_ffffn, true);
    const { sh_flags } = sectionNamed(mustRead(bytes), '.data');
    expect(sh_flags).toBe(Number.MAX_SAFE_INTEGER);
    expect(sh_flags & c.SHF_ALLOC).toBe(c.SHF_ALLOC);
  });

  test('a file without sections is an ElfFile with nothing in it', () => {
    const bytes = object().bytes().slice(0, c.EHDR_SIZE);
    bytes.fill(0, 40, 48);
    const file = mustRead(bytes);
    expect(file).toMatchObject({ sections: [], relas: [], groups: [] });
    expect(file.symbols.count).toBe(0);
  });

  test('a file with sections and without symbols', () => {
    const plain = new ElfBuilder().data('.data', [1]).bytes();
    const file = mustRead(plain);
    expect(file.symbols.count).toBe(1);
    const view = new DataView(plain.buffer);
    const at = file.header.e_shoff + sectionNamed(file, '.symtab').index * c.SHDR_SIZE;
    view.setUint32(at + 4, c.SHT_PROGBITS, true);
    expect(mustRead(plain).symbols).toMatchObject({ section: 0, count: 0, names: [] });
  });
});

describe('symbols', () => {
  test('columns, locals first', () => {
    const { symbols, sections } = object().read();
    expect(symbols.names).toEqual(['', 'counter', '', 'f', 'printk']);
    expect(symbols.firstGlobal).toBe(3);
    const f = symbols.names.indexOf('f');
    expect(c.stBind(symbols.st_info[f])).toBe(c.STB_GLOBAL);
    expect(c.stType(symbols.st_info[f])).toBe(c.STT_FUNC);
    expect(c.stVisibility(symbols.st_other[f])).toBe(c.STV_HIDDEN);
    expect(symbols.st_size[f]).toBe(6n);
    expect(symbols.st_value[1]).toBe(4n);
    expect(sections[symbolSection(symbols, f) ?? 0].name).toBe('.text.f');
    expect(symbolSection(symbols, symbols.names.indexOf('printk'))).toBeUndefined();
  });

  test('reserved section numbers are kept apart from real ones', () => {
    const bytes = object()
      .symbol('absolute', { place: 'abs', value: 0xffff82d040200123n })
      .symbol('shared', { place: 'common', value: 8, size: 16 })
      .symbol('odd', { place: 'abs' })
      .bytes();
    const { symbols } = mustRead(patchedSymbol(bytes, 'odd', 'st_shndx', 0xff20));
    const shndx = (name: string): number => symbols.st_shndx[symbols.names.indexOf(name)];
    expect(shndx('absolute')).toBe(c.RESERVED_SHNDX + c.SHN_ABS);
    expect(shndx('shared')).toBe(c.RESERVED_SHNDX + c.SHN_COMMON);
    expect(shndx('odd')).toBe(c.RESERVED_SHNDX + 0xff20);
    expect(symbolSection(symbols, symbols.names.indexOf('absolute'))).toBeUndefined();
    expect(symbols.st_value[symbols.names.indexOf('absolute')]).toBe(0xffff82d040200123n);
  });

  test('an object without section symbols', () => {
    const { symbols } = new ElfBuilder()
      .text('.text', [0xc3])
      .symbol('f', { section: '.text', size: 1 })
      .read();
    expect([...symbols.st_info].map(c.stType)).not.toContain(c.STT_SECTION);
    expect(symbols.firstGlobal).toBe(1);
  });

  test('names are byte strings', () => {
    const { symbols } = new ElfBuilder().symbol('caf\xe9\x01').read();
    expect(symbols.names[1]).toBe('caf\xe9\x01');
  });
});

describe('relocations', () => {
  test('columns, by target', () => {
    const file = object().read();
    const text = sectionNamed(file, '.text.f');
    const table = file.relas[file.relaOf[text.index]];
    expect(table).toMatchObject({ target: text.index, count: 1 });
    expect([table.r_offset[0], table.r_type[0], table.r_addend[0]]).toEqual([1, c.R_X86_64_PLT32, -4]);
    expect(file.symbols.names[table.r_sym[0]]).toBe('printk');
    expect(file.relaOf[0]).toBe(-1);
  });

  test('only those of loaded sections are read unless more are asked for', () => {
    const targets = (file: ReturnType<typeof mustRead>): string[] =>
      file.relas.map((t) => file.sections[t.target].name);
    expect(targets(object().read({}))).toEqual(['.text.f', '.data']);
    expect(targets(object().read({ relocations: 'all' }))).toEqual(['.text.f', '.data', '.debug']);
    expect(targets(object().read({ relocations: 'none' }))).toEqual([]);
  });

  test('addends are exact in both directions up to 2^53', () => {
    const large = Number.MAX_SAFE_INTEGER;
    const file = new ElfBuilder()
      .data('.data', new Uint8Array(32))
      .rela('.data', 0, c.R_X86_64_64, 'a', large)
      .rela('.data', 8, c.R_X86_64_64, 'a', -large)
      .rela('.data', 16, c.R_X86_64_64, 'none', -1)
      .rela('.data', 24, c.R_X86_64_64, 'a', -0x7d2fc0000000)
      .read();
    expect([...file.relas[0].r_addend]).toEqual([large, -large, -1, -0x7d2fc0000000]);
    expect(file.relas[0].r_sym[2]).toBe(0);
  });

  test('images (ET_EXEC) are read without relocations, and their symbols are addresses', () => {
    const bytes = patchedSymbol(
      patchedHeader(object().bytes(), 'e_type', c.ET_EXEC),
      'f',
      'st_value',
      0xffff82d040200123n,
    );
    const file = mustRead(bytes);
    expect(file.relas).toEqual([]);
    expect(file.symbols.st_value[file.symbols.names.indexOf('f')]).toBe(0xffff82d040200123n);
  });
});

test('groups: flags, signature and members', () => {
  const file = new ElfBuilder()
    .text('.text.inline', [0xe8, 0, 0, 0, 0])
    .symbol('inlined', { section: '.text.inline', bind: c.STB_WEAK })
    .rela('.text.inline', 1, c.R_X86_64_PLT32, 'printk', -4)
    .group('.group', 'inlined', ['.text.inline'])
    .read();
  expect(file.groups).toHaveLength(1);
  const group = file.groups[0];
  expect(group.flags).toBe(c.GRP_COMDAT);
  expect(file.symbols.names[group.signature]).toBe('inlined');
  expect(group.members.map((m) => file.sections[m].name)).toEqual(['.text.inline', '.rela.text.inline']);
});

describe('what is refused, and how', () => {
  const codes = (bytes: Uint8Array): string[] => tryRead(bytes).diagnostics.map((d) => d.code);

  test('XS101: not ELF', () => {
    expect(codes(new Uint8Array(0))).toEqual(['XS101']);
    expect(codes(Uint8Array.of(0x7f, 0x45))).toEqual(['XS101']);
    expect(codes(new TextEncoder().encode('!<arch>\nfoo.o/'))).toEqual(['XS101']);
  });

  test('XS102: another class, byte order or machine', () => {
    const bytes = object().bytes();
    expect(codes(patchedHeader(bytes, 'EI_CLASS', 1))).toEqual(['XS102']);
    expect(codes(patchedHeader(bytes, 'EI_DATA', 2))).toEqual(['XS102']);
    expect(codes(patchedHeader(bytes, 'e_machine', 40))).toEqual(['XS102']);
  });

  test('a diagnostic names the object, says what to do, and is the only one', () => {
    const found: unknown[] = [];
    expect(readElf('common/x.o', Uint8Array.of(1), (d) => found.push(d))).toBeUndefined();
    expect(found).toEqual([
      expect.objectContaining({ severity: 'error', at: { object: 'common/x.o' }, hint: expect.any(String) }),
    ]);
  });
});
