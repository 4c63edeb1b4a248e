/** Addends of bug frames, sizes of entries, and the pieces of .fixup and .altinstr_replacement. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as c from '../../../src/elf/constants.js';
import { checkEntryTables } from '../../../src/xen/entry-tables.js';
import { splitBugFrameAddend } from '../../../src/xen/special-sections.js';
import { GENERIC_TARGET, XEN_TARGET } from '../../../src/xen/versions.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { bundled } from '../../support/in-memory.js';

describe('the addend of a bug frame', () => {
  test('is a distance and seven bits of the line, whatever both are', () => {
    const property = fc.property(
      fc.integer({ min: -(2 ** 23) + 4, max: 2 ** 23 - 5 }),
      fc.nat(127),
      fc.constantFrom(0, 4),
      (distance, line, field) => {
        const { value, high } = splitBugFrameAddend(distance + field + line * 2 ** 24, field);
        expect({ value, line: high / 2 ** 24 }).toEqual({ value: distance, line });
      },
    );
    fc.assert(property);
  });

  test('of a message holds no line', () => {
    expect(splitBugFrameAddend(0x1234_5678, 12)).toEqual({ value: 0x1234_5678 - 12, high: 0 });
  });
});

describe('tables', () => {
  const codesOf = (object: ElfBuilder, target = XEN_TARGET): string[] =>
    checkEntryTables(object.read(), target).map((d) => d.message);

  test('are a whole number of entries', () => {
    expect(codesOf(new ElfBuilder().section('.bug_frames.3', new Uint8Array(16)))).toEqual([]);
    expect(codesOf(new ElfBuilder().section('.bug_frames.3', new Uint8Array(24)))).toEqual([
      '.bug_frames.3 does not consist of entries of 16 bytes: its size is 24',
    ]);
    expect(codesOf(new ElfBuilder().section('.altinstructions', new Uint8Array(12)))).toHaveLength(1);
    expect(codesOf(new ElfBuilder().section('.altinstructions', new Uint8Array(12)), GENERIC_TARGET)).toEqual(
      [],
    );
  });

  test('have relocations on their fields only', () => {
    const at = (r_offset: number): string[] =>
      codesOf(
        new ElfBuilder()
          .section('.altinstructions', new Uint8Array(28))
          .rela('.altinstructions', r_offset, c.R_X86_64_PC32, 'f'),
      );
    expect([0, 4, 14, 18].flatMap(at)).toEqual([]);
    expect(at(12)).toEqual([expect.stringMatching(/a relocation at 0xc is at byte 12 of an entry/)]);
  });
});

describe('pieces', () => {
  /** mov $1,%eax; jmp elsewhere: 10 bytes, and control does not fall through. */
  const FIX = [0xb8, 1, 0, 0, 0, 0xe9, 0, 0, 0, 0];

  function fixups(code: readonly number[], starts: readonly number[]): number[] {
    const object = new ElfBuilder()
      .text('.text.f', new Uint8Array(32))
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 32 })
      .text('.fixup', code)
      .section('.ex_table', new Uint8Array(8 * starts.length), { align: 4 });
    for (const [k, start] of starts.entries())
      object
        .rela('.ex_table', 8 * k, c.R_X86_64_PC32, { section: '.text.f' }, k)
        .rela('.ex_table', 8 * k + 4, c.R_X86_64_PC32, { section: '.fixup' }, start);
    for (let at = 5; at < code.length; at += 10)
      if (code[at] === 0xe9) object.rela('.fixup', at + 1, c.R_X86_64_PC32, { section: '.text.f' }, 4);
    return bundled(object)
      .atoms.filter((atom) => atom.role === 'fixup')
      .map((atom) => atom.size);
  }

  test('of .fixup begin where an exception continues', () => {
    expect(fixups([...FIX, ...FIX, ...FIX], [0, 10, 20])).toEqual([10, 10, 10]);
    expect(fixups([...FIX, ...FIX, ...FIX], [20, 0])).toEqual([20, 10]);
  });

  test('of .fixup that control falls through are one', () => {
    expect(fixups([0xb8, 1, 0, 0, 0, 0xb8, 2, 0, 0, 0, 0xc3], [0, 5])).toEqual([11]);
  });

  test('of .fixup that jump among each other are one', () => {
    // ret; two more, the last of which jumps back to the first.
    expect(fixups([0xc3, 0xc3, 0xeb, 0xfc], [0, 1, 2])).toEqual([4]);
  });

  test('of .altinstr_replacement are as long as their entries say, and may be empty', () => {
    const entries = [
      { at: 0, length: 3 },
      { at: 3, length: 0 },
      { at: 3, length: 5 },
    ];
    const table = new Uint8Array(14 * entries.length);
    for (const [k, { length }] of entries.entries()) table[14 * k + 11] = length;
    const object = new ElfBuilder()
      .text('.altinstr_replacement', new Uint8Array(8).fill(0x90))
      .section('.altinstructions', table);
    for (const [k, { at }] of entries.entries())
      object.rela('.altinstructions', 14 * k + 4, c.R_X86_64_PC32, { section: '.altinstr_replacement' }, at);
    const model = bundled(object);
    expect(model.atoms.filter((a) => a.role === 'altinstr-replacement').map((a) => a.size)).toEqual([3, 5]);
    const none = bundled(new ElfBuilder().text('.altinstr_replacement', []).section('.altinstructions', []));
    expect(none.atoms.map((atom) => atom.size)).toEqual([0]);
  });
});
