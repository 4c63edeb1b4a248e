/**
 * What the real hypervisor answered, as reviewers have read it: golden/mutants/xen-4.17.5.txt, a line for each mutant:
 *
 *   NAME | of PAYLOAD | what is broken | what was answered
 *
 * `XSPLICE_BLESS=1 node dist/test/xen/run.js xen-mutants` writes it anew.
 */
import type { Mutant } from './mutant.js';

export const RECORDED = 'mutants/xen-4.17.5.txt';
export const RECORDED_DEADLY = 'mutants/xen-4.17.5-deadly.txt';

const SEPARATOR = ' | ';

export function recordLine({ name, of, rule }: Mutant, answer: string): string {
  return [name, `of ${of}`, rule, answer].join(SEPARATOR);
}

/** The answers by the names of the mutants. Throws at a line that is none, and at a name that comes twice. */
export function readRecord(text: string): ReadonlyMap<string, string> {
  const answers = new Map<string, string>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [name, , rule, ...answer] = line.split(SEPARATOR);
    if (rule === undefined || answer.length === 0) throw new Error(`no record of a mutant: ${line}`);
    if (answers.has(name)) throw new Error(`two records of ${name}`);
    answers.set(name, answer.join(SEPARATOR));
  }
  return answers;
}
