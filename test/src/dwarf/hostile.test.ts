/**
 * Debug information that lies. Whatever the bytes say, reading and comparing end soon, in an answer: a comparison,
 * or that nothing is known. And no lie makes a real change go away.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareLayouts } from '../../../src/dwarf/compare-layouts.js';
import type { LayoutComparison } from '../../../src/dwarf/compare-layouts.js';
import * as c from '../../../src/dwarf/constants.js';
import { producersOf, readDwarf } from '../../../src/dwarf/read.js';
import type { Dwarf } from '../../../src/dwarf/read.js';
import type { ElfFile } from '../../../src/elf/read.js';
import { mustRead, sectionNamed } from '../../support/elf-builder.js';
import type { Attribute, DebugBytes, DraftDie } from './dwarf-builder.js';
import { debugObject, die, dwarfBytes, leb, named, placed, sized, typed, unit } from './dwarf-builder.js';
import { mustDwarf, objectBytes, PRODUCERS, told } from './objects.js';

const NOTHING = { changes: [], added: [], unknown: ['f'] };
const FUNCTIONS = ['f', 'use_inserted', 'use_by_inlining', 'use_local', 'use_nameless'];

function dwarfOf(...dies: DraftDie[]): Dwarf | undefined {
  return readDwarf(debugObject(dwarfBytes([unit(5, dies)])).read());
}

/** f() uses the types of these labels, and so they are compared. */
const f = (...labels: string[]): DraftDie =>
  die(c.DW_TAG_subprogram, [named('f')], {
    label: 'f',
    children: labels.map((label) => die(c.DW_TAG_formal_parameter, [typed(label)])),
  });
const INT = die(c.DW_TAG_base_type, [named('int'), sized(4)], { label: 'int' });
const typedef = (name: string, to: string): DraftDie =>
  die(c.DW_TAG_typedef, [named(name), typed(to)], { label: name });
const member = (name: string, type: string, at: number): DraftDie =>
  die(c.DW_TAG_member, [...(name === '' ? [] : [named(name)]), typed(type), placed(at)]);
function struct(name: string, bytes: number, ...children: DraftDie[]): DraftDie {
  const attributes = [...(name === '' ? [] : [named(name)]), sized(bytes)];
  return die(c.DW_TAG_structure_type, attributes, { label: name === '' ? 'nameless' : name, children });
}

/** Compares a file with itself; undefined when it is not understood from the start. */
function withItself(dwarf: Dwarf | undefined): LayoutComparison | undefined {
  return dwarf && compareLayouts(dwarf, dwarf, ['f']);
}

describe('types that are what they are made of', () => {
  test('a typedef of itself, a pointer to itself, an array of itself', () => {
    const pointer = die(c.DW_TAG_pointer_type, [typed('pointer')], { label: 'pointer' });
    const array = die(c.DW_TAG_array_type, [typed('array')], { label: 'array', children: [] });
    expect(withItself(dwarfOf(f('round'), typedef('round', 'round')))).toEqual(NOTHING);
    expect(withItself(dwarfOf(f('to'), pointer, typedef('to', 'pointer')))).toEqual(NOTHING);
    expect(withItself(dwarfOf(f('of'), array, typedef('of', 'array')))).toEqual(NOTHING);
  });

  test('qualifiers in a circle', () => {
    const one = die(c.DW_TAG_const_type, [typed('two')], { label: 'one' });
    const two = die(c.DW_TAG_volatile_type, [typed('one')], { label: 'two' });
    expect(withItself(dwarfOf(f('to'), one, two, typedef('to', 'one')))).toEqual(NOTHING);
  });

  test('a structure without a name inside itself', () => {
    const inside = struct('', 8, member('', 'nameless', 0));
    expect(withItself(dwarfOf(f('to'), inside, typedef('to', 'nameless')))).toEqual(NOTHING);
  });

  test('structures that contain each other still change', () => {
    const pair = (bytes: number): Dwarf | undefined =>
      dwarfOf(
        f('a'),
        struct('a', bytes, member('b', 'b', bytes - 8)),
        struct('b', bytes, member('a', 'a', bytes - 8)),
      );
    const [orig, patched] = [pair(16), pair(24)];
    if (orig === undefined || patched === undefined) throw new Error('not understood');
    expect(told(compareLayouts(orig, patched, ['f']))).toEqual([
      'struct a: size 16 -> 24',
      '  b: byte 8 -> byte 16',
      '  also changes: struct b (size 16 -> 24)',
    ]);
  });

  test('functions that come from each other, or are inlined in themselves', () => {
    const origin = (to: string): Attribute => [c.DW_AT_abstract_origin, c.DW_FORM_ref4, { to }];
    const g = die(c.DW_TAG_subprogram, [origin('h')], { label: 'g', children: [] });
    const h = die(c.DW_TAG_subprogram, [origin('g')], { label: 'h', children: [] });
    expect(withItself(dwarfOf(f(), g, h))).toEqual(NOTHING);
    const inlined = die(c.DW_TAG_inlined_subroutine, [origin('self')]);
    const self = die(c.DW_TAG_subprogram, [named('f')], { label: 'self', children: [inlined] });
    expect(withItself(dwarfOf(self))).toEqual({ ...NOTHING, unknown: [] });
  });
});

