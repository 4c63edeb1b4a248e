/**
 * What types look like to us: the same members at the same places as binutils find in the same objects, and names
 * as one would write them in C.
 */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/dwarf/constants.js';
import { namedTypesOf } from '../../../src/dwarf/definitions.js';
import { readDwarf } from '../../../src/dwarf/read.js';
import type { Dwarf } from '../../../src/dwarf/read.js';
import { isAggregate, Types } from '../../../src/dwarf/types.js';
import { isInstalled } from '../elf/readelf.js';
import type { DraftDie } from './dwarf-builder.js';
import { debugObject, die, dwarfBytes, named, placed, sized, typed, unit } from './dwarf-builder.js';
import { mustDwarf, objectPath, PRODUCERS } from './objects.js';
import { readelfMembers } from './readelf-members.js';

const withReadelf = isInstalled('readelf')
  ? test
  : (name: string, body: () => void): void => test.skip(`${name} (skipped: readelf is not installed)`, body);

/** As readelfMembers() has them. */
function ourMembers(dwarf: Dwarf): string[] {
  const types = new Types(dwarf);
  return dwarf.units
    .flatMap((one) => namedTypesOf(dwarf, one))
    .filter((type) => isAggregate(type.tag))
    .map((type) => {
      const members = types
        .fields(type)
        .map(({ name, start, bits }) => ` ${name}@${start}${bits === undefined ? '' : `/${bits}`}`);
      return `${type.name} ${type.byteSize ?? '?'}:${members.join('')}`;
    })
    .sort();
}

describe('members of all structures', () => {
  for (const producer of PRODUCERS) {
    for (const side of ['orig', 'patched']) {
      withReadelf(`are where readelf finds them: layouts-${producer}-${side}.o`, () => {
        const theirs = readelfMembers(objectPath(`layouts-${producer}-${side}`));
        expect(theirs.length).toBeGreaterThan(30);
        expect(ourMembers(mustDwarf(`layouts-${producer}-${side}`))).toEqual(theirs);
      });
    }
  }
});

/** Types of one unit, by the labels that the DIEs have. */
function typesOf(version: number, dies: readonly DraftDie[]): { types: Types; at: (name: string) => number } {
  const dwarf = readDwarf(debugObject(dwarfBytes([unit(version, dies)])).read());
  if (dwarf === undefined) throw new Error('the debug information is not understood');
  const { places } = dwarf.units[0];
  const byName = new Map(places.map((place) => [dwarf.die(place).name, place]));
  return { types: new Types(dwarf), at: (name) => byName.get(name) ?? 0 };
}

const INT = die(c.DW_TAG_base_type, [named('int'), sized(4)], { label: 'int' });
const ALIAS = (name: string, type: string): DraftDie => die(c.DW_TAG_typedef, [named(name), typed(type)]);
const pointer = (label: string, to?: string): DraftDie =>
  die(c.DW_TAG_pointer_type, to === undefined ? [] : [typed(to)], { label });

describe('places of members', () => {
  const member = (...attributes: Parameters<typeof die>[1]): DraftDie =>
    die(c.DW_TAG_member, [named('m'), typed('int'), ...attributes]);
  const startOf = (version: number, one: DraftDie): number => {
    const whole = die(c.DW_TAG_structure_type, [named('s'), sized(16)], { children: [one] });
    const { types, at } = typesOf(version, [INT, whole]);
    return types.fields(types.dwarf.die(at('s')))[0].start;
  };

  test('may be expressions, as in DWARF 2', () => {
    const expression = Uint8Array.of(3, c.DW_OP_plus_uconst, 0x88, 0x01);
    const form = [c.DW_AT_data_member_location, c.DW_FORM_exprloc, expression] as const;
    expect(startOf(4, member(form))).toBe(0x88 * 8);
  });

  test('count from the highest bit of the storage in DWARF 4', () => {
    const bits = (storage: number, fromTop: number, count: number): DraftDie =>
      member(
        sized(storage),
        [c.DW_AT_bit_offset, c.DW_FORM_sdata, fromTop],
        [c.DW_AT_bit_size, c.DW_FORM_data1, count],
        placed(4),
      );
    expect(startOf(4, bits(4, 29, 3))).toBe(32);
    expect(startOf(4, bits(4, 0, 3))).toBe(32 + 29);
    expect(startOf(4, bits(1, -4, 8))).toBe(32 + 4);
  });

  test('take the storage from the type where none is given', () => {
    const one = member([c.DW_AT_bit_offset, c.DW_FORM_data1, 2], [c.DW_AT_bit_size, c.DW_FORM_data1, 5]);
    expect(startOf(4, one)).toBe(32 - 2 - 5);
  });

  test('count from the beginning of the structure in DWARF 5', () => {
    const form = [c.DW_AT_data_bit_offset, c.DW_FORM_udata, 300] as const;
    expect(startOf(5, member(form, [c.DW_AT_bit_size, c.DW_FORM_data1, 5]))).toBe(300);
  });

  test('that are computed at run time are not understood', () => {
    const expression = Uint8Array.of(2, c.DW_OP_plus_uconst + 1, 1);
    expect(() => startOf(4, member([c.DW_AT_data_member_location, c.DW_FORM_exprloc, expression]))).toThrow(
      'the place of the member',
    );
  });
});

