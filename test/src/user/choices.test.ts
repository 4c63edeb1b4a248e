/** What passes decide of a selection: a function goes with its cold part, and what refers to it finds the right one. */
import { describe, expect, test } from '@jest/globals';
import { link } from '../../../src/index.js';
import type { Choices, LinkResult } from '../../../src/index.js';
import { goldenCase, imageOfCase } from '../../support/golden-cases.js';

async function linked(name: string, choices: Partial<Choices>): Promise<LinkResult> {
  const which = goldenCase(name);
  return await link({
    pairs: which.pairs,
    image: imageOfCase(which),
    threads: 1,
    verifyEach: true,
    choices: { leftOut: [], added: [], ...choices },
    proof: { as: 'chosen' },
  });
}

const codeIn = ({ payload }: LinkResult): string[] =>
  (payload?.resolved.atoms ?? [])
    .map(({ object, atom }) => payload?.resolved.context.objects[object].patched.atoms[atom])
    .flatMap((atom) => (atom?.role === 'text' ? [atom.name] : []));

const errors = ({ diagnostics }: LinkResult): string[] =>
  diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);

describe('a function that is added', () => {
  test('brings its cold part, and is proven like any other', async () => {
    const object = 'common/jump-table.o';
    const result = await linked('jump-table', { added: [{ object, name: 'untouched' }] });
    expect(errors(result)).toEqual([]);
    expect(codeIn(result).sort()).toEqual(['changed', 'changed.cold', 'untouched', 'untouched.cold']);
    expect(result.payload?.resolved.replaced.map(({ name }) => name).sort()).toEqual([
      'changed',
      'untouched',
    ]);
    expect(result.validation?.levels.applies).toBe('passed');
    // The hot part jumps to the cold part that came with it, not to that of the hypervisor.
    expect(result.payload?.resolved.bindings.map(({ name }) => name)).not.toContain(
      'jump-table.c#untouched.cold',
    );
  });

  test.each([
    ['that changed', 'changed'],
    ['that is a cold part', 'jump-table.c#untouched.cold'],
    ['that is not there', 'nowhere'],
  ])('is refused: one %s', async (_what, name) => {
    const result = await linked('jump-table', { added: [{ object: 'common/jump-table.o', name }] });
    expect(errors(result)).toEqual(['XS712']);
    expect(result.payload).toBeUndefined();
  });
});

describe('a function that is left out', () => {
  test('takes its cold part with it', async () => {
    const object = 'common/jump-table.o';
    const result = await linked('jump-table', {
      leftOut: [{ object, name: 'changed' }],
      added: [{ object, name: 'untouched' }],
    });
    expect(errors(result)).toEqual([]);
    expect(codeIn(result).sort()).toEqual(['untouched', 'untouched.cold']);
  });

  test('is refused when it did not change', async () => {
    const result = await linked('jump-table', {
      leftOut: [{ object: 'common/jump-table.o', name: 'untouched' }],
    });
    expect(errors(result)).toEqual(['XS712']);
  });
});
