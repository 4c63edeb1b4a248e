/**
 * What is said about two objects whose structures differ: the same for gcc and clang, DWARF 4 and 5, one unit or
 * several, units of types, compressed sections. The types are in objects/layouts.c.
 */
import { describe, expect, test } from '@jest/globals';
import { compareLayouts } from '../../../src/dwarf/compare-layouts.js';
import type { LayoutComparison } from '../../../src/dwarf/compare-layouts.js';
import { describeLayoutChange } from '../../../src/dwarf/layout-change.js';
import { EXPECTED_CHANGES, EXPECTED_USERS } from './expected-changes.js';
import { compareSides, mustDwarf, PRODUCERS, told } from './objects.js';

/** Leads to no type that changes, and stands in the same file as those that do. */
const BYSTANDER = 'use_constant';
const USERS = [...new Set(Object.values(EXPECTED_USERS).flat())];

/** The text about one type. */
function about(comparison: LayoutComparison, type: string): string[] {
  return told({ changes: comparison.changes.filter((change) => change.type === type) });
}

describe.each(PRODUCERS)('layouts.c compiled by %s', (producer) => {
  test('has these changes, for whichever of its functions one asks', () => {
    // A local type is looked at only for the function that has it.
    for (const other of [BYSTANDER, 'use_by_cast']) {
      const comparison = compareSides(`layouts-${producer}-SIDE`, [other, 'use_local']);
      expect(told(comparison)).toEqual(EXPECTED_CHANGES);
      expect(comparison.unknown).toEqual([]);
    }
  });

  test('tells which functions lead to a changed type', () => {
    const { changes } = compareSides(`layouts-${producer}-SIDE`, [BYSTANDER, 'use_by_cast', ...USERS]);
    const users = Object.fromEntries(changes.map(({ type, users: found }) => [type, found]));
    expect(users).toMatchObject(EXPECTED_USERS);
  });

  test('is not looked at for functions that it does not have', () => {
    const { changes, unknown } = compareSides(`layouts-${producer}-SIDE`, ['absent', 'callee', 'absent']);
    expect({ changes, unknown }).toEqual({ changes: [], unknown: ['absent', 'callee'] });
  });

  test('tells which types only the new side defines', () => {
    const { added } = compareSides(`layouts-${producer}-SIDE`, [BYSTANDER]);
    // clang leaves out the typedef u32_row where nothing uses it, gcc does not.
    expect(added.filter((name) => name !== 'u32_row')).toEqual(['struct novel', 'struct opaque_before']);
  });

  test('is as itself', () => {
    for (const side of ['orig', 'patched']) {
      const one = mustDwarf(`layouts-${producer}-${side}`);
      const other = mustDwarf(`layouts-${producer}-${side}`);
      const comparison = compareLayouts(one, other, [BYSTANDER, ...USERS]);
      expect(comparison).toEqual({ changes: [], added: [], unknown: [] });
    }
  });

  test('changes back when the sides are exchanged', () => {
    const patched = mustDwarf(`layouts-${producer}-patched`);
    const back = compareLayouts(patched, mustDwarf(`layouts-${producer}-orig`), [BYSTANDER]);
    expect(about(back, 'struct inserted')).toEqual([
      'struct inserted: size 24 -> 16',
      '  extra: gone, was u64 (8 bytes) at byte 8',
      '  b: byte 16 -> byte 8',
    ]);
    expect(about(back, 'enum state')).toEqual([
      'enum state: size 4, as before',
      '  STATE_WAKING: gone, was 1',
      '  STATE_ON: 2 -> 1',
    ]);
    // What came without harm is now gone, and nobody asks about the local type.
    const types = EXPECTED_CHANGES.filter((line) => !line.startsWith(' ')).map((line) => line.split(':')[0]);
    const expected = new Set([...types, 'enum grows', 'struct kind']);
    for (const other of ['struct local of use_local()', 'union kind']) expected.delete(other);
    expect(back.changes.map(({ type }) => type)).toEqual([...expected].sort());
  });
});

describe('the same source by two compilers', () => {
  const pairs = PRODUCERS.flatMap((one) => PRODUCERS.filter((p) => p !== one).map((other) => [one, other]));

  test.each(pairs)('%s and %s tell of the same layout', (one, other) => {
    for (const side of ['orig', 'patched']) {
      const comparison = compareLayouts(
        mustDwarf(`layouts-${one}-${side}`),
        mustDwarf(`layouts-${other}-${side}`),
        [BYSTANDER, ...USERS],
      );
      expect(told(comparison)).toEqual([]);
    }
  });

  test.each(pairs)('%s and %s tell of the same changes', (one, other) => {
    const comparison = compareLayouts(
      mustDwarf(`layouts-${one}-orig`),
      mustDwarf(`layouts-${other}-patched`),
      [BYSTANDER, 'use_local'],
    );
    expect(told(comparison)).toEqual(EXPECTED_CHANGES);
  });
});

