/**
 * Every rule of golden/corpus, on every pair of objects that compilers made for it. First what the rule demands, by
 * name; then the whole of what the differ says, as text that a reviewer has read. Variants of which it says the same
 * share a block of that text.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { DiffResult } from '../../src/index.js';
import { renderDiff } from '../../src/report/text.js';
import { comparePair } from '../support/corpus-diff.js';
import { KNOWN_FAILURES } from '../support/corpus-failures.js';
import {
  CORPUS,
  corpusRules,
  expectationFor,
  matches,
  mismatches,
  parseExpectation,
  parseRule,
} from '../support/corpus.js';
import type { Findings, Rule } from '../support/corpus.js';
import { expectGolden } from '../support/golden.js';

function findingsOf(result: DiffResult): Findings {
  const pairs = result.diffs;
  const said = [...result.diagnostics, ...pairs.flatMap((pair) => pair.diagnostics)];
  return {
    changed: pairs.flatMap((pair) => pair.changed.map(({ name }) => name)),
    added: pairs.flatMap((pair) => pair.added),
    carried: pairs.flatMap((pair) => pair.carried),
    removed: pairs.flatMap((pair) => pair.removed),
    errors: said
      .filter((d) => d.severity === 'error')
      .map(({ code, at }) => ({ code, symbol: at?.symbol ?? '' })),
  };
}

/** What is not as the rule wants it, one line a variant. */
function complaints(rule: Rule, results: ReadonlyMap<string, DiffResult>): string[] {
  return [...results].flatMap(([variant, result]) => {
    const wrong = mismatches(expectationFor(rule, variant), findingsOf(result));
    return wrong.length === 0 ? [] : [`${variant}: ${wrong.join('; ')}`];
  });
}

/** What diff says of a pair, without the code that it shows (golden/cases and golden/explain hold that) and the count. */
function renderVerdict(result: DiffResult): string {
  return renderDiff(result, { color: false, verbose: true }).replace(/^( {6}|1 object: ).*\n/gm, '');
}

/** One block for all variants that are told the same, in the order of the rule's list. */
function renderVerdicts(results: ReadonlyMap<string, DiffResult>): string {
  const blocks = new Map<string, string[]>();
  for (const [variant, result] of results) {
    const text = renderVerdict(result);
    blocks.set(text, [...(blocks.get(text) ?? []), variant]);
  }
  return [...blocks]
    .map(([text, variants]) => `${variants.join(' ')}\n${text.replace(/^(?=.)/gm, '  ')}`)
    .join('\n');
}

async function compareAll(rule: Rule): Promise<Map<string, DiffResult>> {
  const results = new Map<string, DiffResult>();
  for (const variant of rule.variants) results.set(variant, await comparePair(rule, variant));
  return results;
}

async function demand(rule: Rule): Promise<Map<string, DiffResult>> {
  const results = await compareAll(rule);
  const found = complaints(rule, results);
  if (found.length > 0) throw new Error(`${rule.sentence}\n${found.join('\n')}\n${renderVerdicts(results)}`);
  return results;
}

const RULES = corpusRules();

describe('corpus', () => {
  for (const rule of RULES) {
    const known = KNOWN_FAILURES[rule.name];
    if (known !== undefined) {
      test.failing(`${rule.name} is not met yet (${known})`, async () => {
        await demand(rule);
      });
      continue;
    }
    test(rule.name, async () => {
      // First what no reviewer may accept: nothing is blessed that is not as the rule wants it.
      expectGolden(`corpus/${rule.name}/verdict.txt`, renderVerdicts(await demand(rule)));
    });
  }

  test('every known failure is one of a rule that has no verdict yet', () => {
    for (const name of Object.keys(KNOWN_FAILURES)) {
      expect(RULES.map((rule) => rule.name)).toContain(name);
      expect(existsSync(join(CORPUS, name, 'verdict.txt'))).toBe(false);
    }
  });

  test('every rule has the objects of its variants and no others, and every exception is one', () => {
    for (const { name, variants, expectations } of RULES) {
      const objects = readdirSync(join(CORPUS, name)).filter((file) => file.endsWith('.o'));
      const wanted = variants.flatMap((variant) => [`${variant}.orig.o`, `${variant}.patched.o`]);
      expect([name, ...objects.sort()]).toEqual([name, ...wanted.sort()]);
      for (const glob of expectations.flatMap(({ globs }) => globs))
        expect(variants.filter((variant) => matches(glob, variant)).length).toBeGreaterThan(0);
    }
  });

  test('a rule named -refused demands an error of each variant, and no other rule does', () => {
    for (const rule of RULES) {
      for (const variant of rule.variants)
        expect([rule.name, expectationFor(rule, variant).errors.length > 0]).toEqual([rule.name, rule.refused]);
    }
  });
});

