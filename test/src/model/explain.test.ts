/** Why a function changed: the kind of its first difference, the sentence, and the lines that are shown. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import type { ChangedFunction, CodeExcerpt } from '../../../src/model/explanation.js';
import { verifyExplanations } from '../../../src/model/verify-explanations.js';
import { ElfBuilder } from '../../support/elf-builder.js';
import { compareObjects } from '../../support/in-memory.js';

const LEA_RDI = [0x48, 0x8d, 0x3d, 0, 0, 0, 0];
const CALL = [0xe8, 0, 0, 0, 0];
const RET = 0xc3;

/** A function f. */
function f(...code: readonly number[]): ElfBuilder {
  return new ElfBuilder()
    .text('.text.f', code)
    .symbol('f', { section: '.text.f', type: c.STT_FUNC, size: code.length });
}

/** The only function that changed, explained. */
function explained(orig: ElfBuilder, patched: ElfBuilder): ChangedFunction {
  const { changed } = compareObjects(orig, patched);
  expect(changed).toHaveLength(1);
  expect(verifyExplanations(changed)).toEqual([]);
  return changed[0];
}

const told = ({ kind, reason }: ChangedFunction): string => `${kind}: ${reason}`;
const marked = (lines: CodeExcerpt | null): string[] =>
  (lines ?? []).filter(({ differs }) => differs).map(({ at, text }) => `${at.toString(16)} ${text}`);

