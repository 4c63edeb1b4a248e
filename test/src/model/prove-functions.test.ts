/** The proof of single functions against images that are laid out by hand, relocations filled in. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { FunctionProver } from '../../../src/model/prove-functions.js';
import type { FunctionVerdict } from '../../../src/model/prove-functions.js';
import { linkedImage } from '../../../src/xen/linked-image.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { atomNamed, bundled, imageOf } from '../../support/in-memory.js';
import { FILE } from '../../support/small-payload.js';

/** Where things stand in the images: f, g and printk are code, the rest is read by f. */
const PLACES = { f: 0x40, g: 0x80, printk: 0xa0, text: 0xc0, table: 0xe0 };

const rel32 = (from: number, to: number): number[] => {
  const field = Buffer.alloc(4);
  field.writeInt32LE(to - from - 4);
  return [...field];
};

type Code = readonly number[];

/** An image whose one section holds these bytes at these places. */
function image(
  pieces: Readonly<Record<number, Code>>,
  symbols: readonly [string, number, number][],
): ElfBuilder {
  const bytes = new Array<number>(0x100).fill(0x90);
  for (const [place, piece] of Object.entries(pieces)) bytes.splice(Number(place), piece.length, ...piece);
  const object = new ElfBuilder().text('.text', bytes);
  for (const [name, value, size] of symbols) {
    const [file, bare] = name.includes('#') ? name.split('#') : ['', name];
    if (file !== '') object.symbol(file, FILE);
    const bind = file === '' ? c.STB_GLOBAL : c.STB_LOCAL;
    object.symbol(bare, { section: '.text', type: c.STT_FUNC, size, value, bind });
  }
  return object;
}

function verdictOn(object: ElfBuilder, running: ElfBuilder, renumbered = false): FunctionVerdict {
  const bundles = bundled(object);
  const prover = new FunctionProver(bundles, 'common/x.o', linkedImage(imageOf(running)), renumbered);
  return prover.prove(atomNamed(bundles, 'f'));
}

const judged = ({ verdict, kind, at }: FunctionVerdict): unknown[] => [verdict, kind, at];

/** `lea text(%rip),%rdi; call printk; ret`, as objects have it. */
function caller(text = 'hello', name = 'f'): ElfBuilder {
  return new ElfBuilder()
    .symbol('common/x.c', FILE)
    .text('.text.f', [0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0, 0xc3])
    .strings('.rodata.str1.1', 'first', text)
    .symbol('.LC1', { section: '.rodata.str1.1', value: 6, bind: c.STB_LOCAL })
    .symbol(name, { section: '.text.f', type: c.STT_FUNC, size: 13 })
    .rela('.text.f', 3, c.R_X86_64_PC32, '.LC1', -4)
    .rela('.text.f', 8, c.R_X86_64_PLT32, 'printk', -4);
}

const CALLER: Code = [
  ...[0x48, 0x8d, 0x3d],
  ...rel32(PLACES.f + 3, PLACES.text),
  0xe8,
  ...rel32(PLACES.f + 8, PLACES.printk),
  0xc3,
];
const HELLO: Code = [...Buffer.from('hello\0')];
const KNOWN: [string, number, number][] = [
  ['f', PLACES.f, 13],
  ['g', PLACES.g, 16],
  ['printk', PLACES.printk, 16],
];

describe('a function', () => {
  test('is proven when its bytes, its string and its callee are there', () => {
    const verdict = verdictOn(caller(), image({ [PLACES.f]: CALLER, [PLACES.text]: HELLO }, KNOWN));
    expect(verdict).toMatchObject({ name: 'f', verdict: 'proven', kind: null, reasons: [], place: PLACES.f });
  });

  test('is not proven when any byte of it is another', () => {
    for (const k of CALLER.keys()) {
      const other = CALLER.map((byte, at) => (at === k ? byte ^ 1 : byte));
      const { verdict, at } = verdictOn(caller(), image({ [PLACES.f]: other, [PLACES.text]: HELLO }, KNOWN));
      // Of a field its first byte is told.
      const told = k >= 3 && k < 7 ? 3 : k >= 8 && k < 12 ? 8 : k;
      expect([verdict, at]).toEqual(['differs', told]);
    }
  });

  test('is not proven when any byte of its string is another', () => {
    for (const k of HELLO.keys()) {
      const other = HELLO.map((byte, at) => (at === k ? byte ^ 1 : byte));
      const verdict = verdictOn(caller(), image({ [PLACES.f]: CALLER, [PLACES.text]: other }, KNOWN));
      expect(judged(verdict)).toEqual(['differs', 'string', 3]);
    }
  });

  test('that calls another one is told so', () => {
    const code = [...CALLER.slice(0, 8), ...rel32(PLACES.f + 8, PLACES.g), 0xc3];
    const verdict = verdictOn(caller(), image({ [PLACES.f]: code, [PLACES.text]: HELLO }, KNOWN));
    expect(judged(verdict)).toEqual(['differs', 'target', 8]);
    expect(verdict.reasons).toEqual(['it refers to printk, the image to g']);
  });

  test('of another size, or that is not there, is told so', () => {
    const pieces = { [PLACES.f]: CALLER, [PLACES.text]: HELLO };
    const longer = KNOWN.map(([name, place, size]): [string, number, number] => [name, place, size + 1]);
    expect(judged(verdictOn(caller(), image(pieces, longer)))).toEqual(['differs', 'size', 0]);
    const without = image(pieces, KNOWN.slice(1));
    expect(judged(verdictOn(caller(), without))).toEqual(['differs', 'missing', 0]);
    const nobody = image(pieces, KNOWN.slice(0, 2));
    expect(verdictOn(caller(), nobody).reasons).toEqual([
      'it refers to printk, which the image does not have',
    ]);
  });

  test('that differs in a date only is not taken for another', () => {
    const running = image({ [PLACES.f]: CALLER, [PLACES.text]: [...Buffer.from('at 12:00:00\0')] }, KNOWN);
    expect(judged(verdictOn(caller('at 13:52:25'), running))).toEqual(['stamped', 'stamp', 3]);
    expect(judged(verdictOn(caller('on 13:52:25'), running))).toEqual(['differs', 'string', 3]);
  });
});

