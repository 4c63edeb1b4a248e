/**
 * Holds a model of the hypervisor against what the real one answered: whoever has a model gives a MutantJudge, and is
 * told of each mutant about which the two disagree.
 */
import type { Answers, Call } from './calls.js';
import { callsOf, trialOf } from './calls.js';
import type { Action, Mutant } from './mutant.js';
import type { Verdict } from './verdict.js';
import { outcomeText } from './verdict.js';

/** A hypervisor that answers at once. */
export interface MutantHost {
  readonly upload: (name: string, payload: Uint8Array) => Verdict;
  /** What the call returned, or, when it began something, the rc of the payload when that is over. */
  /** `nodeps`: whatever the payload says that it goes on top of. */
  readonly act: (action: Action, name: string, nodeps?: boolean) => Verdict;
}

/** Thrown by a host that died of a call, with the last lines of its console. */
export class DiedOfIt extends Error {
  constructor(readonly console: readonly string[]) {
    super('the host died');
  }
}

/** A fresh host for each mutant, with nothing loaded. */
export interface MutantJudge {
  readonly host: () => MutantHost;
}

/** Makes the calls one after the other. */
export function performCalls(host: MutantHost, calls: readonly Call[]): Answers {
  const verdicts: Verdict[] = [];
  try {
    for (const { action, name, payload } of calls) {
      if (action !== 'upload') verdicts.push(host.act(action, name));
      else if (payload !== undefined) verdicts.push(host.upload(name, payload));
    }
  } catch (failure) {
    if (!(failure instanceof DiedOfIt)) throw failure;
    return { verdicts, died: failure.console };
  }
  return { verdicts };
}

export interface Disagreement {
  readonly mutant: string;
  readonly rule: string;
  readonly real: string;
  readonly judged: string;
}

/**
 * What a model says otherwise than was recorded of the real hypervisor. `payloads` gives the good payloads, for the
 * hypervisor of the model; about a mutant that is not recorded they disagree.
 */
export function disagreements(
  judge: MutantJudge,
  mutants: readonly Mutant[],
  recorded: ReadonlyMap<string, string>,
  payloads: (of: string) => Uint8Array,
): Disagreement[] {
  return mutants.flatMap((mutant) => {
    const answers = performCalls(judge.host(), callsOf(mutant, payloads));
    const judged = outcomeText(trialOf(mutant, answers).outcomes);
    const real = recorded.get(mutant.name) ?? 'not recorded';
    return judged === real ? [] : [{ mutant: mutant.name, rule: mutant.rule, real, judged }];
  });
}

/** A disagreement in the lines of a report. */
export function disagreementLines({ mutant, rule, real, judged }: Disagreement): string[] {
  return [`${mutant}: ${rule}`, `  real:  ${real}`, `  model: ${judged}`];
}
