/** Which functions a name means, and which names are near one that nothing bears. */
import { describe, expect, test } from '@jest/globals';
import * as c from '../../../src/elf/constants.js';
import { answers, functionNames, nearNames, nearest } from '../../../src/model/function-names.js';
import { ElfBuilder } from '../../support/elf-builder.js';

describe('a name means', () => {
  test.each([
    ['f', 'f', '', true],
    ['f', 'f.cold', '', true],
    ['f', 'f.cold.3', 'x.c', true],
    ['f', 'f.part.0', '', false],
    ['f', 'g', '', false],
    ['x.c#f', 'f', 'x.c', true],
    ['x.c#f', 'f', 'common/x.c', true],
    ['x.c#f', 'f', 'ax.c', false],
    ['x.c#f', 'f', '', false],
  ])('%s: %s of %p? %p', (asked, name, file, expected) => {
    expect(answers(asked, name, file)).toBe(expected);
  });
});

describe('near names', () => {
  const near = (asked: string, ...names: readonly string[]): string[] =>
    nearNames([asked], names).map(({ name }) => name);

  test('are clones, then names that contain it, then mistyped ones', () => {
    const names = ['do_domctl', 'domclt', 'domctl.constprop.0', 'printk', 'domain'];
    expect(near('domctl', ...names)).toEqual(['domctl.constprop.0', 'do_domctl', 'domclt']);
  });

  test('are few, each once, and none for what is like nothing', () => {
    expect(near('aaaa', 'aaab', 'aaab', 'aaac', 'aaad', 'aaae', 'aaaf', 'aaag')).toHaveLength(5);
    expect(near('printk', 'x', 'domain_create')).toEqual([]);
    expect(nearest([...nearNames(['f1'], ['f2']), ...nearNames(['f1'], ['f2'])])).toHaveLength(1);
  });

  test('are found among names of any length in no time', () => {
    const begin = performance.now();
    near('x'.repeat(5000), ...Array.from({ length: 50 }, (_, k) => 'x'.repeat(4999) + String(k)));
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

test('the functions of a file are what is defined as such, and labels of assembly', () => {
  const object = new ElfBuilder()
    .text('.text', [0x90, 0xc3])
    .data('.data', [1])
    .symbol('f', { section: '.text', type: c.STT_FUNC, size: 1 })
    .symbol('entry', { section: '.text', value: 1 })
    .symbol('.Lhere', { section: '.text', value: 1 })
    .symbol('v', { section: '.data', type: c.STT_OBJECT })
    .symbol('mark', { section: '.data' })
    .symbol('outside', { type: c.STT_FUNC });
  expect(functionNames(object.read())).toEqual(['f', 'entry']);
});
