/** Breaks sentences into lines for a terminal. */

/** Narrower text is harder to read than lines that the terminal breaks. */
const NARROWEST = 20;

/**
 * `text` in lines of at most `width` characters, broken at blanks; a longer word has a line of its own. The first line
 * has `used` characters before it, the others are indented by `hanging`. Without a width it stays one line.
 */
export function wrapText(
  text: string,
  width: number | undefined,
  { used = 0, hanging = 0 }: { readonly used?: number; readonly hanging?: number } = {},
): string[] {
  if (width === undefined || used + text.length <= width) return [text];
  const most = Math.max(width, hanging + NARROWEST);
  const lines: string[] = [];
  let line = '';
  let room = most - used;
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
      room = most - hanging;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((one, k) => (k === 0 ? one : `${' '.repeat(hanging)}${one}`));
}
