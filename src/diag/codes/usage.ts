/** XS9xx: how the tool was called. */
import type { CodeEntry } from '../codes.js';

export const USAGE_CODES = {
  XS901: {
    severity: 'error',
    title: 'wrong command line',
    text: 'An option is unknown, lacks its value, or does not go with another. `xsplice-build help COMMAND` lists what there is, with examples. The exit code is 2.',
  },
} as const satisfies Record<string, CodeEntry>;
