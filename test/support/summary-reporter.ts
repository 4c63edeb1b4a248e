/**
 * Prints `N passed, N failed` as the very last line of a run, so that people and scripts need to read no
 * other. A suite that could not run counts as one failure: none of its tests is known to pass.
 */

/** The part of jest's AggregatedResult that is counted. */
export interface TestCounts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

/** The line; skipped tests are told only when there are any. */
export function summaryLine(counts: TestCounts): string {
  const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
  const skipped = counts.numPendingTests + counts.numTodoTests;
  return `${counts.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** jest loads reporters by their default export. */
export default class SummaryReporter {
  onRunComplete(_contexts: unknown, counts: TestCounts): void {
    // jest runs its own summary after all other reporters; what is printed on exit comes after that, too.
    process.once('exit', () => process.stdout.write(`${summaryLine(counts)}\n`));
  }
}
