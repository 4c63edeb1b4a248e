/** What a payload expects of the functions that it replaces: no byte that booting may change. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../src/elf/constants.js';
import { readStackedPayload } from '../../src/xen/stack.js';
import { ABIS } from '../../src/xen/versions.js';
import { ElfBuilder, mustRead, sectionNamed } from '../support/elf-builder.js';
import { imageOf, linkObjects } from '../support/in-memory.js';
import type { Linked } from '../support/in-memory.js';
import { change } from '../support/small-payload.js';

/** Place of f, which has 16 bytes: 0x20 to 0x2f. */
const F = 0x20;
const FUNCTION = Array.from({ length: 16 }, (_, k) => 0x90 + k);

/** An image with f and printk, and `table` at 0x80 between two symbols. */
function running(table: readonly number[] = [], start = '', end = ''): ReturnType<typeof imageOf> {
  const bytes = [...new Array<number>(F).fill(0), ...FUNCTION, ...new Array<number>(0x50).fill(0), ...table];
  const object = new ElfBuilder()
    .text('.text', bytes)
    .symbol('f', { section: '.text', type: c.STT_FUNC, size: 16, value: F })
    .symbol('printk', { section: '.text', type: c.STT_FUNC, size: 7, value: 0x40 });
  if (start !== '') {
    object.symbol(start, { section: '.text', value: 0x80 });
    object.symbol(end, { section: '.text', value: 0x80 + table.length });
  }
  return imageOf(object);
}

function expectationOf({ payload }: Linked): number[] {
  const file = mustRead(payload?.bytes ?? new Uint8Array(0));
  const at = sectionNamed(file, '.livepatch.funcs').sh_offset;
  const flags = file.bytes[at + 72];
  return (flags & 1) === 0 ? [] : [...file.bytes.subarray(at + 73, at + 73 + (flags >> 1))];
}

/** An alternative of 14 bytes at the start of the table: 2 bytes and 1 of padding from `place` on. */
function alternativeAt(place: number): number[] {
  const entry = Buffer.alloc(14);
  entry.writeInt32LE(place - 0x80);
  entry[10] = 2;
  entry[12] = 1;
  return [...entry];
}

const ALTERNATIVES = ['__alt_instructions', '__alt_instructions_end'] as const;

describe('expect-old-bytes', () => {
  test('nothing is expected unless that was asked for', async () => {
    expect(expectationOf(await linkObjects([change], running()))).toEqual([]);
  });

  test('all of a short function', async () => {
    const linked = await linkObjects([change], running(), { wishes: { expect: true } });
    expect(expectationOf(linked)).toEqual(FUNCTION);
    expect(linked.codes).toEqual([]);
  });

  test.each([
    ['in it', F + 6, 6],
    ['that ends at its second byte', F - 1, 0],
    ['in front of it', F - 3, 16],
    ['behind it', F + 16, 16],
  ])('up to an alternative %s', async (_where, place, length) => {
    const image = running(alternativeAt(place), ...ALTERNATIVES);
    const linked = await linkObjects([change], image, { wishes: { expect: true } });
    expect(expectationOf(linked)).toEqual(FUNCTION.slice(0, length));
    expect(linked.codes).toEqual(length === 0 ? ['XS434'] : []);
  });

  test('up to a call that is made direct, and nothing of an endbr64 that may go', async () => {
    const wishes = { expect: true };
    const site = Buffer.alloc(4);
    site.writeInt32LE(F + 3 - 0x80);
    const calls = running([...site], '__alt_call_sites_start', '__alt_call_sites_end');
    expect(expectationOf(await linkObjects([change], calls, { wishes }))).toEqual(FUNCTION.slice(0, 3));
    const pointer = Buffer.alloc(8);
    pointer.writeBigUInt64LE(BigInt(F));
    const clobbered = running([...pointer], '__initdata_cf_clobber_start', '__initdata_cf_clobber_end');
    expect((await linkObjects([change], clobbered, { wishes })).codes).toEqual(['XS434']);
  });

  test('nothing of a function that a payload below has replaced', async () => {
    const { payload } = await linkObjects([change], running());
    const below = readStackedPayload('below', payload?.bytes ?? new Uint8Array(0), () => undefined);
    const stack = below === undefined ? [] : [below];
    const linked = await linkObjects([change], running(), { wishes: { expect: true }, stack });
    expect([linked.codes, expectationOf(linked)]).toEqual([['XS434'], []]);
  });

  test('is refused where records have no room for it', async () => {
    const wishes = { expect: true, abi: ABIS['livepatch-v1'] };
    const linked = await linkObjects([change], running(), { wishes });
    expect([linked.codes, linked.payload]).toEqual([['XS433'], undefined]);
  });
});
