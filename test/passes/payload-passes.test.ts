/**
 * The second half pass by pass, on small payloads: what is bound to what, what the loader would refuse, and the
 * sections that tell it what to do.
 */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../src/elf/constants.js';
import { findBuildId } from '../../src/xen/image.js';
import type { XenImage } from '../../src/xen/image.js';
import { ABIS } from '../../src/xen/versions.js';
import { ElfBuilder, mustRead, sectionNamed } from '../support/elf-builder.js';
import { compareObjects, imageOf, linkObjects } from '../support/in-memory.js';

const FILE = { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL } as const;

/** A function f of 16 bytes that calls `callee`; another version has another last byte. */
function version(last: number, callee = 'printk', head: readonly number[] = []): ElfBuilder {
  const code = [...head, 0xe8, 0, 0, 0, 0, ...new Array<number>(10 - head.length).fill(0x90), last];
  return new ElfBuilder()
    .symbol('common/x.c', FILE)
    .text('.text.f', code)
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 16 })
    .rela('.text.f', head.length + 1, c.R_X86_64_PLT32, callee, -4);
}

function running(symbols: Readonly<Record<string, number>>, code: readonly number[] = []): XenImage {
  const object = new ElfBuilder().text('.text', [
    ...code,
    ...new Array<number>(256 - code.length).fill(0x90),
  ]);
  for (const [k, [name, size]] of Object.entries(symbols).entries())
    object.symbol(name, { section: '.text', type: c.STT_FUNC, size, value: 32 * k });
  return imageOf(object);
}

const change = compareObjects(version(0xc3), version(0xcb));

describe('resolve-symbols', () => {
  test('binds each name to one symbol, or refuses', async () => {
    const { payload, codes } = await linkObjects([change], running({ f: 16, printk: 7 }));
    expect(codes).toEqual([]);
    expect(payload?.resolved.bindings).toEqual([{ name: 'printk', address: 32n }]);
    expect((await linkObjects([change], running({ f: 16 }))).codes).toEqual(['XS401']);
    expect((await linkObjects([change], running({ printk: 7 }))).codes).toEqual(['XS401']);
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

describe('lay-out-payload and emit-livepatch-funcs', () => {
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

describe('emit-notes', () => {
  const image = running({ f: 16, printk: 7 });
  const idOf = async (wishes: Parameters<typeof linkObjects>[2]): Promise<string> => {
    const { payload } = await linkObjects([change], image, wishes);
    return Buffer.from(payload?.buildId ?? []).toString('hex');
  };

  test('identify a payload by its contents and by all that it depends on', async () => {
    const other = Uint8Array.of(1, 2, 3);
    const ids = await Promise.all([
      idOf({}),
      idOf({ wishes: { depends: other } }),
      idOf({ wishes: { xenDepends: other } }),
      idOf({ wishes: { modinfo: ['a=b'] } }),
      idOf({ wishes: { abi: ABIS['livepatch-v1'] } }),
      idOf({ wishes: { abi: ABIS['xsplice-v1'] } }),
      idOf({ wishes: { prelink: true } }),
    ]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await idOf({})).toBe(ids[0]);
  });

  test('hold build-ids of any length', async () => {
    for (const length of [1, 3, 4, 16, 20, 64]) {
      const depends = new Uint8Array(length).fill(length);
      const { payload } = await linkObjects([change], image, { wishes: { depends } });
      const file = mustRead(payload?.bytes ?? new Uint8Array(0));
      expect(findBuildId(file, '.livepatch.depends')).toEqual(depends);
      expect(findBuildId(file)).toEqual(Uint8Array.from(payload?.buildId ?? []));
    }
  });

  test('leave out what older hypervisors do not know', async () => {
    const namesWith = async (abi: keyof typeof ABIS): Promise<string[]> => {
      const { payload } = await linkObjects([change], image, { wishes: { abi: ABIS[abi] } });
      return payload?.object.sections.map((s) => s.name).filter((name) => /depends/.test(name)) ?? [];
    };
    expect(await namesWith('livepatch-v2')).toEqual(['.livepatch.depends', '.livepatch.xen_depends']);
    expect(await namesWith('livepatch-v1')).toEqual(['.livepatch.depends']);
    expect(await namesWith('xsplice-v1')).toEqual(['.xsplice.depends']);
  });
});

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
