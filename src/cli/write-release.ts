/** Writes a finished build: the payload, then its manifest, both whole or not at all. */
import { hasErrors } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { BuildResult, LinkResult } from '../index.js';
import type { Manifest, ManifestRequest } from '../release/manifest.js';
import { spellSpliceWish } from '../model/splice-wishes.js';
import { spellReporter } from '../xen/reporting-functions.js';
import type { BuildOptions } from './build-options.js';
import { writeOutput } from './common.js';
import { packageVersion } from './package-version.js';
import { manifestPath } from './record-options.js';

/** A build, and the pairs of objects that were given for it, if they were. */
export type Built = LinkResult &
  Pick<BuildResult, 'source' | 'sourceFiles'> & { readonly pairs?: ManifestRequest['objects'] };

export interface Released {
  readonly result: Built;
  /** Path of the manifest, if one was written. */
  readonly manifest?: string;
  readonly record?: Manifest;
}

type Files = ManifestRequest['passes'];

/** Writes what `built` gives, unless it was refused. What the system refuses is added as XS502. */
export async function writeRelease(options: BuildOptions, built: Built, passes?: Files): Promise<Released> {
  if (built.payload === undefined || hasErrors(built.diagnostics)) return { result: built };
  const below = await patchesBelow(options, built);
  const written = writeOutput(options.output, built.payload.bytes);
  const found = [...built.diagnostics, ...below, ...written];
  const path = manifestPath(options, options.output);
  if (path === undefined || hasErrors(found)) return { result: { ...built, diagnostics: found } };
  const { makeManifest } = await import('../release/manifest.js');
  const manifest = await makeManifest(
    { ...manifestRequest(options, built, path), ...(passes && { passes }) },
    built,
  );
  const noted = writeOutput(path, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  return {
    result: { ...built, diagnostics: [...found, ...noted] },
    ...(noted.length === 0 && { manifest: path }),
    ...(manifest !== undefined && { record: manifest }),
  };
}

/** Whether the patches of the payloads below are those that were given for them. */
async function patchesBelow(
  { onTopOf = [], replace = false }: BuildOptions,
  { source }: Built,
): Promise<readonly Diagnostic[]> {
  if (source === undefined || onTopOf.length === 0) return [];
  const { checkPatchesBelow } = await import('../release/below.js');
  return await checkPatchesBelow(onTopOf, { applied: source.applied, patches: source.patches, replace });
}

function manifestRequest(options: BuildOptions, { pairs = [] }: Built, manifest: string): ManifestRequest {
  const { source, config, gitRange } = options;
  return {
    manifest,
    payload: options.output,
    version: packageVersion(),
    image: options.xenSyms,
    below: options.onTopOf ?? [],
    scenarios: options.scenario ?? [],
    source: source === undefined ? null : { path: source, config, gitRange },
    objects: pairs,
    settings: {
      abi: options.abi,
      target: options.target,
      prelink: options.prelink === true,
      replace: options.replace === true,
      modinfo: options.modinfo ?? [],
      expect: options.expect === true,
      base_proof: options.baseProof,
      profile: options.profile ?? null,
      depends: options.depends ?? null,
      xen_depends: options.xenDepends ?? null,
      allow_lost: options.allowLost ?? [],
      reports_line: (options.reportsLine ?? []).map(spellReporter),
      splice: (options.splice ?? []).map(spellSpliceWish),
    },
  };
}
