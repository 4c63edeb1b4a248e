/** Nothing lies about under golden/: every file belongs to a test, and every case has what its tests compare with. */
import { expect, test } from '@jest/globals';
import { DIAGNOSTIC_CODES } from '../../src/diag/codes.js';
import { CLAIMS, goldenFiles } from '../support/golden.js';
import { goldenCases } from '../support/golden-cases.js';

function demand(complaints: readonly string[], mend: string): void {
  if (complaints.length > 0) throw new Error(`${complaints.join('\n')}\nTo mend: ${mend}`);
}

test('every file under golden/ is claimed', () => {
  demand(
    goldenFiles()
      .filter((path) => !CLAIMS.some((claim) => claim.pattern.test(path)))
      .map((path) => `golden/${path} belongs to no test`),
    'delete the file, or say in CLAIMS of test/support/golden.ts which test reads it',
  );
});

test('every claim has a file', () => {
  demand(
    CLAIMS.filter((claim) => !goldenFiles().some((path) => claim.pattern.test(path))).map(
      (claim) => `nothing under golden/ matches ${claim.pattern.source} (${claim.by})`,
    ),
    'take the claim out of test/support/golden.ts',
  );
});

test('every text of a case is one that its tests compare', () => {
  const wanted = new Set(
    goldenCases().flatMap(({ name, refused, settings }) => [
      `cases/${name}/diff.txt`,
      ...(refused ? [`cases/${name}/diagnostics.txt`] : []),
      ...(refused || settings.link === false ? [] : [`cases/${name}/payload.txt`]),
    ]),
  );
  const there = goldenFiles().filter((path) => /^cases\/.*\.txt$/.test(path));
  demand(
    there.filter((path) => !wanted.has(path)).map((path) => `golden/${path} is compared by no test`),
    'delete it: the case is refused now, or no longer',
  );
  demand(
    [...wanted].filter((path) => !there.includes(path)).map((path) => `golden/${path} is missing`),
    'run `make bless`, and read what it wrote',
  );
});

test('every object of a case has its source beside it, and every source its object', () => {
  const files = goldenFiles().filter((path) => path.startsWith('cases/'));
  const stems = (pattern: RegExp): string[] =>
    files.filter((path) => pattern.test(path)).map((path) => path.replace(/\.\w+$/, ''));
  expect(stems(/\/(orig|patched)[^/]*\.o$/)).toEqual(stems(/\/(orig|patched)[^/]*\.[cS]$/));
});

test('every diagnostic text shows a code that exists, and every code has its text', () => {
  const shown = goldenFiles().flatMap((path) => /^diagnostics\/(XS\d+)\.txt$/.exec(path)?.slice(1, 2) ?? []);
  expect(shown).toEqual(Object.keys(DIAGNOSTIC_CODES).sort());
});
