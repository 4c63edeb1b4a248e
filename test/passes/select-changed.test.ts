/** Where the closure begins, and when there is nothing to begin with. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../src/elf/constants.js';
import { compareObjects, linkObjects } from '../support/in-memory.js';
import { change, running, version } from '../support/small-payload.js';

describe('select-changed', () => {
  test('refuses what changes nothing, and takes hooks for a change', async () => {
    const same = compareObjects(version(0xc3), version(0xc3));
    const image = running({ f: 16, printk: 7 });
    expect((await linkObjects([same], image)).codes).toEqual(['XS310']);
    expect((await linkObjects([], image)).codes).toEqual(['XS310']);
    const hooked = version(0xc3)
      .section('.livepatch.hooks.load', new Uint8Array(8), { align: 8 })
      .symbol('hook', { section: '.livepatch.hooks.load', type: c.STT_OBJECT, size: 8, bind: c.STB_LOCAL })
      .rela('.livepatch.hooks.load', 0, c.R_X86_64_64, 'f');
    const { payload, codes } = await linkObjects([compareObjects(version(0xc3), hooked)], image);
    expect(codes).toEqual([]);
    const names = payload?.object.sections.map((s) => s.name) ?? [];
    expect(names).toContain('.livepatch.hooks.load');
    expect(names).not.toContain('.livepatch.funcs');
  });

  test('takes up what the pairs were refused for', async () => {
    const broken = compareObjects(version(0xc3), Buffer.from('junk'));
    expect((await linkObjects([change, broken], running({ f: 16, printk: 7 }))).codes).toEqual(['XS101']);
  });
});
