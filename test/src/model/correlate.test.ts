/** Which atom of one object is which of the other, whatever the compiler numbered. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { correlateObjects } from '../../../src/model/correlate.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { changedNames, compareObjects, modelled } from '../../support/in-memory.js';

/** An object of functions that use variables: `{ f: ['a', 'b'] }` is a function f that refers to a and b. */
interface Sketch {
  readonly functions: Readonly<Record<string, readonly string[]>>;
  /** Variable -> size in bytes; a negative size makes it initialised data. */
  readonly variables?: Readonly<Record<string, number>>;
  readonly constants?: readonly string[];
  readonly globals?: readonly string[];
}

function built({ functions, variables = {}, constants = [], globals = [] }: Sketch): ElfBuilder {
  const bind = (name: string): number => (globals.includes(name) ? c.STB_GLOBAL : c.STB_LOCAL);
  const object = new ElfBuilder().symbol('x.c', { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL });
  for (const [name, used] of Object.entries(functions)) {
    object.text(`.text.${name}`, used.flatMap(() => [0x8b, 0x05, 0, 0, 0, 0]).concat(0xc3));
    object.symbol(name, {
      section: `.text.${name}`,
      type: c.STT_FUNC,
      size: used.length * 6 + 1,
      bind: bind(name),
    });
  }
  for (const [name, size] of Object.entries(variables)) {
    if (size > 0) object.bss(`.bss.${name}`, size);
    else object.data(`.data.${name}`, new Uint8Array(-size).fill(7));
    const section = size > 0 ? `.bss.${name}` : `.data.${name}`;
    object.symbol(name, { section, type: c.STT_OBJECT, size: Math.abs(size), bind: bind(name) });
  }
  for (const name of constants) {
    object.section(`.rodata.${name}`, [1, 2, 3, 4]);
    object.symbol(name, { section: `.rodata.${name}`, type: c.STT_OBJECT, size: 4, bind: bind(name) });
  }
  for (const [name, used] of Object.entries(functions))
    for (const [k, target] of used.entries())
      object.rela(`.text.${name}`, k * 6 + 2, c.R_X86_64_PC32, target, -4);
  return object;
}

/** Patched name -> original name, for what was paired; and what could be several things. */
function correlate(orig: Sketch, patched: Sketch): { pairs: Record<string, string>; ambiguous: string[] } {
  const [a, b] = [modelled(built(orig)), modelled(built(patched))];
  const { toOrig, toPatched, ambiguous } = correlateObjects(a, b);
  const pairs: Record<string, string> = {};
  for (const atom of b.atoms) {
    const counterpart = toOrig[atom.index];
    if (counterpart < 0) continue;
    expect(toPatched[counterpart]).toBe(atom.index);
    pairs[atom.name] = a.atoms[counterpart].name;
  }
  return { pairs, ambiguous: ambiguous.map((index) => b.atoms[index].name) };
}

describe('functions', () => {
  test('are paired by name, clones without their numbers', () => {
    const { pairs } = correlate(
      { functions: { f: [], 'f.isra.0': [], 'f.part.1': [], 'f.part.1.cold': [], gone: [] } },
      { functions: { f: [], 'f.isra.5': [], 'f.part.0': [], 'f.part.0.cold.3': [], fresh: [] } },
    );
    expect(pairs).toEqual({
      f: 'f',
      'f.isra.5': 'f.isra.0',
      'f.part.0': 'f.part.1',
      'f.part.0.cold.3': 'f.part.1.cold',
    });
  });

  test('stay the same when they become global, or local', () => {
    expect(correlate({ functions: { f: [] } }, { functions: { f: [] }, globals: ['f'] }).pairs).toEqual({
      f: 'f',
    });
    expect(correlate({ functions: { f: [] }, globals: ['f'] }, { functions: { f: [] } }).pairs).toEqual({
      f: 'f',
    });
  });

  test('that are clones of one function are all paired when their numbers shift', () => {
    const { pairs } = correlate(
      { functions: { 'f.constprop.0': ['a'], 'f.constprop.1': ['b'] }, variables: { a: 4, b: 4 } },
      { functions: { 'f.constprop.0': ['b'], 'f.constprop.1': ['a'] }, variables: { a: 4, b: 4 } },
    );
    expect(Object.keys(pairs).sort()).toEqual(['a', 'b', 'f.constprop.0', 'f.constprop.1']);
  });
});

