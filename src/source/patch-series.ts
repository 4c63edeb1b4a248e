/**
 * Several patches, applied in order in memory: what every file of the tree will be afterwards.
 *
 * Nothing is written here and nothing is written at all until every hunk of every patch fits. A later patch
 * sees what the earlier ones made. Files are read from the user's tree; a name is followed only if none of
 * its folders is a symbolic link, so a patch cannot reach outside whatever the tree contains.
 */
import { createHash } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diagnostic } from '../diag/diagnostic.js';
import { frameOfLine } from '../diag/frame.js';
import type { Report } from '../diag/diagnostic.js';
import { applyHunks } from './patch-apply.js';
import { patchInput } from './patch-input.js';
import type { Patch, PatchInput } from './patch-input.js';
import { reportMismatch } from './patch-report.js';
import { chomp, parsePatch } from './patch-parse.js';
import type { FilePatch } from './patch-parse.js';
import { whyPathEscapes } from './patch-path.js';
import { errnoOf } from '../system-error.js';

/** A hunk of a patch as it stands there. */
export interface HunkRecord {
  /** The file that it changes, relative to the top of the source, with / between folders. */
  readonly file: string;
  /** The @@ line and the lines of the hunk, as UTF-8, without line ends. */
  readonly lines: readonly string[];
}

/** A patch file as it was read; goes into reports and manifests. */
export interface PatchRecord {
  /** As the user named it. */
  readonly path: string;
  /** Of the patch, in hexadecimal. */
  readonly sha256: string;
  /** Its size. */
  readonly bytes: number;
  /** What it changes. */
  readonly hunks: readonly HunkRecord[];
  /** Leading components that names of files lost, if not one. */
  readonly strip?: number;
}

/** A file that the series changes; `path` is relative to the top of the source, with / between folders. */
export interface TouchedFile {
  /** Relative to the top of the source, with / between folders. */
  readonly path: string;
  /** What the patches do to it. */
  readonly change: 'modified' | 'created' | 'deleted';
}

/** What a file will be: its bytes as latin-1 text and permission bits, or undefined when it is deleted. */
export interface PlannedFile {
  readonly path: string;
  readonly before: FileState | undefined;
  readonly after: FileState | undefined;
}

export interface FileState {
  readonly text: string;
  readonly mode: number;
}

export interface PatchPlan {
  readonly records: readonly PatchRecord[];
  readonly files: readonly PlannedFile[];
  readonly touched: readonly TouchedFile[];
}

/**
 * Reads and applies `patches` in order to the tree at `top` (absolute), in memory.
 * `alsoUnder` is a second folder (xen/) that the paths of a patch may start from; '' for none.
 * Reports XS803..XS808 for all patches up to the first that does not apply, and then returns undefined.
 */
export async function planPatches(
  top: string,
  alsoUnder: string,
  patches: readonly Patch[],
  report: Report,
): Promise<PatchPlan | undefined> {
  const overlay = new Overlay(top);
  const records: PatchRecord[] = [];
  for (const patch of patches.map(patchInput)) {
    const { path, strip = 1 } = patch;
    const bytes = await readPatch(patch, report);
    if (bytes === undefined) return undefined;
    const parsed = parsePatch(bytes.toString('latin1'), path, report, strip);
    if (parsed === undefined) return undefined;
    const files = await rebase(parsed, overlay, alsoUnder);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const hunks = files.flatMap(hunkRecords);
    records.push({ path, sha256, bytes: bytes.length, hunks, ...(strip !== 1 && { strip }) });
    let fits = true;
    for (const file of files) fits = (await applyFile(file, path, overlay, report)) && fits;
    if (!fits) return undefined;
  }
  const files = overlay.changes();
  return { records, files, touched: files.map((f) => ({ path: f.path, change: changeOf(f) })) };
}

/** The parser has one character for each byte. */
function hunkRecords({ hunks, newPath, oldPath }: FilePatch): HunkRecord[] {
  const file = newPath ?? oldPath ?? '';
  return hunks.map(({ written }) => ({
    file,
    lines: written.map((line) => Buffer.from(chomp(line), 'latin1').toString('utf8')),
  }));
}

async function readPatch({ path, bytes }: PatchInput, report: Report): Promise<Buffer | undefined> {
  if (bytes !== undefined) return Buffer.from(bytes);
  try {
    return await readFile(path);
  } catch (error) {
    report(
      diagnostic('XS803', {
        message: `cannot read patch: ${errnoOf(error)}`,
        at: { object: path },
        hint: 'check the path and its permissions',
      }),
    );
    return undefined;
  }
}

/** Files of the tree as the patches read so far leave them. */
class Overlay {
  readonly #top: string;
  readonly #before = new Map<string, FileState | undefined>();
  readonly #now = new Map<string, FileState | undefined>();

  constructor(top: string) {
    this.#top = top;
  }