describe('the kind of a difference', () => {
  const call = (name: string): ElfBuilder =>
    f(0x90, ...CALL, RET).rela('.text.f', 2, c.R_X86_64_PLT32, name, -4);

  test('is callee when another function is called', () => {
    expect(told(explained(call('foo_check'), call('foo_check2')))).toBe(
      'callee: foo_check became foo_check2 at +0x1',
    );
  });

  test('is callee when the address of another function is taken', () => {
    const take = (name: string): ElfBuilder =>
      f(...LEA_RDI, RET)
        .text('.text.a', [RET])
        .text('.text.b', [RET])
        .symbol('a', { section: '.text.a', type: c.STT_FUNC, size: 1 })
        .symbol('b', { section: '.text.b', type: c.STT_FUNC, size: 1 })
        .rela('.text.f', 3, c.R_X86_64_PC32, name, -4);
    expect(told(explained(take('a'), take('b')))).toBe('callee: a became b at +0x0');
  });

  test('is literal when a string changed, and both are shown in full', () => {
    const long = 'x'.repeat(200);
    const say = (text: string): ElfBuilder =>
      f(...LEA_RDI, RET)
        .strings('.rodata.str1.1', text)
        .rela('.text.f', 3, c.R_X86_64_PC32, { section: '.rodata.str1.1' }, -4);
    const { kind, reason, orig, patched } = explained(say(`${long}old`), say(`${long}new`));
    expect([kind, reason.length < 160]).toEqual(['literal', true]);
    expect(orig?.[0].refs).toEqual([`+0x3 R_X86_64_PC32 "${long}old"`]);
    expect(patched?.[0].refs).toEqual([`+0x3 R_X86_64_PC32 "${long}new"`]);
  });

  test('is literal when a very long string changed, and the place in it is shown', () => {
    const say = (end: string): ElfBuilder =>
      f(...LEA_RDI, RET)
        .strings('.rodata.str1.1', 'x'.repeat(5000) + end)
        .rela('.text.f', 3, c.R_X86_64_PC32, { section: '.rodata.str1.1' }, -4);
    const { orig, patched } = explained(say('old'), say('new'));
    expect(marked(orig)).toEqual(['1386 "xxold"']);
    expect(marked(patched)).toEqual(['1386 "xxnew"']);
    expect(JSON.stringify([orig, patched]).length).toBeLessThan(5000);
  });

  test('is literal when a constant of a pool changed', () => {
    const add = (value: number): ElfBuilder =>
      f(...LEA_RDI, RET)
        .section('.rodata.cst4', [value, 0, 0, 0], { flags: c.SHF_ALLOC | c.SHF_MERGE, entsize: 4, align: 4 })
        .rela('.text.f', 3, c.R_X86_64_PC32, { section: '.rodata.cst4' }, -4);
    expect(told(explained(add(1), add(2)))).toBe(
      'literal: the constant 01 00 00 00 became 02 00 00 00 at +0x0',
    );
  });

  test('is contents when the same table holds something else, down to the field that differs', () => {
    const table = (second: string): ElfBuilder =>
      f(...LEA_RDI, RET)
        .section('.rodata.f', new Uint8Array(16), { align: 8 })
        .rela('.rodata.f', 0, c.R_X86_64_64, 'one')
        .rela('.rodata.f', 8, c.R_X86_64_64, second)
        .rela('.text.f', 3, c.R_X86_64_PC32, { section: '.rodata.f' }, -4);
    const found = explained(table('two'), table('three'));
    expect(told(found)).toBe('contents: the contents of .rodata.f+0x0 differ, used at +0x0');
    const refs = (lines: CodeExcerpt | null): unknown =>
      lines?.filter(({ differs }) => differs).map((line) => [line.of, line.at, ...line.refs]);
    expect(refs(found.orig)).toEqual([['.rodata.f+0x0', 8, '+0x8 R_X86_64_64 two']]);
    expect(refs(found.patched)).toEqual([['.rodata.f+0x0', 8, '+0x8 R_X86_64_64 three']]);
  });

  test('is variable when another variable is used, and tells two of one name apart', () => {
    const use = (name: string, to = name): ElfBuilder =>
      f(0x8b, 0x05, 0, 0, 0, 0, RET)
        .bss('.bss.a', 4)
        .bss('.bss.b', 4)
        .symbol('a', { section: '.bss.a', type: c.STT_OBJECT, size: 4 })
        .symbol('b', { section: '.bss.b', type: c.STT_OBJECT, size: 4 })
        .rela('.text.f', 2, c.R_X86_64_PC32, to, -4);
    const found = explained(use('a'), use('b'));
    expect(told(found)).toBe('variable: a became b at +0x0');
    expect(marked(found.patched)).toEqual(['0 mov b(%rip),%eax']);
  });

  test('is immediate when only an immediate operand differs', () => {
    const found = explained(f(0x83, 0xff, 3, RET), f(0x83, 0xff, 4, RET));
    expect(told(found)).toBe('immediate: `cmp $0x3,%edi` became `cmp $0x4,%edi` at +0x0');
    // The same instruction, encoded with a longer operand.
    const longer = explained(f(0x83, 0xff, 3, RET), f(0x81, 0xff, 0, 1, 0, 0, RET));
    expect(longer.kind).toBe('immediate');
  });

  test('is frame when the stack frame has another size, or a place in it moved', () => {
    const frame = (size: number): ElfBuilder => f(0x48, 0x83, 0xec, size, RET);
    expect(told(explained(frame(0x18), frame(0x28)))).toBe(
      'frame: `sub $0x18,%rsp` became `sub $0x28,%rsp` at +0x0',
    );
    const spill = (place: number): ElfBuilder => f(0x48, 0x89, 0x44, 0x24, place, RET);
    expect(explained(spill(8), spill(16)).kind).toBe('frame');
    // At the top of the frame there is no displacement.
    expect(explained(f(0x48, 0x89, 0x04, 0x24, RET), spill(16)).kind).toBe('frame');
  });

  test('is frame for %rbp only where it points into the frame', () => {
    const load = [0x8b, 0x45];
    const framed = (place: number): ElfBuilder => f(0x55, 0x48, 0x89, 0xe5, ...load, place, RET);
    const plain = (place: number): ElfBuilder => f(0x55, 0x48, 0x89, 0xfd, ...load, place, RET);
    expect(explained(framed(0xf8), framed(0xf0)).kind).toBe('frame');
    expect(explained(plain(0xf8), plain(0xf0)).kind).toBe('code');
  });

  test('is size when one side ends where the other goes on', () => {
    const found = explained(f(0x90, 0x90), f(0x90, 0x90, RET));
    expect(told(found)).toBe('size: its size went from 2 to 3 bytes');
    expect([marked(found.orig), marked(found.patched)]).toEqual([[], ['2 ret']]);
  });

  test('is code for everything else, and tells what is new or gone from what was exchanged', () => {
    const plain = f(0x31, 0xc0, 0x85, 0xff, 0x89, 0xf8, RET);
    const more = f(0x31, 0xc0, 0x0f, 0x01, 0xca, 0x85, 0xff, 0x89, 0xf8, RET);
    expect(told(explained(plain, more))).toBe('code: `clac` is new at +0x2');
    expect(told(explained(more, plain))).toBe('code: `clac` is gone at +0x2');
    const other = f(0x31, 0xdb, 0x85, 0xff, 0x89, 0xf8, RET);
    expect(told(explained(plain, other))).toBe('code: `xor %eax,%eax` became `xor %ebx,%ebx` at +0x0');
    const encoded = explained(f(0x48, 0x89, 0xd8, RET), f(0x48, 0x8b, 0xc3, RET));
    expect(told(encoded)).toBe('code: `mov %rbx,%rax` is encoded otherwise at +0x0');
  });
});

