/** Payloads below this one: what they brought, what they replaced, and what is no payload. */
import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import * as c from '../../../src/elf/constants.js';
import { readStackedPayload } from '../../../src/xen/stack.js';
import type { StackedPayload } from '../../../src/xen/stack.js';
import { ElfBuilder, patchedHeader } from '../../support/elf-builder.js';
import { compareObjects, imageOf, linkObjects } from '../../support/in-memory.js';

const FILE = { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL } as const;
const CALL = [0xe8, 0, 0, 0, 0];

function read(name: string, bytes: Uint8Array): { payload: StackedPayload | undefined; codes: string[] } {
  const found: Diagnostic[] = [];
  const payload = readStackedPayload(name, bytes, (d) => found.push(d));
  return { payload, codes: found.map((d) => d.code) };
}

/** f, and in later versions a function `fresh` with a counter of its own; `step` is what fresh adds. */
function version(step: number | undefined, number = 0): ElfBuilder {
  const object = new ElfBuilder().symbol('common/x.c', FILE);
  if (step === undefined)
    return object
      .text('.text.f', [0x90, 0x90, 0x90, 0x90, 0x90, 0xc3])
      .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6 });
  return object
    .text('.text.f', [...CALL, 0xc3])
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6 })
    .text('.text.fresh', [0x83, 0x05, 0, 0, 0, 0, step, 0xc3])
    .symbol('fresh', { section: '.text.fresh', type: c.STT_FUNC, size: 8, bind: c.STB_LOCAL })
    .bss('.bss.count', 4)
    .symbol(`count.${number}`, { section: '.bss.count', type: c.STT_OBJECT, size: 4, bind: c.STB_LOCAL })
    .rela('.text.f', 1, c.R_X86_64_PLT32, 'fresh', -4)
    .rela('.text.fresh', 2, c.R_X86_64_PC32, { section: '.bss.count' }, -5);
}

const image = imageOf(
  new ElfBuilder()
    .text('.text', new Uint8Array(64))
    .symbol('f', { section: '.text', type: c.STT_FUNC, size: 6 }),
);

async function stackOn(
  below: readonly StackedPayload[],
  orig: ElfBuilder,
  patched: ElfBuilder,
): Promise<Awaited<ReturnType<typeof linkObjects>>> {
  const depends = below.at(-1)?.buildId ?? image.buildId;
  return await linkObjects([compareObjects(orig, patched)], image, { stack: below, wishes: { depends } });
}

async function firstPayload(replace = false): Promise<StackedPayload> {
  const { payload, codes } = await linkObjects([compareObjects(version(undefined), version(1))], image, {
    wishes: { replace },
  });
  expect(codes).toEqual([]);
  const { payload: stacked } = read('first.xsplice', payload?.bytes ?? new Uint8Array(0));
  if (stacked === undefined) throw new Error('not a payload');
  return stacked;
}

describe('a payload on top of another', () => {
  test('replaces what that one brought, and uses its data under whatever number', async () => {
    const first = await firstPayload();
    expect([...first.symbols.keys()].sort()).toEqual(['common/x.c#count.0', 'common/x.c#fresh', 'f']);
    const { payload, codes } = await stackOn([first], version(1, 0), version(2, 7));
    expect(codes).toEqual([]);
    expect(payload?.resolved.replaced).toMatchObject([
      { name: 'common/x.c#fresh', oldAddress: undefined, oldSize: 8 },
    ]);
    expect(payload?.resolved.bindings.map((b) => b.name)).toEqual(['common/x.c#count.0']);
  });

  test('finds what was brought under a mark', async () => {
    const first = await firstPayload(true);
    const { payload, codes } = await stackOn([first], version(1), version(2));
    expect(codes).toEqual([]);
    expect(payload?.resolved.replaced[0].name).toMatch(/^common\/x\.c#fresh~[0-9a-f]{8}$/);
    expect(payload?.resolved.bindings[0].name).toMatch(/^common\/x\.c#count\.0~[0-9a-f]{8}$/);
  });

  test('without the one below is refused', async () => {
    expect((await stackOn([], version(1), version(2))).codes).toEqual(['XS401', 'XS401']);
  });

  test('has another build-id than the same change elsewhere', async () => {
    const first = await firstPayload();
    const ids = await Promise.all(
      [first.buildId, image.buildId].map(async (depends) => {
        const { payload } = await linkObjects([compareObjects(version(1), version(2))], image, {
          stack: [first],
          wishes: { depends },
        });
        return Buffer.from(payload?.buildId ?? []).toString('hex');
      }),
    );
    expect(new Set(ids).size).toBe(2);
  });
});

describe('no payload', () => {
  const object = (): ElfBuilder => new ElfBuilder().text('.text', [0xc3]).symbol('f', { section: '.text' });
  const note = [4, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4e, 0x55, 0, 7, 0, 0, 0];

  test('is an object, an image, or something else', () => {
    expect(read('x.o', object().bytes()).codes).toEqual(['XS411']);
    const identified = object().section('.note.gnu.build-id', note, { type: c.SHT_NOTE, align: 4 });
    expect(read('x.o', identified.bytes()).codes).toEqual(['XS411']);
    const whole = identified.section('.livepatch.funcs', new Uint8Array(104)).bytes();
    expect(read('x', whole).codes).toEqual([]);
    expect(read('x', patchedHeader(whole, 'e_type', c.ET_EXEC)).codes).toEqual(['XS411']);
    expect(read('x', new Uint8Array(3)).codes).toEqual(['XS101']);
  });
});
