/**
 * File names as patches write them, and which of them may be followed.
 *
 * git quotes names with unusual bytes like a C string ("a/\303\244.c"); diff appends a tab and a time. The
 * first component (a/, b/, xen.orig/) is removed, as `patch -p1` does. A name that could lead out of the tree
 * is refused before anything is opened.
 */

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
};

/** The path behind `--- ` or `+++ ` without its first component; undefined for /dev/null. */
export function decodePatchPath(field: string): string | undefined {
  const written = readName(field);
  if (written === '/dev/null') return undefined;
  // An absolute path stays whole, so that it is refused as such instead of losing its first component.
  if (written.startsWith('/')) return written;
  const slash = written.indexOf('/');
  return slash < 0 ? written : written.slice(slash + 1).replace(/^\/+/, '');
}

/** A name as written, without quotes and time: what `rename from` and the like carry. */
export function readName(field: string): string {
  return unquote(field.startsWith('"') ? field : (field.split('\t')[0] ?? '')).trimEnd();
}

/** `a/NAME b/NAME`, both the same name: the path without its first component, undefined if they differ. */
export function splitGitHeader(rest: string): string | undefined {
  if (rest.startsWith('"')) {
    const end = rest.search(/(?<!\\)" /);
    return end < 0 ? undefined : decodePatchPath(rest.slice(0, end + 1));
  }
  const half = (rest.length - 1) / 2;
  const left = decodePatchPath(rest.slice(0, half));
  const right = decodePatchPath(rest.slice(half + 1));
  return left === right ? left : undefined;
}

/** Whether a `---` or `+++` line carries the time that diff -N gives a file that does not exist. */
export function epochStamp(line: string): boolean {
  const time = line.split('\t')[1];
  if (time === undefined) return false;
  const stamp = Date.parse(time.replace(/(\.\d{3})\d*/, '$1').replace(/ ([+-]\d{4})$/, '$1'));
  return stamp === 0;
}

function unquote(text: string): string {
  const end = text.lastIndexOf('"');
  const bytes =
    text.startsWith('"') && end > 0
      ? text
          .slice(1, end)
          .replace(/\\([0-7]{3}|.)/g, (_whole: string, code: string) =>
            /^[0-7]{3}$/.test(code) ? String.fromCharCode(parseInt(code, 8)) : (ESCAPES[code] ?? code),
          )
      : text;
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Why a path of a patch must not be opened at all; undefined if it stays below the tree by its spelling. */
export function whyPathEscapes(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (path.includes('\0')) return 'contains a zero byte';
  if (path.startsWith('/')) return 'is absolute';
  if (path.split('/').includes('..')) return 'contains ..';
  if (path.split('/').some((part) => part === '.git')) return 'lies in .git';
  return undefined;
}
