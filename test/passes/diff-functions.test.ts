/** Verdicts on pairs: what is changed, new, gone, or lost; cold parts; what is filling and what is not. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../src/elf/constants.js';
import type { PairDiff } from '../../src/model/artifacts.js';
import { ElfBuilder } from '../support/elf-builder.js';
import { changedNames, compareObjects } from '../support/in-memory.js';

/** Functions by name, with their code; in a section of their own unless given. */
function functions(
  code: Readonly<Record<string, readonly number[]>>,
  sectionOf = (name: string) => `.text.${name}`,
): ElfBuilder {
  const object = new ElfBuilder();
  for (const [name, bytes] of Object.entries(code))
    object
      .text(sectionOf(name), bytes)
      .symbol(name, { section: sectionOf(name), type: c.STT_FUNC, size: bytes.length });
  return object;
}

const summary = (diff: PairDiff): object => ({
  verdict: diff.verdict,
  changed: changedNames(diff),
  added: diff.added,
  removed: diff.removed,
  codes: diff.diagnostics.map((d) => d.code),
});
const nothing = { changed: [], added: [], removed: [], codes: [] };

describe('a pair', () => {
  test('is unchanged, changed, new or removed', () => {
    const [one, two] = [functions({ f: [0x90, 0xc3] }), functions({ f: [0xf4, 0xc3], g: [0xc3] })];
    expect(summary(compareObjects(one, one))).toEqual({ ...nothing, verdict: 'unchanged' });
    expect(summary(compareObjects(one, two))).toEqual({
      ...nothing,
      verdict: 'changed',
      changed: ['f'],
      added: ['g'],
    });
    expect(summary(compareObjects(two, one))).toEqual({
      ...nothing,
      verdict: 'changed',
      changed: ['f'],
      removed: ['g'],
    });
    expect(summary(compareObjects(undefined, one))).toEqual({ ...nothing, verdict: 'new', added: ['f'] });
    expect(summary(compareObjects(one, undefined))).toEqual({
      ...nothing,
      verdict: 'removed',
      removed: ['f'],
    });
  });

  test('counts every cold part of a function as changed when one of them did, in whatever order they stand', () => {
    const side = (last: number): ElfBuilder =>
      functions({ 'f.cold.0': [0x90, 0x90, 0xc3], 'f.cold.1': [0x90, last, 0xc3], f: [0x90, 0xc3] });
    expect(summary(compareObjects(side(0x90), side(0xf4)))).toEqual({
      ...nothing,
      verdict: 'changed',
      changed: ['f.cold.0', 'f.cold.1', 'f'],
    });
  });

  test('is refused when it cannot be read', () => {
    expect(summary(compareObjects(functions({ f: [0xc3] }), Buffer.from('junk')))).toEqual({
      ...nothing,
      verdict: 'refused',
      codes: ['XS101'],
    });
  });

  test('whose functions change places is unchanged', () => {
    const [one, two] = [functions({ f: [0x90, 0xc3], g: [0xc3] }), functions({ g: [0xc3], f: [0x90, 0xc3] })];
    expect(summary(compareObjects(one, two))).toEqual({ ...nothing, verdict: 'unchanged' });
  });
});

describe('a cold part', () => {
  const jump = (name: string): ElfBuilder =>
    functions({ f: [0xe9, 0, 0, 0, 0], [name]: [0x90, 0xc3] }).rela('.text.f', 1, c.R_X86_64_PC32, name, -4);
  const changedCold = functions({ f: [0xe9, 0, 0, 0, 0], 'f.cold': [0xf4, 0xc3] }).rela(
    '.text.f',
    1,
    c.R_X86_64_PC32,
    'f.cold',
    -4,
  );

  test('that changes changes its function, and the other way round', () => {
    expect(compareObjects(jump('f.cold'), changedCold)).toMatchObject({
      changed: [
        { name: 'f', kind: 'cold-part', reason: 'f.cold changed: code: `nop` became `hlt` at +0x0' },
        { name: 'f.cold', kind: 'code' },
      ],
    });
    const hot = functions({ f: [0xe8, 0, 0, 0, 0], 'f.cold': [0x90, 0xc3] }).rela(
      '.text.f',
      1,
      c.R_X86_64_PC32,
      'f.cold',
      -4,
    );
    expect(compareObjects(jump('f.cold'), hot)).toMatchObject({
      changed: [
        { name: 'f', kind: 'code' },
        { name: 'f.cold', kind: 'cold-part', reason: 'it is the cold part of f, which changed' },
      ],
    });
  });

  test('that is renumbered is the same', () => {
    expect(compareObjects(jump('f.cold'), jump('f.cold.7')).verdict).toBe('unchanged');
  });

  test('that appears or vanishes changes its function', () => {
    const whole = functions({ f: [0x90, 0xf4, 0x90, 0x90, 0xc3] });
    expect(compareObjects(whole, jump('f.cold'))).toMatchObject({
      changed: [{ name: 'f' }],
      added: ['f.cold'],
    });
    expect(compareObjects(jump('f.cold'), whole)).toMatchObject({
      changed: [{ name: 'f' }],
      removed: ['f.cold'],
    });
  });
});