describe('clones', () => {
  test('that are made of a function, or made whole again, are that function', () => {
    const { pairs } = correlate(
      { functions: { 'f.isra.0': [], g: [], 'h.isra.0.cold': [] } },
      { functions: { f: [], 'g.constprop.2': [], 'h.cold': [] } },
    );
    expect(pairs).toEqual({ f: 'f.isra.0', 'g.constprop.2': 'g', 'h.cold': 'h.isra.0.cold' });
  });

  test('are told apart by what they do, not by their numbers', () => {
    const { pairs } = correlate(
      { functions: { 'f.constprop.0': ['a'], 'f.constprop.1': ['b'] }, variables: { a: 4, b: 4 } },
      { functions: { 'f.constprop.3': ['b'], 'f.constprop.7': ['a'] }, variables: { a: 4, b: 4 } },
    );
    expect(pairs).toMatchObject({ 'f.constprop.3': 'f.constprop.1', 'f.constprop.7': 'f.constprop.0' });
  });
});

test('things of a source file that was renamed are the same', () => {
  const object = (file: string): ElfBuilder =>
    new ElfBuilder()
      .symbol(file, { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL })
      .bss('.bss.one', 4)
      .symbol('n.1', { section: '.bss.one', type: c.STT_OBJECT, size: 4, bind: c.STB_LOCAL })
      .text('.text.f', [0x8b, 0x05, 0, 0, 0, 0, 0xc3])
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 7, bind: c.STB_LOCAL })
      .rela('.text.f', 2, c.R_X86_64_PC32, 'n.1', -4);
  const { toOrig } = correlateObjects(modelled(object('old.c')), modelled(object('new.c')));
  expect([...toOrig]).toEqual([0, 1]);
});

test('a function is found by any of its global names', () => {
  const object = (...names: readonly string[]): ElfBuilder => {
    const made = new ElfBuilder().text('.text.f', [0x90, 0xc3]);
    for (const name of names) made.symbol(name, { section: '.text.f', type: c.STT_FUNC, size: 2 });
    return made;
  };
  const { toOrig } = correlateObjects(modelled(object('f')), modelled(object('other', 'f')));
  expect([...toOrig]).toEqual([0]);
});

