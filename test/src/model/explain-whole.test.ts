/** Functions shown whole: which ones a name means, what is aligned with what, what stands beside an instruction. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import type { ExplainedFunction } from '../../../src/model/explanation.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { compareObjects } from '../../support/in-memory.js';

const RET = 0xc3;

function functions(code: Readonly<Record<string, readonly number[]>>): ElfBuilder {
  const object = new ElfBuilder();
  for (const [name, bytes] of Object.entries(code))
    object
      .text(`.text.${name}`, bytes)
      .symbol(name, { section: `.text.${name}`, type: c.STT_FUNC, size: bytes.length });
  return object;
}

const explain = (
  orig: ElfBuilder | undefined,
  patched: ElfBuilder | undefined,
  ...asked: readonly string[]
): readonly ExplainedFunction[] => compareObjects(orig, patched, 'xen', asked).explained;

const MARKER = { both: ' ', orig: '-', patched: '+' } as const;
const shown = (one: ExplainedFunction | undefined): string[] =>
  (one?.lines ?? []).map(({ side, text }) => `${MARKER[side]} ${text}`);

describe('a function that is asked for', () => {
  const before = functions({ f: [0x31, 0xc0, 0x90, RET], same: [0xf8, RET], gone: [0xf9, RET] });
  const after = functions({ f: [0x31, 0xc0, 0xf4, 0x90, RET], same: [0xf8, RET], fresh: [0xfc, RET] });

  test('is shown with what is on both sides once', () => {
    const [f] = explain(before, after, 'f');
    expect(f).toMatchObject({ name: 'f', verdict: 'changed', kind: 'code', reason: '`hlt` is new at +0x2' });
    expect(shown(f)).toEqual(['  xor %eax,%eax', '+ hlt', '  nop', '  ret']);
    expect(f.lines.map(({ origAt, patchedAt }) => [origAt, patchedAt])).toEqual([
      [0, 0],
      [null, 2],
      [2, 3],
      [3, 4],
    ]);
  });

  test('is shown when it is the same, new or removed', () => {
    const found = explain(before, after, 'same', 'gone', 'fresh');
    expect(found.map((one) => [one.name, one.verdict, ...shown(one)])).toEqual([
      ['same', 'unchanged', '  clc', '  ret'],
      ['fresh', 'new', '+ cld', '+ ret'],
      ['gone', 'removed', '- stc', '- ret'],
    ]);
  });

  test('is shown when nothing in its object changed, or all of it is new or gone', () => {
    expect(explain(before, before, 'f').map(({ verdict }) => verdict)).toEqual(['unchanged']);
    expect(explain(undefined, after, 'f').map(({ verdict }) => verdict)).toEqual(['new']);
    expect(explain(before, undefined, 'f').map(({ verdict }) => verdict)).toEqual(['removed']);
  });

  test('brings its cold parts', () => {
    const side = (value: number): ElfBuilder => functions({ f: [0x90, RET], 'f.cold': [0xb0, value, RET] });
    expect(explain(side(1), side(2), 'f').map(({ name }) => name)).toEqual(['f', 'f.cold']);
  });

  test('is the one of its file when several bear its name', () => {
    const FILE = { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL } as const;
    const LOCAL = { type: c.STT_FUNC, size: 2, bind: c.STB_LOCAL } as const;
    const both = (value: number): ElfBuilder =>
      new ElfBuilder()
        .text('.text.a', [0x90, RET])
        .text('.text.b', [value, RET])
        .symbol('common/a.c', FILE)
        .symbol('init', { section: '.text.a', ...LOCAL })
        .symbol('common/b.c', FILE)
        .symbol('init', { section: '.text.b', ...LOCAL });
    const files = (asked: string): string[] =>
      explain(both(0xf8), both(0xf9), asked).map(({ sourceFile, verdict }) => `${sourceFile} ${verdict}`);
    expect(files('init')).toEqual(['common/a.c unchanged', 'common/b.c changed']);
    expect(files('common/b.c#init')).toEqual(['common/b.c changed']);
    expect(files('b.c#init')).toEqual(['common/b.c changed']);
    expect(files('.c#init')).toEqual([]);
  });

  test('leaves names that are near when there is none', () => {
    const { explained, near } = compareObjects(before, after, 'xen', ['sane']);
    expect([explained, near]).toEqual([[], [{ asked: 'sane', name: 'same', distance: 1 }]]);
  });
});

describe('branches', () => {
  const over = (distance: number, ...code: readonly number[]): ElfBuilder =>
    functions({ f: [0x74, distance, ...code, 0x90, RET] });

  test('that lead to what is aligned are aligned, whatever the distance', () => {
    expect(shown(explain(over(1, 0xf8), over(2, 0xf8, 0xf9), 'f')[0])).toEqual([
      '  je +0x4',
      '  clc',
      '+ stc',
      '  nop',
      '  ret',
    ]);
  });

  test('that lead elsewhere are not', () => {
    expect(shown(explain(over(1, 0xf8), over(2, 0xf8), 'f')[0])).toEqual([
      '- je +0x3',
      '+ je +0x4',
      '  clc',
      '  nop',
      '  ret',
    ]);
  });

  test('in short and in long form are the same', () => {
    const short = functions({ f: [0x74, 1, 0x90, RET] });
    const long = functions({ f: [0x0f, 0x84, 1, 0, 0, 0, 0x90, RET], g: [RET] });
    expect(shown(explain(short, long, 'f')[0])).toEqual(['  je +0x7', '  nop', '  ret']);
  });
});

describe('beside an instruction', () => {
  /** A function with a warning behind so many nops, and an alternative of one nop. */
  function described(nops: number, file: string, feature: number): ElfBuilder {
    const code = [...new Array<number>(nops).fill(0x90), 0x0f, 0x0b, 0x90, RET];
    return functions({ f: code })
      .strings('.rodata.str1.1', file)
      .section('.bug_frames.1', new Uint8Array(8), { align: 4 })
      .section('.altinstructions', [0, 0, 0, 0, 0, 0, 0, 0, feature, 0, 1, 1, 0, 0])
      .text('.altinstr_replacement', [0xf4])
      .rela('.bug_frames.1', 0, c.R_X86_64_PC32, { section: '.text.f' }, nops)
      .rela('.bug_frames.1', 4, c.R_X86_64_PC32, { section: '.rodata.str1.1' }, 4 + 9 * 2 ** 24)
      .rela('.altinstructions', 0, c.R_X86_64_PC32, { section: '.text.f' }, nops + 2)
      .rela('.altinstructions', 4, c.R_X86_64_PC32, { section: '.altinstr_replacement' }, 4 - 4);
  }
  const entriesOf = (one: ExplainedFunction): string[] =>
    one.lines.flatMap(({ side, entries }) => entries.map((entry) => `${MARKER[side]} ${entry}`));

  test('stands what special sections say of it, decoded', () => {
    const [f] = explain(described(1, 'x.c', 33), described(2, 'x.c', 33), 'f');
    expect(entriesOf(f)).toEqual([
      '  .bug_frames.1 warn in "x.c" line 9',
      '  .altinstructions with feature 1*32+1, 1 bytes become .altinstr_replacement+0x0 (1 bytes)',
    ]);
    expect(shown(f).filter((line) => !line.startsWith(' '))).toEqual(['+ nop']);
  });

  test('a difference of an entry makes the line differ', () => {
    const [f] = explain(described(1, 'x.c', 33), described(1, 'y.c', 34), 'f');
    expect(shown(f)).toEqual(['  nop', '- ud2', '- nop', '+ ud2', '+ nop', '  ret']);
  });
});

