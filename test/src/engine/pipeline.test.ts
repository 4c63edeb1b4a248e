/** Passes in their order: diagnostics stop between stages, not within one; every pass is timed and observed. */
import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { diagnostic } from '../../../src/diag/diagnostic.js';
import type { SerialPass } from '../../../src/engine/pass.js';
import { Pipeline } from '../../../src/engine/pipeline.js';
import { DIFF_PIPELINE, PAYLOAD_PIPELINE } from '../../../src/pipeline.js';
import { TARGETS } from '../../../src/xen/versions.js';

interface Count {
  readonly kind: 'count';
  readonly value: number;
}

const OPTIONS = { target: TARGETS.xen, threads: 1 };

const increment: SerialPass<Count, Count> = {
  name: 'increment',
  reads: 'count',
  makes: 'count',
  run: (count) => ({ ...count, value: count.value + 1 }),
};
const double: SerialPass<Count, Count> = {
  name: 'double',
  reads: 'count',
  makes: 'count',
  run: (count) => ({ ...count, value: count.value * 2 }),
};
const complain = (code: 'XS310' | 'XS815'): SerialPass<Count, Count> => ({
  name: `complain-${code}`,
  reads: 'count',
  makes: 'count',
  run: (count, ctx) => {
    for (const message of ['first', 'second']) ctx.report(diagnostic(code, { message }));
    return count;
  },
});

async function run(pipeline: Pipeline<Count, Count>): Promise<{
  value: number | undefined;
  said: string[];
  timed: string[];
  observed: string[];
}> {
  const state = { diagnostics: new Array<Diagnostic>(), timings: new Map<string, number>() };
  const observed: string[] = [];
  const observe = (pass: string): void => void observed.push(pass);
  const result = await pipeline.run({ kind: 'count', value: 3 }, { ...OPTIONS, observe }, state);
  return {
    value: result?.value,
    said: state.diagnostics.map((d) => d.message),
    timed: [...state.timings.keys()],
    observed,
  };
}

describe('a pipeline', () => {
  test('runs its passes one after the other', async () => {
    const pipeline = Pipeline.start<Count>().to(increment).to(double);
    expect(pipeline.names()).toEqual(['increment', 'double']);
    expect(await run(pipeline)).toEqual({
      value: 8,
      said: [],
      timed: ['increment', 'double'],
      observed: ['increment', 'double'],
    });
  });

  test('shows all errors of a stage, and goes no further', async () => {
    const found = await run(Pipeline.start<Count>().to(complain('XS310')).to(double));
    expect(found).toMatchObject({ value: undefined, said: ['first', 'second'], timed: ['complain-XS310'] });
  });

  test('goes on after warnings', async () => {
    expect(await run(Pipeline.start<Count>().to(complain('XS815')).to(double))).toMatchObject({
      value: 6,
      said: ['first', 'second'],
    });
  });

  test('lets what a pass throws through: it is a bug', async () => {
    const broken: SerialPass<Count, Count> = {
      ...increment,
      run: () => {
        throw new Error('a bug');
      },
    };
    await expect(run(Pipeline.start<Count>().to(broken))).rejects.toThrow('a bug');
  });
});

test('the passes of the tool have names of their own', () => {
  const names = [...DIFF_PIPELINE.names(), ...PAYLOAD_PIPELINE.names()];
  expect(new Set(names).size).toBe(names.length);
  expect(names[0]).toBe('load-objects');
  expect(names.at(-1)).toBe('emit-notes');
});