describe('lies that would cost more than they weigh', () => {
  /** Fails when the answer takes longer than a slow machine needs for an honest file of that size. */
  function soon(work: () => LayoutComparison | undefined): LayoutComparison | undefined {
    const begin = process.cpuUsage().user;
    const answer = work();
    expect((process.cpuUsage().user - begin) / 1e6).toBeLessThan(5);
    return answer;
  }

  test('structures that mention the next one twice, forty deep', () => {
    const levels = Array.from({ length: 40 }, (_, k) => {
      const next = k === 39 ? 'int' : `level ${k + 1}`;
      const children = [member('', next, 0), member('', next, 8), member(`m${k}`, 'int', 0)];
      return die(c.DW_TAG_structure_type, [sized(8)], { label: `level ${k}`, children });
    });
    const dwarf = dwarfOf(f('top'), INT, ...levels, typedef('top', 'level 0'));
    expect(soon(() => withItself(dwarf))).toEqual(NOTHING);
  });

  test('the same with names of members, and with a difference at the bottom', () => {
    const tower = (bytes: number): Dwarf | undefined => {
      const levels = Array.from({ length: 60 }, (_, k) => {
        const next = k === 59 ? 'bottom' : `level ${k + 1}`;
        const children = [member('a', next, 0), member('b', next, 8)];
        return die(c.DW_TAG_structure_type, [sized(8)], { label: `level ${k}`, children });
      });
      const bottom = die(c.DW_TAG_structure_type, [sized(8)], {
        label: 'bottom',
        children: [member('m', 'int', bytes)],
      });
      return dwarfOf(f('top'), INT, ...levels, bottom, typedef('top', 'level 0'));
    };
    const [orig, patched] = [tower(0), tower(4)];
    if (orig === undefined || patched === undefined) throw new Error('not understood');
    expect(soon(() => compareLayouts(orig, patched, ['f']))).toEqual(NOTHING);
  });

  test('a declaration of many attributes without bytes, and many DIEs that have them', () => {
    const count = 50_000;
    const attributes = Array.from({ length: count }, () => [...leb(0x2fff), c.DW_FORM_flag_present]).flat();
    const abbrev = [1, 0x11, 1, 0, 0, 2, c.DW_TAG_typedef, 0, ...attributes, 0, 0, 0];
    const dies = new Array<number>(count).fill(2);
    const length = 8 + 1 + dies.length;
    const header = [length & 0xff, (length >> 8) & 0xff, length >> 16, 0, 5, 0, 1, 8, 0, 0, 0, 0];
    const bytes: DebugBytes = { info: [...header, 1, ...dies], abbrev };
    expect(soon(() => withItself(readDwarf(debugObject(bytes).read())))).toEqual(NOTHING);
  });

  test('many units over one table of abbreviations, each from another byte of it', () => {
    const count = 3000;
    // Any byte of it begins a table that reaches to the end.
    const abbrev = [...new Array<number>(4 * count).fill(1), 0, 0, 0, 0, 0];
    const info = Array.from({ length: count }, (_, k) => [
      9,
      0,
      0,
      0,
      5,
      0,
      1,
      8,
      k & 0xff,
      k >> 8,
      0,
      0,
      1,
    ]).flat();
    expect(soon(() => withItself(readDwarf(debugObject({ info, abbrev }).read())))).toBeUndefined();
  });

  test('names that are all the tails of one long string', () => {
    const text = new Uint8Array(1 << 20).fill(0x61);
    text[text.length - 1] = 0;
    const types = Array.from({ length: 20_000 }, (_, k) =>
      die(c.DW_TAG_structure_type, [[c.DW_AT_name, c.DW_FORM_strp, k]]),
    );
    const object = debugObject(dwarfBytes([unit(5, [f(), ...types])]), { '.debug_str': text });
    expect(soon(() => withItself(readDwarf(object.read())))).toEqual(NOTHING);
  });

  test('lexical blocks in each other, a hundred thousand deep', () => {
    const depth = 100_000;
    const abbrev = [1, 0x11, 1, 0, 0, 2, c.DW_TAG_subprogram, 1, 3, 8, 0, 0, 3, 0x0b, 1, 0, 0, 0];
    const body = [2, 0x66, 0, ...new Array<number>(depth).fill(3), ...new Array<number>(depth + 2).fill(0)];
    const length = 9 + body.length;
    const header = [length & 0xff, (length >> 8) & 0xff, length >> 16, 0, 5, 0, 1, 8, 0, 0, 0, 0];
    const bytes = { info: [...header, 1, ...body], abbrev };
    expect(soon(() => withItself(readDwarf(debugObject(bytes).read())))).toEqual({ ...NOTHING, unknown: [] });
  });
});

