/** Reads: resolved-payload. Makes: resolved-payload. Assumes: every replaced function is bound. Reports: XS430, XS432. */
import type { SerialPass } from '../src/engine/pass.js';
import type { BaseCause, ObjectProof } from '../src/model/base-artifacts.js';
import { causesOf } from '../src/model/base-causes.js';
import { differenceDiagnostics, uncheckedDiagnostic } from '../src/model/base-diagnostics.js';
import type { ToldFunction } from '../src/model/base-diagnostics.js';
import { explainBase } from '../src/model/explain-base.js';
import { locateAtom } from '../src/model/object-model.js';
import { judgePayload } from '../src/model/payload-base.js';
import type { JudgedFunction, JudgedPayload } from '../src/model/payload-base.js';
import type { BaseFunction, ResolvedPayload } from '../src/model/payload-artifacts.js';
import { compilersOf } from '../src/xen/linked-image.js';

/**
 * Proves that the source is that of the running hypervisor, where it matters: what is replaced, and what new code
 * calls, must stand in the image byte for byte. Otherwise the payload rests on a function that does not exist.
 */
export const proveBase: SerialPass<ResolvedPayload, ResolvedPayload> = {
  name: 'prove-base',
  reads: 'resolved-payload',
  makes: 'resolved-payload',
  run: (payload, ctx) => {
    if (payload.context.wishes.proveBase !== true) return payload;
    const judged = judgePayload(payload);
    const told = judged.functions.map(teller(judged));
    differenceDiagnostics(judged.image.name, told, () => causesIn(judged)).forEach(ctx.report);
    // That a payload below has replaced one was asked for.
    for (const one of told) if (one.kind === 'unchecked') ctx.report(uncheckedDiagnostic(one));
    return { ...payload, base: judged.functions.map(summaryOf) };
  },
};

function summaryOf({ role, verdict }: JudgedFunction): BaseFunction {
  return { name: verdict.name, role, verdict: verdict.verdict, reason: verdict.reasons.join('; ') };
}

function teller({ image }: JudgedPayload): (one: JudgedFunction) => ToldFunction {
  return ({ home, atom, role, verdict }) => ({
    ...verdict,
    role,
    at: locateAtom(home.object, home.orig, atom, verdict.verdict === 'differs' ? verdict.at : 0),
    excerpt: () => explainBase(home.orig, atom, image, verdict),
  });
}

/** Why, as far as the objects at hand can tell. */
function causesIn({ image, functions }: JudgedPayload): readonly BaseCause[] {
  const homes = [...new Set(functions.map(({ home }) => home))];
  const objects = homes.map((home): ObjectProof => {
    const own = functions.filter((one) => one.home === home).map(({ verdict }) => verdict);
    const { sections } = home.orig.file;
    return {
      object: home.object,
      member: false,
      proven: own.filter(({ verdict }) => verdict === 'proven').map(({ name }) => name),
      unproven: own
        .filter(({ verdict }) => verdict !== 'proven')
        .map((verdict) => ({ ...verdict, object: home.object, excerpt: null })),
      compilers: compilersOf(home.orig.file),
      asserts: sections.some(({ name, sh_size }) => name === '.bug_frames.3' && sh_size > 0),
      diagnostics: [],
    };
  });
  return causesOf(image, objects);
}
