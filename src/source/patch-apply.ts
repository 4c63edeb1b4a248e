/**
 * Applies the hunks of one file strictly: at the line they name, with every context and removed line equal.
 *
 * patch(1) lets a hunk slide (offset) and ignores context (fuzz). For a live patch both are dangerous: C code
 * repeats itself, a hunk that slid into a neighbouring function still compiles, and the wrong function runs
 * in a hypervisor that nobody reviewed. So a hunk that does not fit is refused, and what would have made it
 * fit (another place, other white space, being applied already) is said instead of done.
 *
 * All hunks are placed by their *old* line numbers against the unchanged text, so one that fails does not
 * make those after it fail, and all of them are reported together.
 */
import { chomp, splitLines } from './patch-parse.js';
import type { PatchHunk } from './patch-hunk.js';

/** A hunk that does not fit, in the terms of the text it was tried on. Lines are one-based. */
export interface HunkMismatch {
  readonly hunk: PatchHunk;
  /** Which hunk of its file, counted from 1. */
  readonly number: number;
  readonly reason: 'differs' | 'out-of-order' | 'no-context';
  /** First line of the file that differs from what the hunk expects. */
  readonly line: number;
  readonly expected: string | undefined;
  readonly found: string | undefined;
  /** Line where the hunk would begin to match exactly, nearest first; undefined if there is none. */
  readonly matchesAt: number | undefined;
  readonly alreadyApplied: boolean;
  readonly onlyWhitespace: boolean;
}

export type HunkResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly mismatches: readonly HunkMismatch[] };

/** Applies `hunks` to `text` (latin-1). Never throws; returns either the whole new text or all mismatches. */
export function applyHunks(text: string, hunks: readonly PatchHunk[]): HunkResult {
  const lines = splitLines(text);
  const output: string[] = [];
  const mismatches: HunkMismatch[] = [];
  let done = 0;
  for (const [index, hunk] of hunks.entries()) {
    const start = startOf(hunk);
    const reason = start < done ? 'out-of-order' : whyNot(lines, hunk, start);
    if (reason !== undefined) {
      mismatches.push(describe(lines, hunk, index + 1, start, reason));
      continue;
    }
    for (let i = done; i < start; i += 1) output.push(lines[i] ?? '');
    output.push(...hunk.newLines);
    done = start + hunk.oldLines.length;
  }
  if (mismatches.length > 0) return { ok: false, mismatches };
  for (let i = done; i < lines.length; i += 1) output.push(lines[i] ?? '');
  return { ok: true, text: output.join('') };
}

/** Zero-based line at which the old side of a hunk begins. */
function startOf(hunk: PatchHunk): number {
  return hunk.oldCount === 0 ? hunk.oldStart : hunk.oldStart - 1;
}

function whyNot(
  lines: readonly string[],
  hunk: PatchHunk,
  start: number,
): HunkMismatch['reason'] | undefined {
  if (hunk.oldLines.length === 0 && lines.length > 0) return 'no-context';
  if (start > lines.length || !matchesAt(lines, hunk.oldLines, start)) return 'differs';
  // Without context after its last change, a hunk was made at the end of the file, and fits only there.
  const atEnd = start + hunk.oldLines.length === lines.length;
  return hunk.trailing === 0 && !atEnd ? 'differs' : undefined;
}

function matchesAt(lines: readonly string[], wanted: readonly string[], start: number): boolean {
  if (start < 0 || start + wanted.length > lines.length) return false;
  return wanted.every((line, i) => line === lines[start + i]);
}

function describe(
  lines: readonly string[],
  hunk: PatchHunk,
  number: number,
  start: number,
  reason: HunkMismatch['reason'],
): HunkMismatch {
  const wanted = hunk.oldLines;
  const differing = wanted.findIndex((line, i) => line !== lines[start + i]);
  const at = differing < 0 ? wanted.length : differing;
  const squeeze = (line: string | undefined): string | undefined => line?.replace(/\s+/g, '');
  return {
    hunk,
    number,
    reason,
    line: start + at + 1,
    expected: wanted[at] === undefined ? undefined : chomp(wanted[at]),
    found: lines[start + at] === undefined ? undefined : chomp(lines[start + at] ?? ''),
    matchesAt: nearestMatch(lines, wanted, start),
    alreadyApplied: hunk.newLines.length > 0 && isApplied(lines, hunk),
    onlyWhitespace:
      wanted.length > 0 && wanted.every((line, i) => squeeze(line) === squeeze(lines[start + i])),
  };
}

/** An applied patch has moved by the hunks before it, so its new line number is tried as well as the old. */
function isApplied(lines: readonly string[], hunk: PatchHunk): boolean {
  return [hunk.newStart - 1, startOf(hunk)].some((at) => matchesAt(lines, hunk.newLines, at));
}

function nearestMatch(
  lines: readonly string[],
  wanted: readonly string[],
  start: number,
): number | undefined {
  if (wanted.length === 0) return undefined;
  for (let distance = 0; distance <= lines.length + start; distance += 1) {
    for (const at of [start - distance, start + distance]) {
      if (matchesAt(lines, wanted, at)) return at + 1;
    }
  }
  return undefined;
}