/** All that anybody asks of debug information; fails on an exception and on functions that got lost. */
function mustSurvive(file: ElfFile, other: Dwarf): void {
  const dwarf = readDwarf(file);
  if (dwarf === undefined) return;
  producersOf(dwarf);
  for (const [orig, patched] of [
    [dwarf, dwarf],
    [other, dwarf],
    [dwarf, other],
  ]) {
    const { changes, unknown } = compareLayouts(orig, patched, FUNCTIONS);
    told({ changes });
    for (const name of unknown) expect(FUNCTIONS).toContain(name);
  }
}

/** Set by hand for a longer run; the seed is printed when something fails. */
const RUNS = Number(process.env['DWARF_FUZZ_RUNS'] ?? '150');

describe('random mutations', () => {
  const SECTIONS = ['.debug_info', '.debug_abbrev', '.debug_str', '.debug_str_offsets', '.rela.debug_info'];
  const samples = [
    ...PRODUCERS.map((producer) => `layouts-${producer}-orig`),
    'types-5-orig',
    'types-4-orig',
  ];

  test.each(samples)('of the debug sections of %s', (name) => {
    const bytes = objectBytes(name);
    const file = mustRead(bytes, { relocations: 'alloc' });
    const other = mustDwarf(name.replace('orig', 'patched'));
    const present = file.sections.filter((section) => SECTIONS.includes(section.name) && section.sh_size > 0);
    const edit = fc.constantFrom(...present).chain(({ sh_offset, sh_size }) =>
      fc.tuple(
        fc.nat(sh_size - 1).map((at) => sh_offset + at),
        fc.oneof(fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff), fc.nat(255)),
      ),
    );
    const edits = fc.array(edit, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(edits, (list) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, value] of list) copy[at] = value;
        mustSurvive({ ...file, bytes: copy }, other);
      }),
      { numRuns: RUNS },
    );
  });

  test.each(samples)('%s, its debug sections cut anywhere', (name) => {
    const file = mustRead(objectBytes(name), { relocations: 'alloc' });
    const other = mustDwarf(name.replace('orig', 'patched'));
    const cut = fc.tuple(fc.constantFrom('.debug_info', '.debug_abbrev', '.debug_str'), fc.nat(0xffff));
    fc.assert(
      fc.property(cut, ([section, where]) => {
        const { index, sh_size } = sectionNamed(file, section);
        const sections = file.sections.map((s) =>
          s.index === index ? { ...s, sh_size: where % sh_size } : s,
        );
        mustSurvive({ ...file, sections }, other);
      }),
      { numRuns: RUNS },
    );
  });

  test('of bytes that are no debug information at all', () => {
    const other = mustDwarf('layouts-gcc-5-orig');
    const header = [5, 0, 1, 8, 0, 0, 0, 0];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 100 }), (tail, abbrev) => {
        const info = [header.length + tail.length, 0, 0, 0, ...header, ...tail];
        const table = [1, 0x11, 1, 0, 0, ...abbrev];
        mustSurvive(debugObject({ info, abbrev: table }).read(), other);
        mustSurvive(debugObject({ info: [...tail], abbrev: table }).read(), other);
      }),
      { numRuns: RUNS * 2 },
    );
  });
});
