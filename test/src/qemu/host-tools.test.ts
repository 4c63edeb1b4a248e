/** What is missing is named at once, with one command that installs it. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HOST_TOOLS, isInstalled, missingTools, missingToolsMessage } from '../../../src/qemu/host-tools.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'tools-'));
  writeFileSync(path.join(directory, 'make'), '');
  chmodSync(path.join(directory, 'make'), 0o755);
  writeFileSync(path.join(directory, 'gcc'), '');
  chmodSync(path.join(directory, 'gcc'), 0o644);
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

test('a program counts when it can be executed', () => {
  const search_path = `/nowhere:${directory}:`;
  expect(isInstalled('make', search_path)).toBe(true);
  // root may execute nothing without an x bit either.
  expect(isInstalled('gcc', search_path)).toBe(false);
  expect(isInstalled('bison', search_path)).toBe(false);
});

test('the message says what for, and how to get it', () => {
  const missing = missingTools(
    directory,
    HOST_TOOLS.filter(({ program }) => /gcc|make|qemu/.test(program)),
  );
  expect(missingToolsMessage(missing)).toBe(
    'these programs are not installed:\n' +
      '    gcc is needed to compile Xen\n' +
      '    qemu-system-x86_64 is needed to run the hypervisor\n' +
      '  as root: apt-get update && apt-get install --no-install-recommends build-essential qemu-system-x86',
  );
});
