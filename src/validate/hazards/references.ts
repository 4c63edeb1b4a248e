/**
 * What the relocations of a payload mean: which instruction or which word holds the address or the distance, and what
 * it designates. A distance counts from the end of its instruction, which is behind the field by an immediate or not.
 */
import { R_X86_64_64 } from '../../elf/constants.js';
import type { PerformedRelocation } from '../../hypervisor/payload.js';
import { readFixups } from '../../hypervisor/splice-record.js';
import { FIXUP_BYTES, spliceSections } from '../../xen/splice-records.js';
import { decodeCode, Flow, instructionAt } from '../../x86/decode.js';
import type { DecodedCode } from '../../x86/decode.js';
import { OLD_ADDR_FIELD } from '../../xen/function-records.js';
import type { AddressMap, MappedPayload, MappedSection } from '../../atlas/address-map.js';
import { lastAtOrBelow } from '../../atlas/extents.js';

export interface PayloadReference {
  readonly relocation: PerformedRelocation;
  /** Place of the field. */
  readonly at: number;
  /** The section that holds all of the field; undefined when none does. */
  readonly section: MappedSection | undefined;
  /**
   * `branch`, `call`: of an instruction; `operand`: another use by code; `pointer`: an address in data; `distance`: in
   * data, where what it counts from is known to its reader only.
   */
  readonly kind: 'branch' | 'call' | 'operand' | 'pointer' | 'distance';
  readonly to: number;
}

/**
 * The references of one payload, in the order of its relocations; behind them those of code that goes in place. What
 * says where something is patched is looked at by the checks of records and splices.
 */
export function readReferences(map: AddressMap, home: MappedPayload): PayloadReference[] {
  const { abi } = map.subject.profile;
  const { splices, fixups } = spliceSections(abi.sectionPrefix);
  const isPlace = ({ section, at }: PayloadReference): boolean =>
    section !== undefined &&
    (section.name === splices ||
      section.name === fixups ||
      (section.name === `${abi.sectionPrefix}.funcs` &&
        (at - section.start) % abi.recordSize === OLD_ADDR_FIELD));
  return [
    ...relocatedReferences(map, home).filter((reference) => !isPlace(reference)),
    ...fixupReferences(map, home),
  ];
}

/** Fields of code in place, where they are filled. */
function fixupReferences(map: AddressMap, home: MappedPayload): PayloadReference[] {
  const byPlace = new Map(home.payload.relocations.map((relocation) => [relocation.at, relocation]));
  return home.payload.splices
    .filter(({ kind }) => kind === 'inPlace')
    .flatMap((splice) => {
      const code = decodeCode(splice.new);
      return readFixups(map.subject.memory, splice).flatMap(({ into, target }, k): PayloadReference[] => {
        const relocation = byPlace.get(splice.fixupsAt + BigInt(k * FIXUP_BYTES));
        if (relocation === undefined) return [];
        const at = map.place(relocation.at);
        return [{ relocation, at, section: map.sectionAt(at), ...inCode(code, into, map.place(target)) }];
      });
    });
}

function relocatedReferences(map: AddressMap, home: MappedPayload): PayloadReference[] {
  const decoded = new Map<MappedSection, DecodedCode>();
  const codeOf = (section: MappedSection): DecodedCode => {
    const known = decoded.get(section) ?? decodeCode(section.bytes ?? new Uint8Array(0));
    decoded.set(section, known);
    return known;
  };
  const holders = home.sections.filter(({ start, end }) => end > start);
  return home.payload.relocations.map((relocation) => {
    const at = map.place(relocation.at);
    const target = map.place(relocation.target);
    const holder = lastAtOrBelow(holders, at);
    const section = holder !== undefined && at + relocation.width <= holder.end ? holder : undefined;
    const absolute = relocation.type === R_X86_64_64;
    if (section === undefined || !section.executable)
      return { relocation, at, section, kind: absolute ? 'pointer' : 'distance', to: target };
    if (absolute) return { relocation, at, section, kind: 'operand', to: target };
    return { relocation, at, section, ...inCode(codeOf(section), at - section.start, target) };
  });
}

/** Bytes of the distance in an instruction. */
const FIELD_BYTES = 4;

function inCode(code: DecodedCode, field: number, target: number): Pick<PayloadReference, 'kind' | 'to'> {
  const i = instructionAt(code, field);
  const behind = i < 0 ? FIELD_BYTES : code.start[i] + code.length[i] - field;
  // An alternative may have been written over the instruction that the relocation was made for.
  if (behind < FIELD_BYTES) return { kind: 'operand', to: target + FIELD_BYTES };
  const ends = behind === FIELD_BYTES;
  const kind =
    ends && code.flow[i] === Flow.call
      ? 'call'
      : ends && (code.flow[i] === Flow.jump || code.flow[i] === Flow.conditional)
        ? 'branch'
        : 'operand';
  return { kind, to: target + behind };
}
