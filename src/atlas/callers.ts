/**
 * Who calls a function: direct branches of the hypervisor's code, pointers in its data, branches that alternatives make,
 * and code that takes its address. Boot code calls nobody any more, but what it and its data did with an address is not
 * to be seen in the linked image: it counts as an address that was taken.
 *
 * Code is searched by fields: any four bytes that hold the distance to the function are a candidate, and only the
 * function that holds a candidate is decoded, to know whether an instruction has the field there.
 */
import { permissionsAt } from './page-permissions.js';
import { disassemble } from '../x86/disassemble.js';
import { Flow, instructionAt, ipRelativeOperands } from '../x86/decode.js';
import type { AddressMap } from './address-map.js';
import { HYPERVISOR } from './address-map.js';
import { CodePieces } from './code-pieces.js';
import type { CodePiece } from './code-pieces.js';
import { hexText } from '../x86/hex-text.js';
import { branchesInto, RangeSet } from './branches.js';
import { alternativeSites } from './alternative-sites.js';
import type { AddressUse, AlternativeSite, CallSite, Slot } from './call-sites.js';

export interface Callers {
  readonly sites: readonly CallSite[];
  readonly slots: readonly Slot[];
  readonly alternatives: readonly AlternativeSite[];
  readonly uses: readonly AddressUse[];
  /** Names of the functions that hold the sites, each once. */
  readonly functions: readonly string[];
}

const POINTER_BYTES = 8;
/** Between a displacement and the end of its instruction an immediate may stand: SDM vol. 2, 2.2.1.6. */
const IMMEDIATES = [0, 1, 2, 4];
const MOST_IMMEDIATE = 4;

/** What leads to each of these entries, in their order. */
export function findCallers(map: AddressMap, pieces: CodePieces, entries: readonly number[]): Callers[] {
  const ranges = entries.map((entry) => ({ start: entry, end: entry + 1 }));
  const branches = branchesInto(pieces, ranges, new RangeSet([])).filter(
    ({ piece }) => piece.section.owner === HYPERVISOR,
  );
  const uses = addressUses(map, entries);
  const slots = pointerSlots(map, entries, false);
  const bootSlots = pointerSlots(map, entries, true);
  const alternatives = alternativeSites(map, entries);
  return entries.map((entry) => {
    const own = branches.filter(({ to, from, piece }) => to === entry && !isWithin(piece, entry, from));
    const sites = own.map(({ from, call, piece }): CallSite => ({
      address: map.address(from),
      kind: call ? 'call' : kindOf(pieces, piece, from),
      place: map.title(from),
      caller: holderOf(map, from),
      permissions: permissionsAt(map, from),
      old: instructionBytes(pieces, piece, from),
      holder: { address: map.address(piece.start), size: piece.end - piece.start },
    }));
    return {
      sites,
      slots: slots.get(entry) ?? [],
      alternatives: alternatives.get(entry) ?? [],
      uses: [
        ...(uses.get(entry) ?? []),
        ...(bootSlots.get(entry) ?? []).map(({ address, place }) => ({ address, place, by: 'boot data' })),
      ],
      functions: [...new Set(sites.map(({ caller }) => caller))],
    };
  });
}

function instructionBytes(pieces: CodePieces, piece: CodePiece, from: number): string {
  const code = pieces.decode(piece);
  const i = instructionAt(code, from - piece.start);
  return hexText(pieces.bytes(piece).subarray(code.start[i], code.start[i] + code.length[i]));
}

/** A loop back to the entry from within is the function's own matter: its body is not run any more. */
function isWithin(piece: CodePiece, entry: number, from: number): boolean {
  return piece.start === entry && from >= entry && from < piece.end;
}

function kindOf(pieces: CodePieces, piece: CodePiece, from: number): CallSite['kind'] {
  const code = pieces.decode(piece);
  return code.flow[instructionAt(code, from - piece.start)] === Flow.conditional
    ? 'conditional jump'
    : 'jump';
}

/** The function that holds a place; a part of one that has no name is told by where it is. */
function holderOf(map: AddressMap, place: number): string {
  const symbols = map.symbolsAround(place);
  return symbols.holding(place)?.name ?? map.title(place);
}

/** Pointers in data that is there while the hypervisor runs, or in that of boot. */
function pointerSlots(map: AddressMap, entries: readonly number[], boot: boolean): Map<number, Slot[]> {
  const wanted = new Map(entries.map((entry) => [map.addressOf(entry), entry]));
  const highs = new Set([...wanted.keys()].map((address) => Number(address >> 32n)));
  const found = new Map<number, Slot[]>();
  for (const section of map.sections) {
    if (section.executable || section.boot !== boot || section.bytes === undefined) continue;
    const { bytes, start } = section;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const first = (POINTER_BYTES - (start % POINTER_BYTES)) % POINTER_BYTES;
    for (let at = first; at + POINTER_BYTES <= bytes.length; at += POINTER_BYTES) {
      if (!highs.has(view.getUint32(at + 4, true))) continue;
      const entry = wanted.get(view.getBigUint64(at, true));
      if (entry !== undefined) push(found, entry, slotOf(map, start + at));
    }
  }
  return found;
}

function slotOf(map: AddressMap, place: number): Slot {
  const permissions = permissionsAt(map, place);
  const constant = !permissions.includes('w');
  return { address: map.address(place), place: map.title(place), constant, permissions };
}

/** Instructions with a rip-relative operand that designates an entry, branches left out. */
function addressUses(map: AddressMap, entries: readonly number[]): Map<number, AddressUse[]> {
  const pieces = new CodePieces(map, { boot: true });
  const wanted = new Set(entries);
  const [lowest, highest] = [Math.min(...entries), Math.max(...entries)];
  const found = new Map<number, AddressUse[]>();
  for (const section of pieces.sections.filter(({ owner }) => owner === HYPERVISOR)) {
    const { bytes = new Uint8Array(0), start } = section;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + 4 <= bytes.length; at++) {
      const target = start + at + 4 + view.getInt32(at, true);
      if (target > highest || target + MOST_IMMEDIATE < lowest) continue;
      for (const immediate of IMMEDIATES) {
        if (!wanted.has(target + immediate)) continue;
        const use = proveUse(map, pieces, start + at, target + immediate);
        if (use !== undefined) push(found, target + immediate, use);
      }
    }
  }
  return found;
}

function proveUse(map: AddressMap, pieces: CodePieces, field: number, entry: number): AddressUse | undefined {
  const piece = pieces.at(field);
  if (piece === undefined) return undefined;
  const code = pieces.decode(piece);
  const i = instructionAt(code, field - piece.start);
  if (i < 0 || (code.flow[i] >= Flow.jump && code.flow[i] <= Flow.call)) return undefined;
  const [start, length] = [code.start[i], code.length[i]];
  const bytes = pieces.bytes(piece).subarray(start, start + length);
  const from = piece.start + start;
  const operand = ipRelativeOperands(bytes).find(({ at }) => from + at === field);
  if (operand === undefined || from + operand.target !== entry) return undefined;
  const instruction = disassemble(bytes)[0].text.split(/\s/)[0];
  return {
    address: map.address(from),
    place: map.title(from),
    by: piece.section.boot ? `boot code, ${instruction}` : instruction,
  };
}

function push<V>(into: Map<number, V[]>, key: number, value: V): void {
  const list = into.get(key);
  if (list === undefined) into.set(key, [value]);
  else list.push(value);
}