describe('the first difference that matters', () => {
  test('is not a branch over what changed further on', () => {
    const over = (distance: number, ...then: readonly number[]): ElfBuilder =>
      f(0x74, distance, 0x90, 0x90, ...then, 0xf4, RET);
    expect(told(explained(over(3, 0xf8), over(5, 0xf8, 0x89, 0xf8)))).toBe(
      'code: `mov %edi,%eax` is new at +0x5',
    );
  });

  test('is a branch that leads elsewhere when nothing else differs', () => {
    const to = (distance: number): ElfBuilder => f(0x74, distance, 0x90, 0xf8, 0xf9, RET);
    const found = explained(to(1), to(2));
    expect(told(found)).toBe('code: `je +0x3` became `je +0x4` at +0x0');
    expect(marked(found.patched)).toEqual(['0 je +0x4']);
  });

  test('is a branch back to another place even when more differs behind it', () => {
    const loop = (distance: number, last: number): ElfBuilder =>
      f(0x90, 0xf8, 0xf9, 0x75, distance, last, RET);
    expect(told(explained(loop(0xfc, 0xfc), loop(0xfb, 0xfd)))).toBe(
      'code: `jne +0x1` became `jne +0x0` at +0x3',
    );
  });

  test('is not a jump table that follows the code it leads to', () => {
    const table = (second: number, ...more: readonly number[]): ElfBuilder =>
      f(...LEA_RDI, 0xf8, RET, ...more, 0xf9, RET)
        .section('.rodata.f', new Uint8Array(8), { align: 4 })
        .rela('.rodata.f', 0, c.R_X86_64_PC32, { section: '.text.f' }, 7)
        .rela('.rodata.f', 4, c.R_X86_64_PC32, { section: '.text.f' }, second + 4)
        .rela('.text.f', 3, c.R_X86_64_PC32, { section: '.rodata.f' }, -4);
    expect(told(explained(table(9), table(10, 0x90)))).toBe('code: `nop` is new at +0x9');
    // Another entry is another case.
    expect(explained(table(9), table(7)).kind).toBe('contents');
  });
});

describe('an entry of a special section', () => {
  const warns = (file: string, line = 1, message?: string): ElfBuilder => {
    const table = message === undefined ? '.bug_frames.1' : '.bug_frames.3';
    const object = f(0x90, 0x0f, 0x0b, RET)
      .strings('.rodata.str1.1', file)
      .strings('.rodata.str1.8', message ?? '')
      .section(table, new Uint8Array(message === undefined ? 8 : 16), { align: 4 })
      .rela(table, 0, c.R_X86_64_PC32, { section: '.text.f' }, 1 + Math.floor(line / 128) * 2 ** 24)
      .rela(table, 4, c.R_X86_64_PC32, { section: '.rodata.str1.1' }, 4 + (line % 128) * 2 ** 24);
    return message === undefined
      ? object
      : object.rela(table, 12, c.R_X86_64_PC32, { section: '.rodata.str1.8' }, 12);
  };

  test('is shown decoded on both sides, under the instruction that it describes', () => {
    const found = explained(warns('x.c', 300), warns('y.c', 301));
    expect(told(found)).toBe(
      'special-section: .bug_frames.1 `warn in "x.c" line 300` at +0x1 became .bug_frames.1 `warn in "y.c" line 301`',
    );
    expect(found.orig?.map(({ of, text }) => [of, text])).toEqual([
      ['', 'ud2'],
      ['.bug_frames.1', 'warn in "x.c" line 300'],
    ]);
    // The frame is the difference; its line is part of it.
    expect(found.modulo).toEqual([]);
  });

  test('with another message is told', () => {
    expect(explained(warns('x.c', 7, 'a > 0'), warns('x.c', 7, 'a > 1')).reason).toBe(
      '.bug_frames.3 `assert "a > 0" in "x.c" line 7` at +0x1 became .bug_frames.3 `assert "a > 1" in "x.c" line 7`',
    );
  });

  test('that comes or goes is shown on its side only', () => {
    const without = f(0x90, 0x0f, 0x0b, RET);
    const added = explained(without, warns('x.c'));
    expect(added.reason).toBe('.bug_frames.1 `warn in "x.c" line 1` at +0x1 is new');
    expect([marked(added.orig), marked(added.patched)]).toEqual([[], ['0 warn in "x.c" line 1']]);
    const gone = explained(warns('x.c'), without);
    expect(gone.reason).toBe('.bug_frames.1 `warn in "x.c" line 1` at +0x1 is gone');
  });

  test('whose fixup does something else leads to the code of that', () => {
    const faults = (result: number): ElfBuilder =>
      f(0x8b, 0x07, RET)
        .text('.fixup', [0xb8, result, 0, 0, 0, 0xe9, 0, 0, 0, 0])
        .section('.ex_table', new Uint8Array(8), { align: 4 })
        .rela('.fixup', 6, c.R_X86_64_PC32, { section: '.text.f' }, 2 - 4)
        .rela('.ex_table', 0, c.R_X86_64_PC32, { section: '.text.f' }, 0)
        .rela('.ex_table', 4, c.R_X86_64_PC32, { section: '.fixup' }, 4 - 4);
    const found = explained(faults(1), faults(2));
    expect(told(found)).toBe(
      'special-section: what .ex_table `on a fault, continue at .fixup+0x0` at +0x0 leads to differs',
    );
    expect(marked(found.patched)).toContain('0 mov $0x2,%eax');
  });
});

