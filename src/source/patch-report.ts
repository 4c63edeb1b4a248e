/**
 * Says why a hunk was refused, so that its author can mend it without opening the tree: the line, what the
 * patch expects there, what the file has, and what would have made it fit.
 */
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import type { HunkMismatch } from './patch-apply.js';
import type { FilePatch } from './patch-parse.js';

/** Longest piece of a source line that is shown. */
const SHOWN = 120;

/** Reports XS808 (or XS805 for a hunk without context) for one hunk of `file` in patch file `patch`. */
export function reportMismatch(mismatch: HunkMismatch, file: FilePatch, patch: string, report: Report): void {
  const path = file.oldPath ?? file.newPath ?? '';
  const { hunk, number } = mismatch;
  const at = { object: patch, line: hunk.line };
  if (mismatch.reason === 'no-context') {
    const message = `hunk ${String(number)} of ${path} inserts lines without any context`;
    report(diagnostic('XS805', { message, at, hint: 'make the patch with context: git diff -U3' }));
    return;
  }
  if (mismatch.reason === 'out-of-order') {
    const message = `hunk ${String(number)} of ${path} overlaps or precedes the hunk before it`;
    report(diagnostic('XS808', { message, at, hint: 'make the patch again with git diff' }));
    return;
  }
  const message = `hunk ${String(number)} of ${path} does not match at line ${String(mismatch.line)}`;
  const frame = [`expected: ${show(mismatch.expected)}`, `found:    ${show(mismatch.found)}`];
  report(diagnostic('XS808', { message, at, frame, hint: hintFor(mismatch) }));
}

function hintFor(mismatch: HunkMismatch): string {
  if (mismatch.alreadyApplied) return 'the lines are as after the patch: the tree seems to have it already';
  if (mismatch.onlyWhitespace)
    return 'only white space or line ends differ: make the patch again from this tree';
  if (mismatch.matchesAt !== undefined) {
    const start = mismatch.hunk.oldStart;
    const shift = mismatch.matchesAt - start;
    return `it would match at line ${String(mismatch.matchesAt)} (offset ${shift > 0 ? '+' : ''}${String(shift)}); offsets are not allowed: rebase the patch on this source`;
  }
  return 'the patch was made for another version of this file: rebase it on this source';
}

function show(line: string | undefined): string {
  if (line === undefined) return '(end of file)';
  const text = Buffer.from(line, 'latin1').toString('utf8').replaceAll('\r', '\\r').replaceAll('\t', '    ');
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