describe.each(['gcc', 'clang'])('a file of several units, made by %s and ld -r', (compiler) => {
  const compare = (...functions: string[]): LayoutComparison =>
    compareSides(`units-${compiler}-SIDE`, functions);

  test('is looked at in the units of the functions', () => {
    expect(told(compare(BYSTANDER, 'use_local'))).toEqual(EXPECTED_CHANGES);
    expect(told(compare('use_other'))).toEqual([
      'struct elsewhere: size 4 -> 8',
      '  b: new, int (4 bytes) at byte 4',
    ]);
  });

  test('may have the same name for different things', () => {
    // other.c has a struct inserted of its own, which does not change; that of layouts.c does.
    const both = compare('use_other', 'use_inserted');
    expect(about(both, 'struct inserted')).toHaveLength(3);
    expect(both.changes.find(({ type }) => type === 'struct inserted')?.users).toEqual(['use_inserted']);
    expect(about(compare('use_elsewhere'), 'struct inserted')).toEqual([]);
  });
});

describe('other ways to store the same', () => {
  test.each(['types-4-SIDE', 'types-5-SIDE', 'packed-SIDE'])('%s', (name) => {
    const comparison = compareSides(name, [BYSTANDER, 'use_local']);
    expect(told(comparison)).toEqual(EXPECTED_CHANGES);
  });

  test('units of types lead to the same users', () => {
    const { changes } = compareSides('types-5-SIDE', [BYSTANDER, 'use_by_cast', ...USERS]);
    const users = Object.fromEntries(changes.map(({ type, users: found }) => [type, found]));
    expect(users).toMatchObject(EXPECTED_USERS);
  });
});

describe('text', () => {
  test('may be short, but not by a line that says no less', () => {
    const { changes } = compareSides('layouts-gcc-5-SIDE', [BYSTANDER]);
    const [bits, inner] = ['struct bits', 'struct inner'].map((name) =>
      changes.find(({ type }) => type === name),
    );
    if (bits === undefined || inner === undefined) throw new Error('no such change');
    expect(describeLayoutChange(bits, 1)).toEqual([
      'struct bits: size 16, as before',
      '  e: gone, was u64 at byte 12 bit 1, 7 bits',
      '  and 2 more',
    ]);
    expect(describeLayoutChange(bits, 2)).toEqual(describeLayoutChange(bits));
    expect(
      describeLayoutChange({ ...inner, alsoChanged: [{ type: 'struct s', oldSize: 8, newSize: 8 }] }, 1),
    ).toEqual([
      'struct inner: size 8 -> 16',
      '  y: new, u64 (8 bytes) at byte 8',
      '  also changes: struct s (size 8, as before)',
    ]);
  });
});

describe('symbols and functions', () => {
  test('a clone or a cold part is found by the function that it is of', () => {
    const names = ['use_inserted.isra.0', 'use_inserted.cold', 'use_near_one.part.0.constprop.1', '.text'];
    const { changes, unknown } = compareSides('layouts-gcc-5-SIDE', names);
    expect(unknown).toEqual(['.text']);
    expect(changes.find(({ type }) => type === 'struct inserted')?.users).toEqual([
      'use_inserted.cold',
      'use_inserted.isra.0',
    ]);
  });

  test('a function that is inlined everywhere is found, too', () => {
    const { changes, unknown } = compareSides('layouts-gcc-5-SIDE', ['inlined']);
    expect(unknown).toEqual([]);
    expect(changes.find(({ type }) => type === 'struct inlined_only')?.users).toEqual(['inlined']);
  });

  test('no functions, no changes', () => {
    expect(compareSides('layouts-gcc-5-SIDE', [])).toEqual({ changes: [], added: [], unknown: [] });
  });

  test('order and repetition of the names do not matter', () => {
    const names = [...USERS, 'absent', BYSTANDER];
    const once = compareSides('layouts-gcc-5-SIDE', names);
    expect(compareSides('layouts-gcc-5-SIDE', [...names, ...names].reverse())).toEqual(once);
  });

  test('asking again gives the same answer, however often', () => {
    const orig = mustDwarf('layouts-gcc-5-orig');
    const patched = mustDwarf('layouts-gcc-5-patched');
    const first = compareLayouts(orig, patched, [BYSTANDER]);
    for (let k = 0; k < 200; k++) compareLayouts(orig, patched, [BYSTANDER]);
    expect(compareLayouts(orig, patched, [BYSTANDER])).toEqual(first);
  });
});
