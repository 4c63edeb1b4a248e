/** Relocations: the values they write, recomputed here, and what is refused of them. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../../src/elf/constants.js';
import type { LoadedPayload } from '../../../../src/hypervisor/payload.js';
import type { ElfBuilder } from '../../../support/elf-builder.js';
import { mustRead, patchedRela, patchedSection } from '../../../support/elf-builder.js';
import { sample, sampleGuest } from '../../../support/payload-samples.js';
import { mustLoad, outcomeOf, refusal } from '../../../support/upload-outcome.js';

/** A table of 32 bytes in which relocations are tried. */
function withTable(builder: ElfBuilder): ElfBuilder {
  return builder
    .section('.rodata.table', new Array<number>(32).fill(0x77), { align: 16 })
    .symbol('middle', { section: '.rodata.table', value: 16 });
}

function tableOf(payload: LoadedPayload): bigint {
  return payload.sections.find((s) => s.name === '.rodata.table')?.address ?? 0n;
}

describe('a relocation writes', () => {
  const guest = sampleGuest();
  const bytes = withTable(sample(guest))
    .rela('.rodata.table', 0, c.R_X86_64_64, 'middle', 5)
    .rela('.rodata.table', 8, c.R_X86_64_PC32, 'middle', -3)
    .rela('.rodata.table', 12, c.R_X86_64_PLT32, 'printk', -4)
    .rela('.rodata.table', 16, c.R_X86_64_NONE, 'middle', 1)
    .rela('.rodata.table', 24, c.R_X86_64_64, { section: '.text.replacement' }, -0x10)
    .bytes();
  const payload = mustLoad(guest, bytes);
  const table = tableOf(payload);
  const view = new DataView(guest.memory.read(table, 32).buffer);

  test('the address, or the distance to it', () => {
    expect(view.getBigUint64(0, true)).toBe(table + 21n);
    expect(view.getInt32(8, true)).toBe(16 - 3 - 8);
    expect(BigInt(view.getInt32(12, true))).toBe(guest.lookup('printk') - 4n - (table + 12n));
    expect(view.getBigUint64(16, true)).toBe(0x7777_7777_7777_7777n);
    expect(view.getBigUint64(24, true)).toBe(payload.text.start - 0x10n);
  });

  test('and is remembered', () => {
    const here = payload.relocations.filter(({ at }) => at >= table && at < table + 32n);
    expect(here).toEqual([
      { at: table, width: 8, type: 1, target: table + 21n, symbol: 'middle' },
      { at: table + 8n, width: 4, type: 2, target: table + 13n, symbol: 'middle' },
      { at: table + 12n, width: 4, type: 4, target: guest.lookup('printk') - 4n, symbol: 'printk' },
      { at: table + 24n, width: 8, type: 1, target: payload.text.start - 0x10n, symbol: '' },
    ]);
  });
});

