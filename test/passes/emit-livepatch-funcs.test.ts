/** The records of what is replaced, in the payload as it is written. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../src/elf/constants.js';
import { mustRead, sectionNamed } from '../support/elf-builder.js';
import { linkObjects } from '../support/in-memory.js';
import { change, running } from '../support/small-payload.js';

describe('emit-livepatch-funcs', () => {
  test('tell the name, the new code and the sizes of what is replaced', async () => {
    const { payload } = await linkObjects([change], running({ f: 16, printk: 7 }));
    const file = mustRead(payload?.bytes ?? new Uint8Array(0));
    const funcs = sectionNamed(file, '.livepatch.funcs');
    expect([funcs.sh_size, funcs.sh_flags]).toEqual([104, c.SHF_ALLOC | c.SHF_WRITE]);
    const rela = file.relas.find((table) => table.target === funcs.index);
    expect([...(rela?.r_offset ?? [])]).toEqual([0, 8]);
    expect(file.symbols.names[rela?.r_sym[1] ?? 0]).toBe('f');
  });

  test('fill in addresses with --prelink, and only then', async () => {
    const image = running({ other: 4, f: 16, printk: 7 });
    for (const prelink of [false, true]) {
      const { payload } = await linkObjects([change], image, { wishes: { prelink } });
      const file = mustRead(payload?.bytes ?? new Uint8Array(0));
      const at = sectionNamed(file, '.livepatch.funcs').sh_offset;
      expect(Buffer.from(file.bytes).readBigUInt64LE(at + 16)).toBe(prelink ? 32n : 0n);
      const printk = file.symbols.names.indexOf('printk');
      expect(file.symbols.st_shndx[printk]).toBe(prelink ? c.RESERVED_SHNDX + c.SHN_ABS : c.SHN_UNDEF);
      expect(file.symbols.st_value[printk]).toBe(prelink ? 64n : 0n);
    }
  });
});
