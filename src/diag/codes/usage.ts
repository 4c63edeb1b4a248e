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
  XS903: {
    severity: 'error',
    title: 'function to splice is not replaced',
    text: 'With --splice FUNC=WAY the way is chosen for one function. No function of that name is among those that the payload replaces: it did not change, or the hypervisor knows it by another name (`file.c#f` for a local function). Nothing is written, because a wish that is passed over would be a payload that does something else than was asked for. The exit code is 2 when nothing else is wrong.',
  },
} as const satisfies Record<string, CodeEntry>;
