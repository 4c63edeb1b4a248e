/**
 * Takes a command out of a makefile's record and apart into words, as the shell that make starts would, or not at all.
 *
 * Only what needs no shell is taken: words, quoted or not. A pipe, a redirection, a variable, a pattern, a second
 * command, a comment makes the whole text unreadable. So nothing that stands in a record is ever given to a shell.
 * make doubles each dollar and hides each number sign when it writes a record; a dollar that stands alone is a make
 * function, and unreadable too.
 */

/** Longest command that is believed, in characters; Xen's have about 2,000. */
const LONGEST = 64 * 1024;

/** Characters that mean themselves outside of quotes. */
const PLAIN = /[\w@%+=:,./-]/;
/** What may follow a backslash outside of quotes, and then means itself. */
const ESCAPABLE = /["'\\ $#]/;

/** The text as make would pass it on; undefined if make would first work something out. */
export function unescapeRecord(text: string): string | undefined {
  if (text.length > LONGEST || /(?:^|[^$])(?:\$\$)*\$(?!\$)/.test(text)) return undefined;
  return text.replaceAll('$$', '$').replaceAll('\\#', '#');
}

/** The words of one simple command; undefined if the text is anything else. */
export function splitCommand(text: string): readonly string[] | undefined {
  if (text.length > LONGEST) return undefined;
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < text.length) {
    const c = text.charAt(at);
    if (c === ' ' || c === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
      continue;
    }
    const piece = pieceAt(text, at);
    if (piece === undefined) return undefined;
    word = (word ?? '') + piece.text;
    at = piece.end;
  }
  if (word !== undefined) words.push(word);
  return words.length === 0 ? undefined : words;
}

interface Piece {
  readonly text: string;
  readonly end: number;
}

/** One character, or one quoted part, that begins at `at`. */
function pieceAt(text: string, at: number): Piece | undefined {
  const c = text.charAt(at);
  if (c === "'" || c === '"') {
    const close = text.indexOf(c, at + 1);
    if (close < 0) return undefined;
    const inner = text.slice(at + 1, close);
    // Between double quotes a shell still looks at these.
    if (c === '"' && /[$`\\!]/.test(inner)) return undefined;
    return /[\n\0]/.test(inner) ? undefined : { text: inner, end: close + 1 };
  }
  if (c === '\\') {
    const next = text.charAt(at + 1);
    return ESCAPABLE.test(next) ? { text: next, end: at + 2 } : undefined;
  }
  return PLAIN.test(c) ? { text: c, end: at + 1 } : undefined;
}
