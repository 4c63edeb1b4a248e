/**
 * What the search for hazards looks at: a hypervisor and the payloads that were loaded into it, before any of it
 * runs. Nothing is written; the code of the hypervisor is read from its image, so that it makes no difference
 * whether payloads are applied.
 */
import type { Memory } from '../emulator/memory.js';
import type { LoadedPayload } from '../hypervisor/payload.js';
import type { LoaderProfile } from '../hypervisor/profiles.js';
import type { XenImage } from '../xen/image.js';

export interface HazardSubject {
  readonly image: XenImage;
  /** Oldest first: each goes on top of those before it. */
  readonly stack: readonly LoadedPayload[];
  /** Holds the payloads, as relocated. */
  readonly memory: Memory;
  readonly profile: LoaderProfile;
}
