/**
 * Which release a hypervisor is, and so which rules its loader has: its own functions xen_major_version() and
 * xen_minor_version() say so, each of which returns a number (xen/common/version.c).
 */
import type { LoaderProfile, ProfileName } from './profiles.js';
import { PROFILES } from './profiles.js';
import { imageBytes } from '../xen/image.js';
import type { XenImage } from '../xen/image.js';

export interface XenRelease {
  readonly major: number;
  readonly minor: number;
}

/** The release of an image; undefined for one that does not say. */
export function releaseOf(image: XenImage): XenRelease | undefined {
  const major = returnedNumber(image, 'xen_major_version');
  const minor = returnedNumber(image, 'xen_minor_version');
  return major === undefined || minor === undefined ? undefined : { major, minor };
}

/** The first release that each profile is for, newest first. */
const SINCE: readonly (readonly [minor: number, profile: ProfileName])[] = [
  [21, '4.21'],
  [20, '4.20'],
  [19, '4.19'],
  [17, '4.17'],
  [14, '4.14'],
  [7, '4.7'],
];

/** The profile of a release; of one that had no live patching yet, the oldest. */
export function profileOf({ major, minor }: XenRelease): LoaderProfile {
  if (major > 4) return PROFILES['4.21'];
  const found = SINCE.find(([since]) => minor >= since);
  return PROFILES[found?.[1] ?? '4.7'];
}

/** The profile of an image; undefined for one that does not say its release. */
export function imageProfileOf(image: XenImage): LoaderProfile | undefined {
  const release = releaseOf(image);
  return release && profileOf(release);
}

/** `[endbr64] mov $n,%eax`: SDM vol. 2, MOV, opcode b8. */
function returnedNumber(image: XenImage, name: string): number | undefined {
  const symbol = image.byName.get(name)?.at(0);
  if (symbol === undefined) return undefined;
  const bytes = imageBytes(image, image.symbols[symbol].address, 9);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = view.getUint32(0, false) === 0xf30f1efa ? 4 : 0;
  return view.getUint8(at) === 0xb8 ? view.getUint32(at + 1, true) : undefined;
}
