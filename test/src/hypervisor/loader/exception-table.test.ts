/** Exception tables: sorted in place as a plain sort would do it, with distances that still lead where they led. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sortExceptionTable } from '../../../../src/hypervisor/loader/exception-table.js';
import * as c from '../../../../src/elf/constants.js';
import { FakeGuest, XEN_DATA } from '../../../support/fake-guest.js';
import { sample, sampleGuest } from '../../../support/payload-samples.js';
import { mustLoad, outcomeOf, refusal } from '../../../support/upload-outcome.js';

interface Entry {
  readonly addr: bigint;
  readonly cont: bigint;
}

function encode(entries: readonly Entry[], at: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * entries.length));
  for (const [k, { addr, cont }] of entries.entries()) {
    const field = at + BigInt(8 * k);
    view.setInt32(8 * k, Number(addr - field), true);
    view.setInt32(8 * k + 4, Number(cont - field - 4n), true);
  }
  return new Uint8Array(view.buffer);
}

function decode(bytes: Uint8Array, at: bigint): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: bytes.length / 8 }, (_, k) => {
    const field = at + BigInt(8 * k);
    return {
      addr: field + BigInt(view.getInt32(8 * k, true)),
      cont: field + 4n + BigInt(view.getInt32(8 * k + 4, true)),
    };
  });
}

const byAddress = (a: Entry, b: Entry): number => (a.addr < b.addr ? -1 : a.addr > b.addr ? 1 : 0);

describe('sortExceptionTable', () => {
  const somewhere = fc.bigInt({ min: XEN_DATA - 0x10_0000n, max: XEN_DATA + 0x10_0000n });

  test('is a sort by the instruction that may fault', () => {
    const guest = new FakeGuest();
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ addr: somewhere, cont: somewhere }), {
          selector: (e) => e.addr,
          maxLength: 200,
        }),
        (entries) => {
          guest.memory.write(XEN_DATA, encode(entries, XEN_DATA));
          sortExceptionTable(guest.memory, XEN_DATA, entries.length);
          const sorted = decode(guest.memory.read(XEN_DATA, 8 * entries.length), XEN_DATA);
          expect(sorted).toEqual([...entries].sort(byAddress));
        },
      ),
    );
  });

  test('leaves equal ones in the order of a heap sort', () => {
    const guest = new FakeGuest();
    const entries = [1n, 2n, 3n, 4n].map((k) => ({ addr: XEN_DATA, cont: XEN_DATA + k }));
    guest.memory.write(XEN_DATA, encode(entries, XEN_DATA));
    sortExceptionTable(guest.memory, XEN_DATA, 4);
    const sorted = decode(guest.memory.read(XEN_DATA, 32), XEN_DATA);
    // [1 2 3 4]: 1 and 4 change places, then 4 and 3, then 3 and 2.
    expect(sorted.map(({ cont }) => cont - XEN_DATA)).toEqual([2n, 3n, 4n, 1n]);
  });
});

describe('.ex_table of a payload', () => {
  const withTable = (guest: FakeGuest, bytes: readonly number[]): Uint8Array =>
    sample(guest).section('.ex_table', bytes, { align: 4 }).bytes();

  test('is sorted before its page becomes read-only', () => {
    const guest = sampleGuest();
    const builder = sample(guest).section('.ex_table', new Array<number>(16).fill(0), { align: 4 });
    for (const [at, addend] of [4, 5, 2, 3].entries())
      builder.rela('.ex_table', 4 * at, c.R_X86_64_PC32, { section: '.text.replacement' }, addend);
    const { region, text } = mustLoad(guest, builder.bytes());
    const at = region.exTable?.address ?? 0n;
    expect(region.exTable).toEqual({ address: at, count: 2 });
    expect(decode(guest.memory.read(at, 16), at)).toEqual([
      { addr: text.start + 2n, cont: text.start + 3n },
      { addr: text.start + 4n, cont: text.start + 5n },
    ]);
  });

  test('has whole entries; before 4.8 it has some', () => {
    expect(outcomeOf(sampleGuest(), withTable(sampleGuest(), [1, 2, 3, 4]))).toEqual(
      refusal('EINVAL', 'Wrong size 4 of .ex_table (must be multiple of 8)'),
    );
    expect(mustLoad(sampleGuest(), withTable(sampleGuest(), [])).region.exTable?.count).toBe(0);
    const old = sampleGuest('4.7', true);
    expect(outcomeOf(old, withTable(old, [])).said).toContain(
      'livepatch: p: Wrong size of .ex_table (exp:8 vs 0)!',
    );
  });
});
