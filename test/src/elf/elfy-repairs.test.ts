/**
 * What elfy 1.0.0 gets wrong, one test for each repair: elfy alone answers wrongly, elf/read.ts rightly. A test
 * that fails in its first half after an update of elfy says that the repair may go.
 */
import { describe, expect, test } from '@jest/globals';
import { createRequire } from 'node:module';
import * as c from '../../../src/elf/constants.js';
import { sectionBytes } from '../../../src/elf/read.js';
import {
  ElfBuilder,
  mustRead,
  patchedAt,
  patchedHeader,
  patchedSection,
  sectionNamed,
} from '../../support/elf-builder.js';

const elfy = createRequire(import.meta.url)('elfy') as typeof import('elfy');

const object = (): ElfBuilder =>
  new ElfBuilder()
    .text('.text.f', [0xc3])
    .strings('.rodata.str1.1', 'hello')
    .bss('.bss', 0x20)
    .data('.data', [1, 2, 3, 4]);

/** Positions of the sections above. */
const TEXT = 1;
const STRINGS = 2;
const BSS = 3;

const elfySections = (bytes: Uint8Array): ReturnType<typeof elfy.parse>['body']['sections'] =>
  elfy.parse(Buffer.from(bytes)).body.sections;

describe('elfy 1.0.0 and its repairs', () => {
  test('sh_addralign is at byte 48 of a section header; elfy reads byte 46', () => {
    const bytes = object().bytes();
    expect(elfySections(bytes)[TEXT].addralign).not.toBe(16);
    expect(mustRead(bytes).sections[TEXT].sh_addralign).toBe(16);
  });

  test('sh_entsize is at byte 56 of a section header; elfy reads byte 54', () => {
    const bytes = object().bytes();
    expect(elfySections(bytes)[STRINGS].entsize).not.toBe(1);
    expect(mustRead(bytes).sections[STRINGS].sh_entsize).toBe(1);
  });

  test('64-bit fields are exact; elfy rounds them to doubles', () => {
    const address = 0xffff82d040200123n;
    const bytes = patchedSection(object().bytes(), '.text.f', 'sh_addr', address);
    expect(BigInt(elfySections(bytes)[TEXT].addr)).not.toBe(address);
    expect(mustRead(bytes).sections[TEXT].sh_addr).toBe(address);
  });

  test('EI_OSABI is byte 7; elfy reads byte 6, which is EI_VERSION', () => {
    const ELFOSABI_FREEBSD = 9;
    const bytes = patchedHeader(object().bytes(), 'EI_OSABI', ELFOSABI_FREEBSD);
    expect(elfy.parse(Buffer.from(bytes)).osabi).not.toBe('freebsd');
    expect(mustRead(bytes).header.osabi).toBe(ELFOSABI_FREEBSD);
  });

  test('e_shnum = 0 says that section header 0 holds the number; elfy throws', () => {
    const plain = object().bytes();
    const { header } = mustRead(plain);
    const bytes = patchedAt(patchedHeader(plain, 'e_shnum', 0), header.e_shoff, [32, 8], header.shnum);
    expect(() => elfy.parse(Buffer.from(bytes))).toThrow();
    expect(mustRead(bytes).sections.map((s) => s.name)).toEqual(mustRead(plain).sections.map((s) => s.name));
  });

  test('a file may have no sections; elfy throws', () => {
    const bytes = object().bytes().slice(0, c.EHDR_SIZE);
    bytes.fill(0, 40, 48);
    bytes.fill(0, 58, 64);
    expect(() => elfy.parse(Buffer.from(bytes))).toThrow();
    expect(mustRead(bytes).sections).toEqual([]);
  });

  test('SHT_NOBITS has no bytes; elfy gives it those that follow in the file', () => {
    const bytes = object().bytes();
    expect(elfySections(bytes)[BSS].data.length).toBeGreaterThan(0);
    const file = mustRead(bytes);
    expect(sectionNamed(file, '.bss').sh_size).toBe(0x20);
    expect(sectionBytes(file, sectionNamed(file, '.bss'))).toHaveLength(0);
  });
});
