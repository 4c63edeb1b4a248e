/** Every diagnostic code, rendered as its user sees it: without colour, with the paths that the user gave. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { DIAGNOSTIC_CODES } from '../../src/diag/codes.js';
import { OBJECT_SAMPLES } from '../support/diagnostic-samples.js';
import { expectGolden } from '../support/golden.js';
import { renderRelative } from '../support/golden-cases.js';
import { HAZARD_SAMPLES } from '../support/hazard-samples.js';
import { RELEASE_SAMPLES } from '../support/release-samples.js';
import { SOURCE_SAMPLES } from '../support/source-samples.js';
import { USER_SAMPLES } from '../support/user-samples.js';
import { VERDICT_SAMPLES } from '../support/verdict-samples.js';
import { removeFolders } from '../src/source/mini-tree.js';
import { testWith } from '../src/source/programs.js';

afterAll(removeFolders);

const SAMPLES = { ...OBJECT_SAMPLES, ...HAZARD_SAMPLES, ...VERDICT_SAMPLES, ...SOURCE_SAMPLES, ...RELEASE_SAMPLES, ...USER_SAMPLES };

describe('diagnostics', () => {
  test('every code has a sample, and no sample is of another code', () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(Object.keys(DIAGNOSTIC_CODES).sort());
  });

  for (const [code, { programs = [], provoke }] of Object.entries(SAMPLES)) {
    testWith(programs, `${code} reads as it was read`, async () => {
      const { found, hide = [] } = await provoke();
      const shown = found.filter((d) => d.code === code);
      expect(shown.map((d) => d.code)).toContain(code);
      const text = hide.reduce((so, [what, by]) => so.replaceAll(what, by), renderRelative(shown));
      expectGolden(`diagnostics/${code}.txt`, text);
    });
  }
});
