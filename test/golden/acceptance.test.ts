/**
 * Whatever is refused because it would be lost can be accepted, by the key that the refusal names: then it is told as
 * a warning, and only that. Held against every pair of the corpus that must be refused.
 */
import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import type { DiffResult } from '../../src/index.js';
import { comparePair } from '../support/corpus-diff.js';
import { corpusRules } from '../support/corpus.js';

/** Each kind of loss, as keys begin with it, and the rule that shows it. */
const KINDS: Readonly<Record<string, string>> = {
  'assembly': 'assembly-without-bounds-refused',
  'boot-table': 'boot-table-entry-refused',
  'compiler': 'changed-compiler-refused',
  'entry': 'alias-retargeted-refused',
  'flags': 'changed-flags-refused',
  'init': 'init-function-changed-refused',
  'init-data': 'init-data-changed-refused',
  'layout': 'layout-changed-refused',
  'percpu': 'per-cpu-added-refused',
  'placement': 'variable-becomes-constant-refused',
  'section': 'loaded-note-refused',
  'size': 'object-grows-refused',
  'value': 'initial-value-refused',
};

function said(result: DiffResult, severity: Diagnostic['severity']): Diagnostic[] {
  const all = [...result.diagnostics, ...result.diffs.flatMap((pair) => pair.diagnostics)];
  return all.filter((d) => d.severity === severity);
}

const title = ({ code, message }: Diagnostic): string => `${code}: ${message}`;

/** The key by which a refusal says that it can be accepted. */
function keyOf({ notes }: Diagnostic): string | undefined {
  const found = notes.flatMap((note) => /^--allow-lost=('?)(.+)\1 (?:goes on|compares)/.exec(note)?.[2] ?? []);
  return found.length === 1 ? found[0] : undefined;
}

const REFUSED = corpusRules().filter(({ refused }) => refused);
const kinds = new Map<string, Set<string>>();

describe('what is refused', () => {
  for (const rule of REFUSED) {
    test(`can be accepted: ${rule.name}`, async () => {
      for (const variant of rule.variants) {
        const errors = said(await comparePair(rule, variant), 'error');
        const keys = [...new Set(errors.map((error) => keyOf(error) ?? title(error)))];
        for (const key of keys) {
          const kind = key.split(':')[0];
          kinds.set(kind, (kinds.get(kind) ?? new Set()).add(rule.name));
          const others = errors.filter((error) => keyOf(error) !== key).map(title);
          expect(said(await comparePair(rule, variant, [key]), 'error').map(title)).toEqual(others);
        }
        const accepted = await comparePair(rule, variant, keys);
        expect(said(accepted, 'error').map(title)).toEqual([]);
        const warnings = said(accepted, 'warning').map(title);
        expect(warnings).toEqual(expect.arrayContaining(errors.map(title)));
        expect(warnings.filter((warning) => warning.startsWith('XS313'))).toEqual([]);
      }
    });
  }

  test('is of every kind there is', () => {
    expect([...kinds.keys()].sort()).toEqual(Object.keys(KINDS));
    for (const [kind, name] of Object.entries(KINDS)) expect([kind, ...(kinds.get(kind) ?? [])]).toContain(name);
  });

  test('is not accepted by a key of another kind or another name', async () => {
    const rule = REFUSED.find(({ name }) => name === KINDS.init);
    if (rule === undefined) throw new Error('there is no such rule');
    for (const key of ['init', 'init:', 'init:other', 'init-data:setup', 'setup', '*', 'init:setup '])
      expect(said(await comparePair(rule, rule.variants[0], [key]), 'error')).toHaveLength(1);
  });
});
