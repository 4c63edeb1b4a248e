/** What a payload is linked against, read once: the image and the payloads below, and what the user wishes of it. */
import type { Report } from './diag/diagnostic.js';
import type { PayloadSettings } from './index.js';
import type { PayloadRequest } from './model/payload-artifacts.js';
import { readFileOrReport } from './read-file.js';
import { readXenImage } from './xen/image.js';
import type { XenImage } from './xen/image.js';
import { checkStackOrder } from './xen/stack-order.js';
import { readStackedPayload } from './xen/stack.js';
import type { StackedPayload } from './xen/stack.js';
import { ABIS } from './xen/versions.js';

export interface Prepared extends Omit<PayloadRequest, 'kind' | 'diffs'> {
  /** The payloads whose place this one takes; `stack` is empty then. */
  readonly replaces: readonly StackedPayload[];
}

/** Reads image and payloads below. Reports XS1xx, XS404, XS411 and its like, and then returns undefined. */
export function readInputs(settings: PayloadSettings, report: Report): Prepared | undefined {
  const image = readThrough(settings.image, report, readXenImage);
  const stack = (settings.onTopOf ?? []).map((path) => readThrough(path, report, readStackedPayload));
  const whole = stack.filter((payload) => payload !== undefined);
  if (image === undefined || whole.length < stack.length) return undefined;
  const xenDepends = buildIdOf(settings.xenDepends, image.buildId);
  const {
    prelink = false,
    replace = false,
    modinfo = [],
    baseProof: proveBase = true,
    expect = false,
  } = settings;
  // Whoever takes the place of all others goes on top of the hypervisor, and uses nothing of theirs.
  const top = replace ? undefined : whole.at(-1);
  const depends = buildIdOf(settings.depends, top?.buildId ?? xenDepends);
  const expectation = { image, hypervisor: xenDepends, ...(top !== undefined && { depends }) };
  if (!checkStackOrder(whole, expectation, report)) return undefined;
  const abi = ABIS[settings.abi ?? 'livepatch-v2'];
  const wishes = { abi, depends, xenDepends, prelink, replace, modinfo, proveBase, expect };
  return { image, stack: replace ? [] : whole, replaces: replace ? whole : [], wishes };
}

/** A build-id as bytes; replaced payloads and hypervisors alike may have any length. */
function buildIdOf(given: string | undefined, otherwise: Uint8Array): Uint8Array {
  return given === undefined ? otherwise : new Uint8Array(Buffer.from(given, 'hex'));
}

export function readThrough<T extends XenImage | StackedPayload>(
  path: string,
  report: Report,
  read: (name: string, bytes: Uint8Array, report: Report) => T | undefined,
): T | undefined {
  const bytes = readFileOrReport(path, report);
  return bytes && read(path, bytes, report);
}