/** `jmp *table`, with a table that no symbol names, as an object has it; and `mov`s of other things. */
function reader(section: string, symbol: Parameters<ElfBuilder['symbol']> | undefined): ElfBuilder {
  const object = new ElfBuilder()
    .symbol('common/x.c', FILE)
    .text('.text.f', [0x48, 0x8b, 0x05, 0, 0, 0, 0, 0xc3])
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 8 });
  if (section === '.data.count') object.section(section, [1, 2, 3, 4], { flags: c.SHF_ALLOC | c.SHF_WRITE });
  else object.section(section, [1, 2, 3, 4], { flags: c.SHF_ALLOC });
  if (symbol !== undefined) object.symbol(...symbol);
  return object.rela('.text.f', 3, c.R_X86_64_PC32, symbol?.[0] ?? { section }, -4);
}

const READER: Code = [0x48, 0x8b, 0x05, ...rel32(PLACES.f + 3, PLACES.table), 0xc3];
const READS: [string, number, number][] = [['f', PLACES.f, 8]];

describe('what a function reads', () => {
  test('without a name must hold the same', () => {
    const object = (): ElfBuilder => reader('.rodata.f', undefined);
    const with4 = (last: number): ElfBuilder =>
      image({ [PLACES.f]: READER, [PLACES.table]: [1, 2, 3, last] }, READS);
    expect(judged(verdictOn(object(), with4(4)))).toEqual(['proven', null, 0]);
    expect(judged(verdictOn(object(), with4(5)))).toEqual(['differs', 'contents', 3]);
  });

  test('that never changes must hold the same, by whatever name', () => {
    const object = (): ElfBuilder =>
      reader('.rodata.t', ['t', { section: '.rodata.t', type: c.STT_OBJECT, size: 4, bind: c.STB_LOCAL }]);
    const with4 = (last: number): ElfBuilder =>
      image({ [PLACES.f]: READER, [PLACES.table]: [1, 2, 3, last] }, [
        ...READS,
        ['common/x.c#t', PLACES.table, 4],
      ]);
    expect(judged(verdictOn(object(), with4(4)))).toEqual(['proven', null, 0]);
    expect(judged(verdictOn(object(), with4(5)))).toEqual(['differs', 'contents', 3]);
  });

  test('with a number of the compiler’s goes by its name where the source is another', () => {
    const object = (): ElfBuilder =>
      reader('.data.count', [
        'count.12',
        { section: '.data.count', type: c.STT_OBJECT, size: 4, bind: c.STB_LOCAL },
      ]);
    const running = (name: string): ElfBuilder =>
      image({ [PLACES.f]: READER }, [...READS, [`common/x.c#${name}`, PLACES.table, 4]]);
    expect(verdictOn(object(), running('count.12')).verdict).toBe('proven');
    expect(verdictOn(object(), running('count.15')).verdict).toBe('differs');
    expect(verdictOn(object(), running('count.15'), true).verdict).toBe('proven');
    expect(verdictOn(object(), running('total.12'), true).verdict).toBe('differs');
  });

  test('through a table of the linker cannot be checked, and is not proven', () => {
    const object = new ElfBuilder()
      .text('.text.f', [0x48, 0x8b, 0x05, 0, 0, 0, 0, 0xc3])
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 8 })
      .rela('.text.f', 3, c.R_X86_64_GOTPCREL, 'printk', -4);
    expect(judged(verdictOn(object, image({ [PLACES.f]: READER }, READS)))).toEqual([
      'unchecked',
      'unchecked',
      3,
    ]);
  });
});

describe('of several functions of one name', () => {
  const object = (): ElfBuilder => {
    const code = new ElfBuilder().symbol('common/x.c', FILE).text('.text.f', [0x31, 0xc0, 0xc3]);
    return code.symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 3, bind: c.STB_LOCAL });
  };
  const two = (files: readonly [string, string], g: Code): ElfBuilder =>
    image({ [PLACES.f]: [0x31, 0xc9, 0xc3], [PLACES.g]: g }, [
      [`${files[0]}#f`, PLACES.f, 3],
      [`${files[1]}#f`, PLACES.g, 3],
    ]);

  test('the one of its file is meant', () => {
    expect(verdictOn(object(), two(['common/y.c', 'common/x.c'], [0x31, 0xc0, 0xc3])).verdict).toBe('proven');
    expect(verdictOn(object(), two(['common/x.c', 'common/y.c'], [0x31, 0xc0, 0xc3])).verdict).toBe(
      'differs',
    );
  });

  test('and of one file, one must be it', () => {
    expect(verdictOn(object(), two(['common/x.c', 'common/x.c'], [0x31, 0xc0, 0xc3])).verdict).toBe('proven');
    expect(verdictOn(object(), two(['common/x.c', 'common/x.c'], [0x31, 0xd2, 0xc3])).verdict).toBe(
      'differs',
    );
  });
});
