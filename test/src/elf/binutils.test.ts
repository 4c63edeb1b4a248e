/**
 * readelf and objdump read what we write without a warning and find what we find. Skipped, with the reason in
 * the name of the test, where binutils are not installed.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as c from '../../../src/elf/constants.js';
import { dumpElf } from '../../../src/elf/dump.js';
import { writeElf } from '../../../src/elf/write.js';
import { ElfBuilder, mustRead } from '../../support/elf-builder.js';
import { isInstalled, ourFacts, readelfFacts, run } from './readelf.js';

const directory = mkdtempSync(join(tmpdir(), 'elf-'));
afterAll(() => rmSync(directory, { recursive: true }));

const withReadelf = isInstalled('readelf')
  ? test
  : (name: string, body: () => void): void => test.skip(`${name} (skipped: readelf is not installed)`, body);
const withObjdump = isInstalled('objdump')
  ? test
  : (name: string, body: () => void): void => test.skip(`${name} (skipped: objdump is not installed)`, body);

const SAMPLE = fileURLToPath(new URL('../../../../test/src/elf/fixtures/sample.o', import.meta.url));

const varied = (): Uint8Array =>
  new ElfBuilder()
    .text('.text.f', [0xe8, 0, 0, 0, 0, 0xc3])
    .text('.text.empty', [])
    .strings('.rodata.str1.1', 'hello', 'world')
    .data('.data', new Uint8Array(32))
    .bss('.bss', 0x1000)
    .section('.meta', [0, 0, 0, 0], { flags: c.SHF_ALLOC | c.SHF_LINK_ORDER, link: '.text.f' })
    .symbol('x.c', { place: 'abs', bind: c.STB_LOCAL, type: c.STT_FILE })
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: 6, visibility: c.STV_HIDDEN })
    .symbol('local', { section: '.data', type: c.STT_OBJECT, bind: c.STB_LOCAL, size: 8, value: 8 })
    .symbol('weak', { bind: c.STB_WEAK })
    .symbol('shared', { place: 'common', value: 16, size: 0x123456789n, type: c.STT_OBJECT })
    .symbol('fixed', { place: 'abs', value: 0xffff82d040200123n })
    .rela('.text.f', 1, c.R_X86_64_PLT32, 'printk', -4)
    .rela('.data', 0, c.R_X86_64_64, { section: '.rodata.str1.1' }, 6)
    .rela('.data', 8, c.R_X86_64_NONE, 'none')
    .rela('.data', 16, c.R_X86_64_64, 'fixed', -0x7d2fc0000000)
    .rela('.data', 24, c.R_X86_64_32S, 'weak')
    .bytes();

const grouped = (): Uint8Array =>
  writeElf({
    sections: [
      {
        name: '.group',
        sh_type: c.SHT_GROUP,
        sh_flags: 0,
        sh_addralign: 4,
        sh_entsize: 4,
        bytes: new Uint8Array(0),
        group: { flags: c.GRP_COMDAT, signature: 0, members: [1] },
      },
      {
        name: '.text.inline',
        sh_type: c.SHT_PROGBITS,
        sh_flags: c.SHF_ALLOC | c.SHF_EXECINSTR | c.SHF_GROUP,
        sh_addralign: 16,
        sh_entsize: 0,
        bytes: Uint8Array.of(0xe8, 0, 0, 0, 0),
        relas: [{ r_offset: 1, r_type: c.R_X86_64_PLT32, symbol: 1, r_addend: -4 }],
      },
    ],
    symbols: [
      {
        name: 'inlined',
        st_info: c.stInfo(c.STB_WEAK, c.STT_FUNC),
        st_other: 0,
        section: 1,
        st_value: 0,
        st_size: 5,
      },
      {
        name: 'printk',
        st_info: c.stInfo(c.STB_GLOBAL, 0),
        st_other: 0,
        section: 'undef',
        st_value: 0,
        st_size: 0,
      },
    ],
  });

const manySections = (): Uint8Array =>
  writeElf({
    sections: Array.from({ length: 65_300 }, (_, i) => ({
      name: `.d${i}`,
      sh_type: c.SHT_PROGBITS,
      sh_flags: c.SHF_ALLOC,
      sh_addralign: 1,
      sh_entsize: 0,
      bytes: Uint8Array.of(i & 0xff),
    })),
    symbols: [0, 65_278, 65_279, 65_299].map((section) => ({
      name: `v${section}`,
      st_info: c.stInfo(c.STB_GLOBAL, c.STT_OBJECT),
      st_other: 0,
      section,
      st_value: 0,
      st_size: 1,
    })),
  });

const WRITTEN: readonly (readonly [name: string, make: () => Uint8Array])[] = [
  ['an object with a little of everything', varied],
  ['a section group', grouped],
  ['nothing', () => writeElf({ sections: [], symbols: [] })],
  ['more than 65,279 sections', manySections],
];

describe('readelf', () => {
  for (const [name, make] of WRITTEN) {
    withReadelf(`reads ${name} without a warning and finds what we find`, () => {
      const path = join(directory, 'written.o');
      const bytes = make();
      writeFileSync(path, bytes);
      expect(run('readelf', ['-aW', path]).stderr).toBe('');
      expect(readelfFacts(path)).toEqual(ourFacts(mustRead(bytes)));
    });
  }

  withReadelf('finds in an object of gcc what we find', () => {
    expect(readelfFacts(SAMPLE)).toEqual(ourFacts(mustRead(new Uint8Array(readFileSync(SAMPLE)))));
  });

  withReadelf('names the members of a group', () => {
    const path = join(directory, 'group.o');
    writeFileSync(path, grouped());
    const { stdout } = run('readelf', ['-gW', path]);
    expect(stdout).toMatch(/COMDAT group section .* \[inlined\] contains 2 sections/);
    expect(stdout).toMatch(/\.text\.inline\n.*\.rela\.text\.inline/);
  });
});

describe('objdump', () => {
  withObjdump('shows the relocations that our dump shows', () => {
    const path = join(directory, 'written.o');
    const bytes = varied();
    writeFileSync(path, bytes);
    const { stdout, stderr } = run('objdump', ['-r', path]);
    expect(stderr).toBe('');
    const theirs = [...stdout.matchAll(/^([0-9a-f]{16}) (R_X86_64_\S+) +(\S+)$/gm)].map(
      ([, place, type, value]) =>
        `+0x${BigInt(`0x${place}`).toString(16)} ${type} ${value.replace(/0x0+(?=.)/, '0x')}`,
    );
    const ours = [...dumpElf(mustRead(bytes)).matchAll(/^ {8}(\+0x\S+ R_X86_64_.*)$/gm)].map(([, line]) =>
      line.replace('<no symbol>', '*ABS*'),
    );
    expect(theirs).toEqual(ours);
  });
});