describe('static locals', () => {
  test('belong to their users, whatever their numbers', () => {
    expect(
      correlate(
        { functions: { f: ['n.1'], g: ['n.2'] }, variables: { 'n.1': 4, 'n.2': 4 } },
        { functions: { f: ['n.2'], g: ['n.1'] }, variables: { 'n.1': 4, 'n.2': 4 } },
      ),
    ).toEqual({ pairs: { f: 'f', g: 'g', 'n.2': 'n.1', 'n.1': 'n.2' }, ambiguous: [] });
  });

  test('follow their function into its parts and clones', () => {
    const { pairs } = correlate(
      { functions: { f: ['n.1'], g: ['n.2'] }, variables: { 'n.1': 4, 'n.2': 4 } },
      {
        functions: { f: [], 'f.part.0': ['n.7'], 'g.cold': ['n.8'], g: [] },
        variables: { 'n.7': 4, 'n.8': 4 },
      },
    );
    expect(pairs).toMatchObject({ 'n.7': 'n.1', 'n.8': 'n.2' });
  });

  test('that are new beside an old one of the same name are new', () => {
    expect(
      correlate(
        { functions: { f: ['n.0'] }, variables: { 'n.0': 4 } },
        { functions: { f: ['n.1'], fresh: ['n.0'] }, variables: { 'n.1': 4, 'n.0': 4 } },
      ),
    ).toEqual({ pairs: { f: 'f', 'n.1': 'n.0' }, ambiguous: [] });
  });

  test('two of one name in one function are paired in their order', () => {
    expect(
      correlate(
        { functions: { f: ['warned.1', 'warned.2'] }, variables: { 'warned.1': 1, 'warned.2': 1 } },
        { functions: { f: ['warned.8', 'warned.9'] }, variables: { 'warned.8': 1, 'warned.9': 1 } },
      ),
    ).toEqual({ pairs: { f: 'f', 'warned.8': 'warned.1', 'warned.9': 'warned.2' }, ambiguous: [] });
  });

  test('whose blocks changed places are told by what stands beside them', () => {
    const { pairs } = correlate(
      { functions: { f: ['a', 'n.1', 'b', 'n.2'] }, variables: { a: 4, b: 4, 'n.1': 4, 'n.2': 4 } },
      { functions: { f: ['b', 'n.1', 'a', 'n.2'] }, variables: { a: 4, b: 4, 'n.1': 4, 'n.2': 4 } },
    );
    // The last one has nothing behind it on either side, so the places decide: b, n and then a, n.
    expect(pairs).toMatchObject({ a: 'a', b: 'b' });
    const swapped = correlate(
      {
        functions: { f: ['a', 'n.1', 'c', 'b', 'n.2', 'c'] },
        variables: { a: 4, b: 4, c: 4, 'n.1': 4, 'n.2': 4 },
      },
      {
        functions: { f: ['b', 'n.1', 'c', 'a', 'n.2', 'c'] },
        variables: { a: 4, b: 4, c: 4, 'n.1': 4, 'n.2': 4 },
      },
    );
    expect(swapped.pairs).toMatchObject({ 'n.1': 'n.2', 'n.2': 'n.1' });
  });

  test('whose function was inlined are those that its callers use now', () => {
    const { pairs, ambiguous } = correlate(
      { functions: { f: ['n.0'], caller: ['f'], other: [] }, variables: { 'n.0': 4 } },
      { functions: { caller: ['n.3'], other: [] }, variables: { 'n.3': 4 } },
    );
    expect(pairs).toMatchObject({ 'n.3': 'n.0' });
    expect(ambiguous).toEqual([]);
  });

  test('of which one came or went in one function are not told apart by guess', () => {
    const { pairs, ambiguous } = correlate(
      { functions: { f: ['warned.1', 'warned.2'] }, variables: { 'warned.1': 1, 'warned.2': 1 } },
      { functions: { f: ['warned.8'] }, variables: { 'warned.8': 1 } },
    );
    expect(pairs).toEqual({ f: 'f' });
    expect(ambiguous).toEqual(['warned.8']);
  });

  test('whose function went and another uses now are ambiguous', () => {
    expect(
      correlate(
        { functions: { f: ['n.0'] }, variables: { 'n.0': 4 } },
        { functions: { h: ['n.0'] }, variables: { 'n.0': 4 } },
      ),
    ).toEqual({ pairs: {}, ambiguous: ['n.0'] });
  });

  test('are the same when their size or their initial value changes: the differ refuses that by name', () => {
    expect(
      correlate(
        { functions: { f: ['n.0', 'm.1'] }, variables: { 'n.0': 4, 'm.1': 4 } },
        { functions: { f: ['n.3', 'm.2'] }, variables: { 'n.3': 8, 'm.2': -4 } },
      ).pairs,
    ).toEqual({ f: 'f', 'n.3': 'n.0', 'm.2': 'm.1' });
  });
});

test('variables of one name in two source files of one object are told apart', () => {
  const object = (order: readonly string[]): ElfBuilder => {
    const made = new ElfBuilder();
    for (const file of order) {
      made
        .symbol(file, { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL })
        .bss(`.bss.${file}`, 4)
        .symbol('state', { section: `.bss.${file}`, type: c.STT_OBJECT, size: 4, bind: c.STB_LOCAL });
    }
    return made;
  };
  const [a, b] = [modelled(object(['one.c', 'two.c'])), modelled(object(['two.c', 'one.c']))];
  const { toOrig } = correlateObjects(a, b);
  expect(b.atoms.map((atom) => [atom.sourceFile, a.atoms[toOrig[atom.index]].sourceFile])).toEqual([
    ['two.c', 'two.c'],
    ['one.c', 'one.c'],
  ]);
});

