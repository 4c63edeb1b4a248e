/** The table of relocation types. */
import { expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { canonicalType, relocKind, relocName, relocWidth } from '../../../src/elf/reloc-x86-64.js';

test('names, widths and whether P is subtracted', () => {
  expect(relocKind(c.R_X86_64_PLT32)).toEqual({ name: 'R_X86_64_PLT32', width: 4, pcRelative: true });
  expect(relocKind(c.R_X86_64_64)).toEqual({ name: 'R_X86_64_64', width: 8, pcRelative: false });
  expect(relocWidth(c.R_X86_64_PC8)).toBe(1);
  expect(relocWidth(c.R_X86_64_NONE)).toBe(0);
});

test('unknown types have no width and are shown by number', () => {
  for (const r_type of [36, 255, 256, 0xffff_ffff]) {
    expect(relocKind(r_type)).toBeUndefined();
    expect(relocWidth(r_type)).toBe(-1);
    expect(relocName(r_type)).toBe(`R_X86_64_<${r_type}>`);
  }
});

test('every name is the psABI’s name of its constant', () => {
  const numbers = new Map(Object.entries(c));
  for (let r_type = 0; r_type < 256; r_type++) {
    const kind = relocKind(r_type);
    if (kind !== undefined) expect(numbers.get(kind.name)).toBe(r_type);
  }
});

test('a call is the same whether an assembler wrote PC32 or PLT32', () => {
  expect(canonicalType(c.R_X86_64_PLT32)).toBe(canonicalType(c.R_X86_64_PC32));
  expect(canonicalType(c.R_X86_64_64)).toBe(c.R_X86_64_64);
});
