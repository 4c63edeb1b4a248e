/** The dump of small objects, as text. */
import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import * as c from '../../../src/elf/constants.js';
import type { DumpField } from '../../../src/elf/dump.js';
import { dumpElf } from '../../../src/elf/dump.js';
import { buildNote } from '../../../src/elf/notes.js';
import { ElfBuilder, mustRead, patchedHeader, sectionNamed } from '../../support/elf-builder.js';

/** Stands for a disassembler: every e8 is a call of five bytes, everything else one byte. */
function callsAndBytes(bytes: Uint8Array, start: number): DumpField[] {
  const fields: DumpField[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes[at] === 0xe8 ? 5 : 1;
    const text = length === 5 ? `call from 0x${(start + at).toString(16)}` : 'byte';
    fields.push({ offset: at, length, text });
    at += length;
  }
  return fields;
}

const linesAbout = (dump: string, section: string): string[] => {
  const lines = dump.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`section ${section} `));
  const rest = lines.slice(first + 1);
  return rest.slice(
    0,
    rest.findIndex((line) => !line.startsWith(' ')),
  );
};

test('an object as a whole', () => {
  const object = new ElfBuilder()
    .text('.text', [0xc3, 0xe8, 0, 0, 0, 0, 0xc3])
    .strings('.rodata.str1.1', 'hello\n', 'a "b" \\ \x01\xe9')
    .data('.data', [1, 2, 3, 4, 0x41, 0x42, 0, 0])
    .bss('.bss', 16)
    .symbol('f', { section: '.text', value: 1, size: 6, type: c.STT_FUNC })
    .symbol('e', { section: '.text', size: 1, type: c.STT_FUNC, bind: c.STB_LOCAL })
    .symbol('shared', { place: 'common', value: 8, size: 16, type: c.STT_OBJECT })
    .symbol('fixed', { place: 'abs', value: 0xffff82d040200123n })
    .rela('.text', 2, c.R_X86_64_PLT32, 'printk', -4)
    .rela('.data', 0, c.R_X86_64_64, { section: '.rodata.str1.1' }, 7)
    .read();
  expect(dumpElf(object, { disassemble: callsAndBytes })).toBe(`e_type ET_REL
section .text SHT_PROGBITS SHF_ALLOC|SHF_EXECINSTR align 16 size 0x7
  e:
  +0x0: c3                       byte
  f:
  +0x1: e8 00 00 00 00           call from 0x1
        +0x2 R_X86_64_PLT32 printk-0x4
  +0x6: c3                       byte
section .rela.text SHT_RELA SHF_INFO_LINK align 8 for .text, 1 record entsize 24
section .rodata.str1.1 SHT_PROGBITS SHF_ALLOC|SHF_MERGE|SHF_STRINGS align 1 size 0x12 entsize 1
  +0x0: "hello\\n"
  +0x7: "a \\"b\\" \\\\ \\x01\\xe9"
section .data SHT_PROGBITS SHF_WRITE|SHF_ALLOC align 8 size 0x8
  +0x0: 01 02 03 04 41 42 00 00                          |....AB..|
        +0x0 R_X86_64_64 .rodata.str1.1+0x7
section .rela.data SHT_RELA SHF_INFO_LINK align 8 for .data, 1 record entsize 24
section .bss SHT_NOBITS SHF_WRITE|SHF_ALLOC align 8 size 0x10
section .symtab SHT_SYMTAB no flags align 8 entsize 24
section .strtab SHT_STRTAB no flags align 1
section .shstrtab SHT_STRTAB no flags align 1
symbol fixed <absolute> 0xffff82d040200123 size 0x0 STB_GLOBAL STT_NOTYPE STV_DEFAULT
symbol e .text+0x0 size 0x1 STB_LOCAL STT_FUNC STV_DEFAULT
symbol f .text+0x1 size 0x6 STB_GLOBAL STT_FUNC STV_DEFAULT
symbol <section> .rodata.str1.1+0x0 size 0x0 STB_LOCAL STT_SECTION STV_DEFAULT
symbol shared <common> align 8 size 0x10 STB_GLOBAL STT_OBJECT STV_DEFAULT
symbol printk <undefined> STB_GLOBAL STT_NOTYPE STV_DEFAULT
`);
});

