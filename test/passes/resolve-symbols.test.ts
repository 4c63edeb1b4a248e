/** Names are bound to exactly one symbol of the running system, or refused with the candidates. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../src/elf/constants.js';
import type { XenImage } from '../../src/xen/image.js';
import { ElfBuilder } from '../support/elf-builder.js';
import { compareObjects, imageOf, linkObjects } from '../support/in-memory.js';
import { FILE, change, running, version } from '../support/small-payload.js';

describe('resolve-symbols', () => {
  test('binds each name to one symbol, or refuses', async () => {
    const { payload, codes } = await linkObjects([change], running({ f: 16, printk: 7 }));
    expect(codes).toEqual([]);
    expect(payload?.resolved.bindings).toEqual([{ name: 'printk', address: 32n }]);
    expect((await linkObjects([change], running({ f: 16 }))).codes).toEqual(['XS401']);
    expect((await linkObjects([change], running({ printk: 7 }))).codes).toEqual(['XS213']);
  });

  test('names the candidates when there are several, and what is similar when there is none', async () => {
    const twice = imageOf(
      new ElfBuilder()
        .text('.text', new Uint8Array(64))
        .symbol('one.c', FILE)
        .symbol('printk', { section: '.text', type: c.STT_FUNC, size: 7, bind: c.STB_LOCAL })
        .symbol('f', { section: '.text', type: c.STT_FUNC, size: 16 })
        .symbol('f', { section: '.text', type: c.STT_FUNC, size: 16, value: 16 }),
    );
    const { diagnostics } = await linkObjects([change], twice);
    expect(diagnostics.map((d) => [d.code, d.notes])).toEqual([
      ['XS402', ['candidate: f at 0x0, 16 bytes', 'candidate: f at 0x10, 16 bytes']],
      ['XS401', ['a symbol of that name elsewhere: one.c#printk']],
    ]);
  });

  test('gives another mark when only what is called differs', async () => {
    const calling = (callee: string): ElfBuilder =>
      version(0xcb, 'helper')
        .text('.text.helper', [0xe9, 0, 0, 0, 0])
        .symbol('helper', { section: '.text.helper', type: c.STT_FUNC, size: 5 })
        .rela('.text.helper', 1, c.R_X86_64_PLT32, callee, -4);
    const marks = await Promise.all(
      ['printk', 'panic'].map(async (callee) => {
        const added = compareObjects(version(0xc3), calling(callee));
        const { payload } = await linkObjects([added], running({ f: 16, printk: 7, panic: 7 }), {
          wishes: { replace: true },
        });
        return payload?.resolved.symbolNames[1];
      }),
    );
    expect(new Set(marks).size).toBe(2);
  });

  test('gives a mark to new names that are taken, and to all with --replace', async () => {
    const patched = version(0xcb, 'helper')
      .text('.text.helper', [0xc3])
      .symbol('helper', { section: '.text.helper', type: c.STT_FUNC, size: 1 });
    const added = compareObjects(version(0xc3), patched);
    const namesWith = async (image: XenImage, replace: boolean): Promise<readonly string[]> => {
      const { payload, codes } = await linkObjects([added], image, { wishes: { replace } });
      expect(codes).toEqual([]);
      return payload?.resolved.symbolNames ?? [];
    };
    expect(await namesWith(running({ f: 16 }), false)).toEqual(['f', 'helper']);
    expect(await namesWith(running({ f: 16, helper: 4 }), false)).toEqual([
      'f',
      expect.stringMatching(/^helper~[0-9a-f]{8}$/),
    ]);
    expect(await namesWith(running({ f: 16 }), true)).toEqual([
      'f',
      expect.stringMatching(/^helper~[0-9a-f]{8}$/),
    ]);
  });
});
