/** Names that a payload brings: which are kept, which are new, and that no two payloads bring the same. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../../src/elf/constants.js';
import type { ElfBuilder } from '../../../support/elf-builder.js';
import { note, sample, sampleGuest } from '../../../support/payload-samples.js';
import { mustLoad, outcomeOf, refusal } from '../../../support/upload-outcome.js';

/** With another build-id, so that it can be loaded beside the sample. */
const SECOND = { buildId: note([1, 2, 3, 4]) };

function withFunction(builder: ElfBuilder, name: string): ElfBuilder {
  return builder
    .text('.text.extra', [0xc3])
    .symbol(name, { section: '.text.extra', type: c.STT_FUNC, size: 1 });
}

describe('symbols', () => {
  test('of loaded sections are kept, those that replace something are not new', () => {
    const guest = sampleGuest();
    const payload = mustLoad(guest, withFunction(sample(guest), 'extra').bytes());
    expect(payload.symbols).toEqual([
      { name: 'replacement', address: payload.text.start, size: 8, isNew: false },
      { name: 'extra', address: payload.text.start + 16n, size: 1, isNew: true },
    ]);
  });

  test('without a name, without memory, and labels of merged sections are not kept', () => {
    const guest = sampleGuest();
    const bytes = sample(guest)
      .strings('.rodata.str1.1', 'a')
      .symbol('.LC0', { section: '.rodata.str1.1' })
      .symbol('kept', { section: '.rodata.str1.1' })
      .section('.comment', [1], { flags: 0 })
      .symbol('remark', { section: '.comment' })
      .symbol('.Lplain', { section: '.rodata.names' })
      .symbol('number', { place: 'abs', value: 7 })
      .bytes();
    const names = mustLoad(guest, bytes).symbols.map((s) => s.name);
    expect(names).toEqual(['replacement', 'kept', '.Lplain']);
  });

  test('have 126 characters at most; the rest is cut off', () => {
    const guest = sampleGuest();
    const long = 'x'.repeat(200);
    const names = mustLoad(guest, withFunction(sample(guest), long).bytes()).symbols.map((s) => s.name);
    expect(names).toEqual(['replacement', 'x'.repeat(126)]);
  });

  test('that are new must be new: not in Xen, not in a payload', () => {
    const guest = sampleGuest();
    guest.define('taken');
    expect(outcomeOf(guest, withFunction(sample(guest), 'taken').bytes())).toEqual(
      refusal('EEXIST', 'duplicate new symbol: taken'),
    );
    const first = mustLoad(guest, withFunction(sample(guest), 'extra').bytes());
    const bytes = withFunction(sample(guest, SECOND), 'extra').bytes();
    expect(outcomeOf(guest, bytes, [first])).toEqual(refusal('EEXIST', 'duplicate new symbol: extra'));
  });

  test('that replace something may have any name', () => {
    const guest = sampleGuest();
    guest.define('replacement');
    expect(outcomeOf(guest, sample(guest).bytes())).toHaveProperty('payload');
  });

  test('of a loaded payload may be linked against when they are new, Xen first', () => {
    const guest = sampleGuest();
    const first = mustLoad(guest, withFunction(sample(guest), 'extra').bytes());
    const calling = (name: string): Uint8Array =>
      sample(guest, SECOND).rela('.text.replacement', 1, c.R_X86_64_PLT32, name, -4).bytes();
    const target = (name: string): bigint | undefined =>
      mustLoad(guest, calling(name), [first]).relocations.find((r) => r.symbol === name)?.target;
    const extra = first.symbols[1].address;
    expect(target('extra')).toBe(extra - 4n);
    const own = guest.define('extra');
    expect(target('extra')).toBe(own - 4n);
    expect(outcomeOf(guest, calling('unheard-of'), [first])).toEqual(
      refusal('ENOENT', 'Unknown symbol: unheard-of'),
    );
  });

  test('of two payloads are those of the earlier one', () => {
    const guest = sampleGuest();
    const first = mustLoad(guest, withFunction(sample(guest), 'extra').bytes());
    const later = { ...first, buildId: Uint8Array.of(9), symbols: [{ ...first.symbols[1], address: 1n }] };
    const bytes = sample(guest, SECOND).rela('.text.replacement', 1, c.R_X86_64_PLT32, 'extra', 0).bytes();
    const { relocations } = mustLoad(guest, bytes, [first, later]);
    expect(relocations.find((r) => r.symbol === 'extra')?.target).toBe(first.symbols[1].address);
  });
});
