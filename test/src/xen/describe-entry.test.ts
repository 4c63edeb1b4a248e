/** Entries of Xen's tables in words. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { bugFrameLine, describeEntry } from '../../../src/xen/describe-entry.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { modelled } from '../../support/in-memory.js';

/** A function, and a table of that section with one entry. */
function described(
  section: string,
  bytes: readonly number[],
  refs: readonly [number, string, number][],
): string {
  const object = new ElfBuilder()
    .text('.text.f', [0x90, 0x90, 0xc3])
    .text('.altinstr_replacement', [0xf4])
    .text('.fixup', [0xc3])
    .strings('.rodata.str1.1', 'x.c', 'a > 0')
    .section(section, bytes)
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 3 });
  for (const [at, to, addend] of refs) object.rela(section, at, c.R_X86_64_PC32, { section: to }, addend);
  const model = modelled(object);
  const entry = model.atoms.find((atom) => atom.kind === 'entry');
  if (entry === undefined) throw new Error('no entry');
  return describeEntry(model, entry);
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0);
const LINE = 2 ** 24;

describe('bug frames', () => {
  test.each([
    ['.bug_frames.0', 'run_fn f+0x1', [4, '.text.f', 1 + 4]],
    ['.bug_frames.1', 'warn in "x.c" line 0', [4, '.rodata.str1.1', 4]],
    ['.bug_frames.2', 'bug in "x.c" line 0', [4, '.rodata.str1.1', 4]],
  ] as const)('of %s read as %s', (section, text, ref) => {
    expect(described(section, zeros(8), [[0, '.text.f', 1], [...ref]])).toBe(text);
  });

  test('of asserts have their message', () => {
    expect(
      described('.bug_frames.3', zeros(16), [
        [0, '.text.f', 1],
        [4, '.rodata.str1.1', 4],
        [12, '.rodata.str1.1', 4 + 12],
      ]),
    ).toBe('assert "a > 0" in "x.c" line 0');
  });

  test.each([1, 127, 128, 300, 16_383])('have line %i', (line) => {
    const object = new ElfBuilder()
      .text('.text.f', [0xc3])
      .strings('.rodata.str1.1', 'x.c')
      .section('.bug_frames.1', zeros(8))
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 1 })
      .rela('.bug_frames.1', 0, c.R_X86_64_PC32, { section: '.text.f' }, (line >> 7) * LINE)
      .rela('.bug_frames.1', 4, c.R_X86_64_PC32, { section: '.rodata.str1.1' }, 4 + (line & 127) * LINE);
    const model = modelled(object);
    const [entry] = model.atoms.filter((atom) => atom.kind === 'entry');
    expect(bugFrameLine(model, entry)).toBe(line);
  });

  test('without references say so', () => {
    expect(described('.bug_frames.1', zeros(8), [])).toBe('warn in nothing line 0');
  });
});

test('entries of .ex_table tell where to continue', () => {
  expect(
    described('.ex_table', zeros(8), [
      [0, '.text.f', 0],
      [4, '.fixup', 0],
    ]),
  ).toBe('on a fault, continue at .fixup+0x0');
});

test('alternatives tell their feature, and what becomes what', () => {
  const entry = (length: number): string =>
    described(
      '.altinstructions',
      [...zeros(8), 20, 1, 3, length, 0, 0],
      [
        [0, '.text.f', 0],
        [4, '.altinstr_replacement', 0],
      ],
    );
  expect(entry(1)).toBe('with feature 8*32+20, 3 bytes become .altinstr_replacement+0x0 (1 bytes)');
  expect(entry(0)).toBe('with feature 8*32+20, 3 bytes become nothing');
});
