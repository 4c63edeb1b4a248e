/** Reads: resolved-payload. Makes: resolved-payload. Assumes: every replaced function is bound. Reports: XS430, XS432. */
import type { PassContext, SerialPass } from '../src/engine/pass.js';
import { diagnostic } from '../src/diag/diagnostic.js';
import type { ObjectProof } from '../src/model/base-artifacts.js';
import { causesOf } from '../src/model/base-causes.js';
import { baseFrame } from '../src/model/base-frame.js';
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
    const differing = judged.functions.filter(({ verdict }) => verdict.verdict === 'differs');
    differing.slice(0, MOST_SHOWN).forEach((one, k) => reportDifference(judged, one, k === 0, ctx));
    if (differing.length > MOST_SHOWN) reportRest(judged, differing.slice(MOST_SHOWN), ctx);
    // That a payload below has replaced one was asked for.
    for (const one of judged.functions) if (one.verdict.kind === 'unchecked') reportUnchecked(one, ctx);
    return { ...payload, base: judged.functions.map(summaryOf) };
  },
};

/** Functions that are shown one by one. */
const MOST_SHOWN = 3;

function summaryOf({ role, verdict }: JudgedFunction): BaseFunction {
  return { name: verdict.name, role, verdict: verdict.verdict, reason: verdict.reasons.join('; ') };
}

const HINT =
  'build from exactly the source, .config and compiler of the running hypervisor; check-base compares the whole tree';

function reportDifference(
  judged: JudgedPayload,
  one: JudgedFunction,
  first: boolean,
  ctx: PassContext,
): void {
  const { home, atom, role, verdict } = one;
  const excerpt = explainBase(home.orig, atom, judged.image, verdict);
  const frame = excerpt === undefined ? [] : baseFrame(excerpt);
  const [reason] = verdict.reasons;
  ctx.report(
    diagnostic('XS430', {
      message: `${verdict.name}, which is ${role}, is not that of ${judged.image.name}: ${reason}`,
      at: locateAtom(home.object, home.orig, atom, verdict.at),
      ...(frame.length > 0 && { frame: ['- as built from the source, + as it runs', ...frame] }),
      notes: first ? likelyCauses(judged) : [],
      hint: HINT,
    }),
  );
}

function reportRest({ image }: JudgedPayload, rest: readonly JudgedFunction[], ctx: PassContext): void {
  ctx.report(
    diagnostic('XS430', {
      message: `${rest.length} more functions are not those of ${image.name}: ${rest.map(({ verdict }) => verdict.name).join(', ')}`,
      at: { object: image.name },
      hint: HINT,
    }),
  );
}

function reportUnchecked({ home, atom, role, verdict }: JudgedFunction, ctx: PassContext): void {
  ctx.report(
    diagnostic('XS432', {
      message: `${verdict.name}, which is ${role}, could not be proven to be what runs: ${verdict.reasons[0]}`,
      at: locateAtom(home.object, home.orig, atom),
      hint: 'compare it yourself, or see what `check-base` says of the whole tree',
    }),
  );
}

/** Why, as far as the objects at hand can tell. */
function likelyCauses({ image, functions }: JudgedPayload): string[] {
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
  return causesOf(image, objects).map(
    ({ text, certain }) => `${certain ? 'cause' : 'likely cause'}: ${text}`,
  );
}
