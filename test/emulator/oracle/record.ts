/**
 * Writes golden/insn/*.ins: for each form so many cases with what the real processor makes of them, one file for
 * each operation. `SEED=n PER_FORM=n`. The emulator has no part in it, so that what is recorded is the processor's.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GOLDEN } from '../../support/golden.js';
import { makeCase } from './cases.js';
import type { Made } from './cases.js';
import { formsToRun } from './campaign.js';
import { undefinedFlags } from './compare.js';
import { BATCH, Host } from './host.js';
import { Random } from './random.js';
import { writeCase } from './text.js';

const perForm = Number(process.env['PER_FORM'] ?? 20);
const random = new Random(Number(process.env['SEED'] ?? 1));
const host = new Host();
const folder = join(GOLDEN, 'insn');
const files = new Map<string, string[]>();

for (const form of formsToRun(/^/)) {
  const made: Made[] = [];
  for (let tries = 0; made.length < perForm * 2 && tries < 20_000; tries++) {
    const one = makeCase(random, random.pick(form));
    if (one !== undefined) made.push(one);
  }
  const outcomes = await host.run(made.slice(0, BATCH).map(({ input }) => input));
  const lines = made
    .map((one, k) => ({ ...one, outcome: outcomes[k] }))
    .filter(({ outcome }) => !outcome.stray)
    .slice(0, perForm)
    .map(({ input, instruction, outcome }) => writeCase(input, outcome, undefinedFlags(instruction, input)));
  const [{ form: name, operation }] = form;
  const list = files.get(operation.name) ?? [];
  list.push(`; ${name}`, ...lines);
  files.set(operation.name, list);
}
host.close();

mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (name.endsWith('.ins')) rmSync(join(folder, name));
for (const [name, lines] of files) writeFileSync(join(folder, `${name}.ins`), `${lines.join('\n')}\n`);