describe('the reader of rules', () => {
  const rule = (...lines: readonly string[]): Rule =>
    parseRule('x', `/*\n${lines.map((line) => ` * ${line}`).join('\n')}\n */\nint x;\n`);
  const nothing: Findings = { changed: [], added: [], carried: [], removed: [], errors: [] };
  const wrong = (text: string, found: Partial<Findings>): string[] =>
    mismatches(parseExpectation('x', text), { ...nothing, ...found });

  test('knows sentence, variants and exceptions', () => {
    const read = rule(
      'One thing',
      'changes.',
      'variants: gcc-O2 clang-Os-g',
      'flags(gcc*): -w',
      'reports: said:line=2',
      'expect: changed f',
      'expect(clang* x): unchanged',
    );
    expect(read.sentence).toBe('One thing changes.');
    expect(read.variants).toEqual(['gcc-O2', 'clang-Os-g']);
    expect(read.reports).toEqual(['said:line=2']);
    expect(expectationFor(read, 'gcc-O2').changed).toEqual(['f']);
    expect(expectationFor(read, 'clang-Os-g').changed).toEqual([]);
  });

  test('refuses what is no rule', () => {
    expect(() => parseRule('x', 'int x;\n')).toThrow('does not begin');
    expect(() => rule('A sentence.', 'variants: gcc-O2')).toThrow('lacks');
    expect(() => rule('variants: gcc-O2', 'expect: unchanged')).toThrow('lacks');
    for (const text of ['', 'change f', 'changed', 'unchanged f', 'unchanged; new f', 'refused f', 'refused XS301 a b'])
      expect(() => parseExpectation('x', text)).toThrow('x: ');
  });

  test('complains of every name too many and too few', () => {
    expect(wrong('unchanged', { changed: ['f'] })).toEqual(['changed: f']);
    expect(wrong('changed f g; new h', { changed: ['f'], removed: ['k'] })).toEqual([
      'not changed: g',
      'not new: h',
      'removed: k',
    ]);
    expect(wrong('changed f', { changed: ['f'], carried: ['t'] })).toEqual(['carried: t']);
    expect(wrong('changed f; new count', { changed: ['f'], added: ['count.3'] })).toEqual([]);
    expect(wrong('changed f; new count.2', { changed: ['f'], added: ['count.3'] })).toHaveLength(2);
    expect(wrong('new count', { added: ['count.0', 'count.1'] })).toEqual(['new: count.1']);
    expect(wrong('new =count', { added: ['count.0'] })).toHaveLength(2);
    expect(wrong('new count count.0', { added: ['count.0', 'count.1'] })).toEqual([]);
  });

  test('counts a cold part as its function', () => {
    expect(wrong('changed f', { added: ['f.cold'] })).toEqual([]);
    expect(wrong('changed f', { changed: ['f'], removed: ['f.cold.1'] })).toEqual([]);
    expect(wrong('unchanged', { added: ['f.cold'] })).toEqual(['changed: f']);
    expect(wrong('new f', { added: ['f', 'f.cold'] })).toEqual([]);
    expect(wrong('removed f', { removed: ['f.cold', 'f'] })).toEqual([]);
  });

  test('complains of errors that are not expected, and of those that are and do not come', () => {
    const errors = [{ code: 'XS303', symbol: 'setup' }];
    expect(wrong('unchanged', { errors })).toEqual(['refused: XS303 setup']);
    expect(wrong('refused', {})).toEqual(['not refused: ']);
    for (const text of ['refused', 'refused XS303', 'refused XS303 setup'])
      expect(wrong(text, { errors, changed: ['f'] })).toEqual([]);
    expect(wrong('refused XS303 setup; changed g', { errors, changed: ['f'] })).toHaveLength(2);
    expect(wrong('refused XS303 other', { errors })).toHaveLength(2);
    expect(wrong('refused XS303, XS304', { errors })).toEqual(['not refused: XS304']);
  });
});
