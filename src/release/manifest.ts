/**
 * The manifest beside a payload: from what it was made, with which tools and settings, what it replaces, and how
 * far it was proven. `xsplice-build reproduce` makes the same bytes from it again.
 *
 * Nothing in it depends on the time, the machine, or where the inputs lie: paths are relative to the folder of
 * the manifest, and of a source tree only the files are listed that decided the payload. So two people who build
 * the same thing get the same manifest. Fields are added, never changed, within a version of the schema.
 */
import { createHash } from 'node:crypto';
import { dirname, relative, resolve, sep } from 'node:path';
import type { BuildResult, LinkResult } from '../index.js';
import { baseSummary } from '../report/base.js';
import type { BaseSummary } from '../report/base.js';
import { hex, payloadFacts, replacedFunctions } from '../report/payload.js';
import type { PayloadFacts, ReplacedSummary } from '../report/payload.js';
import type { PatchRecord } from '../source/index.js';
import { hashOfFile } from '../source/index.js';

export const MANIFEST_SCHEMA = 'xsplice-build/manifest/1';

export interface FileRecord {
  /** Relative to the folder of the manifest, / between folders. */
  readonly path: string;
  /** In hexadecimal, as everywhere here. */
  readonly sha256: string;
}

export interface PatchEntry extends FileRecord {
  readonly bytes: number;
  /** Leading components that names of files lose. */
  readonly strip: number;
}

export interface Manifest {
  readonly schema: typeof MANIFEST_SCHEMA;
  readonly tool: { readonly name: 'xsplice-build'; readonly version: string };
  readonly payload: FileRecord & PayloadFacts;
  readonly functions: readonly ReplacedSummary[];
  readonly inputs: ManifestInputs;
  readonly compiler: CompilerEntry | null;
  readonly settings: ManifestSettings;
  /** Null without passes of the user, and in manifests before there were any. */
  readonly passes: PassesEntry | null;
  /** Whether what it replaces and relies on is what runs; null when that was not asked for. */
  readonly base: BaseSummary | null;
  /** How far the payload was proven; null when it was not asked for. */
  readonly proof: {
    readonly profile: string;
    readonly levels: Readonly<Record<string, string>>;
    readonly compared_bytes: number;
  } | null;
}

export interface CompilerEntry {
  readonly command: string;
  readonly version: string;
  /** What .comment of the original objects says. */
  readonly comments: readonly string[];
}

export interface ManifestInputs {
  readonly image: FileRecord & { readonly build_id: string };
  /** Payloads below, or (with `replace`) whose place this one takes; oldest first. */
  readonly below: readonly (FileRecord & { readonly build_id: string })[];
  readonly scenarios: readonly FileRecord[];
  /** Where the objects came from: a source tree, or the objects themselves. */
  readonly source: SourceEntry | null;
  readonly objects: readonly ObjectEntry[] | null;
}

export interface SourceEntry {
  readonly path: string;
  readonly version: string;
  readonly patches: readonly PatchEntry[];
  /** Patches of the payloads below. */
  readonly applied: readonly PatchEntry[];
  /** The range of commits that `patches` came from. */
  readonly git_range: string | null;
  /** The .config that was given. */
  readonly config: FileRecord | null;
  /** The .config that was built with. */
  readonly config_sha256: string;
  /** SHA-256 of each file that decided the objects, by path from the top of the source. */
  readonly files: Readonly<Record<string, string>>;
}

export interface ObjectEntry {
  readonly object: string;
  readonly orig: FileRecord | null;
  readonly patched: FileRecord | null;
}

export interface ManifestSettings {
  readonly abi: string;
  readonly target: 'xen' | 'generic';
  readonly prelink: boolean;
  readonly replace: boolean;
  readonly modinfo: readonly string[];
  /** Records hold what the loader is to find; false in manifests before that was written down. */
  readonly expect: boolean;
  /** Whether the base was to be proven; true in manifests before that was written down. */
  readonly base_proof: boolean;
  /** Rules by which ways to splice were chosen; null for those of the image, and in manifests before that was written down. */
  readonly profile: string | null;
  /** Build-ids that were given; null when they were taken from the inputs. */
  readonly depends: string | null;
  readonly xen_depends: string | null;
  readonly allow_lost: readonly string[];
  readonly reports_line: readonly string[];
  /** Ways to splice, in the order in which they were given: `auto`, `do_domctl=callers`. */
  readonly splice: readonly string[];
}

/** Passes of the user that had a say. What they decided is enough to make the payload again. */
export interface PassesEntry {
  /** With what they import. */
  readonly files: readonly FileRecord[];
  readonly left_out: readonly FunctionEntry[];
  readonly added: readonly FunctionEntry[];
}

export interface FunctionEntry {
  readonly object: string;
  readonly name: string;
}

