/**
 * Reads a patch in unified format (diff -u, git diff, git format-patch, quilt) into plain values.
 *
 * A patch is text around hunks: mail headers, commit messages and signatures are skipped, because only lines
 * that announce a file (`diff --git`, or `---` with `+++` and `@@` after it) begin anything, and a hunk is
 * exactly as long as its @@ line says. So "-- " of a mail signature is not taken for a removed line.
 *
 * Text is handled as latin-1, one character per byte, so that sources in any encoding pass unchanged; only
 * paths are decoded as UTF-8. A line keeps its newline; `\ No newline at end of file` takes it away. That
 * makes the last line of a file an ordinary line for whoever compares.
 */
import { diagnostic } from '../diag/diagnostic.js';
import { frameOfLine } from '../diag/frame.js';
import type { Report } from '../diag/diagnostic.js';
import { checkHunkBody, parseHunk } from './patch-hunk.js';
import type { PatchHunk } from './patch-hunk.js';
import { decodePatchPath, epochStamp, readName, splitGitHeader, stripComponents } from './patch-path.js';

/** What a patch does to one file. Paths are as written, without the leading components that `-pN` removes. */
export interface FilePatch {
  /** One-based line of the patch file where this file begins, and its text. */
  readonly line: number;
  readonly headline: string;
  readonly action: 'modify' | 'create' | 'delete' | 'rename' | 'copy';
  /** The file that is read; undefined for `create`. */
  readonly oldPath: string | undefined;
  /** The file that is written; undefined for `delete`. */
  readonly newPath: string | undefined;
  /** Permission bits of the new file (0o644 or 0o755) where the patch says them. */
  readonly mode: number | undefined;
  readonly hunks: readonly PatchHunk[];
}

interface Draft {
  line: number;
  git: boolean;
  action: FilePatch['action'];
  oldPath: string | undefined;
  newPath: string | undefined;
  oldEpoch: boolean;
  newEpoch: boolean;
  mode: number | undefined;
  binary: boolean;
  special: string | undefined;
  hunks: PatchHunk[];
}

const MODE_KIND: Readonly<Record<string, string>> = { '120': 'a symbolic link', '160': 'a submodule' };

/**
 * Parses one patch file. `text` is its bytes as latin-1, `name` the path to show in diagnostics, `strip` the
 * number of leading components that names of files lose.
 * Reports XS804 (damaged, or no change inside) and XS805 (binary, symbolic link, submodule), and then
 * returns undefined.
 */
export function parsePatch(
  text: string,
  name: string,
  report: Report,
  strip = 1,
): readonly FilePatch[] | undefined {
  const reader = new PatchReader(splitLines(normaliseTransport(text)), name, report, strip);
  const drafts = reader.read();
  for (const draft of drafts) {
    const wrong = whyUnsupported(draft);
    if (wrong !== undefined) {
      reader.refuse(
        'XS805',
        draft.line,
        wrong,
        'leave this file out of the patch: only text of regular files is patched',
      );
    }
  }
  const files = drafts.filter((d) => isChange(d)).map((d) => finish(d, reader.lines));
  for (const file of files) {
    if (isNamed(file)) continue;
    reader.refuse('XS804', file.line, 'the name of the changed file cannot be told from these lines');
  }
  if (files.length === 0 && !reader.failed) {
    reader.refuse(
      'XS804',
      1,
      'no change in unified format found',
      'a patch has lines like --- a/xen/common/x.c, +++ b/xen/common/x.c and @@',
    );
  }
  return reader.failed ? undefined : files;
}

/** Goes through the lines from header to header and hunk to hunk. */
class PatchReader {
  failed = false;
  private readonly drafts: Draft[] = [];
  private current: Draft | undefined;

  constructor(
    readonly lines: readonly string[],
    private readonly name: string,
    private readonly report: Report,
    private readonly strip: number,
  ) {}

  read(): readonly Draft[] {
    for (let i = 0; i < this.lines.length;) i = this.readAt(i);
    return this.drafts;
  }

  refuse(code: 'XS804' | 'XS805', line: number, message: string, hint?: string): void {
    this.failed = true;
    const at = { object: this.name, line };
    const frame = frameOfLine(this.lines[line - 1] ?? '', line);
    this.report(diagnostic(code, { message, at, frame, ...(hint === undefined ? {} : { hint }) }));
  }

  /** Reads what begins at line `i` (counted from 0) and returns where the next thing begins. */
  private readAt(i: number): number {
    const body = chomp(this.lines[i] ?? '');
    if (body.startsWith('diff --git ')) {
      this.open(gitDraft(body, i + 1, this.strip));
      return i + 1;
    }
    if (isTraditionalHeader(this.lines, i)) {
      // After `diff --git` the two lines belong to the file that is open; otherwise they begin one.
      const { current } = this;
      const draft =
        current?.git === true && current.hunks.length === 0 ? current : this.open(plainDraft(i + 1));
      readNames(draft, body, chomp(this.lines[i + 1] ?? ''), this.strip);
      return i + 2;
    }
    if (body.startsWith('@@ -') && this.current !== undefined) return this.readHunk(i, this.current);
    if (this.current?.hunks.length === 0) readExtendedHeader(this.current, body, this.strip);
    if (!isContextDiff(this.lines, i)) return i + 1;
    const hint = 'make it with diff -u or git diff';
    this.refuse('XS804', i + 1, 'a context diff; only unified diffs are read', hint);
    return this.lines.length;
  }

  private open(draft: Draft): Draft {
    this.drafts.push(draft);
    this.current = draft;
    return draft;
  }

