/** Reads: object-proofs. Makes: relied-proof. Assumes: every object has been looked at. Reports: XS430, XS432. */
import type { PassContext, SerialPass } from '../src/engine/pass.js';
import {
  differenceDiagnostics,
  nowhereDiagnostic,
  uncheckedDiagnostic,
} from '../src/model/base-diagnostics.js';
import type { ToldFunction } from '../src/model/base-diagnostics.js';
import type { ObjectProofs, ReliedProof, UnprovenFunction } from '../src/model/base-artifacts.js';
import { causesOf } from '../src/model/base-causes.js';
import type { BaseFunction } from '../src/model/payload-artifacts.js';

/**
 * Says of each function that a payload relies on what came of it. Two objects may define the same name (a static
 * function of a header that is included twice under one file name): the image has it from one of them, so the best
 * of what was found counts.
 */
export const judgeRelied: SerialPass<ObjectProofs, ReliedProof> = {
  name: 'judge-relied',
  reads: 'object-proofs',
  makes: 'relied-proof',
  run: (proofs, ctx) => {
    const proven = new Set(proofs.objects.flatMap((object) => object.proven));
    const unproven = new Map<string, UnprovenFunction>();
    for (const one of proofs.objects.flatMap((object) => object.unproven)) {
      const known = unproven.get(one.name);
      if (known === undefined || WORSE[one.verdict] < WORSE[known.verdict]) unproven.set(one.name, one);
    }
    for (const name of proven) unproven.delete(name);
    report(proofs, [...unproven.values()], ctx);
    const wanted = proofs.question.wanted ?? [];
    const parts = [...proven, ...unproven.keys()].filter((name) => !wanted.includes(name)).sort();
    return {
      kind: 'relied-proof',
      functions: [...wanted, ...parts].map((name): BaseFunction => {
        const found = unproven.get(name);
        if (proven.has(name)) return { name, role: 'relied on', verdict: 'proven', reason: '' };
        if (found === undefined) return { name, role: 'relied on', verdict: 'unchecked', reason: NOWHERE };
        return { name, role: 'relied on', verdict: found.verdict, reason: found.reasons.join('; ') };
      }),
    };
  },
};

const WORSE: Readonly<Record<UnprovenFunction['verdict'], number>> = {
  proven: 0,
  stamped: 1,
  unchecked: 2,
  differs: 3,
};

const NOWHERE = 'no object at hand defines it';

function report(
  { image, objects, question }: ObjectProofs,
  found: readonly UnprovenFunction[],
  ctx: PassContext,
): void {
  const role = 'relied on';
  const told = found.map((one): ToldFunction => {
    return {
      ...one,
      role,
      at: { object: one.object, symbol: one.name },
      excerpt: () => one.excerpt ?? undefined,
    };
  });
  // Objects without anything that was asked for tell nothing about the build.
  const asked = objects.filter(({ proven, unproven }) => proven.length + unproven.length > 0);
  differenceDiagnostics(image.name, told, () => causesOf(image, asked)).forEach(ctx.report);
  const known = new Set([...asked.flatMap(({ proven }) => proven), ...found.map(({ name }) => name)]);
  const nowhere = (question.wanted ?? []).filter((name) => !known.has(name));
  const unchecked = told.filter(({ verdict }) => verdict === 'unchecked');
  for (const one of unchecked) ctx.report(uncheckedDiagnostic(one));
  if (question.whole && nowhere.length > 0) ctx.report(nowhereDiagnostic(image.name, nowhere));
}
