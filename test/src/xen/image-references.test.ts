/** Who in a linked image refers to a range of addresses, found without relocations. */
import { expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { usersInImage } from '../../../src/xen/image-references.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { imageOf } from '../../support/in-memory.js';

/** All sections at address 0 upward would overlap; the reader keeps sh_addr, which the builder leaves 0. */
const lea = (at: number, target: number): number[] => {
  const bytes = Buffer.from([0x48, 0x8d, 0x05, 0, 0, 0, 0]);
  bytes.writeInt32LE(target - (at + 7), 3);
  return [...bytes];
};
const cmpImmediate = (at: number, target: number): number[] => {
  const bytes = Buffer.from([0x81, 0x3d, 0, 0, 0, 0, 1, 2, 3, 4]);
  bytes.writeInt32LE(target - (at + 10), 2);
  return [...bytes];
};

test('operands of code count, with an immediate behind them or not; look-alikes in immediates do not', () => {
  // mov $imm32,%eax whose immediate would be a displacement to 0x1000, were it one.
  const alike = [0xb8, 0, 0, 0, 0];
  Buffer.from(alike).writeInt32LE(0x1000 - 25, 1);
  const lookAlike = Buffer.from(alike);
  lookAlike.writeInt32LE(0x1000 - 29, 1);
  const image = imageOf(
    new ElfBuilder()
      .text('.text', [
        ...lea(0, 0x1004),
        0xc3,
        ...cmpImmediate(8, 0x1000),
        0xc3,
        0x90,
        0x90,
        0x90,
        0x90,
        ...lookAlike,
        0xc3,
      ])
      .symbol('reads', { section: '.text', type: c.STT_FUNC, size: 8 })
      .symbol('compares', { section: '.text', type: c.STT_FUNC, value: 8, size: 11 })
      .symbol('alike', { section: '.text', type: c.STT_FUNC, value: 23, size: 6 }),
  );
  expect(usersInImage(image, 0x1000n, 8)).toEqual(['compares', 'reads']);
  expect(usersInImage(image, 0x1000n, 4)).toEqual(['compares']);
  expect(usersInImage(image, 0x2000n, 4)).toEqual([]);
});

test('aligned words of data count, and those without a symbol go by their section', () => {
  const words = Buffer.alloc(24);
  words.writeBigUInt64LE(0xffff_82d0_4020_0010n, 0);
  words.writeBigUInt64LE(0xffff_82d0_4020_0010n, 16);
  const image = imageOf(
    new ElfBuilder()
      .text('.text', [0xc3])
      .symbol('f', { section: '.text', type: c.STT_FUNC, size: 1 })
      .data('.data', words)
      .symbol('table', { section: '.data', type: c.STT_OBJECT, size: 8 }),
  );
  // Both the code and the data stand at address 0: the symbol that holds the place names it.
  expect(usersInImage(image, 0xffff_82d0_4020_0000n, 0x20)).toEqual(['.data+0x10', 'table']);
  expect(usersInImage(image, 0xffff_82d0_4020_0011n, 0x20)).toEqual([]);
});
