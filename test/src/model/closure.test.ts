/** What comes along, what stays in the hypervisor and by which name it is found there. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { describeInclusion } from '../../../src/report/inclusion.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { compareObjects, imageOf, linkObjects } from '../../support/in-memory.js';
import type { Linked } from '../../support/in-memory.js';

const FILE = { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL } as const;

/** Functions of 8 bytes that call others: five bytes of a call for each, and a last byte that makes a version. */
interface FunctionSketch {
  readonly calls?: readonly string[];
  readonly version?: number;
  readonly bind?: number;
  readonly section?: string;
}

function objectOf(functions: Readonly<Record<string, FunctionSketch>>, file = 'common/x.c'): ElfBuilder {
  const object = new ElfBuilder().symbol(file, FILE);
  const sizes = Object.entries(functions).map(([name, { calls = [], version = 0, bind, section }]) => {
    const where = section ?? `.text.${name}`;
    object.text(where, [
      ...calls.flatMap(() => [0xe8, 0, 0, 0, 0]),
      0x90,
      0x90,
      0x90,
      0x90,
      0x04,
      version,
      0xc3,
    ]);
    const size = calls.length * 5 + 7;
    object.symbol(name, { section: where, type: c.STT_FUNC, size, bind: bind ?? c.STB_GLOBAL });
    return [where, calls] as const;
  });
  for (const [where, calls] of sizes)
    for (const [k, name] of calls.entries()) object.rela(where, 5 * k + 1, c.R_X86_64_PLT32, name, -4);
  return object;
}

const image = (object: ElfBuilder): ReturnType<typeof imageOf> => imageOf(object);
const imageSymbols = (sizes: Readonly<Record<string, number>>): ReturnType<typeof imageOf> => {
  const object = new ElfBuilder().text('.text', new Uint8Array(4_096));
  let value = 0;
  let file = '';
  for (const [name, size] of Object.entries(sizes)) {
    const [source, bare] = name.includes('#') ? name.split('#') : ['', name];
    if (source !== file) object.symbol(source, FILE);
    file = source;
    const bind = source === '' ? c.STB_GLOBAL : c.STB_LOCAL;
    object.symbol(bare, { section: '.text', type: c.STT_FUNC, size, value, bind });
    value += 32;
  }
  return image(object);
};

const included = ({ payload }: Linked): string[] =>
  payload === undefined
    ? []
    : describeInclusion(payload.resolved).map(
        (t) => `${t.name} <- ${t.chain.map((link) => link.name).join(' <- ')}`,
      );
const externals = ({ payload }: Linked): string[] => payload?.resolved.bindings.map((b) => b.name) ?? [];

