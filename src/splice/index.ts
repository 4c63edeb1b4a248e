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
import { Host, namesOf } from '../validate/host.js';
import type { PayloadFile } from '../validate/validation.js';
import type { XenImage } from '../xen/image.js';
import { makePlan } from './make-plan.js';
import type { SplicePlan } from './plan.js';

/** Plans the functions of payloads, oldest first. Reports XS601, XS605 and XS607 for what cannot be loaded. */
export function planSplices(
  image: XenImage,
  payloads: readonly PayloadFile[],
  profile: LoaderProfile,
  report: Report,
): SplicePlan | undefined {
  let host: Host;
  try {
    host = new Host(image, { profile, cpus: 1 });
  } catch (thrown) {
    if (!(thrown instanceof UnusableImage)) throw thrown;
    const message = `${image.name} cannot be put into memory: ${thrown.message}`;
    report(diagnostic('XS607', { message, at: { object: image.name } }));
    return undefined;
  }
  const names = namesOf(payloads);
  for (const [k, { path, bytes }] of payloads.entries()) {
    if (host.upload(names[k], bytes)) continue;
    const { death } = host;
    const rc = host.steps.at(-1)?.rc ?? 0;
    const message =
      death === undefined
        ? `upload ${names[k]}: ${errnoName(rc)} (${String(rc)})`
        : withoutControls(`the host dies during ${death.during}: ${death.reason}`);
    report(diagnostic(death === undefined ? 'XS601' : 'XS605', { message, at: { object: path } }));
    return undefined;
  }
  return makePlan({ image, stack: host.loaded, memory: host.machine.memory, profile });
}