  private readHunk(i: number, draft: Draft): number {
    const parsed = parseHunk(this.lines, i);
    const wrong = typeof parsed === 'string' ? parsed : checkHunkBody(parsed.hunk);
    if (wrong === undefined && typeof parsed !== 'string') {
      draft.hunks.push(parsed.hunk);
      return parsed.next;
    }
    const hint = 'make the patch again with git diff or diff -urN';
    this.refuse('XS804', i + 1, `damaged hunk: ${wrong ?? ''}`, hint);
    return i + 1;
  }
}

/**
 * Mail gateways and editors on other systems turn every line end of a patch into CR LF. If even the header
 * lines end so, it happened to the patch and not to the source, and is undone.
 */
function normaliseTransport(text: string): string {
  const headers = text.match(/^(?:diff --git |--- |\+\+\+ |@@ -)[^\n]*/gm) ?? [];
  const converted = headers.length > 0 && headers.every((h) => h.endsWith('\r'));
  return converted ? text.replaceAll('\r\n', '\n') : text;
}

/** Splits text after every newline; the last piece has none if the text does not end with one. */
export function splitLines(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

export function chomp(line: string): string {
  return line.endsWith('\n') ? line.slice(0, -1) : line;
}

function isTraditionalHeader(lines: readonly string[], i: number): boolean {
  return (
    (lines[i] ?? '').startsWith('--- ') &&
    (lines[i + 1] ?? '').startsWith('+++ ') &&
    (lines[i + 2] ?? '').startsWith('@@ -')
  );
}

function isContextDiff(lines: readonly string[], i: number): boolean {
  return (
    (lines[i] ?? '').startsWith('*** ') &&
    (lines[i + 1] ?? '').startsWith('--- ') &&
    (lines[i + 2] ?? '').startsWith('***************')
  );
}

function plainDraft(line: number): Draft {
  return {
    line,
    git: false,
    action: 'modify',
    oldPath: undefined,
    newPath: undefined,
    oldEpoch: false,
    newEpoch: false,
    mode: undefined,
    binary: false,
    special: undefined,
    hunks: [],
  };
}

/** `diff --git a/NAME b/NAME` names the file for changes without `---`: modes, empty files. */
function gitDraft(body: string, line: number, strip: number): Draft {
  const path = splitGitHeader(body.slice('diff --git '.length), strip);
  return { ...plainDraft(line), git: true, oldPath: path, newPath: path };
}

function readNames(draft: Draft, minus: string, plus: string, strip: number): void {
  const from = decodePatchPath(minus.slice(4), strip);
  const to = decodePatchPath(plus.slice(4), strip);
  if (from === undefined) draft.action = 'create';
  else if (to === undefined) draft.action = 'delete';
  draft.oldPath = from;
  draft.newPath = to;
  draft.oldEpoch = epochStamp(minus);
  draft.newEpoch = epochStamp(plus);
}

function readExtendedHeader(draft: Draft, body: string, strip: number): void {
  const mode = /^(?:new mode|new file mode|old mode|deleted file mode) (\d{6})$/.exec(body);
  const kind = mode?.[1]?.slice(0, 3);
  if (kind !== undefined && kind in MODE_KIND) draft.special = MODE_KIND[kind];
  if (mode?.[1] !== undefined && body.startsWith('new')) draft.mode = parseInt(mode[1], 8) & 0o777;
  if (body.startsWith('new file mode')) draft.action = 'create';
  else if (body.startsWith('deleted file mode')) draft.action = 'delete';
  else if (body.startsWith('rename from ')) draft.action = 'rename';
  else if (body.startsWith('copy from ')) draft.action = 'copy';
  const moved = /^(?:rename|copy) (from|to) (.*)$/.exec(body);
  if (moved?.[2] !== undefined) {
    // These names have no a/ or b/ in front, so they lose one component less.
    const path = stripComponents(readName(moved[2]), Math.max(0, strip - 1));
    if (moved[1] === 'from') draft.oldPath = path;
    else draft.newPath = path;
  }
  if (body === 'GIT binary patch' || /^Binary files .* differ$/.test(body)) draft.binary = true;
}

function whyUnsupported(draft: Draft): string | undefined {
  const name = draft.newPath ?? draft.oldPath ?? '?';
  if (draft.binary) return `a binary change of ${name}`;
  if (draft.special !== undefined) return `${name} is ${draft.special}`;
  return undefined;
}

/** A `diff --git` line without anything after it changes nothing. */
function isChange(draft: Draft): boolean {
  return draft.hunks.length > 0 || draft.action !== 'modify' || draft.mode !== undefined;
}

function isNamed(file: FilePatch): boolean {
  return (
    (file.action === 'create' || file.oldPath !== undefined) &&
    (file.action === 'delete' || file.newPath !== undefined)
  );
}

/**
 * diff -N without git writes a new file as one that was empty at the beginning of 1970, and a deleted file
 * likewise; only then is a hunk from or to nothing a creation or deletion.
 */
function finish(draft: Draft, lines: readonly string[]): FilePatch {
  let action = draft.action;
  const only = draft.hunks.length === 1 ? draft.hunks[0] : undefined;
  if (action === 'modify' && !draft.git && only !== undefined) {
    if (draft.oldEpoch && only.oldStart === 0 && only.oldCount === 0) action = 'create';
    else if (draft.newEpoch && only.newStart === 0 && only.newCount === 0) action = 'delete';
  }
  // Without git there are no renames: `diff -u x.c.orig x.c` means a change of x.c.
  const oldPath = action === 'modify' && !draft.git ? draft.newPath : draft.oldPath;
  return {
    line: draft.line,
    headline: lines[draft.line - 1] ?? '',
    action,
    oldPath: action === 'create' ? undefined : oldPath,
    newPath: action === 'delete' ? undefined : draft.newPath,
    mode: draft.mode,
    hunks: draft.hunks,
  };
}
