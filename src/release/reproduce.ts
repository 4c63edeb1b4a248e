/**
 * Makes a payload again from its manifest:
 *
 *   read the manifest ─► hash every input, name those that differ (then nothing is built) ─► build ─► compare bytes
 *
 * Other versions of the compiler or of this tool are told of and do not stop it: the bytes decide.
 */
import { dirname, resolve } from 'node:path';
import { diagnostic, hasErrors } from '../diag/diagnostic.js';
import type { Diagnostic, Report } from '../diag/diagnostic.js';
import { withoutControls } from '../diag/printable.js';
import { build, link, parseSpliceWish } from '../index.js';
import type { BuildResult, LinkResult, PayloadSettings } from '../index.js';
import { controlled } from '../run/run-control.js';
import type { RunControl, RunControls } from '../run/run-control.js';
import { readFileOrReport } from '../read-file.js';
import { hashOfFile, hashSourceFiles, readGitRange } from '../source/index.js';
import type { Patch } from '../source/index.js';
import { PROFILE_NAMES } from '../xen/profile-names.js';
import { parseReporter } from '../xen/reporting-functions.js';
import { ABIS } from '../xen/versions.js';
import type { AbiName } from '../xen/versions.js';
import { isFromGit, sha256 } from './manifest.js';
import type { CompilerEntry, FileRecord, PatchEntry, SourceEntry } from './manifest.js';
import { readManifest } from './read-manifest.js';
import type { Recipe } from './read-manifest.js';

export interface ReproduceRequest extends RunControls {
  readonly manifest: string;
  /** Where the source tree and xen-syms are now, if not where the manifest says. */
  readonly source?: string | undefined;
  readonly image?: string | undefined;
  readonly version: string;
  readonly jobs: number;
  readonly cacheDir: string;
}

export interface ReproduceResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Whether the bytes are those that the manifest describes. */
  readonly equal: boolean;
  /** What the manifest describes; absent when it could not be read. */
  readonly wanted?: Recipe['payload'];
  /** What was made; absent when it did not come to that. */
  readonly made?: { readonly bytes: Uint8Array; readonly sha256: string };
}

/** Differing inputs that are named. */
const SHOWN = 20;

/** Builds the payload of a manifest again and compares. Reports XS840 to XS843 and what a build reports. */
export async function reproduce(request: ReproduceRequest): Promise<ReproduceResult> {
  return await controlled(
    request,
    (control, found) => reproduceControlled(request, control, found),
    (diagnostics) => ({ diagnostics, equal: false }),
  );
}

async function reproduceControlled(
  request: ReproduceRequest,
  control: RunControl,
  diagnostics: Diagnostic[],
): Promise<ReproduceResult> {
  const report: Report = (found) => diagnostics.push(found);
  const bytes = readFileOrReport(request.manifest, report);
  const recipe = bytes && readManifest(request.manifest, Buffer.from(bytes).toString('utf8'), report);
  if (recipe === undefined) return { diagnostics, equal: false };
  const { payload: wanted } = recipe;
  const settings = settingsOf(request, recipe, report);
  if (settings === undefined || !(await checkInputs(request, recipe, report)))
    return { diagnostics, equal: false, wanted };
  if (recipe.version !== request.version)
    report(otherTool('xsplice-build', recipe.version, request.version, request.manifest));
  const result = await buildAgain(request, recipe, settings, report, control);
  diagnostics.push(...(result?.diagnostics ?? []));
  checkCompiler(request, recipe.compiler, result?.source?.compiler, report);
  if (result?.payload === undefined || hasErrors(diagnostics)) return { diagnostics, equal: false, wanted };
  const made = { bytes: result.payload.bytes, sha256: sha256(result.payload.bytes) };
  const equal = made.sha256 === wanted.sha256;
  if (!equal) report(differs(request, wanted, made));
  return { diagnostics, equal, wanted, made };
}

