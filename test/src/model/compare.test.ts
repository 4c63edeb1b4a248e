/** When two functions do the same, through the whole first half: what is told changed, and why. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { changedNames, compareObjects, reasonsOf } from '../../support/in-memory.js';

const LEA = [0x48, 0x8d, 0x05, 0, 0, 0, 0];
const FILE = { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL } as const;

/** A function f whose lea refers into a section of constants; a function g besides. */
function withConstants(
  build: (object: ElfBuilder) => ElfBuilder,
  section: string,
  distance: number,
): ElfBuilder {
  return build(
    new ElfBuilder()
      .symbol('x.c', FILE)
      .text('.text.f', [...LEA, 0xc3])
      .text('.text.g', [0x90, 0xc3])
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 8 })
      .symbol('g', { section: '.text.g', type: c.STT_FUNC, size: 2 }),
  ).rela('.text.f', 3, c.R_X86_64_PC32, { section }, distance - 4);
}

const strings =
  (...texts: string[]) =>
  (object: ElfBuilder): ElfBuilder =>
    object.strings('.rodata.str1.1', ...texts);

describe('strings', () => {
  test('that move are the same, those that change are told', () => {
    const before = withConstants(strings('hello', 'other'), '.rodata.str1.1', 0);
    const moved = withConstants(strings('new one', 'hello'), '.rodata.str1.1', 8);
    const changed = withConstants(strings('hallo', 'other'), '.rodata.str1.1', 0);
    expect(compareObjects(before, moved).verdict).toBe('unchanged');
    expect(compareObjects(before, changed)).toMatchObject({
      verdict: 'changed',
      changed: [{ name: 'f', kind: 'literal', reason: '"hello" became "hallo" at +0x0' }],
    });
  });

  test('count from where they are referred to, and as a whole from behind their end', () => {
    const tail = withConstants(strings('xy-tail'), '.rodata.str1.1', 3);
    expect(compareObjects(tail, withConstants(strings('tail'), '.rodata.str1.1', 0)).verdict).toBe(
      'unchanged',
    );
    const end = withConstants(strings('abc'), '.rodata.str1.1', 4);
    expect(changedNames(compareObjects(end, withConstants(strings('abd'), '.rodata.str1.1', 4)))).toEqual([
      'f',
    ]);
  });

  test('may move between sections of other alignment', () => {
    const aligned = (object: ElfBuilder): ElfBuilder =>
      object.section('.rodata.str1.8', Buffer.from('hello\0'), {
        flags: c.SHF_ALLOC | c.SHF_MERGE | c.SHF_STRINGS,
        entsize: 1,
        align: 8,
      });
    const before = withConstants(strings('hello'), '.rodata.str1.1', 0);
    expect(compareObjects(before, withConstants(aligned, '.rodata.str1.8', 0)).verdict).toBe('unchanged');
  });
});

describe('constants of a function', () => {
  const table =
    (name: string, bytes: readonly number[], section = '.rodata.') =>
    (object: ElfBuilder): ElfBuilder =>
      object.section(section + name, bytes, { align: 4 }).symbol(name, {
        section: section + name,
        type: c.STT_OBJECT,
        size: bytes.length,
        bind: c.STB_LOCAL,
      });

  test('are compared by what they hold, not by their name', () => {
    const before = withConstants(table('t.0', [1, 2, 3, 4]), '.rodata.t.0', 0);
    const renumbered = withConstants(table('t.9', [1, 2, 3, 4]), '.rodata.t.9', 0);
    const changed = withConstants(table('t.0', [1, 2, 3, 5]), '.rodata.t.0', 0);
    expect(compareObjects(before, renumbered).verdict).toBe('unchanged');
    expect(compareObjects(before, changed)).toMatchObject({
      verdict: 'changed',
      changed: [{ name: 'f', kind: 'contents' }],
      diagnostics: [],
    });
  });

  test('that were a variable before are told', () => {
    const variable = (object: ElfBuilder): ElfBuilder =>
      object.data('.data.t.0', [1, 2, 3, 4]).symbol('t.0', {
        section: '.data.t.0',
        type: c.STT_OBJECT,
        size: 4,
        bind: c.STB_LOCAL,
      });
    const before = withConstants(variable, '.data.t.0', 0);
    expect(
      changedNames(compareObjects(before, withConstants(table('t.0', [1, 2, 3, 9]), '.rodata.t.0', 0))),
    ).toEqual(['f']);
  });

  test('of another name than a function gives are carried, and their users change', () => {
    const before = withConstants(table('weights', [1, 2, 3, 4]), '.rodata.weights', 0);
    const changed = withConstants(table('weights', [1, 2, 3, 5]), '.rodata.weights', 0);
    const found = compareObjects(before, changed);
    expect(found).toMatchObject({ verdict: 'changed', carried: ['weights'] });
    expect(found.changed.map((f) => [f.name, f.kind])).toEqual([['f', 'constant']]);
    expect(found.diagnostics).toEqual([]);
  });
});

