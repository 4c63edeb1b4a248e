/**
 * Names from a file as text that is safe to print. A name is any string of bytes without zero; it may hold
 * escape sequences that drive a terminal, and a hostile one may be megabytes long and be printed once per
 * relocation. Printable ASCII stays as it is, so that real names read as they are written in the source.
 */
const PLAIN = /^[\x21-\x5b\x5d-\x7e]*$/;

/** Names beyond this many bytes are cut; the length is told, so that two cut names rarely look alike. */
const MAX_SHOWN = 1024;

/**
 * The name with control bytes, spaces, backslashes and bytes from 0x7f on as `\xNN`, cut after 1,024 bytes.
 * The name is a byte string (latin-1); an empty one gives an empty string.
 */
export function printableName(name: string): string {
  if (name.length > MAX_SHOWN) return `${escape(name.slice(0, MAX_SHOWN))}…<${name.length} bytes>`;
  return PLAIN.test(name) ? name : escape(name);
}

/** A byte string as the inside of a C string literal: \n, \t, \", \\ and \xNN. */
export function escapedText(bytes: string): string {
  return bytes.replace(/[^\x20-\x7e]|["\\]/g, (byte) => {
    if (byte === '\n') return '\\n';
    if (byte === '\t') return '\\t';
    return byte === '"' || byte === '\\' ? `\\${byte}` : hexEscape(byte);
  });
}

/** A sentence or a line of code that quotes names from a file, its control bytes as `\xNN`: one line, and no more. */
export function withoutControls(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, hexEscape);
}

const escape = (name: string): string => name.replace(/[^\x21-\x5b\x5d-\x7e]/g, hexEscape);

const hexEscape = (byte: string): string => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
