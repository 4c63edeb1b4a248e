/**
 * What an object says of a function besides its bytes, asked through the lines that it reports: where branches lead
 * that are relocated, and what runs in place of instructions or when they fail.
 */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { buildCode } from '../../support/code-builder.js';
import type { ElfBuilder } from '../../support/elf-builder.js';
import { CRASH, edx, FORMAT, NAME, onlyLines } from '../../support/line-objects.js';
import type { More } from '../../support/line-objects.js';

describe('a number that stays in its register', () => {
  const hoisted =
    (format: string, ...other: readonly string[]) =>
    (line: number): readonly string[] => [
      ...[edx(line), 'jne .other', NAME, `lea rdi ${format}`, 'call printk', 'c3'],
      ...['.other:', ...other],
    ];

  test.each([
    ['a return', ['c3']],
    ['a return through a thunk', ['jmp __x86_return_thunk']],
    ['a call of another function', ['call other', '31 d2', 'c3']],
    ['a call through a thunk', ['call __x86_indirect_thunk_rax', '31 d2', 'c3']],
    ['a jump in place of a call', ['jmp other']],
  ])('until %s is passed over when it is __LINE__, and not when it is called a line', (_what, other) => {
    expect(onlyLines(hoisted(CRASH, ...other))).toBe(true);
    expect(onlyLines(hoisted('%s in line %d', ...other))).toBe(false);
    expect(onlyLines(hoisted('%s in line %d', '31 d2', ...other))).toBe(true);
  });

  test('is no line when it is visibly read, or the result', () => {
    expect(onlyLines(hoisted(CRASH, '89 d0 # mov %edx,%eax', 'c3'))).toBe(false);
    expect(onlyLines(hoisted(CRASH, '01 d0 # add %edx,%eax', 'c3'))).toBe(false);
    expect(onlyLines(hoisted(CRASH, '89 13 # mov %edx,(%rbx)', 'c3'))).toBe(false);
  });

  test('is not followed to where the code goes on elsewhere', () => {
    const to = (name: string): readonly string[] => [`jmp ${name}`];
    const cold: More = (object) =>
      object.text('.text.unlikely', [0xc3]).symbol('f.cold', {
        section: '.text.unlikely',
        type: c.STT_FUNC,
        size: 1,
        bind: c.STB_LOCAL,
      });
    expect(onlyLines(hoisted(CRASH, ...to('__x86_indirect_thunk_rax')))).toBe(false);
    const coldFirst = (line: number): readonly string[] => [
      edx(line),
      NAME,
      FORMAT,
      'jne f.cold',
      'call printk',
      'c3',
    ];
    expect(onlyLines(coldFirst, cold)).toBe(false);
  });
});