describe('tables that point in circles', () => {
  /** Two nameless tables that point at each other; the last byte of the second is given. */
  function circle(last: number): ElfBuilder {
    return withConstants(
      (object) =>
        object.section('.rodata.a', new Uint8Array(8)).section('.rodata.b', [0, 0, 0, 0, 0, 0, 0, 0, last]),
      '.rodata.a',
      0,
    )
      .rela('.rodata.a', 0, c.R_X86_64_64, { section: '.rodata.b' })
      .rela('.rodata.b', 0, c.R_X86_64_64, { section: '.rodata.a' });
  }

  /** Renames a section, so that the objects are not settled by their contents. */
  const shuffled = (object: ElfBuilder): ElfBuilder => object.section('.rodata.unused', [1]);

  test('are equal when nothing in them differs, and the comparison ends', () => {
    expect(changedNames(compareObjects(circle(1), shuffled(circle(1))))).toEqual([]);
  });

  test('differ when something behind the circle differs', () => {
    expect(changedNames(compareObjects(circle(1), circle(2)))).toEqual(['f']);
  });

  test('a thousand deep give an answer', () => {
    const deep = (last: number): ElfBuilder => {
      const object = withConstants(
        (o) => {
          for (let k = 0; k < 1_000; k++)
            o.section(`.rodata.${k}`, [0, 0, 0, 0, 0, 0, 0, 0, k === 999 ? last : 0]);
          return o;
        },
        '.rodata.0',
        0,
      );
      for (let k = 0; k < 999; k++)
        object.rela(`.rodata.${k}`, 0, c.R_X86_64_64, { section: `.rodata.${k + 1}` });
      return object;
    };
    expect(changedNames(compareObjects(deep(1), deep(2)))).toEqual(['f']);
  });
});

describe('references', () => {
  const call = (r_type: number, name: string, r_addend = -4): ElfBuilder =>
    new ElfBuilder()
      .text('.text.f', [0xe8, 0, 0, 0, 0, 0xc3])
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6 })
      .rela('.text.f', 1, r_type, name, r_addend);

  test('to one symbol are equal as PLT32 and PC32', () => {
    const [plt, pc] = [call(c.R_X86_64_PLT32, 'g'), call(c.R_X86_64_PC32, 'g')];
    expect(compareObjects(plt, pc).verdict).toBe('unchanged');
    expect(reasonsOf(compareObjects(plt, call(c.R_X86_64_PLT32, 'h')))).toEqual({
      f: 'callee: g became h at +0x0',
    });
    expect(reasonsOf(compareObjects(plt, call(c.R_X86_64_PLT32, 'g', 4)))).toEqual({
      f: 'callee: g became g+0x8 at +0x0',
    });
    expect(reasonsOf(compareObjects(plt, call(c.R_X86_64_GOTPCREL, 'g')))).toEqual({
      f: 'callee: R_X86_64_PLT32 of g became R_X86_64_GOTPCREL at +0x0',
    });
  });

  test('that come, go or move are told with their place', () => {
    const without = new ElfBuilder()
      .text('.text.f', [0xe8, 0, 0, 0, 0, 0xc3])
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6 });
    expect(reasonsOf(compareObjects(call(c.R_X86_64_PLT32, 'g'), without))).toEqual({
      f: 'callee: a reference to g is gone at +0x0',
    });
  });

  test('hide what the file holds in their field, and nothing beside it', () => {
    const filled = (bytes: readonly number[]): ElfBuilder =>
      new ElfBuilder()
        .text('.text.f', bytes)
        .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6 })
        .rela('.text.f', 1, c.R_X86_64_PLT32, 'g', -4);
    const plain = filled([0xe8, 0, 0, 0, 0, 0xc3]);
    expect(compareObjects(plain, filled([0xe8, 1, 2, 3, 4, 0xc3])).verdict).toBe('unchanged');
    expect(changedNames(compareObjects(plain, filled([0xe9, 0, 0, 0, 0, 0xc3])))).toEqual(['f']);
    expect(changedNames(compareObjects(plain, filled([0xe8, 0, 0, 0, 0, 0xcb])))).toEqual(['f']);
  });

  test('to sections that mean nothing are told apart by their names', () => {
    const to = (section: string): ElfBuilder =>
      new ElfBuilder()
        .text('.text.f', [...LEA, 0xc3])
        .section('.discard', [1])
        .section('.eh_frame', [1])
        .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 8 })
        .rela('.text.f', 3, c.R_X86_64_PC32, { section }, -4);
    expect(changedNames(compareObjects(to('.discard'), to('.eh_frame')))).toEqual(['f']);
  });
});