describe('functions of one name in several source files', () => {
  const FILE = { place: 'abs', type: c.STT_FILE, bind: c.STB_LOCAL } as const;
  const LOCAL = { type: c.STT_FUNC, size: 6, bind: c.STB_LOCAL } as const;
  const both = (first: number, second: number): ElfBuilder =>
    new ElfBuilder()
      .text('.text.a', [0xb8, first, 0, 0, 0, RET])
      .text('.text.b', [0xb8, second, 0, 0, 0, RET])
      .symbol('a.c', FILE)
      .symbol('init', { section: '.text.a', ...LOCAL })
      .symbol('b.c', FILE)
      .symbol('init', { section: '.text.b', ...LOCAL });

  test('have a reason each', () => {
    const { changed } = compareObjects(both(1, 2), both(3, 4));
    expect(changed.map(({ sourceFile, reason }) => `${sourceFile} ${reason}`)).toEqual([
      'a.c `mov $0x1,%eax` became `mov $0x3,%eax` at +0x0',
      'b.c `mov $0x2,%eax` became `mov $0x4,%eax` at +0x0',
    ]);
  });
});

describe('excerpts', () => {
  test('have two lines before the difference and four from it on', () => {
    const code = (value: number): ElfBuilder =>
      f(0xf8, 0xf9, 0xfc, 0xfd, 0xb0, value, 0xf8, 0xf9, 0xfc, 0xfd, RET);
    const { orig } = explained(code(1), code(2));
    expect(orig?.map(({ text, differs }) => `${differs ? '-' : ' '} ${text}`)).toEqual([
      '  cld',
      '  std',
      '- mov $0x1,%al',
      '  clc',
      '  stc',
      '  cld',
    ]);
  });

  test('name what the assembler left open', () => {
    const code = (value: number): ElfBuilder =>
      f(0xe9, 0, 0, 0, 0, 0x8b, 0x05, 0, 0, 0, 0, 0xbf, 0, 0, 0, 0, 0xb0, value, RET)
        .rela('.text.f', 1, c.R_X86_64_PLT32, 'g', -4)
        .rela('.text.f', 7, c.R_X86_64_PC32, 'v', 4)
        .rela('.text.f', 12, c.R_X86_64_32, 'w', 0);
    const { orig } = explained(code(1), code(2));
    expect(orig?.map(({ text, refs }) => [text, ...refs])).toEqual([
      ['mov v+0x8(%rip),%eax', '+0x7 R_X86_64_PC32 v+0x8'],
      ['mov $0x0,%edi', '+0xc R_X86_64_32 w'],
      ['mov $0x1,%al'],
      ['ret'],
    ]);
  });

  test('end where bytes are no instructions', () => {
    expect(marked(explained(f(0x06, 0x06, 0x06), f(0x06, 0x07, 0x06)).patched)).toEqual(['1 (bad) 0x07']);
  });
});

test('numbers that the compiler gave are told as without effect', () => {
  const one = (number: number, value: number): ElfBuilder =>
    f(0x83, 0x05, 0, 0, 0, 0, value, RET)
      .bss(`.bss.count.${number}`, 4)
      .symbol(`count.${number}`, {
        section: `.bss.count.${number}`,
        type: c.STT_OBJECT,
        size: 4,
        bind: c.STB_LOCAL,
      })
      .rela('.text.f', 2, c.R_X86_64_PC32, `count.${number}`, -5);
  const found = explained(one(3, 1), one(4, 2));
  expect(told(found)).toBe('code: `addl $0x1,count.3(%rip)` became `addl $0x2,count.4(%rip)` at +0x0');
  expect(found.modulo).toEqual(['numbering']);
});
