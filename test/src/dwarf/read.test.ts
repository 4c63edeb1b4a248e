/**
 * Which files are understood, and what becomes of forms, relocations and units that the compilers at hand do not
 * write, or do not write like that.
 */
import { describe, expect, test } from '@jest/globals';
import { deflateSync } from 'node:zlib';
import { compareLayouts } from '../../../src/dwarf/compare-layouts.js';
import * as c from '../../../src/dwarf/constants.js';
import { namedTypesOf } from '../../../src/dwarf/definitions.js';
import { producersOf, readDwarf } from '../../../src/dwarf/read.js';
import type { Dwarf } from '../../../src/dwarf/read.js';
import { Types } from '../../../src/dwarf/types.js';
import * as elf from '../../../src/elf/constants.js';
import { writeElf } from '../../../src/elf/write.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import type { Attribute, DraftDie, DraftUnit } from './dwarf-builder.js';
import { debugObject, die, dwarfBytes, named, placed, sized, typed, unit } from './dwarf-builder.js';
import { mustDwarf, objectBytes, told, tryDwarf } from './objects.js';

function understood(object: ElfBuilder): Dwarf {
  const dwarf = readDwarf(object.read({ relocations: 'alloc' }));
  if (dwarf === undefined) throw new Error('the debug information is not understood');
  return dwarf;
}

const namesOf = (dwarf: Dwarf): string[] =>
  dwarf.units.flatMap((one) => namedTypesOf(dwarf, one)).map(({ name }) => name);

/** `struct NAME { int m; }` of so many bytes. */
function struct(name: string, bytes: number, ...members: DraftDie[]): DraftDie {
  return die(c.DW_TAG_structure_type, [named(name), sized(bytes)], { label: name, children: members });
}
const member = (name: string, type: string, at: number): DraftDie =>
  die(c.DW_TAG_member, [named(name), typed(type), placed(at)]);
const INT = die(c.DW_TAG_base_type, [named('int'), sized(4)], { label: 'int' });
const subprogram = (name: string, ...children: DraftDie[]): DraftDie =>
  die(c.DW_TAG_subprogram, [named(name)], { label: name, children });

describe('files', () => {
  test('without debug information have none', () => {
    expect(tryDwarf(objectBytes('not-there'))).toBeUndefined();
    expect(readDwarf(new ElfBuilder().text('.text', [0xc3]).read())).toBeUndefined();
  });

  test.each(['not-understood-version-3', 'not-understood-64-bit', 'not-understood-split'])('%s', (name) => {
    expect(tryDwarf(objectBytes(name))).toBeUndefined();
  });

  test('tell who made them', () => {
    const [gcc, ...more] = producersOf(mustDwarf('layouts-gcc-5-orig'));
    expect(gcc).toMatch(/^GNU C99 .* -O2 /);
    expect(more).toEqual([]);
    const both = producersOf(mustDwarf('units-clang-orig'));
    expect(both.map((producer) => producer.replace(/.*clang/, 'clang').slice(0, 5))).toEqual([
      'clang',
      'clang',
    ]);
  });

  test('of several units have them in order', () => {
    expect(mustDwarf('units-gcc-orig').units.map(({ name }) => name)).toEqual(['other.c', 'layouts.c']);
  });
});

