/**
 * What a hypervisor answered to a mutant, as data and as one line of text. Lines of the console count that speak of the
 * payload; addresses in them are masked, because they depend on where things are loaded.
 *
 *   upload EINVAL: livepatch: mutant: Not an ELF payload
 *   upload 0; apply 0: livepatch: mutant: Applying 3 functions / …; revert 0: livepatch: mutant: Reverting / …
 */
import { errnoName } from '../../../src/hypervisor/errno.js';
import type { Action } from './mutant.js';

/** What the host answered to one call. */
export interface Verdict {
  /** 0 or the negated errno: what the call returned, or else the `rc` that the payload's status has afterwards. */
  readonly rc: number;
  /** Xen's lines, without `(XEN) `. */
  readonly console: readonly string[];
}

/** One call and its answer; `died` instead of a verdict when the host did. */
export interface Outcome {
  readonly action: 'upload' | Action;
  readonly rc: number | 'died';
  /** What is left of the console: see tellingLines. */
  readonly lines: readonly string[];
}

/** What hooks say, ours and those of Xen's own test payloads, is a part of it. */
const TELLING =
  /^(livepatch: |hook: |\w+_hook: |(\w+: )?Hook |alt table |altcall |Xen (WARN|BUG) at |Assertion )/;
/** What the host says when it dies: its cause, and not what follows. */
const LAST_WORDS =
  /^(FATAL |Xen BUG at |Assertion |livepatch: partially |Faulting linear address|GENERAL PROTECTION)/;

/** The lines that do not depend on where things are loaded, with addresses masked. */
export function tellingLines(console: readonly string[]): readonly string[] {
  return console.filter((line) => TELLING.test(line)).map(masked);
}

export function lastWords(console: readonly string[]): readonly string[] {
  const words = console.filter((line) => LAST_WORDS.test(line)).map((line) => masked(line).trim());
  return [...new Set(words)].slice(0, 1);
}

function masked(line: string): string {
  return line.replaceAll(/\b(0x)?ffff[0-9a-f]{12}\b/g, 'ADDRESS').trimEnd();
}

export function outcomeOf(action: Outcome['action'], { rc, console }: Verdict): Outcome {
  return { action, rc, lines: tellingLines(console) };
}

/** One line. An unload that went well is not told. */
export function outcomeText(outcomes: readonly Outcome[]): string {
  return outcomes
    .filter(({ action, rc, lines }) => action !== 'unload' || rc !== 0 || lines.length > 0)
    .map(({ action, rc, lines }) => {
      const answer = rc === 'died' ? 'kills the host' : errnoName(rc);
      return `${action} ${answer}${lines.length === 0 ? '' : `: ${lines.join(' / ')}`}`;
    })
    .join('; ');
}