describe('variables', () => {
  const variable = (make: (object: ElfBuilder) => ElfBuilder, section: string, size: number): ElfBuilder =>
    make(new ElfBuilder()).symbol('v', { section, type: c.STT_OBJECT, size });
  const codes = (a: ElfBuilder, b: ElfBuilder): string[] =>
    compareObjects(a, b).diagnostics.map((d) => d.code);
  const bss = variable((o) => o.bss('.bss.v', 8), '.bss.v', 8);
  const filled = (last: number, length = 8): ElfBuilder =>
    variable((o) => o.data('.data.v', [...new Array<number>(length - 1).fill(0), last]), '.data.v', length);

  test('that get their first initial value, or lose it, are refused', () => {
    expect(codes(bss, filled(5))).toEqual(['XS301']);
    expect(codes(filled(5), bss)).toEqual(['XS301']);
    expect(codes(filled(5), filled(6))).toEqual(['XS301']);
  });

  test('whose zeros move between .bss and .data are the same', () => {
    expect(compareObjects(bss, filled(0)).verdict).toBe('unchanged');
    expect(compareObjects(filled(0), bss).verdict).toBe('unchanged');
  });

  test('of another size are refused', () => {
    expect(codes(filled(0), filled(0, 16))).toEqual(['XS302']);
    expect(
      codes(
        bss,
        variable((o) => o.bss('.bss.v', 2 ** 40), '.bss.v', 2 ** 40),
      ),
    ).toEqual(['XS302']);
  });

  test('that become constants are refused, because whoever writes to them is left behind', () => {
    const constant = variable((o) => o.section('.rodata.v', new Uint8Array(8)), '.rodata.v', 8);
    expect(codes(filled(0), constant)).toEqual(['XS309']);
  });
});

describe('entries of special sections', () => {
  const warns = (line: number, file = 'x.c', place = 0): ElfBuilder =>
    new ElfBuilder()
      .text('.text.f', [0x0f, 0x0b, 0x0f, 0x0b, 0xc3])
      .strings('.rodata.str1.1', file)
      .section('.bug_frames.1', new Uint8Array(8), { align: 4 })
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 5 })
      .rela('.bug_frames.1', 0, c.R_X86_64_PC32, { section: '.text.f' }, place + (line >> 7) * 2 ** 24)
      .rela('.bug_frames.1', 4, c.R_X86_64_PC32, { section: '.rodata.str1.1' }, 4 + (line & 127) * 2 ** 24);

  test.each([
    [1, 127],
    [127, 128],
    [128, 16_383],
    [16_383, 1],
  ])('at line %i and at line %i are the same', (x, y) => {
    expect(compareObjects(warns(x), warns(y)).verdict).toBe('unchanged');
  });

  test('of another file, place or kind are told', () => {
    expect(reasonsOf(compareObjects(warns(1), warns(1, 'y.c')))['f']).toMatch(/\.bug_frames\.1/);
    expect(changedNames(compareObjects(warns(1), warns(1, 'x.c', 2)))).toEqual(['f']);
  });

  test('in another order are the same', () => {
    const two = (first: number, second: number): ElfBuilder => {
      const object = new ElfBuilder()
        .text('.text.f', [0x90, 0x90, 0x90, 0x90])
        .section('.ex_table', new Uint8Array(16), { align: 4 })
        .text('.fixup', [0xc3, 0xc3])
        .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 4 });
      for (const [k, place] of [first, second].entries())
        object
          .rela('.ex_table', 8 * k, c.R_X86_64_PC32, { section: '.text.f' }, place)
          .rela('.ex_table', 8 * k + 4, c.R_X86_64_PC32, { section: '.fixup' }, place === 1 ? 0 : 1);
      return object;
    };
    expect(compareObjects(two(1, 2), two(2, 1)).verdict).toBe('unchanged');
    expect(changedNames(compareObjects(two(1, 2), two(1, 3)))).toEqual(['f']);
  });
});
