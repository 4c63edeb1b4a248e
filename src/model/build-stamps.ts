/**
 * Strings that say when, where and by whom something was built: two builds of one source differ in them. Xen keeps
 * its own in xen/common/version.c, one function a stamp; others come from __DATE__ and __TIME__, alone or in a sentence.
 *
 * Apart from the stamps both strings must be equal, so that a text which a patch changes is not taken for one.
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

/** More of them, in which a build differs from another of the same source: compiler, maintainer, version. */
const VERSION_FUNCTIONS: ReadonlySet<string> = new Set([
  'xen_compiler',
  'xen_extra_version',
  'xen_banner',
  // Debian's.
  'xen_compile_system_maintainer_local',
  'xen_compile_system_maintainer_domain',
  'xen_compile_system_version',
]);

/** Whether a function of Xen does nothing but tell of its build. */
export function tellsOfBuild(name: string): boolean {
  return STAMP_FUNCTIONS.has(name) || VERSION_FUNCTIONS.has(name);
}

const MONTH = '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const DAY = '(Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const TIME = '[0-2]\\d:[0-5]\\d:[0-6]\\d';

/** date(1) in the C locale; C17 6.10.8.1: __DATE__ is "Mmm dd yyyy", __TIME__ is "hh:mm:ss". */
const STAMPS = new RegExp(
  `\\b(${DAY} ${MONTH} [ 0-3]\\d ${TIME} [A-Z]{1,5} \\d{4}|${MONTH} [ 0-3]\\d \\d{4}|${TIME})\\b`,
  'g',
);

const LONGEST = 1024;

/** Whether two zero-terminated strings to which a function refers are the same stamp of two builds. */
export function sameStamp(user: string, orig: Uint8Array, patched: Uint8Array): boolean {
  if (STAMP_FUNCTIONS.has(user)) return true;
  if (orig.length > LONGEST || patched.length > LONGEST) return false;
  const blank = (bytes: Uint8Array): string => asBuffer(bytes).toString('latin1').replace(STAMPS, '\x01');
  const before = blank(orig);
  return before.includes('\x01') && before === blank(patched);
}
