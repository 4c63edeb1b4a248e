/** When an immediate is the number of a line that is reported, and when it must count as a change. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as c from '../../../src/elf/constants.js';
import { lineNumberField } from '../../../src/model/line-numbers.js';
import type { Reporter } from '../../../src/xen/reporting-functions.js';
import { parseReporter, XEN_REPORTERS } from '../../../src/xen/reporting-functions.js';
import { buildCode } from '../../support/code-builder.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { atomNamed, modelled } from '../../support/in-memory.js';
import { CRASH, edx, FILE, FORMAT, imm32, NAME, objectOf, onlyLines } from '../../support/line-objects.js';
import type { More } from '../../support/line-objects.js';

const crash = (line: number): readonly string[] => [edx(line), NAME, FORMAT, 'call printk', 'c3'];

describe('the field', () => {
  const fieldOf = (before: readonly string[], after: readonly string[], at: number, more?: More): unknown => {
    const [orig, patched] = [modelled(objectOf(before, more)), modelled(objectOf(after, more))];
    return lineNumberField(orig, atomNamed(orig, 'f'), patched, atomNamed(patched, 'f'), at, XEN_REPORTERS);
  };

  test('is that of the immediate', () => {
    expect(fieldOf(crash(100), crash(101), 1)).toEqual({ start: 1, end: 5 });
    expect(fieldOf(crash(0x1ff), crash(0x2ff), 2)).toEqual({ start: 1, end: 5 });
    const pushed = (line: string): readonly string[] => [
      '6a ' + line,
      'lea rdi %d%d%d%d%d line %d',
      'call printk',
      'c3',
    ];
    expect(fieldOf(pushed('64'), pushed('65'), 1)).toEqual({ start: 1, end: 2 });
  });

  test('must hold plausible lines on both sides', () => {
    expect(fieldOf(crash(1), crash(1_000_000), 1)).toBeDefined();
    expect(fieldOf(crash(0), crash(1), 1)).toBeUndefined();
    expect(fieldOf(crash(1), crash(0), 1)).toBeUndefined();
    expect(fieldOf(crash(1), crash(1_000_001), 1)).toBeUndefined();
    expect(fieldOf(crash(1), crash(-1), 1)).toBeUndefined();
  });

  test('must lie at the same place of the same instruction', () => {
    const other = ['bb 65 00 00 00', ...crash(101).slice(1)];
    expect(fieldOf(crash(100), other, 0)).toBeUndefined();
    expect(fieldOf(crash(100), other, 1)).toBeUndefined();
    expect(fieldOf(['90', ...crash(100)], ['90', ...crash(101)], 0)).toBeUndefined();
    const prefixed = (prefix: string, line: number): readonly string[] => [
      `${prefix} ${edx(line)}`,
      ...crash(line).slice(1),
    ];
    expect(fieldOf(prefixed('3e', 100), prefixed('3e', 101), 2)).toEqual({ start: 2, end: 6 });
    expect(fieldOf(prefixed('3e', 100), prefixed('2e', 101), 2)).toBeUndefined();
    const short = ['6a 64', 'lea rdi %d%d%d%d%d line %d', 'call printk', 'c3'];
    const long = ['68 80 00 00 00', 'lea rdi %d%d%d%d%d line %d', 'call printk', 'c3'];
    expect(fieldOf(short, long, 0)).toBeUndefined();
    expect(fieldOf(short, long, 1)).toBeUndefined();
  });

  test('must be reported in the same places', () => {
    const inPanic = crash(101).map((line) => line.replace('printk', 'panic'));
    expect(fieldOf(crash(100), inPanic, 1)).toBeUndefined();
    expect(fieldOf([...inPanic], inPanic, 1)).toBeDefined();
  });

  test('must be free of references', () => {
    const referred: More = (object) => object.rela('.text.f', 1, c.R_X86_64_32, 'limit');
    expect(fieldOf(crash(100), crash(101), 1, referred)).toBeUndefined();
  });

  test('is asked for in code only, and inside of it', () => {
    expect(fieldOf(crash(100), crash(101), 5_000)).toBeUndefined();
    const strings = (object: ElfBuilder): ElfBuilder =>
      object
        .section('.rodata.t', buildCode(...crash(100)).bytes)
        .symbol('t', { section: '.rodata.t', size: 20 });
    const model = modelled(objectOf(crash(100), strings));
    const table = atomNamed(model, 't');
    expect(lineNumberField(model, table, model, table, 1, XEN_REPORTERS)).toBeUndefined();
  });
});

describe('what makes a number a line', () => {
  const printed =
    (format: string, file = FILE) =>
    (line: number): readonly string[] => [
      edx(line),
      `lea rsi ${file}`,
      `lea rdi ${format}`,
      'call printk',
      'c3',
    ];

  test('is the format, and the name of a source file before it', () => {
    expect(onlyLines(printed(CRASH))).toBe(true);
    expect(onlyLines(printed('%s:%d: out of memory'))).toBe(true);
    expect(onlyLines(printed(CRASH, 'dom0'))).toBe(false);
    expect(onlyLines(printed('%s has the limit %d'))).toBe(false);
    expect(onlyLines(printed('%s:%x'))).toBe(false);
    expect(onlyLines(printed('%s at line %d', 'dom0'))).toBe(true);
    expect(onlyLines(printed('%s'))).toBe(false);
    expect(onlyLines(printed('%s:%d %y'))).toBe(false);
  });

  test('is not its being reported somewhere, when a number is', () => {
    const both = (line: number): readonly string[] => [
      ...['be', 'ba'].map((opcode) => `${opcode} ${imm32(line)}`),
      'lea rdi limit %d at line %d',
      'call printk',
      'c3',
    ];
    expect(onlyLines(both)).toBe(false);
  });

  test('is not its standing before the format', () => {
    const before = (line: number): readonly string[] => [
      `bf ${imm32(line)}`,
      'lea rsi line %d of %s',
      'call guest_printk',
      'c3',
    ];
    expect(onlyLines(before)).toBe(false);
    const format = (line: number): readonly string[] => [`be ${imm32(line)}`, 'call guest_printk', 'c3'];
    expect(onlyLines(format)).toBe(false);
  });

  test('is its position, when the function takes it always', () => {
    const acpi =
      (opcode: string, name: string) =>
      (line: number): readonly string[] => [
        `${opcode} ${imm32(line)}`,
        'lea rdi tbutils',
        'lea rdx no table',
        `call ${name}`,
        'c3',
      ];
    expect(onlyLines(acpi('be', 'acpi_ut_error'))).toBe(true);
    expect(onlyLines(acpi('b9', 'acpi_ut_error'))).toBe(false);
    expect(onlyLines(acpi('be', 'acpi_ut_allocate'))).toBe(false);
  });

  test('may be told by the user', () => {
    const called = (line: number): readonly string[] => [edx(line), 'call my_log', 'c3'];
    const told = (text: string): readonly Reporter[] => {
      const reporter = parseReporter(text);
      return reporter === undefined ? [] : [...XEN_REPORTERS, reporter];
    };
    expect(onlyLines(called)).toBe(false);
    expect(onlyLines(called, undefined, told('my_log:line=3'))).toBe(true);
    expect(onlyLines(called, undefined, told('my_log:line=2'))).toBe(false);
    const formatted = (line: number): readonly string[] => [
      edx(line),
      'lea rsi line %d',
      'call my_log',
      'c3',
    ];
    expect(onlyLines(formatted, undefined, told('my_log:format=2'))).toBe(true);
    expect(onlyLines(formatted, undefined, told('my_log:format=1'))).toBe(false);
    expect(onlyLines(formatted, undefined, told('my_log:format=3'))).toBe(false);
  });

  test('is not known of a function that has no name or begins elsewhere', () => {
    const withoutCall = [edx(100), NAME, FORMAT, 'e8 00 00 00 00', 'c3'];
    const at = 1 + 5 + 7 + 7;
    const printk =
      (addend: number): More =>
      (object) =>
        object.rela('.text.f', at, c.R_X86_64_PLT32, 'printk', addend);
    const code = (line: number): readonly string[] => [edx(line), ...withoutCall.slice(1)];
    expect(onlyLines(code, printk(-4))).toBe(true);
    expect(onlyLines(code, printk(4))).toBe(false);
    expect(onlyLines(code)).toBe(false);
  });

  test('is the same for a reporter of the same object', () => {
    const own: More = (object) =>
      object
        .text('.text.printk', [0xc3])
        .symbol('vprint', { section: '.text.printk', type: c.STT_FUNC, size: 1 });
    const named: More = (object) =>
      object
        .text('.text.printk', [0xc3])
        .rela('.text.f', 20, c.R_X86_64_PLT32, { section: '.text.printk' }, -4);
    const code = (line: number): readonly string[] => [edx(line), NAME, FORMAT, 'e8 00 00 00 00', 'c3'];
    const asFunction =
      (name: string): More =>
      (object) =>
        named(object).symbol(name, { section: '.text.printk', type: c.STT_FUNC, size: 1 });
    expect(onlyLines(code, asFunction('printk'))).toBe(true);
    expect(onlyLines(code, asFunction('vprint'))).toBe(false);
    expect(onlyLines(code, (object) => named(own(object)))).toBe(false);
  });
});

describe('the strings', () => {
  test('are found across moves, calls and other kinds of addresses', () => {
    const kept = (line: number): readonly string[] => [
      ...[`lea rbx ${CRASH}`, `lea r12 ${FILE}`, 'call other'],
      ...[edx(line), '4c 89 e6 # mov %r12,%rsi', '48 89 df # mov %rbx,%rdi', 'call printk', 'c3'],
    ];
    expect(onlyLines(kept)).toBe(true);
    const absolute = (line: number): readonly string[] => [
      edx(line),
      NAME,
      'bf 00 00 00 00',
      'call printk',
      'c3',
    ];
    const format =
      (type: number, addend = 0): More =>
      (object) =>
        object
          .strings('.rodata.str1.8', CRASH, '%s says %d')
          .rela('.text.f', 13, type, { section: '.rodata.str1.8' }, addend);
    expect(onlyLines(absolute, format(c.R_X86_64_32))).toBe(true);
    expect(onlyLines(absolute, format(c.R_X86_64_32S))).toBe(true);
    expect(onlyLines(absolute, format(c.R_X86_64_32, CRASH.length + 1))).toBe(false);
    expect(onlyLines(absolute)).toBe(false);
  });

  test('must be strings, and in full', () => {
    const absolute = (line: number): readonly string[] => [
      edx(line),
      NAME,
      'bf 00 00 00 00',
      'call printk',
      'c3',
    ];
    const into =
      (name: string, flags: number, entsize: number): More =>
      (object) =>
        object
          .section(name, Buffer.from(`${CRASH}.\0\0`), { flags, entsize })
          .rela('.text.f', 13, c.R_X86_64_32, { section: name });
    const merged = c.SHF_ALLOC | c.SHF_MERGE | c.SHF_STRINGS;
    expect(onlyLines(absolute, into('.rodata.s', merged, 1))).toBe(true);
    expect(onlyLines(absolute, into('.rodata.s', merged, 2))).toBe(false);
    expect(onlyLines(absolute, into('.data.s', c.SHF_ALLOC | c.SHF_WRITE, 0))).toBe(false);
    expect(onlyLines(absolute, (o) => o.rela('.text.f', 13, c.R_X86_64_32, 'elsewhere'))).toBe(false);
  });

  test('must all be good that may be meant', () => {
    const either =
      (other: string) =>
      (line: number): readonly string[] => [
        ...['jne .other', FORMAT, 'jmp .call', '.other:', `lea rdi ${other}`, '.call:'],
        ...[edx(line), NAME, 'call printk', 'c3'],
      ];
    expect(onlyLines(either('%s:%d: bad'))).toBe(true);
    expect(onlyLines(either('%s = %d'))).toBe(false);
    const unknown: More = (object) => object.rela('.text.f', 19, c.R_X86_64_32, 'elsewhere');
    const orUnknown = (line: number): readonly string[] => [
      ...['jne .other', FORMAT, 'jmp .call', '.other:', 'bf 00 00 00 00', '.call:'],
      ...[edx(line), NAME, 'call printk', 'c3'],
    ];
    expect(onlyLines(orUnknown, unknown)).toBe(false);
  });

  test('of other ways to the same call do not matter', () => {
    const tails = (line: number): readonly string[] => [
      ...['jne .other', edx(line), NAME, FORMAT, '.call:', 'call printk', 'c3'],
      ...['.other:', '31 d2', `lea rsi dom0`, 'lea rdi %s = %d', 'jmp .call'],
    ];
    expect(onlyLines(tails)).toBe(true);
    const lines = (line: number): readonly string[] => [
      ...['jne .other', edx(line), '.call:', NAME, FORMAT, 'call printk', 'c3'],
      ...['.other:', edx(line + 9), 'jmp .call'],
    ];
    expect(onlyLines(lines)).toBe(true);
  });

  test('are unknown where control may come from elsewhere', () => {
    const kept = (line: number): readonly string[] => [
      `lea rbx ${CRASH}`,
      edx(line),
      NAME,
      '48 89 df # mov %rbx,%rdi',
      'call printk',
      'c3',
    ];
    const table =
      (to: number): More =>
      (object) =>
        object.section('.rodata.jumps', new Uint8Array(8)).rela('.rodata.jumps', 0, c.R_X86_64_64, 'f', to);
    expect(onlyLines(kept, table(0))).toBe(true);
    expect(onlyLines(kept, table(7))).toBe(false);
    const own = '48 8d 05 00 00 00 00 # lea 0(%rip),%rax: the next instruction';
    const withOwn = (line: number): readonly string[] => [kept(line)[0], own, ...kept(line).slice(1)];
    expect(onlyLines(withOwn)).toBe(false);
    expect(onlyLines(withOwn, (object) => object.rela('.text.f', 10, c.R_X86_64_PC32, 'elsewhere', -4))).toBe(
      true,
    );
  });
});

describe('any code', () => {
  const PIECES = [
    'ba64000000',
    '89d6',
    '488d3d00000000',
    'e800000000',
    '7500',
    '75f0',
    'ebf0',
    'c3',
    '31d2',
    '6a64',
  ];
  const anyCode = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 120 }),
    fc
      .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 40 })
      .map((p) => Uint8Array.from(Buffer.from(p.join(''), 'hex'))),
  );

  test('with any references gets an answer at every byte', () => {
    const anyRef = fc.record({
      at: fc.nat(120),
      type: fc.constantFrom(c.R_X86_64_PC32, c.R_X86_64_PLT32, c.R_X86_64_32, c.R_X86_64_64),
      to: fc.constantFrom('printk', 'f', 'other', '.s'),
      addend: fc.integer({ min: -20, max: 20 }),
    });
    fc.assert(
      fc.property(anyCode, fc.array(anyRef, { maxLength: 8 }), (bytes, refs) => {
        const object = new ElfBuilder()
          .text('.text.f', bytes)
          .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: bytes.length })
          .strings('.s', CRASH, FILE, 'line %d');
        for (const { at, type, to, addend } of refs) {
          if (at + 8 > bytes.length) continue;
          object.rela('.text.f', at, type, to === '.s' ? { section: '.s' } : to, addend);
        }
        const model = modelled(object);
        const f = atomNamed(model, 'f');
        for (let at = 0; at < bytes.length; at++) {
          const field = lineNumberField(model, f, model, f, at, XEN_REPORTERS);
          if (field !== undefined) expect(field.start <= at && at < field.end).toBe(true);
        }
      }),
      { numRuns: 80 },
    );
  });
});