test('a jump table that follows the code does not make a line differ, another case does', () => {
  const table = (second: number, ...more: readonly number[]): ElfBuilder =>
    functions({ f: [0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0xf8, RET, ...more, 0xf9, RET] })
      .section('.rodata.f', new Uint8Array(8), { align: 4 })
      .rela('.rodata.f', 0, c.R_X86_64_PC32, { section: '.text.f' }, 7)
      .rela('.rodata.f', 4, c.R_X86_64_PC32, { section: '.text.f' }, second + 4)
      .rela('.text.f', 3, c.R_X86_64_PC32, { section: '.rodata.f' }, -4);
  const differing = (patched: ElfBuilder): string[] =>
    shown(explain(table(9), patched, 'f')[0]).filter((line) => !line.startsWith(' '));
  expect(differing(table(10, 0x90))).toEqual(['+ nop']);
  expect(differing(table(7, 0x90))).toEqual([
    '- lea .rodata.f+0x0(%rip),%rdi',
    '+ lea .rodata.f+0x0(%rip),%rdi',
    '+ nop',
  ]);
});

test('functions of 20 KB that differ in everything are aligned at once', () => {
  const code = (seed: number): number[] =>
    Array.from({ length: 5_000 }, (_, k) => [0xb8, (k * seed) & 0xff, (k * seed) >> 8, 0, 0]).flat();
  const begin = performance.now();
  const [f] = explain(functions({ f: code(3) }), functions({ f: code(5) }), 'f');
  expect(f.lines.length).toBeGreaterThan(5_000);
  expect(performance.now() - begin).toBeLessThan(10_000);
});