function differs(
  { manifest }: ReproduceRequest,
  wanted: Recipe['payload'],
  made: { readonly bytes: Uint8Array; readonly sha256: string },
): Diagnostic {
  return diagnostic('XS843', {
    message: `the payload is not ${withoutControls(wanted.path)}: its bytes differ`,
    at: { object: manifest },
    notes: [
      `wanted ${String(wanted.size)} bytes, SHA-256 ${wanted.sha256}`,
      `made   ${String(made.bytes.length)} bytes, SHA-256 ${made.sha256}`,
    ],
    hint: 'compare the two with `xsplice-build inspect`; -o FILE keeps what was made',
  });
}

function otherTool(what: string, then: string, now: string, manifest: string): Diagnostic {
  return diagnostic('XS842', {
    message: withoutControls(`${what} was '${then}' and is '${now}'`),
    at: { object: manifest },
    hint: 'if the bytes differ, use the version that the manifest names',
  });
}

function checkCompiler(
  { manifest }: ReproduceRequest,
  then: CompilerEntry | null,
  now: CompilerEntry | undefined,
  report: Report,
): void {
  if (then === null || now === undefined) return;
  if (then.version !== now.version) report(otherTool('the compiler', then.version, now.version, manifest));
  const [before, after] = [then, now].map(({ comments }) => comments.join(', '));
  if (before !== after) report(otherTool('the compiler of the original objects', before, after, manifest));
}

/** A path of the manifest as one that can be opened here. */
function placeOf({ manifest }: ReproduceRequest, path: string): string {
  return resolve(dirname(manifest), path);
}

function sourceDirOf(request: ReproduceRequest, { path }: SourceEntry): string {
  return request.source ?? placeOf(request, path);
}

function settingsOf(
  request: ReproduceRequest,
  { settings, image, below, passes }: Recipe,
  report: Report,
): (PayloadSettings & Pick<Parameters<typeof link>[0], 'allowLost' | 'reporters' | 'target'>) | undefined {
  const abi = Object.keys(ABIS).find((name): name is AbiName => name === settings.abi);
  const reporters = settings.reports_line.map(parseReporter).filter((reporter) => reporter !== undefined);
  const splice = settings.splice.map(parseSpliceWish).filter((wish) => wish !== undefined);
  const profile = PROFILE_NAMES.find((name) => name === settings.profile);
  const unknown = [
    ...(abi === undefined ? ['settings.abi'] : []),
    ...(profile === undefined && settings.profile !== null ? ['settings.profile'] : []),
    ...(reporters.length < settings.reports_line.length ? ['settings.reports_line'] : []),
    ...(splice.length < settings.splice.length ? ['settings.splice'] : []),
  ];
  if (abi === undefined || unknown.length > 0) {
    const [field] = unknown;
    const message = `${request.manifest} asks for what this version does not know: ${field}`;
    report(diagnostic('XS840', { message, at: { object: request.manifest } }));
    return undefined;
  }
  return {
    image: request.image ?? placeOf(request, image.path),
    onTopOf: below.map(({ path }) => placeOf(request, path)),
    abi,
    splice,
    // What they decided, and not they: code is run only when the user names it.
    ...(passes !== null && { choices: { leftOut: passes.left_out, added: passes.added } }),
    expect: settings.expect,
    prelink: settings.prelink,
    replace: settings.replace,
    modinfo: settings.modinfo,
    baseProof: settings.base_proof,
    ...(profile !== undefined && { profile }),
    ...(settings.depends !== null && { depends: settings.depends }),
    ...(settings.xen_depends !== null && { xenDepends: settings.xen_depends }),
    target: settings.target,
    allowLost: settings.allow_lost,
    reporters,
  };
}

