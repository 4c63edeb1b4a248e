/**
 * Reads format strings as Xen's vsnprintf does (xen/common/vsprintf.c): which arguments they take, and which of
 * those they introduce as the number of a source line.
 */

/** One argument that a format takes. */
export interface Conversion {
  /** The text between the conversion before it and this one. */
  readonly before: string;
  /** As it is written, from the percent sign to the letter; `*` for an argument that is a width or a precision. */
  readonly text: string;
}

/** %, flags, width, precision, length, letter. */
const CONVERSION = /%([-+ #0]*)(\*|\d+)?(\.(?:\*|\d*))?(?:hh|h|ll|[lLqzZt])?([a-zA-Z])/y;

/** Letters that take one integer or pointer. Floating point, %n and what else there is do not exist in Xen. */
const LETTERS = 'cspoXxdiu';

/** The arguments that a format takes, in order, or undefined when it holds what is not understood. */
export function readFormat(format: string): Conversion[] | undefined {
  const found: Conversion[] = [];
  let before = '';
  for (let at = 0; at < format.length;) {
    if (format[at] !== '%') {
      before += format[at];
      at += 1;
      continue;
    }
    if (format[at + 1] === '%') {
      before += '%';
      at += 2;
      continue;
    }
    CONVERSION.lastIndex = at;
    const match = CONVERSION.exec(format);
    if (match === null || !LETTERS.includes(match[4])) return undefined;
    for (const part of [match.at(2), match.at(3)]) {
      if (part?.includes('*') !== true) continue;
      found.push({ before, text: '*' });
      before = '';
    }
    found.push({ before, text: match[0] });
    before = '';
    // What follows %p (d, v, s, ph, …) takes nothing, so that it may as well be read as text.
    at += match[0].length;
  }
  return found;
}

/**
 * How a format says that an argument is a line: after the string that is the file's name, in a phrase of Xen's own
 * that is only used for __LINE__, or just after the word.
 */
export type LineWording = 'file' | 'phrase' | 'word';

/** What invoke_stub() notes for the failure of a stub. Source: xen/arch/x86/x86_emulate/x86_emulate.c. */
const PHRASES: readonly RegExp[] = [/\) in emulation stub \(line $/];

/** Whether and how the format introduces argument `position` as a line. */
export function lineWording(conversions: readonly Conversion[], position: number): LineWording | undefined {
  const conversion = conversions.at(position);
  if (conversion === undefined || !/^%0?\d*[diu]$/.test(conversion.text)) return undefined;
  if (PHRASES.some((phrase) => phrase.test(conversion.before))) return 'phrase';
  if (/\bline $/.test(conversion.before)) return 'word';
  const named = position > 0 && conversions[position - 1].text === '%s' && conversion.before === ':';
  return named ? 'file' : undefined;
}

/** Whether a string is what __FILE__ gives for a source of code. */
export function isSourceName(text: string): boolean {
  return /^[\w./+-]+\.[chS]$/.test(text);
}
