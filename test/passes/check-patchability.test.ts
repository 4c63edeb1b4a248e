/** What the loader would refuse, or die of, is refused here. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../src/elf/constants.js';
import { ElfBuilder } from '../support/elf-builder.js';
import { compareObjects, linkObjects } from '../support/in-memory.js';
import { running, version } from '../support/small-payload.js';

describe('check-patchability', () => {
  const small = (size: number, head: readonly number[] = []): Promise<string[]> => {
    const code = [...head, ...new Array<number>(size - head.length).fill(0x90)];
    const object = (last: number): ElfBuilder =>
      new ElfBuilder()
        .text('.text.f', [...code, last])
        .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: size + 1 });
    const image = running({ f: size + 1 }, [...code, 0xc3]);
    return linkObjects([compareObjects(object(0xc3), object(0xcb))], image).then(({ codes }) => [...codes]);
  };
  const ENDBR64 = [0xf3, 0x0f, 0x1e, 0xfa];
  /** What Xen writes over an endbr64 that no indirect branch needs. */
  const POISON = [0x66, 0x0f, 0x1f, 0x01];

  test('wants 5 bytes, 9 behind a landing pad', async () => {
    expect(await small(3)).toEqual(['XS410']);
    expect(await small(4)).toEqual([]);
    for (const head of [ENDBR64, POISON]) {
      expect(await small(7, head)).toEqual(['XS410']);
      expect(await small(8, head)).toEqual([]);
    }
  });

  test.each([c.R_X86_64_32S, c.R_X86_64_32, c.R_X86_64_GOTPCREL, c.R_X86_64_PC64, c.R_X86_64_REX_GOTPCRELX])(
    'refuses relocation type %i',
    async (r_type) => {
      const object = (last: number): ElfBuilder => version(last).rela('.text.f', 6, r_type, 'printk', 0);
      const diff = compareObjects(object(0xc3), object(0xcb));
      expect((await linkObjects([diff], running({ f: 16, printk: 7 }))).codes).toEqual(['XS405']);
    },
  );
});
