/** Reads: payload-request. Makes: selection. Assumes: every pair has its verdict. Reports: XS310, and what the pairs found. */
import type { SerialPass } from '../src/engine/pass.js';
import { diagnostic } from '../src/diag/diagnostic.js';
import { AtomStatus } from '../src/model/artifacts.js';
import type { ChangedObject } from '../src/model/artifacts.js';
import type { PayloadRequest, Selection } from '../src/model/payload-artifacts.js';

/** Takes up what the pairs found: their diagnostics become ours, changed functions and hooks become roots. */
export const selectChanged: SerialPass<PayloadRequest, Selection> = {
  name: 'select-changed',
  reads: 'payload-request',
  makes: 'selection',
  run: (request, ctx) => {
    for (const diff of request.diffs) for (const found of diff.diagnostics) ctx.report(found);
    const objects = request.diffs.flatMap((diff) => (diff.detail === undefined ? [] : [diff.detail]));
    const roots = objects.flatMap((object, k) => rootsOf(object, k));
    const refused = request.diffs.some((diff) => diff.verdict === 'refused');
    if (roots.length === 0 && !refused) {
      ctx.report(
        diagnostic('XS310', {
          message: 'nothing to patch: no function that runs differs in what it does',
          hint: 'check that the patch touches code that is compiled in this configuration',
        }),
      );
    }
    const { image, stack, wishes } = request;
    return { kind: 'selection', context: { image, stack, wishes, objects }, roots };
  },
};

function rootsOf(object: ChangedObject, k: number): Selection['roots'] {
  return object.patched.atoms.flatMap((atom): Selection['roots'] => {
    if (atom.role === 'hooks') return [{ object: k, atom: atom.index, reason: 'hook' }];
    const changed = atom.role === 'text' && object.status[atom.index] === AtomStatus.changed;
    return changed ? [{ object: k, atom: atom.index, reason: 'changed' }] : [];
  });
}
