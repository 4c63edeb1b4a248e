/**
 * The plan as the library offers it: payloads are uploaded into a modelled hypervisor, where their functions have their
 * addresses and their relocations are done, and nothing is applied.
 */
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import { withoutControls } from '../diag/printable.js';
import { errnoName } from '../hypervisor/errno.js';
import { UnusableImage } from '../hypervisor/machine/map-image.js';
import type { LoaderProfile } from '../hypervisor/profiles.js';
import type { ProfileName } from '../hypervisor/profiles.js';
import type { NamedPayload, SplicedFunction } from '../model/payload-artifacts.js';
import type { HazardSubject } from '../atlas/subject.js';
import { chooseProfile } from '../validate/index.js';
import type { StackedPayload } from '../xen/stack.js';
import { chooseWays } from './choose.js';
import type { SpliceWish } from '../model/splice-wishes.js';
import { settleWays } from './settle-ways.js';
import { Host, namesOf } from '../validate/host.js';
import type { PayloadFile } from '../validate/validation.js';
import { finish } from '../run/steps.js';
import type { Steps } from '../run/steps.js';
import type { XenImage } from '../xen/image.js';
import { makePlan } from './make-plan.js';
import type { SplicePlan } from './plan.js';

/** What is built, with jumps for all functions, and how it is to be spliced. */
export interface BuiltQuestion {
  readonly image: XenImage;
  readonly stack: readonly StackedPayload[];
  readonly wishes: readonly SpliceWish[];
  readonly resolved: NamedPayload;
  /** What to call the payload in diagnostics. */
  readonly path: string;
  /** Those below, oldest first, and the one that is built. */
  readonly payloads: readonly PayloadFile[];
  readonly profile: ProfileName | undefined;
  readonly buildId: Uint8Array;
}

export interface BuiltAnswer {
  readonly plan: SplicePlan;
  /** What gets no jump. */
  readonly spliced: readonly SplicedFunction[];
}

/** Chooses a way for each function. Reports XS440, XS441, XS903, and what planSplices() does. */
export function* planBuilt(question: BuiltQuestion, report: Report): Steps<BuiltAnswer | undefined> {
  const { image, payloads, path, resolved, wishes } = question;
  const profile = chooseProfile(image, payloads.slice(-1), question.profile);
  const whole = yield* planInSteps(image, payloads, profile, report, question.buildId);
  if (whole === undefined) return undefined;
  const top = namesOf(payloads)[payloads.length - 1];
  const functions = whole.functions.filter(({ payload }) => payload === top);
  const below = changedBelow(question);
  const named = functions.map((one) => ({ ...one, payload: path }));
  const wanted = chooseWays({ wishes, profile, functions: named, below }, report);
  const names = resolved.replaced.map(({ name }) => name);
  const { ways, spliced } = settleWays(functions, names, wanted, wishes, report);
  const chosen = functions.map((one) => ({ ...one, way: ways.get(one.name) ?? 'trampoline' }));
  return { plan: { ...whole, functions: chosen }, spliced };
}

/** Functions of which the image does not show what runs, and the payload that changed them. */
function changedBelow({ stack, resolved }: BuiltQuestion): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, oldAddress } of resolved.replaced) {
    const first = stack.find(({ symbols, spliced }) => symbols.has(name) || spliced.has(name));
    if (first !== undefined) found.set(name, first.name);
    else if (oldAddress === undefined) found.set(name, 'a payload');
  }
  return found;
}

/** The plan of the topmost of loaded payloads, which has jumps for all of its functions. */
export function planOfTop(subject: HazardSubject): SplicePlan {
  const top = subject.stack.at(-1)?.name;
  const { functions, ...plan } = makePlan(subject);
  const way = 'trampoline';
  return {
    ...plan,
    functions: functions.filter(({ payload }) => payload === top).map((one) => ({ ...one, way })),
  };
}

/** Plans the functions of payloads, oldest first. Reports XS601, XS605 and XS607 for what cannot be loaded. */
export function planSplices(...asked: Parameters<typeof planInSteps>): SplicePlan | undefined {
  return finish(planInSteps(...asked));
}

/** The same, telling each step. */
export function* planInSteps(
  image: XenImage,
  payloads: readonly PayloadFile[],
  profile: LoaderProfile,
  report: Report,
  buildId?: Uint8Array,
): Steps<SplicePlan | undefined> {
  yield { kind: 'proof', step: 'boot', position: 1, of: 1 };
  let host: Host;
  try {
    host = new Host(image, { profile, cpus: 1, ...(buildId && { buildId }) });
  } catch (thrown) {
    if (!(thrown instanceof UnusableImage)) throw thrown;
    const message = `${image.name} cannot be put into memory: ${thrown.message}`;
    report(diagnostic('XS607', { message, at: { object: image.name } }));
    return undefined;
  }
  const names = namesOf(payloads);
  for (const [k, { path, bytes }] of payloads.entries()) {
    yield { kind: 'proof', step: 'upload', subject: names[k], position: k + 1, of: names.length };
    if (host.upload(names[k], bytes)) continue;
    const { death } = host;
    const { rc = 0, why } = host.steps.at(-1) ?? {};
    const message =
      death === undefined
        ? `upload ${names[k]}: ${errnoName(rc)} (${String(rc)})`
        : withoutControls(`the host dies during ${death.during}: ${death.reason}`);
    report(
      diagnostic(death === undefined ? 'XS601' : 'XS605', {
        message,
        at: { object: path },
        ...(why !== undefined && { notes: [withoutControls(why)] }),
      }),
    );
    return undefined;
  }
  yield { kind: 'proof', step: 'hazards', position: 1, of: 1 };
  return makePlan({ image, stack: host.loaded, memory: host.machine.memory, profile });
}
