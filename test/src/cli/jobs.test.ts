/** Compilers at a time: by processors and by memory, never none. */
import { expect, test } from '@jest/globals';
import { defaultJobs } from '../../../src/cli/jobs.js';

const GIB = 2 ** 30;

test('as many as processors, as far as memory goes', () => {
  expect(defaultJobs(64 * GIB, 8)).toBe(8);
  expect(defaultJobs(2 * GIB, 8)).toBe(5);
  expect(defaultJobs(GIB / 4, 8)).toBe(1);
  expect(defaultJobs()).toBeGreaterThanOrEqual(1);
});