describe('refused is a relocation', () => {
  const good = withTable(sample(sampleGuest())).rela('.rodata.table', 0, c.R_X86_64_PC32, 'middle').bytes();
  const rela = '.rela.rodata.table';
  const symtab = mustRead(good).symbols.section;
  const count = mustRead(good).symbols.names.length;
  const patched = (field: 'r_offset' | 'r_type' | 'r_sym' | 'r_addend', value: number | bigint): Uint8Array =>
    patchedRela(good, rela, 0, field, value);
  test.each([
    ['without a symbol', patched('r_sym', 0), 'EOPNOTSUPP', 'Encountered STN_UNDEF'],
    [
      'to a symbol past the end',
      patched('r_sym', count),
      'EINVAL',
      `Relative relocation wants symbol@${count} which is past end`,
    ],
    [
      'over the end of its section',
      patched('r_offset', 29),
      'EINVAL',
      'Relative relocation offset is past .rodata.table section',
    ],
    [
      'far behind its section',
      patched('r_offset', (1n << 64n) - 2n),
      'EINVAL',
      'Relative relocation offset is past .rodata.table section',
    ],
    [
      'too far away',
      patched('r_addend', 0x8000_0000),
      'EOVERFLOW',
      'Overflow in relocation 0 in .rela.rodata.table for .rodata.table',
    ],
    ...[c.R_X86_64_32, c.R_X86_64_32S, c.R_X86_64_16, c.R_X86_64_PC64, c.R_X86_64_GOTPCREL, 0xffff_ffff].map(
      (type) =>
        [`of type ${type}`, patched('r_type', type), 'EOPNOTSUPP', `Unhandled relocation ${type}`] as const,
    ),
    [
      'without an addend',
      patchedSection(good, rela, 'sh_type', c.SHT_REL),
      'EOPNOTSUPP',
      'SHT_REL relocation unsupported',
    ],
    [
      'whose table is of other symbols',
      patchedSection(good, rela, 'sh_link', 0x8000_0001),
      'EINVAL',
      `Relative link of .rela.rodata.table is incorrect (-2147483647, expected=${symtab})`,
    ],
    [
      'in entries that are too short',
      patchedSection(good, rela, 'sh_entsize', 23),
      'EINVAL',
      'Section relative header is corrupted',
    ],
    [
      'in entries that do not fill their table',
      patchedSection(good, rela, 'sh_entsize', 25),
      'EINVAL',
      'Section relative header is corrupted',
    ],
  ])('%s', (_, bytes, errno, text) => {
    expect(outcomeOf(sampleGuest(), bytes)).toEqual(refusal(errno, text));
  });

  test('of 64 bits that has room for 32 only', () => {
    const wide = patchedRela(patched('r_type', c.R_X86_64_64), rela, 0, 'r_offset', 28);
    expect(outcomeOf(sampleGuest(), wide)).toEqual(
      refusal('EINVAL', 'Relative relocation offset is past .rodata.table section'),
    );
  });

  test('never in a table that is empty, of a section that is not loaded, or of no section', () => {
    for (const bytes of [
      patchedSection(patched('r_type', c.R_X86_64_32), rela, 'sh_size', 0),
      patchedSection(patched('r_type', c.R_X86_64_32), rela, 'sh_info', symtab),
      patchedSection(patched('r_type', c.R_X86_64_32), rela, 'sh_info', 999),
    ])
      expect(outcomeOf(sampleGuest(), bytes)).toHaveProperty('payload');
  });

  test('of section 0 by nobody: the host is dead', () => {
    expect(outcomeOf(sampleGuest(), patchedSection(good, rela, 'sh_info', 0))).toHaveProperty(
      'died',
      'page fault in the loader: section 0 is a null pointer',
    );
  });
});

describe('a symbol of a section that is not loaded', () => {
  const build = (builder: ElfBuilder): Uint8Array =>
    withTable(builder)
      .section('.comment', [1, 2, 3, 4], { flags: 0 })
      .symbol('remark', { section: '.comment', value: 2 })
      .rela('.rodata.table', 0, c.R_X86_64_64, 'remark', 1)
      .bytes();

  test('is refused since 4.17', () => {
    expect(outcomeOf(sampleGuest(), build(sample(sampleGuest())))).toEqual(
      refusal('EINVAL', 'Relocation against ignored symbol remark cannot be resolved'),
    );
  });

  test('is taken for an address before', () => {
    const old = sampleGuest('4.14');
    const payload = mustLoad(old, build(sample(old)));
    expect(old.memory.read(tableOf(payload), 8)).toEqual(Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0));
  });
});

test('before 4.10 a relocation without a symbol follows a pointer that was never set', () => {
  const old = sampleGuest('4.7');
  const good = withTable(sample(old)).rela('.rodata.table', 0, c.R_X86_64_PC32, 'middle').bytes();
  const count = mustRead(good).symbols.names.length;
  for (const index of [0, count])
    expect(
      outcomeOf(sampleGuest('4.7'), patchedRela(good, '.rela.rodata.table', 0, 'r_sym', index)),
    ).toHaveProperty('died', `the loader follows a pointer to symbol ${index} that nobody has set`);
  const beyond = patchedRela(good, '.rela.rodata.table', 0, 'r_sym', count + 1);
  expect(outcomeOf(sampleGuest('4.7'), beyond)).toEqual(refusal('EINVAL'));
});
