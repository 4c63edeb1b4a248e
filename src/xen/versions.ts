/**
 * What differs between the hypervisors a payload can be made for: section names, record formats, entry sizes.
 * Source: xen/include/public/sysctl.h, xen/arch/x86/include/asm/{bug,alternative}.h of the releases named.
 */
import { XEN_REPORTERS } from './reporting-functions.js';
import type { Reporter } from './reporting-functions.js';

/** How a payload describes the functions it replaces. */
export type AbiName = 'livepatch-v2' | 'livepatch-v1' | 'xsplice-v1';

export interface PayloadAbi {
  readonly name: AbiName;
  /** `livepatch` since Xen 4.7's release, `xsplice` in the first design. */
  readonly sectionPrefix: '.livepatch' | '.xsplice';
  /** `version` field of a function record. */
  readonly recordVersion: 1 | 2;
  /** Bytes of a function record: 64 up to 4.13, 104 since 4.14. */
  readonly recordSize: 64 | 104;
  /** `.xen_depends` is demanded since 4.14. */
  readonly xenDepends: boolean;
}

export interface TargetProfile {
  /** `xen` knows Xen's special sections; `generic` takes every section for ordinary. */
  readonly name: 'xen' | 'generic';
  /** sizeof(struct alt_instr): 12 in 4.7 to 4.10, 14 since 4.11. */
  readonly altInstrSize: 12 | 14;
  /** Bytes of one frame in .bug_frames.0 to .3 (run_fn, warn, bug, assert). */
  readonly bugFrameSizes: readonly [number, number, number, number];
  readonly exTableSize: 8;
  /** Functions that are told the number of the source line they are called from. */
  readonly reporters: readonly Reporter[];
}

export const XEN_TARGET: TargetProfile = {
  name: 'xen',
  altInstrSize: 14,
  bugFrameSizes: [8, 8, 8, 16],
  exTableSize: 8,
  reporters: XEN_REPORTERS,
};

export const GENERIC_TARGET: TargetProfile = { ...XEN_TARGET, name: 'generic', reporters: [] };

export const TARGETS: Readonly<Record<TargetProfile['name'], TargetProfile>> = {
  xen: XEN_TARGET,
  generic: GENERIC_TARGET,
};

export const ABIS: Readonly<Record<AbiName, PayloadAbi>> = {
  'livepatch-v2': {
    name: 'livepatch-v2',
    sectionPrefix: '.livepatch',
    recordVersion: 2,
    recordSize: 104,
    xenDepends: true,
  },
  'livepatch-v1': {
    name: 'livepatch-v1',
    sectionPrefix: '.livepatch',
    recordVersion: 1,
    recordSize: 64,
    xenDepends: false,
  },
  'xsplice-v1': {
    name: 'xsplice-v1',
    sectionPrefix: '.xsplice',
    recordVersion: 1,
    recordSize: 64,
    xenDepends: false,
  },
};
