/**
 * What the manifests beside the payloads below say of the patches that they brought, against what the user says:
 * a wrong series of patches makes a payload against a hypervisor that nobody runs.
 */
import { readFile } from 'node:fs/promises';
import { diagnostic } from '../diag/diagnostic.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { withoutControls } from '../diag/printable.js';
import type { PatchRecord } from '../source/index.js';
import { hashOfFile } from '../source/index.js';
import type { PatchEntry } from './manifest.js';
import { readManifest } from './read-manifest.js';

/** How the new payload relates to those below. */
export interface Above {
  /** The patches that were given as theirs. */
  readonly applied: readonly PatchRecord[];
  /** Its own patches. */
  readonly patches: readonly PatchRecord[];
  /** It takes their place. */
  readonly replace: boolean;
}

/**
 * XS423 when the applied patches are not those that the manifests list, XS422 when a payload takes the place of
 * others and lacks a patch of theirs. Payloads without a manifest of their own bytes say nothing.
 */
export async function checkPatchesBelow(payloads: readonly string[], above: Above): Promise<Diagnostic[]> {
  const listed = await Promise.all(payloads.map(async (path) => ({ path, patches: await patchesOf(path) })));
  const known = listed.flatMap(({ path, patches }) => (patches === undefined ? [] : [{ path, patches }]));
  if (above.replace) return known.flatMap(({ path, patches }) => lacking(path, patches, above.patches));
  if (above.applied.length === 0 || known.length < listed.length) return [];
  const wanted = known.flatMap(({ patches }) => patches);
  const hashes = (patches: readonly { readonly sha256: string }[]): string =>
    patches.map(({ sha256 }) => sha256).join();
  if (hashes(wanted) === hashes(above.applied)) return [];
  return [
    diagnostic('XS423', {
      message: 'the patches of --applied are not those that the payloads below were made from',
      at: { object: payloads[payloads.length - 1] ?? '' },
      notes: wanted.map(({ path, sha256 }) => withoutControls(`wanted: ${path}, SHA-256 ${sha256}`)),
      hint: 'give exactly these with --applied, in this order',
    }),
  ];
}

function lacking(payload: string, patches: readonly PatchEntry[], own: readonly PatchRecord[]): Diagnostic[] {
  const gone = patches.filter(({ sha256 }) => !own.some((patch) => patch.sha256 === sha256));
  if (gone.length === 0) return [];
  return [
    diagnostic('XS422', {
      message: `${payload} was made from ${gone.length === 1 ? 'a patch' : `${String(gone.length)} patches`} that the payload which replaces it does not have`,
      at: { object: payload },
      notes: gone.map(({ path, sha256 }) => withoutControls(`${path}, SHA-256 ${sha256}`)),
      hint: 'give all patches, in order, unless the fix was withdrawn',
    }),
  ];
}

/** The patches in the manifest beside a payload, if there is one and it is of this payload. */
async function patchesOf(payload: string): Promise<readonly PatchEntry[] | undefined> {
  const path = `${payload}.manifest.json`;
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const recipe = text === undefined ? undefined : readManifest(path, text, () => undefined);
  if (recipe?.source === null || recipe === undefined) return undefined;
  return recipe.payload.sha256 === (await hashOfFile(payload)) ? recipe.source.patches : undefined;
}
