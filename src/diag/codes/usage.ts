/** XS9xx: how the tool was called. */
import type { CodeEntry } from '../codes.js';

export const USAGE_CODES = {
  XS901: {
    severity: 'error',
    title: 'wrong command line',
    text: 'An option is unknown, lacks its value, or does not go with another. `xsplice-build help COMMAND` lists what there is, with examples. The exit code is 2.',
  },
  XS902: {
    severity: 'error',
    title: 'no function of that name',
    text: 'A function that --explain names is in none of the objects that were compared; the notes list names that are near. A function that the compiler cloned or cut goes by another name (`f.constprop.0`, `f.part.0`), one that it inlined everywhere is not there at all. A local function of one of several files is named as `file.c#f`. When a source tree is built, only the objects that the patch touches are compared. The exit code is 2.',
  },
} as const satisfies Record<string, CodeEntry>;
