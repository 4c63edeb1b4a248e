/** The last line of a test run. */
import { expect, test } from '@jest/globals';
import { summaryLine } from './summary-reporter.js';

const none = {
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
};

test('passed and failed, skipped only when there are any', () => {
  expect(summaryLine({ ...none, numPassedTests: 12 })).toBe('12 passed, 0 failed');
  expect(summaryLine({ ...none, numPassedTests: 1, numPendingTests: 2, numTodoTests: 1 })).toBe(
    '1 passed, 0 failed, 3 skipped',
  );
});

test('a suite that could not run is a failure', () => {
  expect(summaryLine({ ...none, numFailedTests: 2, numRuntimeErrorTestSuites: 1 })).toBe(
    '0 passed, 3 failed',
  );
});
