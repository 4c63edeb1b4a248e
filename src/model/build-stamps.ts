/**
 * Strings that say when, where and by whom something was built: two builds of one source differ in them. Xen keeps
 * its own in xen/common/version.c, one function a stamp; others come from __DATE__ and __TIME__.
 *
 * Both sides must have the form of the same stamp, so that a text which a patch changes is not taken for one.
 */
import { asBuffer } from '../elf/read.js';

/** Functions of Xen that return a stamp; source: xen/common/version.c, 4.7 to 4.20. */
const STAMP_FUNCTIONS: ReadonlySet<string> = new Set([
  'xen_compile_date',
  'xen_compile_time',
  'xen_compile_by',
  'xen_compile_domain',
  'xen_compile_host',
  'xen_changeset',
]);

const MONTH = '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const TIME = '[0-2]\\d:[0-5]\\d:[0-6]\\d';

const FORMS: readonly RegExp[] = [
  // C17 6.10.8.1: __DATE__ is "Mmm dd yyyy", __TIME__ is "hh:mm:ss".
  new RegExp(`^${MONTH} [ 0-3]\\d \\d{4}$`),
  new RegExp(`^${TIME}$`),
  // date(1) in the C locale.
  new RegExp(`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} [ 0-3]\\d ${TIME} [A-Z]{1,5} \\d{4}$`),
];

const LONGEST = 64;

/** Whether two zero-terminated strings to which a function refers are the same stamp of two builds. */
export function sameStamp(user: string, orig: Uint8Array, patched: Uint8Array): boolean {
  if (STAMP_FUNCTIONS.has(user)) return true;
  if (orig.length > LONGEST || patched.length > LONGEST) return false;
  const x = asBuffer(orig).toString('latin1', 0, orig.length - 1);
  const y = asBuffer(patched).toString('latin1', 0, patched.length - 1);
  return FORMS.some((form) => form.test(x) && form.test(y));
}
