/**
 * The patches of a range of commits, as `git format-patch` writes them. That is the only command of git that is
 * ever run, in the repository that holds the source tree, and it writes to nothing but its output.
 *
 * A repository is input like any other: its configuration may name programs to run (diff drivers, file system
 * monitors) and may change what a patch looks like, so both are overruled on the command line; and what the user
 * gives as a range stands behind --end-of-options, so that it is never taken for an option.
 */
import { execFile } from 'node:child_process';
import { diagnostic } from '../diag/diagnostic.js';
import type { Report } from '../diag/diagnostic.js';
import { withoutControls } from '../diag/printable.js';
import type { PatchInput } from './patch-input.js';

/** More output than this is no series of fixes, in bytes. */
const MOST_BYTES = 64 << 20;
/** How long git may take, in milliseconds. */
const PATIENCE = 120_000;
/** Lines of git's complaint that are shown. */
const SHOWN = 3;

const CONFIGURATION = [
  'core.fsmonitor=false',
  'core.quotePath=true',
  'core.attributesFile=/dev/null',
  'diff.noprefix=false',
  'diff.mnemonicPrefix=false',
  'diff.external=',
  'diff.orderFile=/dev/null',
  'diff.algorithm=default',
  'diff.renames=false',
  'format.attach=false',
  'format.useAutoBase=false',
  'format.notes=false',
  'log.showSignature=false',
  // Objects that a partial clone lacks are not fetched.
  'protocol.allow=never',
];

const OPTIONS = [
  '--stdout',
  '--no-cover-letter',
  '--no-signature',
  '--no-attach',
  '--no-add-header',
  '--no-to',
  '--no-cc',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--no-renames',
  '--no-stat',
  '--full-index',
  '--relative',
  '--unified=3',
  '--src-prefix=a/',
  '--dst-prefix=b/',
];

/**
 * The commits of `range` (`A..B`) in the repository of `sourceDir`, oldest first, a patch each. Commits that
 * change nothing, and merges, make no patch. Reports XS831, and then returns undefined.
 */
export async function readGitRange(
  sourceDir: string,
  range: string,
  report: Report,
): Promise<readonly PatchInput[] | undefined> {
  const refuse = (message: string, notes: readonly string[] = []): undefined => {
    const hint = 'give two commits of the repository that holds the source tree, as in RELEASE..fixes';
    report(diagnostic('XS831', { message, at: { object: sourceDir }, notes, hint }));
    return undefined;
  };
  const shown = `'${withoutControls(range)}'`;
  if (!/^[^-\s\0][^\s\0]*\.\.[^\s\0]*$/.test(range) || range.length > 1000)
    return refuse(`${shown} is no range of commits`);
  const run = await formatPatch(sourceDir, range);
  if (!run.ok) {
    const lines = withoutControlsInLines(run.complaint).slice(0, SHOWN);
    return refuse(`git gives no patches for ${shown}`, lines);
  }
  const patches = splitMailbox(run.output).map(({ commit, text }) => ({
    path: `git:${commit.slice(0, 12)}`,
    bytes: Buffer.from(text, 'latin1'),
  }));
  return patches.length > 0 ? patches : refuse(`${shown} holds no commit that changes a file`);
}

type GitRun =
  { readonly ok: true; readonly output: string } | { readonly ok: false; readonly complaint: string };

function formatPatch(sourceDir: string, range: string): Promise<GitRun> {
  const settings = CONFIGURATION.flatMap((setting) => ['-c', setting]);
  const args = ['--no-pager', ...settings, '-C', sourceDir];
  return new Promise((resolve) => {
    execFile(
      'git',
      [...args, 'format-patch', ...OPTIONS, '--end-of-options', range, '--'],
      { encoding: 'latin1', maxBuffer: MOST_BYTES, timeout: PATIENCE, env: gitEnvironment(process.env) },
      (error, stdout, stderr) =>
        resolve(
          error === null
            ? { ok: true, output: stdout }
            : { ok: false, complaint: stderr === '' ? error.message : stderr },
        ),
    );
  });
}

/** Without what would point git elsewhere or make it run something: GIT_DIR, GIT_EXTERNAL_DIFF and the like. */
function gitEnvironment(from: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  const kept = Object.entries(from).filter(([name]) => !name.startsWith('GIT_'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC', GIT_NO_LAZY_FETCH: '1' };
}

/** The line with which format-patch begins each commit, its date always the same, and the author after it. */
const BEGINNING = /^From ([0-9a-f]{40}|[0-9a-f]{64}) Mon Sep 17 00:00:00 2001\nFrom: /gm;

/** The commits of a mailbox that change something. */
function splitMailbox(text: string): { readonly commit: string; readonly text: string }[] {
  const starts = [...text.matchAll(BEGINNING)].map((found) => ({ commit: found[1] ?? '', at: found.index }));
  const pieces: { commit: string; text: string }[] = [];
  for (const [k, { commit, at }] of starts.entries()) {
    const piece = text.slice(at, starts[k + 1]?.at);
    if (/^diff --git /m.test(piece)) pieces.push({ commit, text: piece });
  }
  return pieces;
}

function withoutControlsInLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(withoutControls);
}
