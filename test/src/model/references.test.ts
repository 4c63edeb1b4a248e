/** What relocations mean: which atom, and how far into it. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import type { ObjectModel } from '../../../src/model/object-model.js';
import { atomTitle } from '../../../src/model/object-model.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { atomNamed, modelled } from '../../support/in-memory.js';

/** References of an atom in one line each: offset, target, distance into it, correction. */
function refsOf(model: ObjectModel, name: string): string[] {
  return model.refs[atomNamed(model, name).index].map((ref) => {
    const target =
      ref.atom < 0 ? `?${model.file.symbols.names[ref.symbol]}` : atomTitle(model, model.atoms[ref.atom]);
    return `${ref.at} ${target} ${ref.value} ${ref.correction}${ref.seam ? ' seam' : ''}`;
  });
}

const whole = (section: string, size: number, type: number = c.STT_FUNC) => ({ section, type, size });

describe('references in code', () => {
  test.each([
    ['mov x(%rip),%eax', [0x8b, 0x05, 0, 0, 0, 0], 2, 4],
    ['movb $1,x(%rip)', [0xc6, 0x05, 0, 0, 0, 0, 1], 2, 5],
    ['movw $1,x(%rip)', [0x66, 0xc7, 0x05, 0, 0, 0, 0, 1, 0], 3, 6],
    ['movl $1,x(%rip)', [0xc7, 0x05, 0, 0, 0, 0, 1, 0, 0, 0], 2, 8],
    ['movq $1,x(%rip)', [0x48, 0xc7, 0x05, 0, 0, 0, 0, 1, 0, 0, 0], 3, 8],
    ['lock cmpxchg', [0xf0, 0x0f, 0xb1, 0x0d, 0, 0, 0, 0], 4, 4],
  ])('through a section symbol count from the end of %s', (_text, code, at, distance) => {
    const model = modelled(
      new ElfBuilder()
        .text('.text.f', code)
        .data('.data', new Uint8Array(16))
        .symbol('f', whole('.text.f', code.length))
        .symbol('a', { section: '.data', type: c.STT_OBJECT, size: 8, bind: c.STB_LOCAL })
        .symbol('b', { section: '.data', type: c.STT_OBJECT, value: 8, size: 8, bind: c.STB_LOCAL })
        .rela('.text.f', at, c.R_X86_64_PC32, { section: '.data' }, 12 - distance),
    );
    expect(refsOf(model, 'f')).toEqual([`${at} b 4 ${distance}`]);
  });

  test('before the start and behind the end of a lone array are to that array', () => {
    const code = [0x48, 0x8d, 0x05, 0, 0, 0, 0, 0x48, 0x8d, 0x05, 0, 0, 0, 0];
    const model = modelled(
      new ElfBuilder()
        .text('.text.f', code)
        .data('.data.a', new Uint8Array(16))
        .symbol('f', whole('.text.f', 14))
        .symbol('a', { section: '.data.a', type: c.STT_OBJECT, size: 16, bind: c.STB_LOCAL })
        .rela('.text.f', 3, c.R_X86_64_PC32, { section: '.data.a' }, -12)
        .rela('.text.f', 10, c.R_X86_64_PC32, { section: '.data.a' }, 0x7000_0000),
    );
    expect(refsOf(model, 'f')).toEqual(['3 a -8 4', `10 a 1879048196 4`]);
  });

  test('to a seam between two variables are marked, those by name are not', () => {
    const model = modelled(
      new ElfBuilder()
        .text('.text.f', [0x8b, 0x05, 0, 0, 0, 0, 0x8b, 0x05, 0, 0, 0, 0])
        .data('.data', new Uint8Array(8))
        .symbol('f', whole('.text.f', 12))
        .symbol('a', { section: '.data', type: c.STT_OBJECT, size: 4 })
        .symbol('b', { section: '.data', type: c.STT_OBJECT, value: 4, size: 4 })
        .rela('.text.f', 2, c.R_X86_64_PC32, { section: '.data' }, 0)
        .rela('.text.f', 8, c.R_X86_64_PC32, 'b', -4),
    );
    expect(refsOf(model, 'f')).toEqual(['2 b 0 4 seam', '8 b 0 4']);
  });

  test('to what is not here keep their symbol', () => {
    const model = modelled(
      new ElfBuilder()
        .text('.text.f', [0xe8, 0, 0, 0, 0])
        .symbol('f', whole('.text.f', 5))
        .rela('.text.f', 1, c.R_X86_64_PLT32, 'printk', -4),
    );
    expect(refsOf(model, 'f')).toEqual(['1 ?printk 0 4']);
  });
});

describe('branches and addresses without a relocation', () => {
  // f: jmp rel8 g; call rel32 g; lea g(%rip); jmp rel8 to itself; g: ret
  const code = [0xeb, 14, 0xe8, 9, 0, 0, 0, 0x48, 0x8d, 0x05, 2, 0, 0, 0, 0xeb, 0xf0, 0xc3];

  test('are references where they lead into a neighbour', () => {
    const model = modelled(
      new ElfBuilder()
        .text('.text', code)
        .symbol('f', whole('.text', 16))
        .symbol('g', { section: '.text', type: c.STT_FUNC, value: 16, size: 1 }),
    );
    expect(refsOf(model, 'f')).toEqual(['1 g 0 1', '3 g 0 4', '10 g 0 4']);
    expect(model.refs[atomNamed(model, 'f').index].map((ref) => ref.r_type)).toEqual([
      c.R_X86_64_PC8,
      c.R_X86_64_PC32,
      c.R_X86_64_PC32,
    ]);
  });

  test('are none where there is no neighbour', () => {
    const model = modelled(new ElfBuilder().text('.text.f', code).symbol('f', whole('.text.f', 17)));
    expect(refsOf(model, 'f')).toEqual([]);
  });
});