describe('what runs at boot', () => {
  const init = (name: string): string => (name.startsWith('boot') ? '.init.text' : `.text.${name}`);
  const boot = functions({ boot: [0x90, 0xc3] }, init);

  test('is refused when it changes, comes or goes', () => {
    const without = functions({ f: [0xc3] });
    expect(
      compareObjects(boot, functions({ boot: [0xf4, 0xc3] }, init)).diagnostics.map((d) => d.code),
    ).toEqual(['XS303']);
    expect(compareObjects(without, boot).diagnostics.map((d) => d.code)).toEqual(['XS303']);
    expect(compareObjects(boot, without).diagnostics.map((d) => d.code)).toEqual(['XS303']);
    expect(compareObjects(boot, undefined).diagnostics.map((d) => d.code)).toEqual(['XS303']);
  });

  test('and then runs later is new; what ran later and now at boot is refused when it changes', () => {
    const running = functions({ boot: [0x90, 0xc3] });
    expect(summary(compareObjects(boot, running))).toEqual({
      ...nothing,
      verdict: 'changed',
      added: ['boot'],
    });
    // The running hypervisor keeps the one that it has, and nothing is different about it.
    expect(compareObjects(running, boot)).toMatchObject({ verdict: 'unchanged', equal: [] });
    const other = functions({ boot: [0xf4, 0xc3] }, init);
    expect(compareObjects(running, other).diagnostics.map((d) => d.code)).toEqual(['XS303']);
  });

  test('is refused as data and as table entries', () => {
    const entry = (section: string, bytes: readonly number[]): ElfBuilder =>
      new ElfBuilder()
        .data(section, bytes)
        .symbol('entry', { section, type: c.STT_OBJECT, size: bytes.length, bind: c.STB_LOCAL });
    const empty = functions({ f: [0xc3] });
    for (const [section, code] of [
      ['.init.data', 'XS304'],
      ['.initcall1.init', 'XS304'],
      ['.data.schedulers', 'XS307'],
    ] as const) {
      expect(compareObjects(empty, entry(section, [1])).diagnostics.map((d) => d.code)).toEqual([code]);
      expect(compareObjects(entry(section, [1]), empty).diagnostics.map((d) => d.code)).toEqual([code]);
      expect(compareObjects(entry(section, [1]), entry(section, [2])).diagnostics.map((d) => d.code)).toEqual(
        [code],
      );
    }
  });
});

describe('per-CPU data', () => {
  const variable = (size: number): ElfBuilder =>
    functions({ f: [0xc3] })
      .bss('.bss.percpu', size)
      .symbol('per_cpu__v', { section: '.bss.percpu', type: c.STT_OBJECT, size, bind: c.STB_LOCAL });

  test('may go, but neither come nor grow', () => {
    expect(compareObjects(variable(8), functions({ f: [0xc3] })).diagnostics).toEqual([]);
    expect(compareObjects(functions({ f: [0xc3] }), variable(8)).diagnostics.map((d) => d.code)).toEqual([
      'XS306',
    ]);
    expect(compareObjects(variable(8), variable(16)).diagnostics.map((d) => d.code)).toEqual(['XS306']);
  });
});

describe('assembly', () => {
  const code = (bytes: readonly number[]): ElfBuilder =>
    new ElfBuilder().text('.text.entry', bytes).symbol('entry', { section: '.text.entry' });

  test('without bounds is refused when it changes', () => {
    expect(compareObjects(code([0x90, 0xc3]), code([0xf4, 0xc3])).diagnostics.map((d) => d.code)).toEqual([
      'XS305',
    ]);
  });

  test('that nothing names is refused as well', () => {
    const nameless = (bytes: readonly number[]): ElfBuilder => new ElfBuilder().text('.text.entry', bytes);
    expect(
      compareObjects(nameless([0x31, 0xc0]), nameless([0x31, 0xdb])).diagnostics.map((d) => d.code),
    ).toEqual(['XS305']);
  });

  test('that only fills space between functions is nothing', () => {
    const shared = (first: readonly number[], fill: readonly number[]): ElfBuilder =>
      new ElfBuilder()
        .text('.text', [...first, ...fill, 0xc3])
        .symbol('f', { section: '.text', type: c.STT_FUNC, size: first.length })
        .symbol('g', { section: '.text', type: c.STT_FUNC, value: first.length + fill.length, size: 1 });
    expect(
      summary(compareObjects(shared([0xc3], [0x0f, 0x1f, 0x00]), shared([0x90, 0xc3], [0x66, 0x90]))),
    ).toEqual({
      ...nothing,
      verdict: 'changed',
      changed: ['f'],
    });
    expect(
      compareObjects(shared([0xc3], [0x90, 0x90]), shared([0xc3], [0x31, 0xc0])).diagnostics.map(
        (d) => d.code,
      ),
    ).toEqual(['XS305']);
  });
});
