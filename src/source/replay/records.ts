/**
 * Reads what the makefiles recorded about the files that they made.
 *
 *   DIR/.NAME.cmd     cmd_DIR/NAME := gcc … -c DIR/x.c …
 *                     deps_DIR/NAME := \                           only of what a compiler made
 *                         $(wildcard include/config/foo.h) \       no file: an option of the configuration
 *                       include/xen/lib.h \
 *   DIR/.NAME.d       NAME: a.c a.h \                              as the compiler wrote it
 */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export interface BuildRecord {
  /** What was made, relative to xen/. */
  readonly target: string;
  /** The command as it stands in the record. */
  readonly command: string;
  /** Files that were read, relative to xen/, as the compiler names them; undefined if the record does not say. */
  readonly deps: readonly string[] | undefined;
}

/** Largest record that is read, in bytes; Xen's have up to 20,000. */
const LARGEST = 4 * 1024 * 1024;

/** The text of a record; '' if it is larger than any. Throws operating system errors. */
export function readRecord(xen: string, path: string): string {
  const bytes = readFileSync(join(xen, path));
  return bytes.length > LARGEST ? '' : bytes.toString('latin1');
}

/** What `.NAME.cmd` or `.NAME.d` is about. */
export function targetOf(path: string): string {
  const name = posix
    .basename(path)
    .replace(/^\./, '')
    .replace(/\.(?:cmd|d)$/, '');
  return posix.join(posix.dirname(path), name);
}

/** Parses the text of DIR/.NAME.cmd; undefined if it is none, or about something else. */
export function parseRecord(text: string, target: string): BuildRecord | undefined {
  const [, named, command] = /^cmd_(\S+) := *(.*)$/m.exec(text) ?? [];
  if (command === undefined || named !== target) return undefined;
  const head = `\ndeps_${target} := \\\n`;
  const begin = text.indexOf(head);
  if (begin < 0) return { target, command, deps: undefined };
  const end = text.indexOf('\n\n', begin);
  const list = text.slice(begin + head.length, end < 0 ? undefined : end);
  const source = /^source_\S+ := *(\S+)$/m.exec(text)?.[1];
  const deps = list.split('\n').flatMap((line) => {
    const word = line.replace(/\\$/, '').trim();
    return word === '' || word.startsWith('$(') ? [] : [word];
  });
  return { target, command, deps: source === undefined ? deps : [source, ...deps] };
}

/** The files that a dependency file names, as the compiler or the assembler names them, without its targets. */
export function parseDepfile(text: string): readonly string[] {
  const found = new Set<string>();
  for (const rule of text.replaceAll('\\\n', ' ').split('\n')) {
    const colon = rule.indexOf(':');
    if (colon < 0) continue;
    for (const word of rule.slice(colon + 1).split(/\s+/)) if (word !== '') found.add(word);
  }
  return [...found];
}
