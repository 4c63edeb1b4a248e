/** Artifacts as passes of the user see them: plain data without graphs, in the words of the published types. */
import type { InclusionView, PayloadView, SelectionView } from '../config.js';
import { SHF_EXECINSTR, SHF_WRITE } from '../elf/constants.js';
import type { PairDiff } from '../model/artifacts.js';
import { atomNameInXen, atomSection, atomTitle } from '../model/object-model.js';
import type { FinishedPayload, Inclusion, Selection } from '../model/payload-artifacts.js';
import { changedFunctions, refOf, unchangedFunctions } from './choices.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** `diffs`: what was found, for the reasons. */
export function selectionView(selection: Selection, diffs: readonly PairDiff[]): SelectionView {
  const { objects, wishes } = selection.context;
  return {
    hypervisor: hex(wishes.xenDepends),
    objects: objects.map(({ object }) => object),
    functions: changedFunctions(selection).map((place) => {
      const { object, patched, orig, correlation } = objects[place.object];
      const { name, sourceFile, index } = place.atom;
      const found = diffs
        .find((diff) => diff.object === object)
        ?.changed.find((changed) => changed.name === name && changed.sourceFile === sourceFile);
      const before = correlation.toOrig[index];
      return {
        ...refOf(selection, place),
        kind: found?.kind ?? 'code',
        reason: found?.reason ?? 'named by a pass',
        oldSize: before < 0 ? 0 : orig.atoms[before].size,
        newSize: patched.atoms[index].size,
      };
    }),
    unchanged: unchangedFunctions(selection).map((place) => refOf(selection, place)),
    hooks: selection.roots.flatMap(({ object: k, atom, reason }) => {
      if (reason !== 'hook') return [];
      const { object, patched } = objects[k];
      return patched.refs[atom].flatMap((ref) =>
        ref.atom < 0 ? [] : [{ object, name: atomNameInXen(object, patched.atoms[ref.atom]) }],
      );
    }),
  };
}

export function inclusionView({ context, atoms, externals }: Inclusion): InclusionView {
  return {
    hypervisor: hex(context.wishes.xenDepends),
    included: atoms.map(({ object: k, atom: index, reason, from }) => {
      const { object, patched } = context.objects[k];
      const atom = patched.atoms[index];
      const { kind, size } = atom;
      return {
        object,
        name: atomTitle(patched, atom),
        kind,
        section: atomSection(patched, atom).name,
        size,
        reason,
        from,
      };
    }),
    externals: externals.map(({ name }) => name),
  };
}

export function payloadView({ bytes, buildId, resolved, object }: FinishedPayload): PayloadView {
  const { wishes } = resolved.context;
  const ways = new Map(resolved.splices?.map((splice) => [splice.function, splice.way]));
  return {
    hypervisor: hex(wishes.xenDepends),
    buildId: hex(buildId),
    depends: hex(wishes.depends),
    size: bytes.length,
    functions: resolved.replaced.map(({ name, oldAddress, oldSize, newSize }, k) => ({
      name,
      oldAddress: oldAddress === undefined ? null : `0x${oldAddress.toString(16)}`,
      oldSize,
      newSize,
      way: ways.get(k) ?? 'trampoline',
    })),
    sections: object.sections.map((section) => ({
      name: section.name,
      size: section.sh_size ?? section.bytes.length,
      alignment: section.sh_addralign,
      writable: (section.sh_flags & SHF_WRITE) !== 0,
      executable: (section.sh_flags & SHF_EXECINSTR) !== 0,
    })),
  };
}
