/** What alternatives lead to: instructions that are copied over others, or nothing at all. */
import { expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { changedNames, compareObjects, modelled } from '../../support/in-memory.js';

const NOPS = [0x90, 0x90, 0x90];

interface Alternative {
  /** Bytes into .altinstr_replacement. */
  readonly at: number;
  readonly length: number;
}

/** Functions f and g of three nops each, and what replaces them. */
function object(
  replacements: readonly number[],
  alternatives: { f: Alternative; g: Alternative },
): ElfBuilder {
  const { f, g } = alternatives;
  const entries = [f, g].flatMap(({ length }) => [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3, length, 0, 0]);
  const made = new ElfBuilder()
    .text('.altinstr_replacement', replacements)
    .section('.altinstructions', entries);
  for (const [k, [name, { at }]] of Object.entries({ f, g }).entries()) {
    const section = `.text.${name}`;
    made
      .text(section, [...NOPS, 0xc3])
      .symbol(name, { section, type: c.STT_FUNC, size: 4 })
      .rela('.altinstructions', 14 * k, c.R_X86_64_PC32, { section })
      .rela('.altinstructions', 14 * k + 4, c.R_X86_64_PC32, { section: '.altinstr_replacement' }, at);
  }
  return made;
}

test('an alternative without instructions does not depend on those that stand where it points', () => {
  const places = { f: { at: 0, length: 0 }, g: { at: 0, length: 3 } };
  const before = object([0x0f, 0x01, 0xca], places);
  expect(changedNames(compareObjects(before, object([0x0f, 0x01, 0xcb], places)))).toEqual(['g']);
  const gains = { f: { at: 0, length: 3 }, g: { at: 0, length: 3 } };
  expect(changedNames(compareObjects(before, object([0x0f, 0x01, 0xca], gains)))).toEqual(['f']);
});

test('a replacement that branches to its end does not lead into the one behind it', () => {
  // je over a nop, to the end of the three bytes.
  const skip = [0x74, 0x01, 0x90];
  const places = { f: { at: 0, length: 3 }, g: { at: 3, length: 3 } };
  const before = object([...skip, 0x0f, 0x01, 0xca], places);
  const model = modelled(before);
  const [first] = model.atoms.filter((atom) => atom.role === 'altinstr-replacement');
  expect(model.refs[first.index]).toEqual([]);
  expect(changedNames(compareObjects(before, object([...skip, 0x0f, 0x01, 0xcb], places)))).toEqual(['g']);
  const swapped = { f: { at: 3, length: 3 }, g: { at: 0, length: 3 } };
  expect(compareObjects(before, object([0x0f, 0x01, 0xca, ...skip], swapped)).verdict).toBe('unchanged');
  const other = object([0x75, 0x01, 0x90, 0x0f, 0x01, 0xca], places);
  expect(changedNames(compareObjects(before, other))).toEqual(['f']);
});
