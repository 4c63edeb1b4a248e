/**
 * HTML that cannot be broken by what is put into it: text becomes markup in one place, and that place escapes. Names
 * come from objects and patches, which anybody may have made: control characters and those that turn the direction of
 * writing are shown by their numbers.
 */

/** Markup; made by `html` only. */
export interface Markup {
  readonly markup: string;
}

type Value = string | number | Markup | readonly Markup[] | undefined;

const HIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand between tags and in quoted attributes. */
export function escaped(text: string): string {
  return text
    .replace(HIDDEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"']/g, (c) => ESCAPES[c]);
}

/** Elements between which space means a space. */
const INLINE = /^<\/?(a|code|span|strong|label|button|input)\b/;
const laidOut = new WeakMap<TemplateStringsArray, readonly string[]>();

/**
 * Markup from a template; what is inserted is escaped unless it is markup itself. Attributes must be quoted. Templates
 * are laid out in lines for those who read them: a line break beside a block is nothing, elsewhere it is a space.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let fixed = laidOut.get(parts);
  if (fixed === undefined) {
    fixed = parts.map(withoutLayout);
    laidOut.set(parts, fixed);
  }
  let markup = fixed[0];
  for (const [k, value] of values.entries()) markup += markupOf(value) + fixed[k + 1];
  return { markup };
}

/** Tags that HTML lets one leave out: a report has tens of thousands. */
const OPTIONAL = /<\/(td|tr|th|li)\s*>/g;

function withoutLayout(part: string): string {
  const joined = part.replace(/\s*\n\s*/g, (space, at: number) => {
    const before = /<[^<>]*>$/.exec(part.slice(0, at))?.[0];
    const after = /^<[^<>]*/.exec(part.slice(at + space.length))?.[0];
    const besideBlock = [before, after].some((tag) => tag !== undefined && !INLINE.test(tag));
    return besideBlock ? '' : ' ';
  });
  return joined.replace(OPTIONAL, '');
}

function markupOf(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

export const NONE: Markup = { markup: '' };

/** Text of our own that is put in as it is: the style, the script. */
export function verbatim(text: string): Markup {
  return { markup: text };
}

/** A value as JSON inside a script element, where `<` would end it. */
export function json(value: unknown): Markup {
  const hide = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return { markup: JSON.stringify(value).replace(/[<>&]/g, hide).replace(HIDDEN, hide) };
}
