/** Reads: pair-diff. Makes: pair-diff. Assumes: changed atoms have their first difference. Reports: nothing. */
import type { ItemPass } from '../src/engine/pass.js';
import type { ChangedObject, PairDiff } from '../src/model/artifacts.js';
import { comparisonOf, explainChanges as explainAll } from '../src/model/explain.js';
import { explainTouched, explainWhole } from '../src/model/explain-whole.js';
import { functionNames, nearNames } from '../src/model/function-names.js';
import { verifyExplanations } from '../src/model/verify-explanations.js';

/**
 * Says why each changed function changed, and shows whole those that the user asked for. It stands at the end of
 * the lane because explanations need both graphs, which seldom leave their thread: a payload is made of those of
 * pairs that changed, and nothing else needs any.
 */
export const explainChanges: ItemPass<PairDiff, PairDiff, PairDiff> = {
  name: 'explain-changes',
  reads: 'pair-diff',
  makes: 'pair-diff',
  verify: ({ changed }) => verifyExplanations(changed),
  each: (diff, { dropGraphs = false, explain = [], whole = false }) => {
    const { detail, ...verdict } = diff;
    if (detail === undefined) return { next: diff };
    const keep = !dropGraphs && diff.verdict !== 'removed';
    const told = explanations(detail, explain, whole);
    return { next: { ...verdict, ...told, ...(keep && { detail }) } };
  },
};

function explanations(
  object: ChangedObject,
  asked: readonly string[],
  all: boolean,
): Pick<PairDiff, 'changed' | 'explained' | 'near' | 'whole'> {
  const both = comparisonOf(object);
  const changed = explainAll(object, both);
  const whole = all ? explainTouched(object, both) : [];
  if (asked.length === 0) return { changed, whole, explained: [], near: [] };
  const names = [object.orig, object.patched].flatMap(({ file }) => functionNames(file));
  return { changed, whole, explained: explainWhole(object, both, asked), near: nearNames(asked, names) };
}