describe('arrays', () => {
  const array = (label: string, of: string, ...counts: (number | undefined)[]): DraftDie =>
    die(c.DW_TAG_array_type, [typed(of)], {
      label,
      children: counts.map((count) =>
        die(c.DW_TAG_subrange_type, count === undefined ? [] : [[c.DW_AT_count, c.DW_FORM_udata, count]]),
      ),
    });

  test('of arrays are arrays of more dimensions', () => {
    const dies = [INT, array('row', 'int', 3), array('grid', 'row', 2, 5), ALIAS('grid_t', 'grid')];
    const { types, at } = typesOf(5, dies);
    const grid = types.target(at('grid_t'));
    if (grid === undefined) throw new Error('no grid');
    expect(types.array(grid).counts).toEqual([2, 5, 3]);
    expect(types.size(at('grid_t'))).toBe(4 * 2 * 5 * 3);
  });

  test('without a bound have no size', () => {
    const { types, at } = typesOf(5, [INT, array('tail', 'int', undefined), ALIAS('tail_t', 'tail')]);
    expect(types.size(at('tail_t'))).toBeUndefined();
    expect(types.spell(types.dwarf.die(at('tail_t')).type)).toBe('int[]');
  });

  test('of no elements may have an upper bound of -1, of any width', () => {
    const bounded = (form: number, bound: number): DraftDie =>
      die(c.DW_TAG_array_type, [typed('int')], {
        label: 'array',
        children: [die(c.DW_TAG_subrange_type, [[c.DW_AT_upper_bound, form, bound]])],
      });
    for (const form of [c.DW_FORM_sdata, c.DW_FORM_data4, c.DW_FORM_data8]) {
      const { types, at } = typesOf(4, [INT, bounded(form, -1), ALIAS('none', 'array')]);
      expect(types.size(at('none'))).toBe(0);
    }
  });
});

describe('types in C words', () => {
  const qualifier = (tag: number, label: string, of: string): DraftDie => die(tag, [typed(of)], { label });
  const fn = (label: string, result: string, ...parameters: string[]): DraftDie =>
    die(c.DW_TAG_subroutine_type, [typed(result)], {
      label,
      children: parameters.map((p) =>
        p === '...' ? die(c.DW_TAG_unspecified_parameters, []) : die(c.DW_TAG_formal_parameter, [typed(p)]),
      ),
    });
  const dies = [
    INT,
    qualifier(c.DW_TAG_const_type, 'const int', 'int'),
    pointer('int *', 'int'),
    pointer('const int *', 'const int'),
    qualifier(c.DW_TAG_volatile_type, 'int *volatile', 'int *'),
    pointer('int *volatile *', 'int *volatile'),
    pointer('void *'),
    die(c.DW_TAG_array_type, [typed('int *')], {
      label: 'int *[4]',
      children: [die(c.DW_TAG_subrange_type, [[c.DW_AT_upper_bound, c.DW_FORM_data1, 3]])],
    }),
    pointer('int *(*)[4]', 'int *[4]'),
    die(c.DW_TAG_union_type, [sized(4)], { label: 'union {...}', children: [] }),
    pointer('union {...} *', 'union {...}'),
    fn('int (int, ...)', 'int', 'int', '...'),
    pointer('int (*)(int, ...)', 'int (int, ...)'),
    fn('void * (void)', 'void *'),
    pointer('void *(*)(void)', 'void * (void)'),
  ];
  const labels = dies.flatMap(({ label }) => (label === undefined ? [] : [label]));
  const { types, at } = typesOf(5, [...dies, ...labels.map((label) => ALIAS(`to ${label}`, label))]);

  test.each(labels.filter((label) => !/^(int|void \*) \(/.test(label)))('%s', (label) => {
    expect(types.spell(types.dwarf.die(at(`to ${label}`)).type)).toBe(label);
  });
});