describe('code besides the function', () => {
  const ALTERNATIVE_AT = 5;
  const code = (line: number): readonly string[] => [
    edx(line),
    '90 90 90',
    NAME,
    FORMAT,
    'call printk',
    'c3',
  ];
  /** An alternative of three nops at byte 5. */
  const alternative =
    (...by: readonly number[]): More =>
    (object) => {
      const entry = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3, by.length, 0, 0];
      return object
        .section('.altinstr_replacement', by, { flags: c.SHF_ALLOC | c.SHF_EXECINSTR })
        .section('.altinstructions', entry)
        .rela('.altinstructions', 0, c.R_X86_64_PC32, 'f', ALTERNATIVE_AT)
        .rela('.altinstructions', 4, c.R_X86_64_PC32, { section: '.altinstr_replacement' });
    };

  test('that an alternative puts in must leave the number alone', () => {
    expect(onlyLines(code, alternative(0x0f, 0xae, 0xe8))).toBe(true);
    expect(onlyLines(code, alternative())).toBe(true);
    expect(onlyLines(code, alternative(0x01, 0xd0))).toBe(false);
    expect(onlyLines(code, alternative(0x31, 0xd2))).toBe(false);
    expect(onlyLines(code, alternative(0xeb, 0x00))).toBe(false);
    expect(onlyLines(code, alternative(0xc3))).toBe(false);
  });

  /** An exception at byte 5 that is mended by `fixup` and a jump back to byte `back`. */
  const exception =
    (fixup: readonly number[], back: number): More =>
    (object) => {
      object
        .section('.fixup', [...fixup, 0xe9, 0, 0, 0, 0], { flags: c.SHF_ALLOC | c.SHF_EXECINSTR })
        .rela('.fixup', fixup.length + 1, c.R_X86_64_PC32, 'f', back - 4);
      return object
        .section('.ex_table', new Uint8Array(8))
        .rela('.ex_table', 0, c.R_X86_64_PC32, 'f', 5)
        .rela('.ex_table', 4, c.R_X86_64_PC32, { section: '.fixup' });
    };

  test('that mends an exception must leave it alone, and is followed to where it goes on', () => {
    expect(onlyLines(code, exception([0x58], 8))).toBe(true);
    expect(onlyLines(code, exception([0x52], 8))).toBe(false);
    expect(onlyLines(code, exception([0x74, 0x00], 8))).toBe(false);
    const more =
      (last: string) =>
      (line: number): readonly string[] => [...code(line), last, '31 d2', 'c3'];
    const behind = buildCode(...code(1)).bytes.length;
    expect(onlyLines(more('90'), exception([0x58], behind))).toBe(true);
    expect(onlyLines(more('01 d0'), exception([0x58], behind))).toBe(false);
  });

  test('must come back to the function', () => {
    const other: More = (object) => {
      exception([0x58], 8)(object.text('.text.g', [0xc3]));
      object.symbol('g', { section: '.text.g', type: c.STT_FUNC, size: 1 });
      return object;
    };
    expect(onlyLines(code, other)).toBe(true);
    const elsewhere: More = (object) =>
      object
        .text('.text.g', [0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xc3])
        .symbol('g', { section: '.text.g', type: c.STT_FUNC, size: 9 })
        .section('.fixup', [0x58, 0xe9, 0, 0, 0, 0], { flags: c.SHF_ALLOC | c.SHF_EXECINSTR })
        .rela('.fixup', 2, c.R_X86_64_PC32, 'g', 4)
        .section('.ex_table', new Uint8Array(8))
        .rela('.ex_table', 0, c.R_X86_64_PC32, 'f', 5)
        .rela('.ex_table', 4, c.R_X86_64_PC32, { section: '.fixup' });
    expect(onlyLines(code, elsewhere)).toBe(false);
  });

  test('that assembly puts behind the function is the end when a bug frame says so', () => {
    /** Two bytes behind the function, to which it jumps. */
    const behind =
      (...frames: readonly number[]): More =>
      (object) => {
        object.section('.text.u', [0x0f, 0x0b], { flags: c.SHF_ALLOC | c.SHF_EXECINSTR });
        object.rela('.text.f', 7, c.R_X86_64_PC32, { section: '.text.u' }, -4);
        for (const kind of frames) {
          object
            .section(`.bug_frames.${kind}`, new Uint8Array(8))
            .rela(`.bug_frames.${kind}`, 0, c.R_X86_64_PC32, { section: '.text.u' })
            .rela(`.bug_frames.${kind}`, 4, c.R_X86_64_PC32, { section: '.rodata.str1.1' }, 4);
        }
        return object;
      };
    const jumps = (line: number): readonly string[] => [
      edx(line),
      '0f 86 00 00 00 00 # jbe',
      NAME,
      FORMAT,
      'call printk',
      'c3',
    ];
    expect(onlyLines(jumps, behind(2))).toBe(true);
    expect(onlyLines(jumps, behind(1))).toBe(false);
    expect(onlyLines(jumps, behind())).toBe(false);
  });

  test('that is the end of the run is not followed', () => {
    const bug =
      (kind: number) =>
      (object: ElfBuilder): ElfBuilder =>
        object
          .section(`.bug_frames.${kind}`, new Uint8Array(8))
          .rela(`.bug_frames.${kind}`, 0, c.R_X86_64_PC32, 'f', 5)
          .rela(`.bug_frames.${kind}`, 4, c.R_X86_64_PC32, { section: '.rodata.str1.1' }, 4);
    const trapped = (line: number): readonly string[] => [edx(line), '0f 0b', '01 d0', 'c3'];
    const first = (line: number): readonly string[] => [
      edx(line),
      '0f 0b',
      NAME,
      FORMAT,
      'call printk',
      'c3',
    ];
    expect(onlyLines(first, bug(1))).toBe(true);
    expect(onlyLines(first, bug(2))).toBe(false);
    expect(onlyLines(trapped, bug(1))).toBe(false);
  });
});
