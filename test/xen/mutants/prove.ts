/**
 * The step `xen-mutants`: every mutant goes to the real hypervisor, in one boot, and what it answers is held against
 * what is recorded. `xen-deadly-mutants` does the same with those that kill it, on a host each.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MachineError } from '../../../src/qemu/command.js';
import type { GuestFiles } from '../../../src/qemu/initrd.js';
import type { Machine } from '../../../src/qemu/machine.js';
import type { Check } from '../../../src/qemu/scenario.js';
import { GOLDEN } from '../../support/golden.js';
import type { HostSupply } from '../host-supply.js';
import { ALL_MUTANTS } from './all-mutants.js';
import { callsOf, trialOf } from './calls.js';
import { DEADLY_MUTANTS } from './deadly-mutants.js';
import type { MutantJudge } from './judge.js';
import { disagreementLines, disagreements } from './judge.js';
import type { Mutant } from './mutant.js';
import { guestFiles, prepareHost, someAnswers } from './real-host.js';
import { readRecord, RECORDED, RECORDED_DEADLY, recordLine } from './recorded.js';
import { outcomeText } from './verdict.js';

/** Mutants at which a host may go silent, once each, before that is a failure. */
const MOST_SILENT = 2;

export interface MutantStep {
  /** Good payloads by name, all for the hypervisor that is booted. */
  readonly payloads: (of: string) => Uint8Array;
  /** The program that makes the calls in dom0. */
  readonly program: Uint8Array;
  /** Gives hosts with these files on board. */
  readonly hosts: (files: GuestFiles) => Pick<HostSupply, 'machine' | 'discard'>;
  readonly report: (check: Check) => void;
  readonly say: (line: string) => void;
  /** A model that is to agree with the real one. */
  readonly judge?: MutantJudge;
}

export async function proveMutants(step: MutantStep): Promise<void> {
  await prove(step, ALL_MUTANTS, RECORDED);
}

export async function proveDeadlyMutants(step: MutantStep): Promise<void> {
  await prove(step, DEADLY_MUTANTS, RECORDED_DEADLY);
}

async function prove(step: MutantStep, mutants: readonly Mutant[], golden: string): Promise<void> {
  const started = Date.now();
  const answers = await realAnswers(step, mutants);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const text = mutants.map((mutant) => `${recordLine(mutant, answers.get(mutant.name) ?? '')}\n`).join('');
  const file = path.join(GOLDEN, golden);
  if (process.env['XSPLICE_BLESS'] === '1') {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const recorded = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const detail = differences(recorded, text);
  const label = `${String(mutants.length)} mutants are answered as golden/${golden} has it (${seconds} s)`;
  step.report({ label, passed: detail.length === 0, detail });
  if (step.judge === undefined) return;
  const found = disagreements(step.judge, mutants, readRecord(text), step.payloads);
  step.report({
    label: `the model agrees about ${String(mutants.length)} mutants`,
    passed: found.length === 0,
    detail: found.flatMap(disagreementLines),
  });
}

/** Lines of either text that the other has not. */
function differences(recorded: string, text: string): string[] {
  const [before, now] = [recorded, text].map((one) => one.split('\n').filter((line) => line !== ''));
  const [known, given] = [new Set(before), new Set(now)];
  return [
    ...before.filter((line) => !given.has(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !known.has(line)).map((line) => `+ ${line}`),
  ];
}

/**
 * Tries all of them, on one host as long as it lives and nothing is left behind on it. Where it went silent, another has
 * a try: an emulator of processors on a busy machine may lose its way. Throws HostDied when that one is silent, too.
 */
export async function realAnswers(
  step: Pick<MutantStep, 'payloads' | 'program' | 'hosts' | 'say'>,
  mutants: readonly Mutant[],
): Promise<Map<string, string>> {
  const calls = mutants.map((mutant) => callsOf(mutant, step.payloads));
  const hosts = step.hosts(guestFiles(step.program, calls));
  const told = new Map<string, string>();
  const silent = new Set<string>();
  let prepared: Machine | undefined;
  while (told.size < mutants.length) {
    const machine = await hosts.machine();
    if (machine !== prepared) await prepareHost(machine);
    prepared = machine;
    const from = told.size;
    const { answers, silence } = await someAnswers(machine, from);
    if (answers.length === 0 && silence === undefined) throw new MachineError('the host answers to nothing');
    let isClean = true;
    for (const [k, answer] of answers.entries()) {
      const { outcomes, clean } = trialOf(mutants[from + k], answer);
      told.set(mutants[from + k].name, outcomeText(outcomes));
      isClean = clean;
      // What came after it found a host that was not as it should be.
      if (!isClean) break;
    }
    if (!isClean || silence !== undefined) await hosts.discard();
    if (!isClean || silence === undefined) continue;
    const at = mutants[told.size].name;
    if (silent.has(at) || silent.size === MOST_SILENT) throw silence;
    silent.add(at);
    step.say(`       silent at ${at}, which is tried once more\n${silence.message}`);
  }
  await hosts.discard();
  return told;
}
