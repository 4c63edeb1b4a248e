/** Sections cut into atoms: every byte of a loaded section has exactly one owner. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as c from '../../../src/elf/constants.js';
import type { Bundles } from '../../../src/model/object-model.js';
import { atomAt } from '../../../src/model/object-model.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { bundled, listAtoms } from '../../support/in-memory.js';

const NOPS = new Array<number>(32).fill(0x90);
const func = (value: number, size: number, bind: number = c.STB_GLOBAL) => ({
  section: '.text',
  type: c.STT_FUNC,
  value,
  size,
  bind,
});

function expectWhole(model: Bundles): void {
  for (const section of model.file.sections) {
    const [first, last] = [model.firstAtom[section.index], model.firstAtom[section.index + 1]];
    if (first === last) continue;
    let at = 0;
    for (const atom of model.atoms.slice(first, last)) {
      expect([atom.section, atom.start]).toEqual([section.index, at]);
      at += atom.size;
    }
    expect(at).toBe(section.sh_size);
  }
  model.atoms.forEach((atom, k) => expect(atom.index).toBe(k));
}

describe('code', () => {
  test('is cut at sized functions; what is between them is code without a name', () => {
    const model = bundled(
      new ElfBuilder().text('.text', NOPS).symbol('f', func(0, 5)).symbol('g', func(16, 8)),
    );
    expect(listAtoms(model)).toEqual([
      'function f .text+0 5',
      'code - .text+5 11',
      'function g .text+16 8',
      'code - .text+24 8',
    ]);
    expectWhole(model);
  });

  test('under aliases is one atom, named by the global one', () => {
    const model = bundled(
      new ElfBuilder()
        .text('.text', NOPS)
        .symbol('local_alias', func(0, 32, c.STB_LOCAL))
        .symbol('f', func(0, 32))
        .symbol('weak_alias', func(0, 32, c.STB_WEAK)),
    );
    expect(listAtoms(model)).toEqual(['function f .text+0 32']);
    expect(model.atoms[0].symbols).toHaveLength(3);
  });

  test('with an entry point inside a function, or across its end, is one atom', () => {
    const inside = new ElfBuilder().text('.text', NOPS).symbol('f', func(0, 16)).symbol('entry', func(4, 12));
    expect(listAtoms(bundled(inside)).slice(0, 1)).toEqual(['function f .text+0 16']);
    const across = new ElfBuilder().text('.text', NOPS).symbol('f', func(0, 16)).symbol('entry', func(8, 24));
    expect(listAtoms(bundled(across))).toEqual(['function f .text+0 32']);
  });

  test('is not cut at labels', () => {
    const label = { section: '.text', value: 8, bind: c.STB_LOCAL };
    const model = bundled(new ElfBuilder().text('.text', NOPS).symbol('label', label));
    expect(listAtoms(model)).toEqual(['code - .text+0 32']);
    expect(model.atomOfSymbol.includes(0)).toBe(true);
  });

  test('of a function with size 0 has no bounds', () => {
    expect(listAtoms(bundled(new ElfBuilder().text('.text', NOPS).symbol('f', func(0, 0))))).toEqual([
      'code f .text+0 32',
    ]);
  });
});

describe('data', () => {
  const object = (value: number, size: number) => ({ section: '.data', type: c.STT_OBJECT, value, size });

  test('is cut at objects, and at labels between them', () => {
    const model = bundled(
      new ElfBuilder()
        .data('.data', new Uint8Array(24))
        .symbol('a', object(0, 4))
        .symbol('b', object(8, 8))
        .symbol('label', { section: '.data', value: 20, bind: c.STB_LOCAL }),
    );
    expect(listAtoms(model)).toEqual([
      'object a .data+0 4',
      'literal - .data+4 4',
      'object b .data+8 8',
      'literal - .data+16 4',
      'literal label .data+20 4',
    ]);
    expectWhole(model);
  });

  test('in .bss is cut the same way, whatever its size', () => {
    const model = bundled(
      new ElfBuilder()
        .bss('.bss', 2 ** 33)
        .symbol('huge', { section: '.bss', type: c.STT_OBJECT, size: 2 ** 32 }),
    );
    expect(listAtoms(model)).toEqual([
      'object huge .bss+0 4294967296',
      'literal - .bss+4294967296 4294967296',
    ]);
  });

  test('bears the name of its source file when it is local', () => {
    const model = bundled(
      new ElfBuilder()
        .data('.data', new Uint8Array(8))
        .symbol('one.c', { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL })
        .symbol('a', { ...object(0, 4), bind: c.STB_LOCAL })
        .symbol('two.c', { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL })
        .symbol('b', { ...object(4, 4), bind: c.STB_LOCAL }),
    );
    expect(model.atoms.map((a) => `${a.sourceFile}#${a.name}`)).toEqual(['one.c#a', 'two.c#b']);
  });

  test('is not named by labels that assemblers throw away', () => {
    const model = bundled(
      new ElfBuilder()
        .data('.data', new Uint8Array(8))
        .symbol('.L1', { section: '.data', bind: c.STB_LOCAL })
        .symbol('.L.str', { ...object(4, 4), bind: c.STB_LOCAL }),
    );
    expect(listAtoms(model)).toEqual(['literal - .data+0 4', 'object - .data+4 4']);
  });
});

describe('mergeable sections', () => {
  test('of strings are cut string by string, empty ones included; an open end is no string', () => {
    const model = bundled(
      new ElfBuilder().section('.rodata.str1.1', Buffer.from('ab\0\0c'), {
        flags: c.SHF_ALLOC | c.SHF_MERGE | c.SHF_STRINGS,
        entsize: 1,
      }),
    );
    expect(listAtoms(model)).toEqual([
      'string - .rodata.str1.1+0 3',
      'string - .rodata.str1.1+3 1',
      'literal - .rodata.str1.1+4 1',
    ]);
  });

  test('of wide strings are cut at wide zeros only', () => {
    const model = bundled(
      new ElfBuilder().section('.rodata.str2.2', Buffer.from('a\0\0b\0\0\0c\0\0', 'latin1'), {
        flags: c.SHF_ALLOC | c.SHF_MERGE | c.SHF_STRINGS,
        entsize: 2,
        align: 2,
      }),
    );
    expect(listAtoms(model).map((line) => line.replace(/^.*\+/, ''))).toEqual(['0 6', '6 4']);
  });

  test('of constants are cut by their size', () => {
    const model = bundled(
      new ElfBuilder().section('.rodata.cst8', new Uint8Array(24), {
        flags: c.SHF_ALLOC | c.SHF_MERGE,
        entsize: 8,
      }),
    );
    expect(listAtoms(model).map((line) => line.replace(/^.*\+/, ''))).toEqual(['0 8', '8 8', '16 8']);
  });
});

describe('tables of Xen', () => {
  test('are cut by the entry size of the target', () => {
    const object = new ElfBuilder()
      .section('.bug_frames.1', new Uint8Array(16))
      .section('.bug_frames.3', new Uint8Array(32))
      .section('.altinstructions', new Uint8Array(28))
      .section('.ex_table', new Uint8Array(16));
    const sizes = bundled(object).atoms.map((atom) => `${atom.kind} ${atom.size}`);
    expect(sizes).toEqual([8, 8, 16, 16, 14, 14, 8, 8].map((size) => `entry ${size}`));
    expect(bundled(object, 'generic').atoms.map((atom) => atom.kind)).toEqual(Array(4).fill('literal'));
  });
});

describe('empty sections', () => {
  test('have an atom for the labels in them', () => {
    const model = bundled(
      new ElfBuilder()
        .data('.data.empty', [])
        .symbol('nothing', { section: '.data.empty', bind: c.STB_LOCAL }),
    );
    expect(listAtoms(model)).toEqual(['literal nothing .data.empty+0 0']);
    expect(atomAt(model, model.atoms[0].section, 0)?.name).toBe('nothing');
  });
});

test('any symbols at all leave every byte with one owner, and every symbol with one atom', () => {
  const symbol = fc.record({
    value: fc.nat(64),
    size: fc.nat(40),
    type: fc.constantFrom(c.STT_FUNC, c.STT_OBJECT, c.STT_NOTYPE),
    bind: fc.constantFrom(c.STB_LOCAL, c.STB_GLOBAL, c.STB_WEAK),
  });
  const property = fc.property(
    fc.constantFrom('.text', '.data', '.init.text', '.rodata'),
    fc.array(symbol, { maxLength: 8 }),
    (section, symbols) => {
      const code = section.endsWith('text');
      const object = code
        ? new ElfBuilder().text(section, new Uint8Array(64))
        : new ElfBuilder().data(section, new Uint8Array(64));
      for (const [k, { value, size, type, bind }] of symbols.entries())
        object.symbol(`s${k}`, { section, value, size: Math.min(size, 64 - value), type, bind });
      const model = bundled(object);
      expectWhole(model);
      for (let at = 0; at < 64; at++) {
        const found = atomAt(model, 1, at);
        expect(found !== undefined && found.start <= at && at < found.start + found.size).toBe(true);
      }
      const owned = model.atoms.flatMap((atom) => [...atom.symbols]);
      expect([...new Set(owned)]).toHaveLength(symbols.length);
    },
  );
  fc.assert(property);
});