describe('forms', () => {
  const withName = (
    version: number,
    attribute: Attribute,
    attributes: readonly Attribute[] = [],
  ): DraftUnit =>
    unit(version, [die(c.DW_TAG_structure_type, [attribute, sized(4)], { children: [] })], { attributes });
  /** Bytes of .debug_str with `name` behind other strings. */
  const strings = Uint8Array.from(Buffer.from('\0first\0second\0', 'latin1'));

  test.each([4, 5])('strings in place and elsewhere, version %d', (version) => {
    const forms: Attribute[] = [named('second'), [c.DW_AT_name, c.DW_FORM_strp, 7]];
    for (const form of forms) {
      const object = debugObject(dwarfBytes([withName(version, form)]), { '.debug_str': strings });
      expect(namesOf(understood(object))).toEqual(['second']);
    }
  });

  test.each([
    ['DW_FORM_strx', [c.DW_FORM_strx, 2]],
    ['DW_FORM_strx1', [c.DW_FORM_strx1, Uint8Array.of(2)]],
    ['DW_FORM_strx2', [c.DW_FORM_strx2, Uint8Array.of(2, 0)]],
    ['DW_FORM_strx3', [c.DW_FORM_strx3, Uint8Array.of(2, 0, 0)]],
    ['DW_FORM_strx4', [c.DW_FORM_strx4, Uint8Array.of(2, 0, 0, 0)]],
  ] as const)('strings by index: %s', (_, [form, value]) => {
    const offsets = [16, 0, 0, 0, 5, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0];
    const based: Attribute[] = [[c.DW_AT_str_offsets_base, c.DW_FORM_sec_offset, 12]];
    const draft = withName(5, [c.DW_AT_name, form, value], based);
    const object = debugObject(dwarfBytes([draft]), {
      '.debug_str': strings,
      '.debug_str_offsets': offsets,
    });
    expect(namesOf(understood(object))).toEqual(['second']);
  });

  test('values whose form stands before them, and values that stand elsewhere', () => {
    const indirect: Attribute = [c.DW_AT_name, c.DW_FORM_indirect, Uint8Array.of(c.DW_FORM_string, 0x78, 0)];
    const implicit: Attribute = [c.DW_AT_byte_size, c.DW_FORM_implicit_const, 24];
    const draft = unit(5, [die(c.DW_TAG_structure_type, [indirect, implicit], { children: [] })]);
    const dwarf = understood(debugObject(dwarfBytes([draft])));
    const [found] = namedTypesOf(dwarf, dwarf.units[0]);
    expect([found.name, found.byteSize]).toEqual(['x', 24]);
  });

  test.each([
    ['block1', c.DW_FORM_block1, [2, 0, 0]],
    ['block2', c.DW_FORM_block2, [2, 0, 0, 0]],
    ['block4', c.DW_FORM_block4, [2, 0, 0, 0, 0, 0]],
    ['block', c.DW_FORM_block, [2, 0, 0]],
    ['exprloc', c.DW_FORM_exprloc, [2, 0, 0]],
    ['addr', c.DW_FORM_addr, [0, 0, 0, 0, 0, 0, 0, 0]],
    ['data16', c.DW_FORM_data16, new Array<number>(16).fill(0)],
    ['loclistx', c.DW_FORM_loclistx, [0x80, 1]],
    ['addrx3', c.DW_FORM_addrx3, [1, 2, 3]],
    ['GNU_addr_index', c.DW_FORM_GNU_addr_index, [0x80, 1]],
    ['string', c.DW_FORM_string, [0x61, 0x62, 0]],
    ['ref_sig8', c.DW_FORM_ref_sig8, [1, 2, 3, 4, 5, 6, 7, 8]],
    ['flag_present', c.DW_FORM_flag_present, []],
  ] as const)('what nobody asks for is passed over: %s', (_, form, bytes) => {
    const unknown: Attribute = [0x2fff, form, Uint8Array.from(bytes)];
    const after = die(c.DW_TAG_structure_type, [unknown, named('after')], { children: [] });
    const between = die(c.DW_TAG_structure_type, [unknown], { children: [die(0x34, [unknown])] });
    expect(namesOf(understood(debugObject(dwarfBytes([unit(5, [between, after])]))))).toEqual(['after']);
  });

  test('a form that nobody knows is not understood', () => {
    const unknown: Attribute = [0x2fff, 0x7f, Uint8Array.of(1)];
    const object = debugObject(dwarfBytes([unit(5, [die(0x34, [unknown])])]));
    expect(readDwarf(object.read())).toBeUndefined();
  });

  test.each([c.DW_FORM_strp_sup, c.DW_FORM_GNU_strp_alt])(
    'a name in another file is not understood: form %d',
    (form) => {
      const name: Attribute = [c.DW_AT_name, form, Uint8Array.of(1, 0, 0, 0)];
      const dies = [subprogram('f'), die(c.DW_TAG_typedef, [name])];
      const dwarf = understood(debugObject(dwarfBytes([unit(5, dies)])));
      // f is there, but what it may use cannot be read.
      expect(compareLayouts(dwarf, dwarf, ['f'])).toEqual({ changes: [], added: [], unknown: ['f'] });
      expect(() => namesOf(dwarf)).toThrow('a string in form');
    },
  );
});

describe('relocations', () => {
  /** A name at 0 in place; the relocation says that it is at 7. */
  const strp: Attribute = [c.DW_AT_name, c.DW_FORM_strp, 0];
  const draft = dwarfBytes([unit(5, [die(c.DW_TAG_structure_type, [strp, sized(4)], { children: [] })])]);
  /** The name stands behind the header, the abbreviation of the root and that of the structure. */
  const nameAt = 12 + 1 + 1;
  const strings = { '.debug_str': Uint8Array.from(Buffer.from('\0first\0second\0', 'latin1')) };

  test('through section symbols and through labels', () => {
    const bySection = debugObject(draft, strings);
    bySection.rela('.debug_info', nameAt, elf.R_X86_64_32, { section: '.debug_str' }, 7);
    expect(namesOf(understood(bySection))).toEqual(['second']);
    const byLabel = debugObject(draft, strings).symbol('.LASF1', { section: '.debug_str', value: 7 });
    byLabel.rela('.debug_info', nameAt, elf.R_X86_64_32, '.LASF1', 0);
    expect(namesOf(understood(byLabel))).toEqual(['second']);
  });

  test('leave the bytes of the file alone', () => {
    const object = debugObject(draft, strings);
    object.rela('.debug_info', nameAt, elf.R_X86_64_32, { section: '.debug_str' }, 7);
    const file = object.read();
    const before = Uint8Array.from(file.bytes);
    expect(readDwarf(file)).toBeDefined();
    expect(file.bytes).toEqual(before);
  });

  test('of addresses do not matter', () => {
    const object = debugObject(draft, strings).text('.text', [0xc3]);
    object.rela('.debug_info', nameAt, elf.R_X86_64_32, { section: '.debug_str' }, 7);
    object.rela('.debug_info', 0, elf.R_X86_64_64, { section: '.text' }, 7);
    expect(namesOf(understood(object))).toEqual(['second']);
  });
});

