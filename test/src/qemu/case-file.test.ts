/** A case.json that says something we do not understand is refused, with the place. */
import { describe, expect, test } from '@jest/globals';
import { parseCaseFile, parseStep } from '../../../src/qemu/case-file.js';

const parse = (value: unknown): unknown => parseCaseFile(JSON.stringify(value), 'x/case.json');
const STEPS = [{ key: 'h', console: ['text'], exit: 0 }];

test('what is left out has a meaning', () => {
  expect(parse({ title: 't', patches: ['p.patch'], steps: STEPS })).toEqual({
    title: 't',
    patches: ['p.patch'],
    on_top_of: [],
    uses: [],
    flags: [],
    says: [],
    fresh_host: false,
    smaller_than: null,
    refused: null,
    steps: [{ key: 'h', console: ['text'], exit: [0] }],
  });
});

test('a refusal takes the place of steps', () => {
  const refused = { exit: 1, stderr: ['XS3'] };
  expect(parse({ title: 't', patches: ['p.patch'], refused })).toMatchObject({ refused, steps: [] });
});

describe('refused', () => {
  test.each([
    [{ title: 't', patches: ['p'], steps: STEPS, step: [] }, 'x/case.json: unknown key "step"'],
    [{ title: 't', patches: [], steps: STEPS }, 'patches must name at least one'],
    [{ title: 't', patches: ['p'] }, 'either steps or "refused"'],
    [{ title: 't', patches: ['p'], steps: STEPS, refused: { exit: 1 } }, 'either steps or "refused"'],
    [
      { title: 't', patches: ['p'], steps: [{ key: 'h', consol: [] }] },
      'x/case.json: step 1: unknown key "consol"',
    ],
    [{ title: 't', patches: ['p'], steps: STEPS, smaller_than: '10K' }, 'smaller_than: a whole number'],
    [{ title: 't', patches: ['p'], steps: STEPS, fresh_host: 'yes' }, 'fresh_host: true or false'],
    [{ title: 't', patches: ['p'], steps: STEPS, says: 'all' }, 'says: a list is expected'],
    [{ patches: ['p'], steps: STEPS }, 'title: a text is expected'],
    [[], 'an object is expected'],
  ])('%j', (value, message) => {
    expect(() => parse(value)).toThrow(message);
  });

  test.each([
    [{}, 'one of livepatch, shell, key, fatal'],
    [{ key: 'h', shell: 'ls' }, 'one of livepatch, shell, key, fatal'],
    [{ key: 'hh' }, 'a debug key is one character'],
    [{ shell: 'ls', console: 'text' }, 'console: a list is expected'],
    [{ shell: 'ls', exit: '1' }, 'exit: a whole number'],
  ])('the step %j', (value, message) => {
    expect(() => parseStep(value, 'here')).toThrow(message);
  });
});