test('code that a function keeps out of its way is known by the section of that function, whatever its number', () => {
  // je to a ud2 behind the end of the function, as `.subsection 1` leaves it.
  const object = (name: string, behind: readonly number[]): ElfBuilder =>
    new ElfBuilder()
      .symbol('x.c', { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL })
      .text(`.text.${name}`, [0x74, 0x01, 0xc3, ...behind])
      .symbol(name, { section: `.text.${name}`, type: c.STT_FUNC, size: 3, bind: c.STB_LOCAL });
  const before = object('f.constprop.0', [0x0f, 0x0b]);
  expect(compareObjects(before, object('f.constprop.7', [0x0f, 0x0b])).verdict).toBe('unchanged');
  const changed = compareObjects(before, object('f.constprop.7', [0x0f, 0x05]));
  expect([changed.verdict, ...changedNames(changed)]).toEqual(['changed', 'f.constprop.7']);
});

describe('where one side has lost the names of its source files', () => {
  const object = (files: readonly string[], stripped: boolean, first = 'state'): ElfBuilder => {
    const made = new ElfBuilder();
    for (const [k, file] of files.entries()) {
      const code = `.text.f${String(k)}`;
      const variable = `state.${String(k)}`;
      if (!stripped) made.symbol(file, { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL });
      made
        .text(code, [0x8b, 0x05, 0, 0, 0, 0, 0xc3])
        .symbol(`f${String(k)}`, { section: code, type: c.STT_FUNC, size: 7 })
        .bss(`.bss.${variable}`, 4)
        .symbol(k === 0 ? `${first}.0` : 'state.0', {
          ...{ section: `.bss.${variable}`, type: c.STT_OBJECT },
          ...{ size: 4, bind: c.STB_LOCAL },
        })
        .rela(code, 2, c.R_X86_64_PC32, { section: `.bss.${variable}` }, -4);
    }
    return made;
  };

  test('static variables are known by their names and users', () => {
    const named = object(['one.c', 'two.c'], false);
    const stripped = object(['one.c', 'two.c'], true);
    expect(compareObjects(named, stripped).verdict).toBe('unchanged');
    expect(compareObjects(stripped, named).verdict).toBe('unchanged');
  });

  test('another variable is another one', () => {
    const diff = compareObjects(object(['one.c', 'two.c'], false), object(['one.c', 'two.c'], true, 'other'));
    expect(changedNames(diff)).toEqual(['f0']);
    expect(diff.added).toEqual(['other.0']);
  });
});

test('writable tables without names, one for each function, are told apart by the functions', () => {
  const names = ['f', 'g', 'h'];
  const object = (order: readonly string[]): ElfBuilder => {
    const made = new ElfBuilder();
    for (const name of names)
      made
        .text(`.text.${name}`, [0xc3])
        .symbol(name, { section: `.text.${name}`, type: c.STT_FUNC, size: 1 });
    for (const name of order) {
      const [section, type] = ['__patchable_function_entries', c.R_X86_64_64];
      made.data(section, new Uint8Array(8)).rela(section, 0, type, name);
    }
    return made;
  };
  expect(compareObjects(object(names), object([...names])).verdict).toBe('unchanged');
});

test('thousands of variables of one name end in reasonable time', () => {
  const names = Array.from({ length: 2_000 }, (_, k) => `n.${k}`);
  const sketch = { functions: { f: names }, variables: Object.fromEntries(names.map((name) => [name, 4])) };
  const begin = performance.now();
  const { pairs } = correlate(sketch, sketch);
  expect(Object.keys(pairs)).toHaveLength(2_001);
  expect(performance.now() - begin).toBeLessThan(10_000);
});