describe('code', () => {
  test('without a disassembler it is hex', () => {
    const dump = dumpElf(new ElfBuilder().text('.text', [0xc3, 0x90]).read());
    expect(linesAbout(dump, '.text')).toEqual([`  +0x0: ${'c3 90'.padEnd(47)}  |..|`]);
  });

  test('bytes that the disassembler leaves out are hex, and answers beyond the section are ignored', () => {
    const disassemble = (): DumpField[] => [
      { offset: 1, length: 1, text: 'middle' },
      { offset: 0, length: 1, text: 'backwards' },
      { offset: 2, length: 9, text: 'too long' },
    ];
    const dump = dumpElf(new ElfBuilder().text('.text', [1, 2, 3]).read(), { disassemble });
    expect(linesAbout(dump, '.text')).toEqual([
      `  +0x0: ${'01'.padEnd(47)}  |.|`,
      `  +0x1: ${'02'.padEnd(24)} middle`,
      `  +0x2: ${'03'.padEnd(47)}  |.|`,
    ]);
  });
});

describe('data', () => {
  test('up to 256 bytes are shown, more are identified, relocations are always told', () => {
    const bytes = Uint8Array.from({ length: 257 }, (_, i) => i & 0xff);
    const dump = dumpElf(
      new ElfBuilder()
        .data('.data.small', bytes.subarray(0, 256))
        .data('.data.large', bytes)
        .rela('.data.large', 0x80, c.R_X86_64_64, 'x', 0x10)
        .rela('.data.large', 0x8, c.R_X86_64_64, 'x')
        .read(),
    );
    expect(linesAbout(dump, '.data.small')).toHaveLength(16);
    expect(linesAbout(dump, '.data.large')).toEqual([
      `  257 bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}`,
      '        +0x8 R_X86_64_64 x',
      '        +0x80 R_X86_64_64 x+0x10',
    ]);
  });

  test('structures are shown field by field when somebody can read them', () => {
    const object = new ElfBuilder()
      .data('.funcs', [1, 0, 0, 0, 2, 0])
      .rela('.funcs', 0, c.R_X86_64_32, 'f')
      .read();
    const decode = (section: { name: string }): DumpField[] | undefined =>
      section.name !== '.funcs'
        ? undefined
        : [
            { offset: 0, length: 4, text: 'name' },
            { offset: 4, length: 2, text: 'version 2' },
          ];
    expect(linesAbout(dumpElf(object, { decode }), '.funcs')).toEqual([
      `  +0x0: ${'01 00 00 00'.padEnd(24)} name`,
      '        +0x0 R_X86_64_32 f',
      `  +0x4: ${'02 00'.padEnd(24)} version 2`,
    ]);
  });

  test('runs of empty strings, which pad aligned ones, are one line; a missing zero is told', () => {
    const dump = (bytes: number[]): string[] =>
      linesAbout(
        dumpElf(
          new ElfBuilder()
            .section('.str', bytes, { flags: c.SHF_ALLOC | c.SHF_MERGE | c.SHF_STRINGS, entsize: 1 })
            .read(),
        ),
        '.str',
      );
    expect(dump([0x41, 0, 0, 0, 0, 0x42, 0, 0])).toEqual([
      '  +0x0: "A"',
      '  +0x2: "" 3 times',
      '  +0x5: "B"',
      '  +0x7: ""',
    ]);
    expect(dump([0, 0x41])).toEqual(['  +0x0: ""', '  +0x1: "A" without a zero']);
  });
});

describe('notes', () => {
  const buildId = Uint8Array.from({ length: 20 }, (_, i) => i);
  const note = buildNote({ name: 'GNU', type: c.NT_GNU_BUILD_ID, desc: buildId });
  const object = (bytes: Uint8Array): ReturnType<typeof mustRead> =>
    new ElfBuilder().section('.note.gnu.build-id', bytes, { type: c.SHT_NOTE, align: 4 }).read();

  test('are decoded; a build-id can be left out of goldens', () => {
    expect(linesAbout(dumpElf(object(note)), '.note.gnu.build-id')).toEqual([
      '  note GNU NT_GNU_BUILD_ID 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13',
    ]);
    expect(linesAbout(dumpElf(object(note), { stable: true }), '.note.gnu.build-id')).toEqual([
      '  note GNU NT_GNU_BUILD_ID <build-id, 20 bytes>',
    ]);
  });

  test('of other owners and without a description, and bytes that are no note', () => {
    const other = buildNote({ name: 'Xen', type: 7, desc: new Uint8Array(0) });
    expect(linesAbout(dumpElf(object(Uint8Array.of(...other, 1, 2))), '.note.gnu.build-id')).toEqual([
      '  note Xen NT_<0x7> empty',
      `  +0x10: ${'01 02'.padEnd(47)}  |..|`,
    ]);
  });
});

