/**
 * Functions to which Xen hands the number of the source line, so that it is reported: by their name, and by which
 * argument it is, always or when the format says so. Arguments are counted from 1.
 *
 * Sources: xen/include/xen/{lib,sched}.h (printk, guest_printk, panic, debugtrace_printk; domain_crash, dprintk,
 * gdprintk), xen/include/acpi/{acmacros,acutils}.h (AE_INFO).
 */

export type Reporter =
  | {
      /** Its symbol. */
      readonly name: string;
      /** The argument that is a line, counted from 1. */
      readonly line: number;
    }
  | {
      /** Its symbol. */
      readonly name: string;
      /** The argument, counted from 1, that is a format in the manner of printf; those that it takes follow it. */
      readonly format: number;
    };

export const XEN_REPORTERS: readonly Reporter[] = [
  { name: 'printk', format: 1 },
  { name: 'guest_printk', format: 2 },
  { name: 'panic', format: 1 },
  { name: 'debugtrace_printk', format: 1 },
  { name: 'acpi_ut_error', line: 2 },
  { name: 'acpi_ut_warning', line: 2 },
  { name: 'acpi_ut_info', line: 2 },
];

/** Reads `NAME:line=N` or `NAME:format=N`; undefined when the text is neither. */
export function parseReporter(text: string): Reporter | undefined {
  const found = /^([A-Za-z_.$][\w.$]*):(line|format)=([1-9]\d?)$/.exec(text);
  if (found === null) return undefined;
  const [, name, what, argument] = found;
  return what === 'line' ? { name, line: Number(argument) } : { name, format: Number(argument) };
}

/** The text that parseReporter reads back. */
export function spellReporter(reporter: Reporter): string {
  return 'line' in reporter
    ? `${reporter.name}:line=${String(reporter.line)}`
    : `${reporter.name}:format=${String(reporter.format)}`;
}

/** Where a branch by this name leads, when it is not to a function; compilers return and jump through these. */
export function thunkKind(name: string): 'return' | 'indirect' | undefined {
  if (name === '__x86_return_thunk') return 'return';
  return /^__x86_indirect_thunk(_|$)/.test(name) ? 'indirect' : undefined;
}