/** What the maker of a manifest must know beside the result: paths as the user gave them. */
export interface ManifestRequest {
  readonly manifest: string;
  readonly payload: string;
  readonly version: string;
  readonly image: string;
  readonly below: readonly string[];
  readonly scenarios: readonly string[];
  readonly source: {
    readonly path: string;
    readonly config: string | undefined;
    readonly gitRange: string | undefined;
  } | null;
  readonly objects: readonly {
    readonly object: string;
    readonly orig?: string;
    readonly patched?: string;
  }[];
  readonly settings: ManifestSettings;
  /** Files of passes of the user, with their hashes. */
  readonly passes?: readonly FileRecord[];
}

/** The manifest of a finished payload; undefined when there is no payload. Throws operating system errors. */
export async function makeManifest(
  request: ManifestRequest,
  result: LinkResult & Pick<BuildResult, 'source' | 'sourceFiles'>,
): Promise<Manifest | undefined> {
  const { payload, validation } = result;
  if (payload === undefined) return undefined;
  return {
    schema: MANIFEST_SCHEMA,
    tool: { name: 'xsplice-build', version: request.version },
    payload: {
      path: placeOf(request, request.payload),
      sha256: sha256(payload.bytes),
      ...payloadFacts(payload),
    },
    functions: replacedFunctions(payload),
    inputs: await inputsOf(request, result),
    compiler: result.source === undefined ? null : result.source.compiler,
    settings: request.settings,
    passes: passesOf(request, result),
    base: baseSummary(payload),
    proof:
      validation === undefined
        ? null
        : {
            profile: validation.profile,
            levels: validation.levels,
            compared_bytes: validation.comparedBytes,
          },
  };
}

function passesOf(request: ManifestRequest, { choices }: LinkResult): PassesEntry | null {
  if (request.passes === undefined) return null;
  return {
    files: request.passes.map(({ path, sha256: hash }) => ({ path: placeOf(request, path), sha256: hash })),
    left_out: choices?.leftOut ?? [],
    added: choices?.added ?? [],
  };
}

async function inputsOf(
  request: ManifestRequest,
  result: LinkResult & Pick<BuildResult, 'source' | 'sourceFiles'>,
): Promise<ManifestInputs> {
  const image = result.payload?.resolved.context.image;
  const below = await Promise.all(request.below.map((path) => recordOf(request, path)));
  return {
    image: { ...(await recordOf(request, request.image)), build_id: hex(image?.buildId ?? new Uint8Array()) },
    below: below.map((record, k) => ({ ...record, build_id: hex(result.below?.[k] ?? new Uint8Array()) })),
    scenarios: await Promise.all(request.scenarios.map((path) => recordOf(request, path))),
    source: await sourceOf(request, result),
    objects:
      request.source === null
        ? await Promise.all(request.objects.map((pair) => objectOf(request, pair)))
        : null,
  };
}

async function sourceOf(
  request: ManifestRequest,
  { source, sourceFiles = {} }: Pick<BuildResult, 'source' | 'sourceFiles'>,
): Promise<SourceEntry | null> {
  if (request.source === null || source === undefined) return null;
  const { path, config, gitRange } = request.source;
  const { major, minor, extra } = source.version;
  return {
    path: placeOf(request, path),
    version: `${String(major)}.${String(minor)}${extra}`,
    patches: source.patches.map((patch) => patchOf(request, patch)),
    applied: source.applied.map((patch) => patchOf(request, patch)),
    git_range: gitRange ?? null,
    config: config === undefined ? null : await recordOf(request, config),
    config_sha256: source.configSha256,
    files: sourceFiles,
  };
}

function patchOf(
  request: ManifestRequest,
  { path, sha256: hash, bytes, strip = 1 }: PatchRecord,
): PatchEntry {
  // What came from git has a name, no place.
  return { path: isFromGit(path) ? path : placeOf(request, path), sha256: hash, bytes, strip };
}

/** Whether a patch was read from commits: src/source/git-range.ts names it so. */
export function isFromGit(path: string): boolean {
  return /^git:[0-9a-f]{12}$/.test(path);
}

async function objectOf(
  request: ManifestRequest,
  { object, orig, patched }: ManifestRequest['objects'][number],
): Promise<ObjectEntry> {
  return {
    object,
    orig: orig === undefined ? null : await recordOf(request, orig),
    patched: patched === undefined ? null : await recordOf(request, patched),
  };
}

async function recordOf(request: ManifestRequest, path: string): Promise<FileRecord> {
  return { path: placeOf(request, path), sha256: (await hashOfFile(path)) ?? '' };
}

/** A path of the user (relative to where the command runs) as the manifest has it. */
function placeOf({ manifest }: ManifestRequest, path: string): string {
  const found = relative(resolve(dirname(manifest)), resolve(path))
    .split(sep)
    .join('/');
  return found === '' ? '.' : found;
}

/** SHA-256 in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
