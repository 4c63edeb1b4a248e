/** Reads: payload-request. Makes: selection. Assumes: every pair has its verdict. Reports: XS213, XS310, and what the pairs found. */
import type { SerialPass } from '../src/engine/pass.js';
import { diagnostic } from '../src/diag/diagnostic.js';
import type { Diagnostic } from '../src/diag/diagnostic.js';
import { AtomStatus } from '../src/model/artifacts.js';
import type { ChangedObject, PairDiff } from '../src/model/artifacts.js';
import { atomNameInXen } from '../src/model/object-model.js';
import type { PayloadRequest, Selection } from '../src/model/payload-artifacts.js';
import type { XenImage } from '../src/xen/image.js';

/** Takes up what the pairs found: their diagnostics become ours, changed functions and hooks become roots. */
export const selectChanged: SerialPass<PayloadRequest, Selection> = {
  name: 'select-changed',
  reads: 'payload-request',
  makes: 'selection',
  run: (request, ctx) => {
    const unlinked = request.diffs.filter((diff) => isUnlinked(diff, request.image));
    const diffs = request.diffs.filter((diff) => !unlinked.includes(diff));
    for (const diff of diffs) for (const found of diff.diagnostics) ctx.report(found);
    const objects = diffs.flatMap((diff) => (diff.detail === undefined ? [] : [diff.detail]));
    const roots = objects.flatMap((object, k) => rootsOf(object, k));
    const refused = diffs.some((diff) => diff.verdict === 'refused');
    if (unlinked.length > 0) ctx.report(notLinked(unlinked, roots.length === 0));
    if (roots.length === 0 && !refused && unlinked.length === 0) {
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

/** Whether the image has nothing of an object: the linker did not take it. */
function isUnlinked({ detail }: PairDiff, image: XenImage): boolean {
  if (detail === undefined) return false;
  const { object, orig } = detail;
  const named = orig.atoms.filter(
    (atom) => atom.label >= 0 && (atom.kind === 'function' || atom.kind === 'object'),
  );
  return named.length > 0 && named.every((atom) => !image.byName.has(atomNameInXen(object, atom)));
}

const SHOWN = 5;

/** Harmless beside other changes; but when it is all there is, the image may be that of another hypervisor. */
function notLinked(unlinked: readonly PairDiff[], nothingElse: boolean): Diagnostic {
  const objects = unlinked.map((diff) => diff.object);
  const rest = objects.length - SHOWN;
  const names = `${objects.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const outcome = nothingElse ? 'and nothing else changed' : 'what changed there is left out';
  const found = diagnostic('XS213', {
    message: `nothing of ${names} is in the image; ${outcome}`,
    hint: nothingElse
      ? 'check that the image is that of the hypervisor that runs, and built from this source'
      : 'check the configuration if it should be there: the image has none of its symbols',
  });
  return nothingElse ? { ...found, severity: 'error' } : found;
}

function rootsOf(object: ChangedObject, k: number): Selection['roots'] {
  return object.patched.atoms.flatMap((atom): Selection['roots'] => {
    if (atom.role === 'hooks') return [{ object: k, atom: atom.index, reason: 'hook' }];
    const changed = atom.role === 'text' && object.status[atom.index] === AtomStatus.changed;
    return changed ? [{ object: k, atom: atom.index, reason: 'changed' }] : [];
  });
}
