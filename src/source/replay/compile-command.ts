/**
 * Judges a recorded command: is it one run of a compiler that reads the tree and writes where it is expected to?
 *
 * A record is text of a tree that somebody gave us. The makefiles of that tree could do anything as well, but those
 * are the tree's to run; what is run from here is only what is understood. So options are listed by what they may look
 * like, and one that is not listed (a plugin, a wrapper, another place for temporary files, `@file`) makes the command
 * unknown, and make has to do it.
 *
 *   gcc -MMD -MP -MF DIR/.x.o.d OPTIONS -c DIR/x.c -o DIR/.x.o.tmp -MQ DIR/x.o     since 4.17, see unique-symbols.ts
 *   gcc … -c DIR/x.S -o DIR/x.o
 */
import { posix } from 'node:path';

export interface CompileCommand {
  readonly program: string;
  /** The recorded arguments, in their order. */
  readonly args: readonly string[];
  /** Relative to xen/. */
  readonly source: string;
  /** What the compiler writes: the object, or what becomes it in a second step. */
  readonly output: string;
  /** The argument of -MF; undefined if the command writes no dependencies. */
  readonly depfile: string | undefined;
  /** Whether it asks for debug information. */
  readonly debug: boolean;
}

export type Judged<T> = { readonly command: T } | { readonly unknown: string };

/** A bare name or an absolute path of a C compiler. */
const COMPILER = /^(?:\/(?:[\w.+-]+\/)*)?(?:[\w.+]+-)*(?:gcc|clang|cc)(?:-\d[\d.]*)?$/;

const FLAG =
  /^-(?:c|S|E|P|pipe|nostdinc|MMD|MD|MP|O[0-3sgz]?|g\d?|gdwarf(?:-\d)?|ggdb\d?|std=[\w+]+|no-integrated-as|D[A-Za-z_]\w*(?:=[^\n\0]*)?|U[A-Za-z_]\w*|W(?:no-)?[a-z][\w+-]*(?:=[\w-]+)?|m[a-z\d][\w.-]*(?:=[\w,.+-]+)?|f[a-z][\w-]*(?:=[\w,.+-]+)?|Wa,(?:--strip-local-absolute|--noexecstack|--divide)|-param=[\w=-]+)$/;
/** Of these families, the ones that load code, read or write further files, or hand on to other programs. */
const DANGEROUS =
  /^-(?:mllvm|f(?:no-)?(?:plugin|dump|profile|auto-profile|branch-prob|test-coverage|opt-info|save|stack-usage|callgraph|compare-debug|module|deps|pch|pre-include|ada|go-|repo|lto|use-ld|offload|diagnostics-(?:add|format)|pass-|xray|instrument|rtti|debug-compilation|working|file-|macro-|split-dwarf|time|mem-report|report|sanitize-(?:blacklist|ignorelist|coverage)))/;
/** A directory or file to read from, joined to the option. */
const JOINED_PATH = /^-(?:I|iquote|isystem|Wa,-I)(.+)$/;
/** The same as the next word. */
const PATH_FOLLOWS = new Set(['-include', '-iquote', '-isystem', '-idirafter', '-I']);

interface Seen {
  source?: string;
  output?: string;
  depfile?: string;
  mode?: string;
}

/**
 * Judges `words`, the command that is recorded for `target` (a path relative to xen/): a run of the compiler in the
 * mode -c (objects), -S or -E (what is generated from C).
 */
export function judgeCompile(
  words: readonly string[],
  target: string,
  mode: '-c' | '-S' | '-E' = '-c',
): Judged<CompileCommand> {
  const [program = '', ...args] = words;
  if (!COMPILER.test(program)) return { unknown: `it runs ${shown(program)}` };
  const seen: Seen = {};
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    const next = args[at + 1];
    const width = take(word, next, seen);
    if (width === 0) return { unknown: `it has ${shown(word)}` };
    at += width - 1;
  }
  const { source, output, depfile } = seen;
  if (seen.mode !== mode) return { unknown: `it does not have ${mode} once` };
  if (source === undefined || output === undefined) return { unknown: 'it names no input or no output' };
  const folder = posix.dirname(target);
  const beside = (suffix: string): string => posix.join(folder, `.${posix.basename(target)}${suffix}`);
  if (output !== target && output !== beside('.tmp')) return { unknown: `it writes ${shown(output)}` };
  if (depfile !== undefined && depfile !== beside('.d')) return { unknown: `it writes ${shown(depfile)}` };
  const debug = args.some((arg) => /^-g(?!0)/.test(arg));
  return { command: { program, args, source, output, depfile, debug } };
}

/** Takes one word, or two; returns how many, 0 if the word is not known. */
function take(word: string, next: string | undefined, seen: Seen): 0 | 1 | 2 {
  if (word === '-o' || word === '-MF' || word === '-MQ' || word === '-MT') {
    if (next === undefined || !isBelow(next)) return 0;
    if (word === '-o') return once(seen, 'output', next) ? 2 : 0;
    if (word === '-MF') return once(seen, 'depfile', next) ? 2 : 0;
    return 2;
  }
  if (PATH_FOLLOWS.has(word)) return next !== undefined && isBelow(next) ? 2 : 0;
  const joined = JOINED_PATH.exec(word)?.[1];
  if (joined !== undefined) return isBelow(joined) ? 1 : 0;
  if (word === '-c' || word === '-S' || word === '-E') return once(seen, 'mode', word) ? 1 : 0;
  if (word.startsWith('-')) return FLAG.test(word) && !DANGEROUS.test(word) ? 1 : 0;
  return /\.[cS]$/.test(word) && isBelow(word) && once(seen, 'source', word) ? 1 : 0;
}

function once(seen: Seen, field: keyof Seen, value: string): boolean {
  if (seen[field] !== undefined) return false;
  seen[field] = value;
  return true;
}

/** Whether a path is relative, looks like nothing else, and never leaves a folder upwards. */
export function isBelow(path: string): boolean {
  return /^[\w.][\w.+,/-]*$/.test(path) && !path.split('/').includes('..');
}

function shown(word: string): string {
  return word.length > 60 ? `${word.slice(0, 60)}…` : word;
}
