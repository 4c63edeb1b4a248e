/** Where sections come to lie, what pages they get, and what becomes of alignments that break the arithmetic. */
import { describe, expect, test } from '@jest/globals';
import { Permission } from '../../../../src/emulator/page.js';
import type { LoadedPayload } from '../../../../src/hypervisor/payload.js';
import { patchedSection } from '../../../support/elf-builder.js';
import type { ElfBuilder } from '../../../support/elf-builder.js';
import { A, AX, record, sample, sampleGuest, WA } from '../../../support/payload-samples.js';
import { mustLoad, outcomeOf, refusal } from '../../../support/upload-outcome.js';

const fill = (length: number, byte: number): number[] => new Array<number>(length).fill(byte);

function addressOf(payload: LoadedPayload, name: string): bigint {
  const section = payload.sections.find((s) => s.name === name);
  if (section === undefined) throw new Error(`${name} is not loaded`);
  return section.address;
}

/** Code, data and constants in any order, with alignments that need padding. */
function mixed(builder: ElfBuilder): ElfBuilder {
  return builder
    .section('.data.a', fill(5, 1), { flags: WA, align: 8 })
    .section('.text.b', fill(3, 2), { flags: AX, align: 64 })
    .section('.data.c', fill(9, 3), { flags: WA, align: 32 })
    .bss('.bss', 100)
    .section('.rodata.d', fill(7, 4), { flags: A, align: 128 })
    .section('.comment', fill(7, 5), { flags: 0 });
}

describe('sections', () => {
  const guest = sampleGuest();
  const payload = mustLoad(guest, mixed(sample(guest)).bytes());

  test('lie in their region in the order of the table, each at its alignment', () => {
    const { text, rw, ro } = payload;
    expect(addressOf(payload, '.text.replacement')).toBe(text.start);
    expect(addressOf(payload, '.text.b')).toBe(text.start + 64n);
    expect(text.end).toBe(text.start + 67n);
    expect(addressOf(payload, '.data.a')).toBe(rw.start);
    expect(addressOf(payload, '.data.c')).toBe(rw.start + 32n);
    expect(addressOf(payload, '.bss')).toBe(rw.start + 48n);
    expect(rw.end).toBe(rw.start + 148n);
    expect((addressOf(payload, '.rodata.d') - ro.start) % 128n).toBe(0n);
    expect(ro.end).toBe(addressOf(payload, '.rodata.d') + 7n);
    expect([rw.start - text.start, ro.start - rw.start, payload.pages]).toEqual([0x1000n, 0x1000n, 3]);
  });

  test('are there with their bytes', () => {
    expect([...guest.memory.read(addressOf(payload, '.text.b'), 3)]).toEqual(fill(3, 2));
    expect([...guest.memory.read(addressOf(payload, '.data.c'), 9)]).toEqual(fill(9, 3));
    expect([...guest.memory.read(addressOf(payload, '.bss'), 100)]).toEqual(fill(100, 0));
    expect(payload.sections.map((s) => s.name)).not.toContain('.comment');
  });

  test('are protected by region', () => {
    const { read, write, execute } = Permission;
    const permissions = [payload.text, payload.rw, payload.ro].map(({ start }) =>
      guest.memory.permissionsAt(start),
    );
    expect(permissions).toEqual([read | execute, read | write, read]);
  });

  test('that are executed and written are refused, which only a debug build tells', () => {
    const bad = sample(sampleGuest())
      .section('.both', [0], { flags: AX | WA })
      .bytes();
    expect(outcomeOf(sampleGuest(), bad)).toEqual(refusal('EOPNOTSUPP'));
    expect(outcomeOf(sampleGuest('4.17', true), bad)).toEqual(
      refusal('EOPNOTSUPP', 'Not supporting .both section!'),
    );
  });

  test('that need more pages than there are are refused', () => {
    const small = sampleGuest();
    small.room = 2;
    expect(outcomeOf(small, mixed(sample(small)).bytes())).toEqual(
      refusal('ENOMEM', 'Could not allocate memory for payload'),
    );
    const bytes = sample(guest).section('.rodata.far', [0]).section('.rodata.farther', [0]).bytes();
    const far = patchedSection(bytes, '.rodata.farther', 'sh_addralign', 1n << 40n);
    expect(outcomeOf(sampleGuest(), far)).toEqual(refusal('ENOMEM', 'Could not allocate memory for payload'));
  });

  test('without a byte are loaded since 4.17, so that symbols in them have an address', () => {
    const withEmpty = (b: ElfBuilder): Uint8Array =>
      b
        .section('.empty', [])
        .symbol('nothing', { section: '.empty' })
        .rela('.rodata.names', 0, 0, 'nothing')
        .bytes();
    expect(mustLoad(sampleGuest(), withEmpty(sample(guest))).sections.map((s) => s.name)).toContain('.empty');
    const old = sampleGuest('4.14');
    expect(mustLoad(old, withEmpty(sample(old))).sections.map((s) => s.name)).not.toContain('.empty');
  });
});

describe('applying again after a revert', () => {
  const loaded = (build: (b: ElfBuilder) => ElfBuilder, profile: '4.14' | '4.17' = '4.17'): boolean => {
    const guest = sampleGuest(profile);
    return mustLoad(guest, build(sample(guest)).bytes()).safeToReapply;
  };

  test('is safe without writable data, with empty data, and with nothing but writable records', () => {
    expect(loaded((b) => b)).toBe(true);
    expect(loaded((b) => b.bss('.bss', 0))).toBe(true);
    expect(loaded((b) => b, '4.14')).toBe(true);
  });

  test('is not safe with any other data', () => {
    expect(loaded((b) => b.bss('.bss', 1))).toBe(false);
    expect(loaded((b) => b.data('.data', [1]), '4.14')).toBe(false);
    expect(loaded((b) => b.data('.data', [1]).data('.livepatch.funcs.more', [1]))).toBe(false);
  });
});

describe('an alignment of 0', () => {
  test('begins the region anew, over what is there', () => {
    const guest = sampleGuest();
    const bytes = sample(guest)
      .section('.data.a', fill(16, 0xaa), { flags: WA })
      .section('.data.b', fill(8, 0xbb), { flags: WA })
      .bytes();
    const payload = mustLoad(guest, patchedSection(bytes, '.data.b', 'sh_addralign', 0));
    expect(addressOf(payload, '.data.b')).toBe(addressOf(payload, '.data.a'));
    expect(payload.rw.end - payload.rw.start).toBe(8n);
    expect([...guest.memory.read(payload.rw.start, 16)]).toEqual([...fill(8, 0xbb), ...fill(8, 0xaa)]);
  });

  test('kills the host when a section then reaches behind the pages', () => {
    const guest = sampleGuest();
    const bytes = sample(guest).section('.rodata.big', fill(0x2000, 1)).section('.rodata.zero', [1]).bytes();
    const outcome = outcomeOf(guest, patchedSection(bytes, '.rodata.zero', 'sh_addralign', 0));
    expect(outcome).toHaveProperty(
      'died',
      expect.stringMatching(/^page fault: copying \.rodata\.big writes to 0xffff82d041/),
    );
  });
});

test('writable records of 4.17 may be applied again, too', () => {
  const guest = sampleGuest();
  const bytes = sample(guest, { funcs: record(guest.profile) }).bytes();
  const writable = patchedSection(bytes, '.livepatch.funcs', 'sh_flags', WA);
  expect(mustLoad(guest, writable).safeToReapply).toBe(true);
  expect(mustLoad(sampleGuest(), writable).rw).not.toEqual({ start: 0n, end: 0n });
});