describe('units', () => {
  /** A structure in a unit of types, and a function of another unit that takes a pointer to it. */
  function typeUnits(version: number, bytes: number): ReturnType<typeof dwarfBytes> {
    const signature = 0x1234_5678;
    const held = unit(version, [INT, struct('held', bytes, member('m', 'int', bytes - 4))], {
      type: { label: 'held', signature },
    });
    const sig8: Attribute = [c.DW_AT_type, c.DW_FORM_ref_sig8, signature];
    const user = unit(version, [
      die(c.DW_TAG_pointer_type, [sig8], { label: 'pointer' }),
      subprogram('f', die(c.DW_TAG_formal_parameter, [typed('pointer')])),
    ]);
    return dwarfBytes([held, user]);
  }

  test('of types are found by their signatures, in version 5 among the others', () => {
    const [orig, patched] = [8, 12].map((bytes) => understood(debugObject(typeUnits(5, bytes))));
    const found = compareLayouts(orig, patched, ['f']);
    expect(told(found)).toEqual(['struct held: size 8 -> 12', '  m: byte 4 -> byte 8']);
    expect(found.changes[0].users).toEqual(['f']);
  });

  test('that lie in sections of their own are joined, and relocations with them', () => {
    // Two sections of one name: what refers to the second by relocation means its bytes, not those of the first.
    const first = dwarfBytes([unit(5, [struct('one', 4)])]);
    const second = dwarfBytes([
      unit(5, [
        INT,
        struct('two', 4, die(c.DW_TAG_member, [named('m'), [c.DW_AT_type, c.DW_FORM_ref_addr, 0]])),
      ]),
    ]);
    const abbrevs = [...first.abbrev, ...second.abbrev];
    const object = debugObject({ info: first.info, abbrev: abbrevs });
    object.section('.second', second.info, { flags: 0 });
    object.rela('.second', 8, elf.R_X86_64_32, { section: '.debug_abbrev' }, first.abbrev.length);
    const reference = second.info.length - 6;
    const intAt = 12 + 1;
    object.rela('.second', reference, elf.R_X86_64_32, { section: '.second' }, intAt);
    const drawn = object.describe();
    const sections = drawn.sections.map((s) => (s.name === '.second' ? { ...s, name: '.debug_info' } : s));
    expect(sections.filter((s) => s.name === '.debug_info')).toHaveLength(2);
    const dwarf = tryDwarf(writeElf({ ...drawn, sections }));
    if (dwarf === undefined) throw new Error('not understood');
    expect(namesOf(dwarf)).toEqual(['one', 'two']);
    const types = new Types(dwarf);
    const two = namedTypesOf(dwarf, dwarf.units[1])[0];
    expect(types.spell(types.fields(two)[0].type)).toBe('int');
  });
});

describe('compressed sections', () => {
  const { info, abbrev } = dwarfBytes([unit(5, [struct('packed', 4)])]);
  const header = (ch_type: number, ch_size: number): number[] => {
    const bytes = new Uint8Array(24);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, ch_type, true);
    view.setUint32(8, ch_size, true);
    return [...bytes];
  };
  const packed = (ch_type: number, ch_size: number, bytes: Uint8Array): ElfBuilder =>
    new ElfBuilder()
      .section('.debug_info', [...header(ch_type, ch_size), ...bytes], { flags: elf.SHF_COMPRESSED })
      .section('.debug_abbrev', abbrev, { flags: 0 });
  const deflated = new Uint8Array(deflateSync(Uint8Array.from(info)));

  test('are inflated', () => {
    expect(namesOf(understood(packed(1, info.length, deflated)))).toEqual(['packed']);
  });

  test.each([
    ['of another kind', packed(2, info.length, deflated)],
    ['larger than they say', packed(1, info.length - 1, deflated)],
    ['smaller than they say', packed(1, info.length + 1, deflated)],
    ['torn', packed(1, info.length, deflated.subarray(0, deflated.length - 6))],
    ['larger than is likely', packed(1, 1 << 24, new Uint8Array(deflateSync(new Uint8Array(1 << 24))))],
  ])('%s are not understood', (_, object) => {
    expect(readDwarf(object.read())).toBeUndefined();
  });
});
