/**
 * Whatever is done to the bytes of a payload, an upload ends in one of three ways: loaded, refused with everything
 * given back, or a dead host. Errors of our own are none of them.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as c from '../../../../src/elf/constants.js';
import { PROFILES } from '../../../../src/hypervisor/profiles.js';
import type { LoaderProfile } from '../../../../src/hypervisor/profiles.js';
import { mustRead, patchedAt, RELA, SHDR, SYM } from '../../../support/elf-builder.js';
import { AX, sample, sampleGuest, u32, WA } from '../../../support/payload-samples.js';
import { outcomeOf } from '../../../support/upload-outcome.js';

/** A payload with a bit of everything that the loader of a release looks into. */
function richPayload(profile: LoaderProfile): Uint8Array {
  const guest = sampleGuest(profile);
  const builder = sample(guest)
    .section('.text.patched', [...new Array<number>(12).fill(0x90), 0xff, 0x15, 0, 0, 0, 0], {
      flags: AX,
      align: 16,
    })
    .section('.data', [1, 2, 3, 4], { flags: WA, align: 8 })
    .bss('.bss', 5000)
    .section('.ex_table', new Array<number>(16).fill(0), { align: 4 })
    .section('.bug_frames.2', new Array<number>(8).fill(0), { align: 4 })
    .section('.livepatch.hooks.load', new Array<number>(8).fill(0), { align: 8 })
    .section('.modinfo', [0x61, 0])
    .strings('.rodata.str1.1', 'text')
    .symbol('.LC0', { section: '.rodata.str1.1' })
    .symbol('brought', { section: '.data', size: 4 })
    .section('.comment', [0], { flags: 0 });
  for (const at of [0, 4, 8, 12])
    builder.rela('.ex_table', at, c.R_X86_64_PC32, { section: '.text.patched' }, 12 - at);
  builder.rela('.text.patched', 14, c.R_X86_64_PC32, { section: '.bss' }, -4);
  builder.rela('.livepatch.hooks.load', 0, c.R_X86_64_64, 'replacement');
  if (profile.checksAlternatives)
    builder
      .section('.altinstr_replacement', [0xe9, 0, 0, 0, 0], { flags: AX })
      .section('.altinstructions', [...u32(0), ...u32(0), 5, 0, 6, 5, 2, 0].slice(0, profile.altInstrSize))
      .rela('.altinstructions', 0, c.R_X86_64_PC32, { section: '.text.patched' })
      .rela('.altinstructions', 4, c.R_X86_64_PC32, { section: '.altinstr_replacement' })
      .section('.alt_call_sites', u32(0), { align: 4 })
      .rela('.alt_call_sites', 0, c.R_X86_64_PC32, { section: '.text.patched' }, 12);
  return builder.bytes();
}

type Field = readonly [start: number, width: number];

/** A change of the file: which record, which field of it, and what it becomes. */
interface Change {
  readonly at: number;
  readonly field: Field;
  readonly value: bigint;
}

/** Values at which comparisons turn, or sums wrap. */
const CORNERS = [
  0n,
  1n,
  2n,
  63n,
  64n,
  0xff1n,
  0xff00n,
  0xfff1n,
  0xfff2n,
  0x20_0000n,
  0x7fff_ffffn,
  0x8000_0000n,
]
  .concat([0xffff_ffffn, 1n << 32n, 1n << 62n, 1n << 63n])
  .flatMap((value) => [value, -value, value + 1n]);

function changesOf(bytes: Uint8Array): fc.Arbitrary<Change> {
  const file = mustRead(bytes);
  const { e_shoff } = file.header;
  const value = fc.oneof(
    fc.constantFrom(...CORNERS),
    fc.bigInt({ min: 0n, max: BigInt(bytes.length) }),
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  );
  const inRecords = (starts: readonly number[], fields: readonly Field[]): fc.Arbitrary<Change> =>
    fc.record({ at: fc.constantFrom(...starts), field: fc.constantFrom(...fields), value });
  const entries = (type: number, size: number): number[] =>
    file.sections
      .filter((s) => s.sh_type === type)
      .flatMap((s) => Array.from({ length: s.sh_size / size }, (_, k) => s.sh_offset + k * size));
  return fc.oneof(
    inRecords(
      file.sections.map((_, k) => e_shoff + k * c.SHDR_SIZE),
      Object.values(SHDR),
    ),
    inRecords(entries(c.SHT_SYMTAB, c.SYM_SIZE), Object.values(SYM)),
    inRecords(entries(c.SHT_RELA, c.RELA_SIZE), Object.values(RELA)),
    inRecords(Array.from(bytes.keys()), [[0, 1]]),
    inRecords(
      Array.from({ length: bytes.length >>> 3 }, (_, k) => 8 * k),
      [[0, 8]],
    ),
  );
}

function changed(bytes: Uint8Array, changes: readonly Change[]): Uint8Array {
  return changes.reduce((so, { at, field, value }) => patchedAt(so, at, field, value), bytes);
}

describe('a payload that was changed at random', () => {
  const runs = Number(process.env['LOADER_RUNS'] ?? 250);

  test.each(Object.values(PROFILES))('is loaded, refused, or kills the host: $name', (profile) => {
    const bytes = richPayload(profile);
    const untouched = outcomeOf(sampleGuest(profile), bytes);
    expect(untouched).toHaveProperty('payload');
    const ends = new Set<string>();
    fc.assert(
      fc.property(
        fc.array(changesOf(bytes), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (changes, had) => {
          const guest = sampleGuest(profile);
          if (had) guest.features.add(5).add(93);
          const outcome = outcomeOf(guest, changed(bytes, changes).slice(0, bytes.length));
          ends.add(Object.keys(outcome)[0]);
        },
      ),
      { numRuns: runs },
    );
    // Dead hosts are too rare to be counted on.
    expect([...ends]).toEqual(expect.arrayContaining(['payload', 'refused']));
  });

  test('or cut off, is refused', () => {
    const bytes = richPayload(PROFILES['4.17']);
    for (let length = 0; length < bytes.length; length += 7)
      expect(outcomeOf(sampleGuest(), bytes.slice(0, length))).toHaveProperty('refused');
  });
});
