/** Reads: named-payload. Makes: named-payload. Assumes: every replaced function is bound. Reports: XS433, XS434. */
import type { PassContext, SerialPass } from '../src/engine/pass.js';
import { diagnostic } from '../src/diag/diagnostic.js';
import { locateAtom } from '../src/model/object-model.js';
import type { NamedPayload, ReplacedFunction } from '../src/model/payload-artifacts.js';
import { bootChanges } from '../src/xen/boot-changes.js';
import type { Range } from '../src/xen/boot-changes.js';
import { LONGEST_EXPECTATION } from '../src/xen/function-records.js';
import { bytesAt, linkedImage, placeOf } from '../src/xen/linked-image.js';

/**
 * Notes of each replaced function how it begins in the running hypervisor, so that the loader refuses when something
 * else stands there. Only bytes that booting leaves alone can be expected, and none of a function over which a payload
 * below has written its jump.
 */
export const expectOldBytes: SerialPass<NamedPayload, NamedPayload> = {
  name: 'expect-old-bytes',
  reads: 'named-payload',
  makes: 'named-payload',
  run: (payload, ctx) => {
    const { wishes, image, stack } = payload.context;
    if (wishes.expect !== true) return payload;
    if (wishes.abi.recordVersion < 2) {
      ctx.report(
        diagnostic('XS433', {
          message: `payloads of the form ${wishes.abi.name} cannot say what the old functions are`,
          hint: 'leave --expect out, or make a payload for Xen 4.14 or later (--abi livepatch-v2)',
        }),
      );
      return payload;
    }
    const linked = linkedImage(image);
    const changes = bootChanges(linked, ctx.target);
    const replaced = payload.replaced.map((one): ReplacedFunction => {
      const below = stack.find(({ symbols }) => symbols.has(one.name));
      const place = one.oldAddress === undefined ? -1 : placeOf(linked.origin, one.oldAddress);
      const length =
        place < 0 ? 0 : untouched(place, Math.min(LONGEST_EXPECTATION, one.oldSize), changes, payload, one);
      const expectation = length > 0 && below === undefined ? bytesAt(linked, place, length) : undefined;
      if (expectation === undefined) reportNone(payload, one, below?.name, ctx);
      return expectation === undefined ? one : { ...one, expectation: Uint8Array.from(expectation) };
    });
    return { ...payload, replaced };
  },
};

/** Bytes from the start of a function that nothing changes at boot, by the tables of the image and of the object. */
function untouched(
  place: number,
  most: number,
  changes: readonly Range[],
  payload: NamedPayload,
  { included }: ReplacedFunction,
): number {
  const home = payload.context.objects[payload.atoms[included].object];
  const original = home.correlation.toOrig[payload.atoms[included].atom];
  const own = original < 0 ? [] : home.orig.entries[original];
  const described = own.flatMap((entry) => {
    const { role } = home.orig.atoms[entry];
    if (role !== 'altinstructions' && role !== 'alt-call-sites') return [];
    return home.orig.refs[entry].filter((ref) => ref.at === 0).map((ref) => ref.value);
  });
  const starts = changes
    .filter(({ start, end }) => end > place && start < place + most)
    .map(({ start }) => start - place);
  return Math.max(0, Math.min(most, ...starts, ...described));
}

function reportNone(
  payload: NamedPayload,
  one: ReplacedFunction,
  below: string | undefined,
  ctx: PassContext,
): void {
  const { object, atom } = payload.atoms[one.included];
  const home = payload.context.objects[object];
  const why =
    below === undefined
      ? 'its first instruction is changed when the hypervisor boots'
      : `${below} has replaced it`;
  ctx.report(
    diagnostic('XS434', {
      message: `nothing is expected of ${one.name}: ${why}`,
      at: locateAtom(home.object, home.patched, home.patched.atoms[atom]),
    }),
  );
}
