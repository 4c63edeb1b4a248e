/** When an immediate that goes over the stack is the number of a line that is reported, and when it counts as a change. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { XEN_REPORTERS } from '../../../src/xen/reporting-functions.js';
import { FILE, imm32, onlyLines } from '../../support/line-objects.js';
import type { More } from '../../support/line-objects.js';

describe('what makes a number on the stack a line', () => {
  const AT = '%d %d %d %d in %s at %s:%d\n';
  const PUSH_NAME = [`lea r10 ${FILE}`, '41 52 # push %r10'];
  const pushed = (line: number): string => `6a ${line.toString(16)} # push $line`;
  const printed =
    (format: string, ...between: readonly string[]) =>
    (line: number): readonly string[] => [
      pushed(line),
      ...PUSH_NAME,
      ...between,
      `lea rdi ${format}`,
      'call printk',
      'c3',
    ];

  test('is the format, and the name of a source file in the slot before it', () => {
    expect(onlyLines(printed(AT))).toBe(true);
    expect(onlyLines(printed(AT.replace('%s:%d', '%s line %d')))).toBe(true);
    expect(onlyLines(printed(AT.replace('%s:%d', '%s=%d')))).toBe(false);
    expect(onlyLines(printed(AT.replace(':%d', ':%s')))).toBe(false);
    expect(onlyLines(printed(AT.replace(':%d', ':%p')))).toBe(false);
    expect(onlyLines(printed(AT.replace(':%d', ':%x')))).toBe(false);
    expect(onlyLines(printed(AT.replace(':%d', ':%ld')))).toBe(false);
    expect(onlyLines(printed(AT.replace(':%d', ':%c')))).toBe(false);
    const dom0 = (line: number): readonly string[] =>
      printed(AT)(line).map((text) => text.replace(FILE, 'dom0'));
    expect(onlyLines(dom0)).toBe(false);
  });

  test('is the name of a source file in the last register, when the line is the first on the stack', () => {
    const seventh =
      (name: string) =>
      (line: number): readonly string[] => [
        ...[`lea rbx ${name}`, pushed(line), '49 89 d9 # mov %rbx,%r9'],
        ...['lea rdi %d %d %d %d %s:%d', 'call printk', 'c3'],
      ];
    expect(onlyLines(seventh(FILE))).toBe(true);
    expect(onlyLines(seventh('dom0'))).toBe(false);
  });

  test('is its slot: what the format does not take, or takes as something else, is none', () => {
    expect(onlyLines(printed('%d %d %d %d in %s at %s'))).toBe(false);
    expect(onlyLines(printed('%s:%d'))).toBe(false);
    expect(onlyLines(printed('%d %d %d %d %d %d %s:%d'))).toBe(false);
    expect(onlyLines(printed(AT, '50 # push %rax'))).toBe(false);
    expect(onlyLines(printed('%d %d %d %d %d %d %d'))).toBe(false);
    // A width takes an argument.
    expect(onlyLines(printed('%*d %d %d %d in %s at %s:%d'))).toBe(false);
    expect(onlyLines(printed('%*d %d %d in %s at %s:%d'))).toBe(true);
  });

  test('is not beside another way on which the slot is the function\u2019s own', () => {
    const ways =
      (format: string) =>
      (line: number): readonly string[] => [
        ...[pushed(line), ...PUSH_NAME, 'jne .other', `lea rdi ${AT}`, 'call printk', 'c3'],
        ...['.other:', `lea rdi ${format}`, 'call printk', '8b 44 24 08 # mov 8(%rsp),%eax', 'c3'],
      ];
    expect(onlyLines(ways(AT))).toBe(true);
    expect(onlyLines(ways('no memory'))).toBe(false);
    expect(onlyLines(ways('%d %d %d %d %d %d %d'))).toBe(false);
  });

  test('is that it goes nowhere else', () => {
    expect(onlyLines(printed(AT, '8b 44 24 08 # mov 8(%rsp),%eax'))).toBe(false);
    expect(onlyLines(printed(AT, '83 44 24 08 01 # addl $1,8(%rsp)'))).toBe(false);
    expect(onlyLines(printed(AT, '89 44 24 08 # mov %eax,8(%rsp)'))).toBe(false);
    expect(onlyLines(printed(AT, '48 8d 44 24 08 # lea 8(%rsp),%rax'))).toBe(false);
    expect(onlyLines(printed(AT, '8b 45 e8 # mov -24(%rbp),%eax'))).toBe(false);
    expect(onlyLines(printed(AT, '48 29 c4 # sub %rax,%rsp'))).toBe(false);
    expect(onlyLines(printed(AT, 'call other'))).toBe(false);
    expect(onlyLines(printed(AT, '8b 44 24 18 # mov 24(%rsp),%eax'))).toBe(true);
    const elsewhere = (line: number): readonly string[] =>
      printed(AT)(line).map((text) => text.replace('printk', 'limit'));
    expect(onlyLines(elsewhere)).toBe(false);
    const always = (name: string) => (line: number) => [pushed(line), `call ${name}`, 'c3'];
    const told = [...XEN_REPORTERS, { name: 'my_log', line: 7 }];
    expect(onlyLines(always('my_log'), undefined, told)).toBe(true);
    expect(onlyLines(always('acpi_ut_error'), undefined, told)).toBe(false);
  });

  test('is all of that on the way of the constant, where ways join', () => {
    const join =
      (...own: readonly string[]) =>
      (line: number): readonly string[] => [
        ...['jne .other', pushed(line), ...own, 'jmp .say'],
        ...['.other:', '6a 07', 'lea r10 dom0', '41 52', '.say:', `lea rdi ${AT}`, 'call printk', 'c3'],
      ];
    expect(onlyLines(join(...PUSH_NAME))).toBe(true);
    expect(onlyLines(join('lea r10 dom0', '41 52'))).toBe(false);
    expect(onlyLines(join(...PUSH_NAME, '50 # push %rax'))).toBe(false);
    expect(onlyLines(join(...PUSH_NAME, 'call other'))).toBe(false);
  });

  test('is the same for slots that are stored, not pushed', () => {
    const stored =
      (width: string) =>
      (line: number): readonly string[] => [
        ...[`lea r10 ${FILE}`, `${width} 44 24 08 ${imm32(line)}`, '4c 89 14 24 # mov %r10,(%rsp)'],
        ...[`lea rdi ${AT}`, 'call printk', 'c3'],
      ];
    expect(onlyLines(stored('c7'))).toBe(true);
    expect(onlyLines(stored('48 c7'))).toBe(true);
    const beside = (line: number): readonly string[] =>
      stored('c7')(line).map((text) => text.replace('44 24 08', '44 24 0c'));
    expect(onlyLines(beside)).toBe(false);
    const behind = (line: number): readonly string[] =>
      stored('c7')(line).map((text) => text.replace('44 24 08', '44 24 10'));
    expect(onlyLines(behind)).toBe(false);
  });

  test('is an absolute address of the name as well', () => {
    const absolute = (line: number): readonly string[] => [
      ...[pushed(line), '68 00 00 00 00 # push $name', `lea rdi ${AT}`, 'call printk', 'c3'],
    ];
    const name =
      (text: string): More =>
      (object) =>
        object
          .strings('.rodata.str1.8', text)
          .rela('.text.f', 3, c.R_X86_64_32S, { section: '.rodata.str1.8' });
    expect(onlyLines(absolute, name(FILE))).toBe(true);
    expect(onlyLines(absolute, name('dom0'))).toBe(false);
    expect(onlyLines(absolute)).toBe(false);
  });
});
