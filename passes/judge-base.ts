/** Reads: object-proofs. Makes: base-proof. Assumes: every object has been looked at. Reports: nothing. */
import type { SerialPass } from '../src/engine/pass.js';
import type { BaseProof, ObjectProof, ObjectProofs } from '../src/model/base-artifacts.js';
import { countFunctions } from '../src/model/base-artifacts.js';
import { causesOf } from '../src/model/base-causes.js';

/** Puts what came of the objects together: what is not linked at all, how much differs, and what the cause may be. */
export const judgeBase: SerialPass<ObjectProofs, BaseProof> = {
  name: 'judge-base',
  reads: 'object-proofs',
  makes: 'base-proof',
  run: ({ image, objects }) => {
    const proven = new Set(objects.flatMap((object) => object.proven));
    const left = objects.filter((object) => isLeftOut(object, proven));
    const linked = objects.filter((object) => !left.includes(object));
    const sum = linked.reduce((so, object) => so + object.proven.length, 0);
    return {
      kind: 'base-proof',
      image: image.name,
      objects: linked,
      notLinked: left.map(({ object }) => object),
      causes: causesOf(image, linked),
      counts: countFunctions(
        sum,
        linked.flatMap(({ unproven }) => unproven),
      ),
    };
  },
};

/**
 * Whether a member of an archive is not in the image: a linker takes one only if something needs it that nothing else
 * defines. Then none of its functions is there, or just under the name of another object's.
 */
function isLeftOut({ member, proven, unproven }: ObjectProof, elsewhere: ReadonlySet<string>): boolean {
  if (!member || proven.length > 0 || unproven.length === 0) return false;
  return unproven.every(({ kind, name }) => kind === 'missing' || elsewhere.has(name));
}
