/**
 * What every house rule starts from: the files of the project as text and as syntax trees, and the form in which
 * a rule complains.
 *
 * A rule is a function from sources to complaints, one line each. So it can be run over the project and over a
 * few lines made up to break it: a rule that has never been seen to complain proves nothing. Complaints come with
 * the way to mend them, because whoever meets one has usually never read the rule.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ts } from '@ts-morph/bootstrap';

/** The root of the repository; this file runs as dist/test/house/house.js. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Source {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** Parses a text as the file at `path`; the rules' own tests make their samples with it. */
export function sample(path: string, text: string): Source {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** Every file below a folder, in order of the paths; hidden files and build products are left out. */
export function filesUnder(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    if (NOT_OURS.has(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...filesUnder(path));
    else if (entry.isFile()) found.push(path);
  }
  return found.sort();
}

const NOT_OURS = new Set(['.git', 'node_modules', 'dist']);

/** The TypeScript files below the folders, parsed. Declarations of foreign modules (.d.ts) are left out. */
export function sourcesUnder(...folders: readonly string[]): Source[] {
  return folders
    .flatMap((folder) => filesUnder(folder))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map((path) => sample(path, readFileSync(join(ROOT, path), 'utf8')));
}

/** Calls `visit` for every node of a tree, parents before children. */
export function walk(tree: ts.Node, visit: (node: ts.Node) => void): void {
  visit(tree);
  ts.forEachChild(tree, (child) => walk(child, visit));
}

/** `src/elf/read.ts:12`, as editors and terminals link it. */
export function placeOf(source: Source, node: ts.Node): string {
  return `${source.path}:${lineOf(source, node.getStart(source.tree))}`;
}

/** The one-based line of a character position. */
export function lineOf(source: Source, position: number): number {
  return source.tree.getLineAndCharacterOfPosition(position).line + 1;
}

/** Fails with all complaints of a rule and how to mend them, unless there are none. */
export function demand(complaints: readonly string[], mend: string): void {
  if (complaints.length === 0) return;
  const count = complaints.length === 1 ? 'one place' : `${complaints.length} places`;
  const failure = new Error(`broken in ${count}\n${complaints.join('\n')}\n\nTo mend: ${mend}`);
  // The place in this file where the rule failed says nothing; the complaints do.
  failure.stack = failure.message;
  throw failure;
}