describe('tables of distances', () => {
  /** A switch over `count` labels, 4 bytes apart in f, behind `before` bytes of another table. */
  function tables(before: number, count: number): ElfBuilder {
    const lea = [0x48, 0x8d, 0x05, 0, 0, 0, 0];
    const object = new ElfBuilder()
      .text('.text', [...lea, ...new Array<number>(4 * count).fill(0x90), 0xc3])
      .section('.rodata', new Uint8Array(before + 4 * count), { align: 4 })
      .symbol('f', whole('.text', 7 + 4 * count))
      .symbol('g', { section: '.text', type: c.STT_FUNC, value: 7 + 4 * count, size: 1 })
      .rela('.text', 3, c.R_X86_64_PC32, { section: '.rodata' }, before - 4);
    for (let k = 0; k < count; k++)
      object.rela('.rodata', before + 4 * k, c.R_X86_64_PC32, { section: '.text' }, 7 + 4 * k + 4 * k);
    return object;
  }

  test.each([0, 40])('count from the start of the table, %i bytes into its section', (before) => {
    const model = modelled(tables(before, 10));
    const table = model.atoms.findIndex((atom) => atom.role === 'rodata');
    expect(model.refs[table].map((ref) => `${atomTitle(model, model.atoms[ref.atom])} ${ref.value}`)).toEqual(
      Array.from({ length: 10 }, (_, k) => `f ${7 + 4 * k}`),
    );
    expect(model.refs[table].map((ref) => ref.correction)).toEqual(
      Array.from({ length: 10 }, (_, k) => 0 - 4 * k),
    );
  });

  test('hold absolute addresses as they are', () => {
    const model = modelled(
      new ElfBuilder()
        .text('.text', new Uint8Array(16))
        .section('.rodata', new Uint8Array(16), { align: 8 })
        .symbol('f', whole('.text', 16))
        .symbol('table', { section: '.rodata', type: c.STT_OBJECT, size: 16 })
        .rela('.rodata', 8, c.R_X86_64_64, { section: '.text' }, 4)
        .rela('.rodata', 0, c.R_X86_64_64, 'f'),
    );
    expect(refsOf(model, 'table')).toEqual(['0 f 0 0', '8 f 4 0']);
  });
});

describe('entries of tables', () => {
  test('belong to the code that their first field designates', () => {
    const model = modelled(
      new ElfBuilder()
        .text('.text.f', [0x0f, 0x0b])
        .text('.text.g', [0x0f, 0x0b])
        .section('.bug_frames.1', new Uint8Array(24), { align: 4 })
        .symbol('f', whole('.text.f', 2))
        .symbol('g', whole('.text.g', 2))
        .rela('.bug_frames.1', 0, c.R_X86_64_PC32, { section: '.text.g' }, 0)
        .rela('.bug_frames.1', 8, c.R_X86_64_PC32, { section: '.text.f' }, 0)
        .rela('.bug_frames.1', 16, c.R_X86_64_PC32, { section: '.text.g' }, 1),
    );
    const entry = model.atoms.findIndex((atom) => atom.kind === 'entry');
    expect(model.entries[atomNamed(model, 'f').index]).toEqual([entry + 1]);
    expect(model.entries[atomNamed(model, 'g').index]).toEqual([entry, entry + 2]);
  });

  test.each([0, 1, 126, 127, 128, 129, 255, 256, 16_255, 16_256, 16_382, 16_383])(
    'of .bug_frames tell line %i from the distance',
    (line) => {
      const high = ((line >> 7) & 127) * 2 ** 24;
      const low = (line & 127) * 2 ** 24;
      const model = modelled(
        new ElfBuilder()
          .text('.text.f', [0x90, 0x90, 0x0f, 0x0b])
          .strings('.rodata.str1.1', 'first', 'common/x.c')
          .section('.bug_frames.1', new Uint8Array(16), { align: 4 })
          .symbol('f', whole('.text.f', 4))
          .rela('.bug_frames.1', 8, c.R_X86_64_PC32, { section: '.text.f' }, 2 + high)
          .rela('.bug_frames.1', 12, c.R_X86_64_PC32, { section: '.rodata.str1.1' }, 6 + 4 + low),
      );
      const frame = model.atoms.findLast((atom) => atom.kind === 'entry');
      const [place, file] = model.refs[frame?.index ?? 0];
      expect([atomTitle(model, model.atoms[place.atom]), place.value, place.high]).toEqual(['f', 2, high]);
      expect([model.atoms[file.atom].kind, model.atoms[file.atom].start, file.value, file.high]).toEqual([
        'string',
        6,
        0,
        low,
      ]);
    },
  );

  test('of .bug_frames.0 may name a function of another object', () => {
    const model = modelled(
      new ElfBuilder()
        .text('.text.f', [0x0f, 0x0b])
        .section('.bug_frames.0', new Uint8Array(8), { align: 4 })
        .symbol('f', whole('.text.f', 2))
        .rela('.bug_frames.0', 0, c.R_X86_64_PC32, { section: '.text.f' }, 0)
        .rela('.bug_frames.0', 4, c.R_X86_64_PC32, 'run_me', 4),
    );
    const frame = model.atoms.find((atom) => atom.kind === 'entry');
    expect(model.refs[frame?.index ?? 0][1]).toMatchObject({
      at: 4,
      atom: -1,
      value: 0,
      correction: -4,
      high: 0,
    });
  });
});
