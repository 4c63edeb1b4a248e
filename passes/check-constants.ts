/** Reads: resolved-payload. Makes: resolved-payload. Assumes: every replaced function is bound. Reports: XS416. */
import type { PassContext, SerialPass } from '../src/engine/pass.js';
import { diagnostic } from '../src/diag/diagnostic.js';
import { AtomStatus } from '../src/model/artifacts.js';
import type { ChangedObject } from '../src/model/artifacts.js';
import { isVisible } from '../src/model/changed-constants.js';
import { coldParent } from '../src/model/names.js';
import { atomNameInXen, atomTitle, locateAtom } from '../src/model/object-model.js';
import type { Atom } from '../src/model/object-model.js';
import type { ResolvedPayload } from '../src/model/payload-artifacts.js';
import { usersInImage } from '../src/xen/image-references.js';

/**
 * A changed constant that other objects may use was carried because its own object's users are in the payload. The
 * image tells whether there are others: whoever refers to the old one must be replaced as well.
 */
export const checkConstants: SerialPass<ResolvedPayload, ResolvedPayload> = {
  name: 'check-constants',
  reads: 'resolved-payload',
  makes: 'resolved-payload',
  run: (payload, ctx) => {
    const replaced = new Set(payload.replaced.map(({ name }) => name));
    for (const home of payload.context.objects) {
      for (const atom of home.patched.atoms) {
        const carried = home.status[atom.index] === AtomStatus.carried;
        if (carried && isVisible(home.patched, atom)) checkUsers(payload, home, atom, replaced, ctx);
      }
    }
    return payload;
  },
};

const SHOWN = 3;

function checkUsers(
  payload: ResolvedPayload,
  home: ChangedObject,
  atom: Atom,
  replaced: ReadonlySet<string>,
  ctx: PassContext,
): void {
  const { image } = payload.context;
  const counterpart = home.orig.atoms[home.correlation.toOrig[atom.index]];
  const old = (image.byName.get(atomNameInXen(home.object, counterpart)) ?? []).at(0);
  const symbol = old === undefined ? undefined : image.symbols[old];
  const users = symbol === undefined ? undefined : usersInImage(image, symbol.address, counterpart.size);
  const left = users?.filter((name) => !replaced.has(name) && !replaced.has(coldParent(name) ?? ''));
  if (left?.length === 0) return;
  const title = atomTitle(home.patched, atom);
  ctx.report(
    diagnostic('XS416', {
      message:
        left === undefined
          ? `the constant ${title} changed, and the image has no symbol of that name to find its users by`
          : `the constant ${title} changed, but ${left.slice(0, SHOWN).join(', ')}${left.length > SHOWN ? ` and ${left.length - SHOWN} more` : ''} would go on using the old one`,
      at: locateAtom(home.object, home.patched, atom),
      hint: 'give the new constant a name of its own, and change its users in the patch',
    }),
  );
}
