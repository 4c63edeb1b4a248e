/**
 * Policy: no payload replaces a function of certain folders unless somebody has looked at that function.
 *
 * reviewed.json beside this file lists the folders, and the functions that were looked at with the name of who did.
 */
import { definePass } from 'xsplice-build/config';
import policy from './reviewed.json' with { type: 'json' };

const reviewed = new Map(Object.entries<string>(policy.reviewed));

export default definePass({
  name: 'needs-review',
  after: 'select-changed',
  run({ functions }, ctx) {
    for (const { object, name } of functions) {
      const folder = policy.folders.find((start) => object.startsWith(start));
      if (folder === undefined) continue;
      const reviewer = reviewed.get(`${object}:${name}`);
      const about = {
        object,
        function: name,
        hint: `have it reviewed and enter it in reviewed.json as "${object}:${name}"`,
      };
      if (reviewer === undefined) ctx.veto(`${name} of ${folder} was not reviewed`, about);
      else ctx.note(`${name} was reviewed by ${reviewer}`, { object, function: name });
    }
  },
});
