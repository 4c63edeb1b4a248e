/** Names of the rules that loaders go by; what they are stands in src/hypervisor/profiles.ts, which not everybody loads. */

/** A set of rules of a loader: a release of Xen from which they hold, or the first design's `xsplice-v1`. Source: xen/common/livepatch.c of the release. */
export type ProfileName = 'xsplice-v1' | '4.7' | '4.14' | '4.17' | '4.19' | '4.20' | '4.21';

export const PROFILE_NAMES = [
  'xsplice-v1',
  '4.7',
  '4.14',
  '4.17',
  '4.19',
  '4.20',
  '4.21',
] as const satisfies readonly ProfileName[];
