/** `xsplice-build demo`, the first thing that a newcomer sees: word for word, build-ids included. */
import { expect, test } from '@jest/globals';
import { runCli } from '../support/cli.js';
import { expectGolden } from '../support/golden.js';

test('the demo prints what it printed', async () => {
  const { code, stdout, stderr } = await runCli(['demo']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expectGolden('example/demo.txt', stdout);
});
