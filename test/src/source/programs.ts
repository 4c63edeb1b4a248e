/**
 * Which programs of the machine a test can use. A test that needs one that is missing is skipped, and its
 * title says why.
 */
import { spawnSync } from 'node:child_process';
import { test } from '@jest/globals';

export function hasProgram(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** `test` if all programs are there; otherwise a skipped test that names those that are not. */
export function testWith(
  programs: readonly string[],
  title: string,
  body: () => Promise<void> | void,
  timeout = 60_000,
): void {
  const missing = programs.filter((program) => !hasProgram(program));
  if (missing.length === 0) test(title, body, timeout);
  else test.skip(`${title} (skipped: no ${missing.join(', ')} here)`, () => undefined);
}
