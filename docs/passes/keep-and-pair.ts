/**
 * Decides what goes in: functions that only count or print are left as they are, and functions that must be of one
 * build are replaced together.
 */
import { definePass } from 'xsplice-build/config';
import type { FunctionRef } from 'xsplice-build/config';

/** Dumps for the debug console: a patch that rewords them is no reason to replace code that runs. */
const LEFT_AS_THEY_ARE = /(^|#)dump_\w+$/;

/** Who reads what the other writes, and in one hold of the lock: both new, or both old. */
const TOGETHER: readonly (readonly string[])[] = [['do_set_flags', 'do_hypercall']];

export default definePass({
  name: 'keep-and-pair',
  after: 'select-changed',
  run({ functions, unchanged }, ctx) {
    for (const target of functions)
      if (LEFT_AS_THEY_ARE.test(target.name)) ctx.drop(target, 'it only prints for the debug console');
    for (const group of TOGETHER) {
      const inGroup = ({ name }: FunctionRef): boolean => group.includes(name);
      const first = functions.find(inGroup);
      if (first === undefined) continue;
      for (const target of unchanged.filter(inGroup)) ctx.add(target, `it goes with ${first.name}`);
    }
  },
});
