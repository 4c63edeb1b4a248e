/**
 * The pipeline without files: objects come from ElfBuilder, images too, and what a pair or a payload turns out to
 * be is returned with everything that was said.
 */
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import * as c from '../../src/elf/constants.js';
import { runChain } from '../../src/engine/execute.js';
import type { ChangedObject, PairDiff } from '../../src/model/artifacts.js';
import { bundleObject } from '../../src/model/bundle.js';
import type { Atom, Bundles, ObjectModel } from '../../src/model/object-model.js';
import type { FinishedPayload, PayloadRequest, PayloadWishes } from '../../src/model/payload-artifacts.js';
import { resolveReferences } from '../../src/model/references.js';
import { DIFF_PAIR_CHAIN, PAYLOAD_PIPELINE } from '../../src/pipeline.js';
import { readXenImage } from '../../src/xen/image.js';
import type { XenImage } from '../../src/xen/image.js';
import { ABIS, TARGETS } from '../../src/xen/versions.js';
import type { TargetProfile } from '../../src/xen/versions.js';
import { ElfBuilder, patchedHeader } from './elf-builder.js';

type Target = TargetProfile['name'];

export function bundled(object: ElfBuilder, target: Target = 'xen'): Bundles {
  return bundleObject(object.read(), TARGETS[target]);
}

export function modelled(object: ElfBuilder, target: Target = 'xen'): ObjectModel {
  return resolveReferences(bundled(object, target));
}

/** The atom of that name. */
export function atomNamed(model: Bundles, name: string): Atom {
  const found = model.atoms.find((atom) => atom.name === name);
  if (found === undefined) throw new Error(`no atom is named ${name}`);
  return found;
}

/** Atoms in one line each: kind, name, section and extent. */
export function listAtoms(model: Bundles): string[] {
  return model.atoms.map(
    (a) =>
      `${a.kind} ${a.name === '' ? '-' : a.name} ${model.file.sections[a.section].name}+${a.start} ${a.size}`,
  );
}

export function compareObjects(
  orig: ElfBuilder | Uint8Array | undefined,
  patched: ElfBuilder | Uint8Array | undefined,
  target: Target = 'xen',
  explain: readonly string[] = [],
): PairDiff {
  const bytesOf = (side: ElfBuilder | Uint8Array): Uint8Array =>
    side instanceof ElfBuilder ? side.bytes() : side;
  const item = {
    object: 'common/x.o',
    identical: false,
    ...(orig !== undefined && { orig: bytesOf(orig) }),
    ...(patched !== undefined && { patched: bytesOf(patched) }),
  };
  return runChain(DIFF_PAIR_CHAIN, [item], { target: TARGETS[target], explain }).results[0];
}

/** The names of the functions that changed. */
export const changedNames = (diff: PairDiff): string[] => diff.changed.map(({ name }) => name);

/** Changed function -> why, as `kind: reason`. */
export const reasonsOf = (diff: PairDiff): Record<string, string> =>
  Object.fromEntries(diff.changed.map(({ name, kind, reason }) => [name, `${kind}: ${reason}`]));

/** The graph of a pair that changed. */
export function detailOf(diff: PairDiff): ChangedObject {
  if (diff.detail === undefined) throw new Error(`no graph: the pair is ${diff.verdict}`);
  return diff.detail;
}

/** The bytes of a linked image, made of an object: only its symbols and its build-id are asked for. */
export function imageBytesOf(object: ElfBuilder): Uint8Array {
  const note = [4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4e, 0x55, 0, 0xde, 0xad, 0xbe, 0xef];
  object.section('.note.gnu.build-id', note, { type: c.SHT_NOTE, align: 4 });
  return patchedHeader(object.bytes(), 'e_type', c.ET_EXEC);
}

export function imageOf(object: ElfBuilder): XenImage {
  const image = readXenImage('xen-syms', imageBytesOf(object), (found) => {
    throw new Error(found.message);
  });
  if (image === undefined) throw new Error('no image');
  return image;
}

export interface Linked {
  readonly payload: FinishedPayload | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly codes: readonly string[];
}

/** Links what changed in the pairs against an image. */
export async function linkObjects(
  diffs: readonly PairDiff[],
  image: XenImage,
  more: { readonly wishes?: Partial<PayloadWishes>; readonly stack?: PayloadRequest['stack'] } = {},
): Promise<Linked> {
  const state = { diagnostics: [], timings: new Map<string, number>() };
  const wishes = {
    abi: ABIS['livepatch-v2'],
    depends: image.buildId,
    xenDepends: image.buildId,
    prelink: false,
    replace: false,
    modinfo: [],
    ...more.wishes,
  };
  const request: PayloadRequest = {
    kind: 'payload-request',
    diffs: diffs.map((diff, k) => ({ ...diff, object: `common/${k}.o` })),
    image,
    stack: more.stack ?? [],
    wishes,
  };
  const options = { target: TARGETS.xen, threads: 1 };
  const payload = await PAYLOAD_PIPELINE.run(request, options, state);
  const diagnostics: readonly Diagnostic[] = state.diagnostics;
  return { payload, diagnostics, codes: diagnostics.map((d) => d.code) };
}