/** Whether every input has the hash that the manifest says. Reports XS841. */
async function checkInputs(request: ReproduceRequest, recipe: Recipe, report: Report): Promise<boolean> {
  const { source, objects, image, below } = recipe;
  const differing: string[] = [];
  const check = async ({ path, sha256: wanted }: FileRecord, place: string): Promise<void> => {
    const found = await hashOfFile(place);
    if (found !== wanted) differing.push(`${path}: ${found === undefined ? 'missing' : `SHA-256 ${found}`}`);
  };
  await check(image, request.image ?? placeOf(request, image.path));
  const files = [
    ...below,
    ...(source === null ? [] : [...source.patches, ...source.applied].filter((p) => !isFromGit(p.path))),
    ...(source?.config === null || source?.config === undefined ? [] : [source.config]),
    ...(objects ?? []).flatMap(({ orig, patched }) => [orig, patched].filter((side) => side !== null)),
  ];
  for (const file of files) await check(file, placeOf(request, file.path));
  if (source !== null) {
    const found = await hashSourceFiles(sourceDirOf(request, source), Object.keys(source.files));
    for (const [path, wanted] of Object.entries(source.files)) {
      if (found[path] !== wanted)
        differing.push(`${path}: ${found[path] === undefined ? 'missing' : `SHA-256 ${found[path]}`}`);
    }
  }
  if (differing.length === 0) return true;
  const more = differing.length - SHOWN;
  report(
    diagnostic('XS841', {
      message: `${String(differing.length)} ${differing.length === 1 ? 'input is not what it was' : 'inputs are not what they were'} when the payload was made`,
      at: { object: request.manifest },
      notes: [
        ...differing.slice(0, SHOWN).map(withoutControls),
        ...(more > 0 ? [`and ${String(more)} more`] : []),
      ],
      hint: 'fetch them as they were; -s and --xen-syms name another place for the tree and the image',
    }),
  );
  return false;
}

async function buildAgain(
  request: ReproduceRequest,
  { source, objects }: Recipe,
  settings: PayloadSettings,
  report: Report,
  control: RunControl,
): Promise<(LinkResult & Pick<BuildResult, 'source'>) | undefined> {
  const controls: RunControls = { signal: control.signal, onProgress: (event) => control.tell(event) };
  if (source === null) {
    const pairs = (objects ?? []).map(({ object, orig, patched }) => ({
      object,
      ...(orig !== null && { orig: placeOf(request, orig.path) }),
      ...(patched !== null && { patched: placeOf(request, patched.path) }),
    }));
    return await link({ ...settings, ...controls, pairs });
  }
  const sourceDir = sourceDirOf(request, source);
  const patches = await patchesOf(request, source, report);
  if (patches === undefined) return undefined;
  const { jobs, cacheDir } = request;
  return await build({
    ...settings,
    ...controls,
    applied: source.applied.map((patch) => fileOf(request, patch)),
    source: {
      sourceDir,
      patches,
      configFile: source.config === null ? undefined : placeOf(request, source.config.path),
      jobs,
      cacheDir,
    },
  });
}

function fileOf(request: ReproduceRequest, { path, strip }: PatchEntry): Patch {
  return { path: placeOf(request, path), strip };
}

/** The patches, those of commits read again; a range that gives others now is reported as XS841. */
async function patchesOf(
  request: ReproduceRequest,
  source: SourceEntry,
  report: Report,
): Promise<readonly Patch[] | undefined> {
  if (source.git_range === null) return source.patches.map((patch) => fileOf(request, patch));
  const found = await readGitRange(sourceDirOf(request, source), source.git_range, report);
  if (found === undefined) return undefined;
  const hashes = found.map(({ bytes = new Uint8Array() }) => sha256(bytes));
  if (hashes.join() === source.patches.map((patch) => patch.sha256).join()) return found;
  report(
    diagnostic('XS841', {
      message: `the commits of ${withoutControls(source.git_range)} are not what they were when the payload was made`,
      at: { object: request.manifest },
      notes: source.patches.map(({ path }) => `then: ${path}`).slice(0, SHOWN),
      hint: 'a branch has moved, or git writes patches otherwise: name the commits by their hashes',
    }),
  );
  return undefined;
}
