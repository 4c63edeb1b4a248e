/**
 * All diagnostic codes, with the severity and the long text that `xsplice-build explain CODE` prints.
 * XS1xx reading, 2xx correlating, 3xx diffing, 4xx resolving and relocating, 5xx laying out and writing,
 * 6xx validating, 7xx user passes, 8xx source and build, 9xx usage. A code is never used again for
 * another meaning. `make tidy` demands that each is emitted somewhere and shown by a golden case.
 */
import { READ_CODES } from './codes/read.js';
import { DIFF_CODES } from './codes/diff.js';
import { HAZARD_CODES } from './codes/hazards.js';
import { RELEASE_CODES } from './codes/release.js';
import { RESOLVE_CODES } from './codes/resolve.js';
import { SOURCE_CODES } from './codes/source.js';
import { USAGE_CODES } from './codes/usage.js';
import { USER_CODES } from './codes/user.js';
import { VERDICT_CODES } from './codes/verdict.js';

export interface CodeEntry {
  readonly severity: 'error' | 'warning' | 'note';
  readonly title: string;
  /** Several sentences: what it means, why it matters, what to do. */
  readonly text: string;
}

export const DIAGNOSTIC_CODES = {
  ...READ_CODES,
  ...DIFF_CODES,
  ...RESOLVE_CODES,
  ...RELEASE_CODES,
  ...HAZARD_CODES,
  ...USER_CODES,
  ...SOURCE_CODES,
  ...VERDICT_CODES,
  ...USAGE_CODES,
};

/** XS and three digits; `xsplice-build explain CODE` tells what each means. Never used again for another meaning. */
export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;
