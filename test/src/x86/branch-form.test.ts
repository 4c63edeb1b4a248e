/** What is left of a branch without its distance, and what an instruction does with an address in it. */
import { describe, expect, test } from '@jest/globals';
import { branchForm } from '../../../src/x86/branch-form.js';
import { fieldUse } from '../../../src/x86/field-use.js';

const form = (...bytes: readonly number[]): number => branchForm(Uint8Array.from(bytes), 0);

describe('the form of a branch', () => {
  test('is one for all distances', () => {
    expect(form(0xeb, 1)).toBe(form(0xe9, 1, 2, 3, 4));
    for (let condition = 0; condition < 16; condition++)
      expect(form(0x70 + condition, 9)).toBe(form(0x0f, 0x80 + condition, 1, 0, 0, 0));
    expect(form(0xe8, 1, 0, 0, 0)).toBe(form(0xe8, 2, 0, 0, 0));
  });

  test('tells operations and prefixes apart', () => {
    const forms = [
      form(0xeb, 0),
      form(0xe8, 0, 0, 0, 0),
      form(0xf2, 0xe8, 0, 0, 0, 0),
      form(0xe3, 0),
      form(0xe2, 0),
      form(0xc7, 0xf8, 0, 0, 0, 0),
      ...Array.from({ length: 16 }, (_, condition) => form(0x70 + condition, 0)),
    ];
    expect(new Set(forms).size).toBe(forms.length);
  });

  test('of nothing but prefixes is no endless search', () => {
    expect(() => form(0xf2, 0x66, 0x48)).not.toThrow();
  });
});

describe('the use of a field', () => {
  const use = (at: number, ...bytes: readonly number[]): string => fieldUse(Uint8Array.from(bytes), at);

  test.each([
    ['call', 1, [0xe8, 0, 0, 0, 0]],
    ['jump', 1, [0xe9, 0, 0, 0, 0]],
    ['jump', 2, [0x0f, 0x84, 0, 0, 0, 0]],
    ['address', 3, [0x48, 0x8d, 0x05, 0, 0, 0, 0]],
    ['address', 1, [0xbf, 0, 0, 0, 0]],
    ['access', 2, [0x8b, 0x05, 0, 0, 0, 0]],
    ['access', 2, [0xff, 0x15, 0, 0, 0, 0]],
    ['access', 2, [0xc7, 0x05, 0, 0, 0, 0, 1, 0, 0, 0]],
    ['address', 6, [0xc7, 0x05, 0, 0, 0, 0, 1, 0, 0, 0]],
    ['address', 0, [0x06]],
  ])('is %s at +%i of %p', (expected, at, bytes) => {
    expect(use(at, ...bytes)).toBe(expected);
  });
});