describe('names, never numbers', () => {
  test('a section or a symbol more changes only the lines about it', () => {
    const base = (): ElfBuilder =>
      new ElfBuilder().text('.text', [0xe8, 0, 0, 0, 0]).symbol('f', { section: '.text', size: 5 });
    const call = (builder: ElfBuilder): string[] =>
      dumpElf(builder.rela('.text', 1, c.R_X86_64_PLT32, 'printk', -4).read()).split('\n');
    const without = call(base());
    const more = call(
      new ElfBuilder()
        .bss('.bss', 4)
        .symbol('counter', { section: '.bss', bind: c.STB_LOCAL })
        .text('.text', [0xe8, 0, 0, 0, 0])
        .symbol('f', { section: '.text', size: 5 }),
    );
    expect(more.filter((line) => !without.includes(line))).toEqual([
      'section .bss SHT_NOBITS SHF_WRITE|SHF_ALLOC align 8 size 0x4',
      'symbol counter .bss+0x0 size 0x0 STB_LOCAL STT_NOTYPE STV_DEFAULT',
    ]);
    expect(without.filter((line) => !more.includes(line))).toEqual([]);
  });

  test('the order of symbols in the file does not matter', () => {
    const symbols = [
      ['a', 0],
      ['b', 4],
      ['c', 0],
    ] as const;
    const dump = (order: readonly number[]): string => {
      const builder = new ElfBuilder().data('.data', new Uint8Array(8));
      for (const i of order) builder.symbol(symbols[i][0], { section: '.data', value: symbols[i][1] });
      return dumpElf(builder.read());
    };
    expect(dump([2, 1, 0])).toBe(dump([0, 1, 2]));
  });

  test('the file of a local symbol is told when there are several', () => {
    const local = { section: '.data', bind: c.STB_LOCAL } as const;
    const file = { place: 'abs', bind: c.STB_LOCAL, type: c.STT_FILE } as const;
    const builder = new ElfBuilder().data('.data', [0]).symbol('a.c', file).symbol('x', local);
    expect(dumpElf(builder.read())).toContain(
      'symbol x .data+0x0 size 0x0 STB_LOCAL STT_NOTYPE STV_DEFAULT\n',
    );
    const dump = dumpElf(builder.symbol('b.c', file).symbol('x', local).read());
    expect(dump).toContain('STV_DEFAULT of a.c\n');
    expect(dump).toContain('STV_DEFAULT of b.c\n');
  });

  test('sections of one name are told apart, groups name their members', () => {
    const dump = dumpElf(
      new ElfBuilder()
        .text('.text', [0xc3])
        .text('.text', [0x90])
        .symbol('a', { section: '.text' })
        .group('.group', 'a', ['.text'])
        .read(),
    );
    expect(dump).toContain('section .text{2} SHT_PROGBITS');
    expect(dump).toContain('group .group GRP_COMDAT signature a\n  member .text\n');
  });

  test('control bytes and bytes beyond ASCII are escaped, long names cut', () => {
    const dump = dumpElf(new ElfBuilder().symbol('\x1b[31m\xe9 \\').symbol('x'.repeat(2000)).read());
    expect(dump).toContain('symbol \\x1b[31m\\xe9\\x20\\x5c <undefined>');
    expect(dump).toContain(`symbol ${'x'.repeat(1024)}…<2000 bytes> <undefined>`);
  });

  test('unknown types and flags are shown as numbers', () => {
    const dump = dumpElf(
      new ElfBuilder()
        .section('.odd', [], { type: 0x6000_0001, flags: 0x1000_0000 + c.SHF_ALLOC })
        .symbol('odd', { bind: 9, type: 12, visibility: 0x82 })
        .read(),
    );
    expect(dump).toContain('section .odd SHT_<0x60000001> SHF_ALLOC|0x10000000 align 1 size 0x0');
    expect(dump).toContain('symbol odd <undefined> STB_<0x9> STT_<0xc> STV_HIDDEN st_other 0x82');
  });
});

test('relocations that were not read are told', () => {
  const object = new ElfBuilder()
    .section('.debug', new Uint8Array(8), { flags: 0 })
    .rela('.debug', 0, c.R_X86_64_64, 'x');
  expect(dumpElf(object.read({ relocations: 'alloc' }))).toContain(
    'for .debug, 1 record, not read entsize 24',
  );
});

test('symbols of images are addresses', () => {
  const bytes = new ElfBuilder().data('.data', [1]).symbol('x', { section: '.data' }).bytes();
  const image = mustRead(patchedHeader(bytes, 'e_type', c.ET_EXEC));
  expect(sectionNamed(image, '.data').sh_addr).toBe(0n);
  expect(dumpElf(image)).toContain('symbol x 0x0 in .data size 0x0');
});
