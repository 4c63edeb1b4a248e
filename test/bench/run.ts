/**
 * `make bench`: how long the tool takes and how much memory, over real trees, as a markdown table.
 *
 *   node dist/test/bench/run.js [--runs N] [--make-trees] [--check] [--headers] [--full-build] [--only TEXT]
 *
 * --make-trees first builds the other Xen trees that comparisons need; --check exits with 1 when a promise of the
 * project is broken, which is of use on an idle machine only. Without the trees, what needs them is skipped, and
 * the run says how to get them. --headers measures a header that 200 units include against make, --full-build a
 * one-line fix against make of the whole tree; both take minutes. --only measures the commands whose titles contain
 * TEXT, and the first.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Command } from './measure.js';
import { measure, misses, tableOf } from './measure.js';
import { makeProofs } from './proofs.js';
import type { Proofs } from './proofs.js';
import { sourceCommands } from './source-builds.js';
import { findTrees, makeTrees, subset } from './trees.js';
import type { Trees } from './trees.js';

const CLI = fileURLToPath(new URL('../../src/cli.js', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../../golden/example', import.meta.url));

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const log = (line: string): void => void process.stderr.write(`${line}\n`);

function cli(title: string, args: readonly string[], more: Partial<Command> = {}): Command {
  return { title, args: [CLI, ...args], exits: [0], ...more };
}

function commandsFor(trees: Trees, scratch: string): Command[] {
  const sides = ['--orig', join(EXAMPLE, 'orig'), '--patched', join(EXAMPLE, 'patched')];
  const payload = ['--xen-syms', join(EXAMPLE, 'mini-syms'), '-o', join(scratch, 'bench.xsplice')];
  const commands = [
    { title: '`node -e 0`, for comparison', args: ['-e', '0'], exits: [0] },
    cli('`--version`', ['--version']),
    cli('`diff` of the example', ['diff', join(EXAMPLE, 'orig'), join(EXAMPLE, 'patched')]),
    cli('`build` of the example', ['build', ...sides, ...payload]),
  ];
  const { plain, debug, blankLines, header, image } = trees;
  if (plain === undefined) return commands;
  if (image !== undefined)
    commands.push(
      cli('`check-base` of a Xen tree', ['check-base', '-s', plain, '--xen-syms', image], {
        limit: { ms: 3000 },
      }),
    );
  commands.push(
    cli('`diff` of a Xen tree with itself', ['diff', plain, plain], { limit: { ms: 400, megabytes: 400 } }),
  );
  if (debug !== undefined) commands.push(...debugCommands(plain, debug));
  if (blankLines !== undefined)
    commands.push(cli('`diff` with a blank line at the top of every .c file', ['diff', plain, blankLines]));
  if (header !== undefined) commands.push(...headerCommands(plain, header, scratch));
  return commands;
}

function debugCommands(plain: string, debug: string): Command[] {
  const twin = (title: string, options: readonly string[], limit?: Command['limit']): Command =>
    cli(title, ['diff', plain, debug, ...options], limit === undefined ? {} : { limit });
  return [
    twin('`diff` with its twin built with -g', [], { ms: 1200, megabytes: 400 }),
    twin('… `--threads 1`', ['--threads', '1']),
    twin('… `--threads 2`', ['--threads', '2']),
    twin('… `--json`', ['--json']),
  ];
}

/** Half of the objects have other code; growing parts of them tell whether the time grows with them. */
function headerCommands(plain: string, header: string, scratch: string): Command[] {
  // Boot code has changed, too, which is refused.
  const compare = (title: string, sides: readonly string[], limit?: Command['limit']): Command =>
    cli(title, ['diff', ...sides], { exits: [1], ...(limit && { limit }) });
  return [
    compare('`diff` with an inline function of a header changed', [plain, header], { ms: 1500 }),
    ...[50, 100, 200, 400].map((count) =>
      compare(`… ${count} of the objects`, subset(plain, header, count, scratch)),
    ),
  ];
}

/** The proof of payloads for a whole hypervisor: at most 1.5 s each, as the project promises. */
function proofCommands({ xenSyms, single, stack, scenario }: Proofs): Command[] {
  const prove = (title: string, args: readonly string[]): Command =>
    cli(title, ['validate', ...args, '--xen-syms', xenSyms], { limit: { ms: 1500, megabytes: 400 } });
  return [
    prove('`validate` of a payload', [single]),
    prove('… of a stack of two', stack),
    prove('… with a scenario', [single, '--scenario', scenario]),
  ];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '5' },
      'make-trees': { type: 'boolean', default: false },
      headers: { type: 'boolean', default: false },
      'full-build': { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      check: { type: 'boolean', default: false },
    },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs wants a number from 1');
  if (values['make-trees']) await makeTrees(log);
  const trees = findTrees();
  const scratch = mkdtempSync(join(tmpdir(), 'xsplice-bench-'));
  try {
    const proofs = await makeProofs(scratch, log);
    const all = [...commandsFor(trees, scratch), ...(proofs === undefined ? [] : proofCommands(proofs))];
    if (trees.plain !== undefined && existsSync(join(trees.plain, '.config')))
      all.push(
        ...(await sourceCommands(trees.plain, scratch, {
          headers: values.headers,
          full: values['full-build'],
        })),
      );
    const wanted = all.filter(({ title }, k) => k === 0 || title.includes(values.only));
    const measured = await measure(wanted, runs, log);
    say(
      `Node ${process.version}, ${availableParallelism()} of ${cpus()[0]?.model ?? 'unknown'}, median of ${runs}:\n`,
    );
    say(tableOf(measured));
    for (const line of trees.missing) say(`\nskipped: ${line}`);
    const broken = misses(measured);
    for (const line of broken) say(`\nabove its limit: ${line}`);
    return values.check && broken.length > 0 ? 1 : 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

process.exitCode = await main();
