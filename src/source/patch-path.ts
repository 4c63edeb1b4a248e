/**
 * File names as patches write them, and which of them may be followed.
 *
 * git quotes names with unusual bytes like a C string ("a/\303\244.c"); diff appends a tab and a time. The
 * first component (a/, b/, xen.orig/) is removed, as `patch -p1` does, or as many as a series file says. A name that could lead out of the tree
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

/** The path behind `--- ` or `+++ ` without its first `strip` components; undefined for /dev/null. */
export function decodePatchPath(field: string, strip = 1): string | undefined {
  const written = readName(field);
  return written === '/dev/null' ? undefined : stripComponents(written, strip);
}

/** The path without so many leading components; one that has no more stays as it is. */
export function stripComponents(written: string, strip: number): string {
  // An absolute path stays whole, so that it is refused as such instead of losing its first component.
  if (written.startsWith('/')) return written;
  let path = written;
  for (let k = 0; k < strip; k += 1) {
    const slash = path.indexOf('/');
    if (slash < 0) break;
    path = path.slice(slash + 1).replace(/^\/+/, '');
  }
  return path;
}

/** A name as written, without quotes and time: what `rename from` and the like carry. */
export function readName(field: string): string {
  return unquote(field.startsWith('"') ? field : (field.split('\t')[0] ?? '')).trimEnd();
}

/** `a/NAME b/NAME`, both the same name: the path without `strip` components, undefined if they differ. */
export function splitGitHeader(rest: string, strip = 1): string | undefined {
  if (rest.startsWith('"')) {
    const end = rest.search(/(?<!\\)" /);
    return end < 0 ? undefined : decodePatchPath(rest.slice(0, end + 1), strip);
  }
  const half = (rest.length - 1) / 2;
  const left = decodePatchPath(rest.slice(0, half), strip);
  const right = decodePatchPath(rest.slice(half + 1), strip);
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
