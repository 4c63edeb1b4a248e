/**
 * The hypercalls that a mutant is tried with, and what their answers come to. The same calls are made on every host, the
 * real one and models, whatever it answers; what is moot (reverting what could not be applied) is left out afterwards.
 */
import { Errno } from '../../../src/hypervisor/errno.js';
import type { Action, Mutant } from './mutant.js';
import { MUTANT } from './mutant.js';
import type { Outcome, Verdict } from './verdict.js';
import { lastWords, outcomeOf } from './verdict.js';

export interface Call {
  readonly action: 'upload' | Action;
  readonly name: string;
  /** Of an upload. */
  readonly payload?: Uint8Array;
}

/** The answers as far as the host lived; the last lines of its console when it died of the call behind them. */
export interface Answers {
  readonly verdicts: readonly Verdict[];
  readonly died?: readonly string[];
}

export interface Trial {
  readonly outcomes: readonly Outcome[];
  /** Nothing is left behind, so the host can serve the next one. */
  readonly clean: boolean;
}

/** All calls: the payloads that are there before, the mutant, and what leaves the host as it was. */
export function callsOf(mutant: Mutant, payloads: (of: string) => Uint8Array): readonly Call[] {
  const { before = [], then = [] } = mutant;
  const bytes = mutant.mutate(payloads(mutant.of));
  const after = [MUTANT, ...before.map(({ payload }) => payload).reverse()];
  return [
    ...before.flatMap(({ payload, applied }): Call[] => [
      { action: 'upload', name: payload, payload: payloads(payload) },
      ...(applied ? [{ action: 'apply', name: payload } as const] : []),
    ]),
    { action: 'upload', name: MUTANT, payload: bytes },
    ...[...then, 'unload' as const].map((action) => ({ action, name: MUTANT })),
    ...after.flatMap((name): Call[] => [
      { action: 'revert', name },
      { action: 'unload', name },
    ]),
  ];
}

/** What the answers to callsOf(mutant) come to. Throws when a good payload before it was not taken. */
export function trialOf(mutant: Mutant, { verdicts, died }: Answers): Trial {
  const before = (mutant.before ?? []).reduce((sum, { applied }) => sum + (applied ? 2 : 1), 0);
  const failed = verdicts.slice(0, before).find(({ rc }) => rc !== 0);
  if (failed !== undefined || verdicts.length < before)
    throw new Error(
      `${mutant.name}: what comes before it failed\n${(failed?.console ?? died ?? []).join('\n')}`,
    );
  const actions = ['upload', ...(mutant.then ?? []), 'unload'] as const;
  const own = verdicts.slice(before, before + actions.length);
  const outcomes = toldOutcomes(actions, own);
  if (died !== undefined) {
    const action = actions[verdicts.length - before] ?? 'unload';
    return { outcomes: [...outcomes, { action, rc: 'died', lines: lastWords(died) }], clean: false };
  }
  const after = verdicts.slice(before + actions.length);
  const clean = after.every(({ rc }, k) => k % 2 === 0 || rc === 0 || rc === -Errno.ENOENT);
  return { outcomes, clean };
}

function toldOutcomes(actions: readonly Outcome['action'][], verdicts: readonly Verdict[]): Outcome[] {
  const told: Outcome[] = [];
  let applied = false;
  for (const [k, verdict] of verdicts.entries()) {
    const action = actions[k];
    if (action === 'revert' && !applied) continue;
    told.push(outcomeOf(action, verdict));
    if (action === 'upload' && verdict.rc !== 0) break;
    if (verdict.rc === 0) applied = action === 'apply' || action === 'replace';
  }
  return told;
}