describe('the closure', () => {
  test('follows new functions from the changed ones, and leaves unused ones out', async () => {
    const diff = compareObjects(
      objectOf({ f: {}, same: {} }),
      objectOf({
        f: { calls: ['a', 'same'] },
        same: {},
        a: { calls: ['b'], bind: c.STB_LOCAL },
        b: { calls: ['printk', 'a'] },
        unused: {},
      }),
    );
    const linked = await linkObjects([diff], imageSymbols({ f: 7, same: 7, printk: 7 }));
    expect(linked.codes).toEqual([]);
    expect(included(linked)).toEqual(['f <- ', 'a <- f', 'b <- a <- f']);
    expect(externals(linked)).toEqual(['same', 'printk']);
  });

  test('crosses objects by global names', async () => {
    const one = compareObjects(objectOf({ f: {} }), objectOf({ f: { calls: ['helper', 'kept'] } }));
    const two = compareObjects(
      objectOf({ kept: {}, other: {} }, 'common/y.c'),
      objectOf({ kept: {}, other: { version: 1 }, helper: {} }, 'common/y.c'),
    );
    const linked = await linkObjects([one, two], imageSymbols({ f: 7, kept: 7, other: 7 }));
    expect(linked.codes).toEqual([]);
    expect(included(linked)).toEqual(['f <- ', 'other <- ', 'helper <- f']);
    expect(externals(linked)).toEqual(['kept']);
  });

  test('does not mistake a static function of another object for a global one', async () => {
    const one = compareObjects(objectOf({ f: {} }), objectOf({ f: { calls: ['helper'] } }));
    const two = compareObjects(
      objectOf({ g: {} }, 'common/y.c'),
      objectOf({ g: { version: 1 }, helper: { bind: c.STB_LOCAL } }, 'common/y.c'),
    );
    const linked = await linkObjects([one, two], imageSymbols({ f: 7, g: 7 }));
    expect(linked.codes).toEqual(['XS401']);
  });

  test('names what stays as the original object names it', async () => {
    const names = (suffix: string): Record<string, FunctionSketch> => ({
      f: { calls: [`g.isra.${suffix}`], version: Number(suffix) },
      [`g.isra.${suffix}`]: { bind: c.STB_LOCAL },
    });
    const linked = await linkObjects(
      [compareObjects(objectOf(names('0')), objectOf(names('3')))],
      imageSymbols({ 'common/x.c#g.isra.0': 7, f: 12 }),
    );
    expect(linked.codes).toEqual([]);
    expect(externals(linked)).toEqual(['common/x.c#g.isra.0']);
  });

  test('refuses code that refers to what is gone after boot', async () => {
    const diff = compareObjects(
      objectOf({ f: {}, probe: { section: '.init.text' } }),
      objectOf({ f: { calls: ['probe'] }, probe: { section: '.init.text' } }),
    );
    expect((await linkObjects([diff], imageSymbols({ f: 7, probe: 7 }))).codes).toContain('XS406');
  });

  test('brings what loses its __init under a name of its own', async () => {
    const diff = compareObjects(
      objectOf({
        f: { calls: ['printk'] },
        probe: { section: '.init.text' },
        boot: { section: '.init.text.b', calls: ['probe'] },
      }),
      objectOf({ f: { calls: ['probe'] }, probe: {}, boot: { section: '.init.text.b', calls: ['probe'] } }),
    );
    const linked = await linkObjects([diff], imageSymbols({ f: 12, probe: 7, boot: 12 }));
    expect(linked.codes).toEqual([]);
    expect(linked.payload?.resolved.replaced.map((r) => r.name)).toEqual(['f']);
    expect(linked.payload?.resolved.symbolNames).toEqual(['f', expect.stringMatching(/^probe~[0-9a-f]{8}$/)]);
  });
});

describe('a changed function', () => {
  const diff = compareObjects(objectOf({ f: {} }), objectOf({ f: { version: 1 } }));

  test('must be in the image, once, and of the size that the original has', async () => {
    expect((await linkObjects([diff], imageSymbols({ f: 7 }))).codes).toEqual([]);
    expect((await linkObjects([diff], imageSymbols({ g: 7 }))).codes).toEqual(['XS213']);
    expect((await linkObjects([diff], imageSymbols({ f: 8 }))).codes).toEqual(['XS409']);
  });

  test('goes by its own symbol, whatever other entry points lie in it', async () => {
    const object = (version: number): ElfBuilder =>
      objectOf({ f: { version } }).symbol('f_late', {
        section: '.text.f',
        type: c.STT_FUNC,
        value: 2,
        size: 5,
        bind: c.STB_LOCAL,
      });
    const shorter = (version: number): ElfBuilder =>
      new ElfBuilder()
        .text('.text.f', [0x90, 0x90, 0x90, 0x90, 0x04, version, 0xc3])
        .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6 })
        .symbol('f_late', { section: '.text.f', type: c.STT_FUNC, value: 2, size: 5, bind: c.STB_LOCAL });
    expect((await linkObjects([compareObjects(object(0), object(1))], imageSymbols({ f: 7 }))).codes).toEqual(
      [],
    );
    expect(
      (await linkObjects([compareObjects(shorter(0), shorter(1))], imageSymbols({ f: 6 }))).codes,
    ).toEqual([]);
  });

  test('that is static goes by its file, or by its object when assembled', async () => {
    const statics = (version: number): ElfBuilder => objectOf({ f: { bind: c.STB_LOCAL, version } });
    const local = compareObjects(statics(0), statics(1));
    expect((await linkObjects([local], imageSymbols({ 'common/x.c#f': 7 }))).codes).toEqual([]);
    const assembled = (version: number): ElfBuilder =>
      new ElfBuilder()
        .text('.text.f', [0x90, 0x90, 0x90, 0x90, 0x04, version, 0xc3])
        .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 7, bind: c.STB_LOCAL });
    const pair = { ...compareObjects(assembled(0), assembled(1)) };
    const linked = await linkObjects(
      [{ ...pair, ...(pair.detail && { detail: { ...pair.detail, object: 'x86/entry.o' } }) }],
      imageSymbols({ 'entry.o#f': 7 }),
    );
    expect(linked.codes).toEqual([]);
    expect(linked.payload?.resolved.replaced[0]?.name).toBe('entry.o#f');
  });
});
