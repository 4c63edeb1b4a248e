/**
 * One hunk of a unified diff: `@@ -oldStart,oldCount +newStart,newCount @@` and its lines.
 * Lines are one-based; a count of zero makes the start the line *before* the change (diffutils, "Detailed
 * Unified"). Every line keeps its newline, except one followed by `\ No newline at end of file`.
 */

export interface PatchHunk {
  /** One-based line of the @@ line in the patch file. */
  readonly line: number;
  /** The @@ line and all lines that its counts take in, as they stand in the patch. */
  readonly written: readonly string[];
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  /** Context and removed lines, in order: what the file must contain. */
  readonly oldLines: readonly string[];
  /** Context and added lines, in order: what it contains afterwards. */
  readonly newLines: readonly string[];
  /** Context lines after the last change. None means that the file ends there (git-apply says the same). */
  readonly trailing: number;
}

const HUNK_HEADER = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Reads the hunk whose @@ line is `lines[at]`; a string says what is wrong with it. */
export function parseHunk(
  lines: readonly string[],
  at: number,
): { readonly hunk: PatchHunk; readonly next: number } | string {
  const header = HUNK_HEADER.exec(lines[at] ?? '');
  if (header === null) return 'the @@ line is not of the form @@ -LINE,COUNT +LINE,COUNT @@';
  const oldCount = Number(header[2] ?? 1);
  const newCount = Number(header[4] ?? 1);
  const oldLines: string[] = [];
  const newLines: string[] = [];
  let next = at + 1;
  let trailing = 0;
  while (oldLines.length < oldCount || newLines.length < newCount) {
    const line = lines[next];
    if (line === undefined) return `the file ends after ${String(next - at - 1)} lines of it`;
    const sides = sidesOf(line);
    if (sides === undefined) return `line ${String(next + 1)} begins with neither space, + nor -`;
    const text = sides.blank ? '\n' : line.slice(1);
    trailing = sides.old && sides.new ? trailing + 1 : 0;
    next += 1;
    const cut = (lines[next] ?? '').startsWith('\\');
    if (sides.old) oldLines.push(cut ? text.slice(0, -1) : text);
    if (sides.new) newLines.push(cut ? text.slice(0, -1) : text);
    if (cut) next += 1;
  }
  const hunk = {
    line: at + 1,
    written: lines.slice(at, next),
    oldStart: Number(header[1]),
    oldCount,
    newStart: Number(header[3]),
    newCount,
    oldLines,
    newLines,
    trailing,
  };
  return { hunk, next };
}

/** Mailers strip the one space of an empty context line; GNU patch accepts that, and so do we. */
function sidesOf(line: string): { old: boolean; new: boolean; blank: boolean } | undefined {
  if (line === '\n') return { old: true, new: true, blank: true };
  if (line.startsWith(' ')) return { old: true, new: true, blank: false };
  if (line.startsWith('-')) return { old: true, new: false, blank: false };
  if (line.startsWith('+')) return { old: false, new: true, blank: false };
  return undefined;
}

/** Says what is inconsistent in a hunk that was read completely. */
export function checkHunkBody(hunk: PatchHunk): string | undefined {
  if (hunk.oldLines.length !== hunk.oldCount || hunk.newLines.length !== hunk.newCount) {
    return `its @@ line counts ${String(hunk.oldCount)} old and ${String(hunk.newCount)} new lines, it has ${String(hunk.oldLines.length)} and ${String(hunk.newLines.length)}`;
  }
  if (hunk.oldCount > 0 && hunk.oldStart === 0) return 'it expects lines before the first line of the file';
  return undefined;
}
