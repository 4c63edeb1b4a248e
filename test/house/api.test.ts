/** The library documents itself: every exported symbol and property, every type that belongs to one, every link. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from '@jest/globals';
import { demand } from './house.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Complaints of typedoc, as package.json configures it. */
function complaints(...options: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/typedoc/bin/typedoc'), '--emit', 'none', ...options],
    { cwd: ROOT, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' } },
  );
  const said = `${stdout}${stderr}`.split('\n').filter((line) => /^\[(warning|error)\]/.test(line));
  return status === 0 ? said : [...said, `typedoc ended with ${String(status)}`];
}

test('everything that src/index.ts gives is documented', () => {
  demand(
    complaints(),
    'write a comment over it: what it is, units, ranges, errors (XS codes), source; export the type from src/index.ts; what is not for users is tagged @internal',
  );
}, 60_000);
