/** Constants that change: carried with their users, refused where somebody may read them unseen. */
import { expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { changedNames, compareObjects } from '../../support/in-memory.js';

const TABLE = 4;

/** A function that uses `constant`, the first of what stands in .rodata; the rest has no names. */
function object(first: number, rest: readonly number[], relocated?: number): ElfBuilder {
  const made = new ElfBuilder()
    .symbol('x.c', { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL })
    .text('.text.f', [0x8b, 0x05, 0, 0, 0, 0, 0xc3])
    .section('.rodata', [first, 0, 0, 0, ...rest])
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 7 })
    .symbol('constant', { section: '.rodata', type: c.STT_OBJECT, size: TABLE, bind: c.STB_LOCAL })
    .symbol('gap', { section: '.rodata', type: c.STT_OBJECT, value: 8, size: 4, bind: c.STB_LOCAL })
    .rela('.text.f', 2, c.R_X86_64_PC32, 'constant', -4);
  return relocated === undefined
    ? made
    : made.rela('.rodata', relocated, c.R_X86_64_PC32, { section: '.text.f' });
}

const ZEROS = [0, 0, 0, 0];
const NAMED = [1, 2, 3, 4];

test('a table of distances that relocations fill hides nothing', () => {
  const rest = [...ZEROS, ...NAMED];
  const diff = compareObjects(object(1, rest, TABLE), object(2, rest, TABLE));
  expect(diff).toMatchObject({ verdict: 'changed', carried: ['constant'] });
  expect(changedNames(diff)).toEqual(['f']);
});

test('whatever has no name and holds numbers may hide a user, in whichever place it stands', () => {
  const right = [0xfc, 0xff, 0xff, 0xff, ...NAMED, ...ZEROS];
  expect(compareObjects(object(1, right), object(2, right)).verdict).toBe('refused');
  const behindSpace = [...ZEROS, ...NAMED, 0xf4, 0xff, 0xff, 0xff];
  expect(compareObjects(object(1, behindSpace), object(2, behindSpace)).verdict).toBe('refused');
});
