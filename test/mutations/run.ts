/**
 * Mutates the objects of a tree and proves what the differ says of them.
 *
 *   node dist/test/mutations/run.js [--tree DIR] [--seed S] [--rounds N] [--object O] [--mutator M[,M…]]
 *
 * The tree is the one that `make xen-test` keeps, unless given. With --seed, --object and --mutator it makes one
 * mutation again. Prints a line a mutator and last `N passed, N failed`; exits with 1 if an answer was wrong.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheDirectory } from '../../src/cache-directory.js';
import { XEN_VERSION } from '../../src/qemu/debian.js';
import { seedOfRun } from './random.js';
import { checksOf, COMMAND, planFor, runPlan, totalOf } from './prove.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    tree: { type: 'string' },
    seed: { type: 'string', default: String(seedOfRun()) },
    rounds: { type: 'string', default: '1' },
    object: { type: 'string' },
    mutator: { type: 'string' },
  },
});

async function main(): Promise<number> {
  const tree = values.tree ?? join(cacheDirectory(), `xen-tree-${XEN_VERSION}`, 'tree/xen');
  if (!existsSync(tree)) throw new Error(`there is no ${tree}: run \`make xen-test\`, or give --tree`);
  const [seed, rounds] = [Number(values.seed), Number(values.rounds)];
  if (!Number.isInteger(seed) || !Number.isInteger(rounds))
    throw new Error('--seed and --rounds want integers');
  const { object, mutator } = values;
  const begin = performance.now();
  const tallies = await runPlan(
    planFor(tree, {
      seed,
      rounds,
      ...(object !== undefined && { object }),
      ...(mutator !== undefined && { mutator }),
    }),
  );
  const command = values.tree === undefined ? COMMAND : `${COMMAND} --tree ${values.tree}`;
  const checks = checksOf(tallies, command).filter(({ passed, detail }) => passed || detail.length > 0);
  for (const { label, passed, detail } of checks) {
    say(`${passed ? 'ok    ' : 'FAILED'} ${label}`);
    for (const line of detail) say(`         ${line}`);
  }
  const failed = checks.filter(({ passed }) => !passed).length;
  say(`${totalOf(tallies)} mutations, seed ${seed}, ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  say(`${checks.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
