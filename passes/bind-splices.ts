/** Reads: splice-request. Makes: named-payload. Assumes: every replaced function is bound. Reports: nothing. */
import type { SerialPass } from '../src/engine/pass.js';
import { R_X86_64_64, R_X86_64_PC32, R_X86_64_PLT32 } from '../src/elf/constants.js';
import type {
  BoundPlace,
  BoundSplice,
  IncludedAtom,
  NamedPayload,
  SplicedFunction,
  SpliceFixupPlan,
  SplicePlace,
  SpliceRequest,
} from '../src/model/payload-artifacts.js';
import { Anchors } from '../src/xen/anchors.js';

/**
 * Says by names what is spliced: each place as so many bytes from a symbol that the loader finds, each field of new code
 * by what it designates. New code that goes over the old one is left out of the payload; what refers to it refers to the
 * old place, where it will be.
 */
export const bindSplices: SerialPass<SpliceRequest, NamedPayload> = {
  name: 'bind-splices',
  reads: 'splice-request',
  makes: 'named-payload',
  run: ({ resolved, spliced }) => {
    const omitted = spliced
      .filter(({ way }) => way === 'in-place')
      .map((one) => resolved.replaced[one.function].included)
      .sort((a, b) => a - b);
    const rebound = referToOld(resolved, omitted);
    const anchors = new Anchors(resolved.context.image, new Set(rebound.symbolNames));
    const splices = spliced.map((one) => bindSplice(rebound, one, anchors));
    return { ...rebound, splices, omitted };
  },
};

/** What is left out is known to the hypervisor by its name. */
function referToOld(resolved: NamedPayload, omitted: readonly number[]): NamedPayload {
  if (omitted.length === 0) return resolved;
  const externals = new Map(omitted.map((atom, k) => [atom, resolved.bindings.length + k]));
  const added = omitted.flatMap((atom) => {
    const found = resolved.replaced.find(({ included }) => included === atom);
    return found === undefined ? [] : [{ name: found.name, address: found.oldAddress }];
  });
  const atoms = resolved.atoms.map((atom): IncludedAtom => {
    const refs = atom.refs.map((ref) => {
      const external = externals.get(ref.included);
      return external === undefined ? ref : { ...ref, included: -1, external };
    });
    return { ...atom, refs };
  });
  const symbolNames = resolved.symbolNames.map((name, k) => (externals.has(k) ? '' : name));
  return { ...resolved, atoms, bindings: [...resolved.bindings, ...added], symbolNames };
}

function bindSplice(
  resolved: NamedPayload,
  { function: position, way, places }: SplicedFunction,
  anchors: Anchors,
): BoundSplice {
  const { name, oldAddress, included } = resolved.replaced[position];
  if (oldAddress === undefined) throw new Error(`${name} is not of the hypervisor`);
  return {
    function: position,
    way,
    anchor: anchors.of(oldAddress),
    places: places.map((place): BoundPlace => ({
      ...place,
      anchor: anchors.of(place.address),
      holderAnchor: place.holder && anchors.of(place.holder.address),
      ...(way === 'in-place' ? codeFields(resolved.atoms[included], place) : turned(place, included)),
    })),
  };
}

/** The fields of the new function that lie in a place, and its bytes without what they will hold. */
function codeFields(
  atom: IncludedAtom,
  { from, new: bytes }: SplicePlace,
): Pick<BoundPlace, 'fixups' | 'new'> {
  const emptied = Uint8Array.from(bytes);
  const fixups: SpliceFixupPlan[] = [];
  for (const ref of atom.refs) {
    const at = ref.at - from;
    if (at < 0 || at >= bytes.length) continue;
    const r_type = ref.r_type === R_X86_64_PLT32 ? R_X86_64_PC32 : ref.r_type;
    emptied.fill(0, at, at + (r_type === R_X86_64_64 ? 8 : 4));
    const addend = ref.value - ref.correction + ref.high;
    fixups.push({ at, r_type, included: ref.included, external: ref.external, addend });
  }
  return { fixups, new: emptied };
}

/** A branch or a pointer leads to the new function. */
function turned({ kind, new: bytes }: SplicePlace, included: number): Pick<BoundPlace, 'fixups'> {
  const leads = { included, external: -1 };
  return {
    fixups: [
      kind === 'pointer'
        ? { at: 0, r_type: R_X86_64_64, addend: 0, ...leads }
        : { at: bytes.length - 4, r_type: R_X86_64_PC32, addend: -4, ...leads },
    ],
  };
}
