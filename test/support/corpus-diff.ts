/** What the differ makes of one pair of the corpus. */
import { join } from 'node:path';
import { diff } from '../../src/index.js';
import type { DiffResult } from '../../src/index.js';
import { parseReporter } from '../../src/xen/reporting-functions.js';
import { CORPUS } from './corpus.js';
import type { Rule } from './corpus.js';

/** Compares the pair of a variant; `allowLost` are keys of losses to accept. */
export async function comparePair(
  rule: Rule,
  variant: string,
  allowLost: readonly string[] = [],
): Promise<DiffResult> {
  const side = (which: string): string => join(CORPUS, rule.name, `${variant}.${which}.o`);
  const pair = { object: `common/${rule.name}.o`, orig: side('orig'), patched: side('patched') };
  const reporters = rule.reports.map((text) => {
    const reporter = parseReporter(text);
    if (reporter === undefined)
      throw new Error(`${rule.name}: "${text}" names no function that reports lines`);
    return reporter;
  });
  return await diff({ pairs: [pair], reporters, allowLost, threads: 1, verifyEach: true });
}