  /** The file's present state, 'escapes' if it is or lies behind a symbolic link, undefined if absent. */
  async read(path: string): Promise<FileState | 'escapes' | undefined> {
    if (this.#now.has(path)) return this.#now.get(path);
    const found = await readTreeFile(this.#top, path);
    if (found !== 'escapes') {
      this.#before.set(path, found);
      this.#now.set(path, found);
    }
    return found;
  }

  write(path: string, state: FileState | undefined): void {
    this.#now.set(path, state);
  }

  changes(): PlannedFile[] {
    return [...this.#now]
      .map(([path, after]) => ({ path, before: this.#before.get(path), after }))
      .filter(({ before, after }) => before?.text !== after?.text || before?.mode !== after?.mode)
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

async function readTreeFile(top: string, path: string): Promise<FileState | 'escapes' | undefined> {
  const parts = path.split('/');
  try {
    for (let i = 1; i <= parts.length; i += 1) {
      const info = await lstat(join(top, ...parts.slice(0, i)));
      if (info.isSymbolicLink()) return 'escapes';
      if (i === parts.length && !info.isFile()) return undefined;
      if (i === parts.length) {
        const bytes = await readFile(join(top, path));
        return { text: bytes.toString('latin1'), mode: info.mode & 0o777 };
      }
    }
  } catch (error) {
    const code = errnoOf(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
  }
  return undefined;
}

/** Paths normally start at the top of the source; a patch made inside xen/ has them start there. */
async function rebase(
  files: readonly FilePatch[],
  overlay: Overlay,
  alsoUnder: string,
): Promise<readonly FilePatch[]> {
  const existing = files.map((f) => f.oldPath).filter((p) => p !== undefined);
  if (alsoUnder === '' || existing.length === 0 || existing.some((p) => whyPathEscapes(p) !== undefined))
    return files;
  const allUnder = async (prefix: string): Promise<boolean> => {
    const found = await Promise.all(existing.map((p) => overlay.read(prefix + p)));
    return found.every((f) => f !== undefined);
  };
  if ((await allUnder('')) || !(await allUnder(`${alsoUnder}/`))) return files;
  const move = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : `${alsoUnder}/${path}`;
  return files.map((f) => ({ ...f, oldPath: move(f.oldPath), newPath: move(f.newPath) }));
}

async function applyFile(file: FilePatch, patch: string, overlay: Overlay, report: Report): Promise<boolean> {
  const at = { object: patch, line: file.line };
  const frameFor = (...paths: readonly (string | undefined)[]): readonly string[] =>
    frameOfLine(
      file.headline,
      file.line,
      paths.filter((path) => path !== undefined),
    );
  for (const path of [file.oldPath, file.newPath]) {
    if (path === undefined) continue;
    const why =
      whyPathEscapes(path) ??
      ((await overlay.read(path)) === 'escapes' ? 'leads through a symbolic link' : undefined);
    if (why === undefined) continue;
    report(
      diagnostic('XS806', {
        message: `path '${path}' ${why}`,
        at,
        frame: frameFor(path),
        hint: 'make the patch against the top of the source, with paths like a/xen/common/x.c',
      }),
    );
    return false;
  }
  const before = file.oldPath === undefined ? undefined : await overlay.read(file.oldPath);
  const target = file.newPath === undefined ? undefined : await overlay.read(file.newPath);
  if (before === 'escapes' || target === 'escapes') return false;
  const misfit = whyMisfit(file, before, target);
  if (misfit !== undefined) {
    report(
      diagnostic('XS807', {
        message: misfit,
        at,
        frame: frameFor(file.oldPath, file.newPath),
        hint: 'paths start at the top of the source, as in a/xen/common/domain.c',
      }),
    );
    return false;
  }
  const result = applyHunks(before?.text ?? '', file.hunks);
  if (!result.ok) {
    for (const mismatch of result.mismatches) reportMismatch(mismatch, file, patch, report);
    return false;
  }
  if (file.action === 'delete' && result.text !== '') {
    report(
      diagnostic('XS807', {
        message: `${file.oldPath ?? ''} is deleted, but the tree's has more lines than the patch removes`,
        at,
        frame: frameFor(file.oldPath),
      }),
    );
    return false;
  }
  if (file.oldPath !== undefined && file.action !== 'copy') overlay.write(file.oldPath, undefined);
  if (file.newPath !== undefined) {
    overlay.write(file.newPath, { text: result.text, mode: file.mode ?? before?.mode ?? 0o644 });
  }
  return true;
}

function whyMisfit(
  file: FilePatch,
  before: FileState | undefined,
  target: FileState | undefined,
): string | undefined {
  if (file.oldPath !== undefined && before === undefined) return `the tree has no file ${file.oldPath}`;
  const makes = file.action === 'create' || file.action === 'rename' || file.action === 'copy';
  if (makes && target !== undefined)
    return `the patch creates ${file.newPath ?? ''}, which the tree has already`;
  return undefined;
}

function changeOf(file: PlannedFile): TouchedFile['change'] {
  if (file.before === undefined) return 'created';
  return file.after === undefined ? 'deleted' : 'modified';
}
