/** The tutorial is read as it is meant. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { missingLines, tutorialSteps } from './tutorial.js';

describe('the steps of a page', () => {
  test('are its commands with what they print', () => {
    const page = 'a\n```sh\nb\nc\n```\nd\n```text\ne\n\nf\n```\n```sh\ng\n```\n';
    expect(tutorialSteps(page)).toEqual([
      { commands: 'b\nc\n', prints: ['e', 'f'] },
      { commands: 'g\n', prints: [] },
    ]);
  });

  test('of the tutorial are all there', () => {
    const page = readFileSync(fileURLToPath(new URL('../../../docs/tutorial.md', import.meta.url)), 'utf8');
    const steps = tutorialSteps(page);
    expect(steps.length).toBeGreaterThanOrEqual(8);
    expect(steps.filter(({ prints }) => prints.length > 0)).toHaveLength(2);
    for (const start of ['sudo apt-get install -y ', 'npm install --no-audit --no-fund xsplice-build'])
      expect(steps.some(({ commands }) => commands.includes(start))).toBe(true);
  });
});

describe('what is printed', () => {
  const printed = ['one  two three', 'four', 'five'];
  test('may have more around and between', () => {
    expect(missingLines(['one … three', 'five'], printed)).toEqual([]);
    expect(missingLines(['two'], printed)).toEqual([]);
  });
  test('must come in order', () => {
    expect(missingLines(['five', 'four'], printed)).toEqual(['four']);
    expect(missingLines(['three … one'], printed)).toEqual(['three … one']);
    expect(missingLines(['six'], printed)).toEqual(['six']);
  });
});
