/** Reads a file that the user named; a file that cannot be read is the user's matter, so it becomes a diagnostic. */
import { readFileSync } from 'node:fs';
import { diagnostic } from './diag/diagnostic.js';
import type { Report } from './diag/diagnostic.js';

/** The file's bytes. Reports XS104 and returns undefined when the system refuses. */
export function readFileOrReport(path: string, report: Report): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    report(
      diagnostic('XS104', {
        message: `cannot read ${path}: ${why}`,
        at: { object: path },
        hint: 'check the path',
      }),
    );
    return undefined;
  }
}
