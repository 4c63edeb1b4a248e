/** A function in two versions, the change between them, and images that have it: for tests of the second half. */
import * as c from '../../src/elf/constants.js';
import type { XenImage } from '../../src/xen/image.js';
import { ElfBuilder } from './elf-builder.js';
import { compareObjects, imageOf } from './in-memory.js';

export const FILE = { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL } as const;

/** A function f of 16 bytes that calls `callee`; another version has another last byte. */
export function version(last: number, callee = 'printk', head: readonly number[] = []): ElfBuilder {
  const code = [...head, 0xe8, 0, 0, 0, 0, ...new Array<number>(10 - head.length).fill(0x90), last];
  return new ElfBuilder()
    .symbol('common/x.c', FILE)
    .text('.text.f', code)
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 16 })
    .rela('.text.f', head.length + 1, c.R_X86_64_PLT32, callee, -4);
}

/** An image with functions of these sizes, 32 bytes apart; `code` is at its start. */
export function running(symbols: Readonly<Record<string, number>>, code: readonly number[] = []): XenImage {
  const object = new ElfBuilder().text('.text', [
    ...code,
    ...new Array<number>(256 - code.length).fill(0x90),
  ]);
  for (const [k, [name, size]] of Object.entries(symbols).entries())
    object.symbol(name, { section: '.text', type: c.STT_FUNC, size, value: 32 * k });
  return imageOf(object);
}

/** Its last byte differs. */
export const change = compareObjects(version(0xc3), version(0xcb));
