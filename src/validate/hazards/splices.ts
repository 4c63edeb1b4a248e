/**
 * Proves of each splice that it finds what it says, that what it writes is whole instructions or a pointer to its new
 * function, that nothing else writes there, and that after it nobody goes to the old function by a way that was seen.
 */
import type { AddressMap, MappedPayload } from '../../atlas/address-map.js';
import { branchesInto, RangeSet } from '../../atlas/branches.js';
import { findCallers } from '../../atlas/callers.js';
import type { CodePieces } from '../../atlas/code-pieces.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { diagnostic } from '../../diag/diagnostic.js';
import { printableName } from '../../diag/printable.js';
import type { LoadedSplice } from '../../hypervisor/payload.js';
import { decodeCode, Flow, instructionAt, isFiller } from '../../x86/decode.js';
import { hexText } from '../../x86/hex-text.js';
import { replacesBody } from './patches.js';
import type { Patch } from './patches.js';

/** A splice in its payload, as places. */
interface Place {
  readonly home: MappedPayload;
  readonly splice: LoadedSplice;
  readonly start: number;
  readonly end: number;
}

const SHOWN = 5;

export function checkSplices(map: AddressMap, pieces: CodePieces, patches: readonly Patch[]): Diagnostic[] {
  const places = map.payloads.flatMap((home) =>
    home.payload.splices.map((splice): Place => {
      const start = map.place(splice.address);
      return { home, splice, start, end: start + splice.length };
    }),
  );
  if (places.length === 0) return [];
  return [
    ...places.flatMap((place) => checkPlace(map, pieces, place, places)),
    ...places.flatMap((place) => checkOthers(map, place, places, patches)),
    ...checkEntered(map, pieces, places),
    ...checkReached(map, pieces, places, patches),
  ];
}

const nameOf = ({ splice }: Place): string => printableName(splice.name);
const overlaps = (a: { start: number; end: number }, b: { start: number; end: number }): boolean =>
  a.start < b.end && b.start < a.end;

function checkPlace(map: AddressMap, pieces: CodePieces, place: Place, all: readonly Place[]): Diagnostic[] {
  const { home, splice, start, end } = place;
  const at = map.locate(map.place(splice.at));
  const changedBelow = all.some((other) => other.home.owner < home.owner && overlaps(other, place));
  const there = map.bytesAt(start, splice.length);
  if (!changedBelow && Buffer.compare(there, splice.old) !== 0)
    return [
      diagnostic('XS640', {
        message: `the splice of ${nameOf(place)} expects other bytes at ${map.title(start)} than the hypervisor has`,
        at,
        notes: [`expected: ${hexText(splice.old)}`, `there: ${hexText(there)}`],
        hint: 'build the payload for this hypervisor',
      }),
    ];
  const wrong = splice.kind === 'pointer' ? whyNoPointer(splice) : whyNoCode(map, pieces, splice, start, end);
  return wrong === undefined
    ? []
    : [
        diagnostic('XS641', {
          message: `the splice of ${nameOf(place)} at ${map.title(start)} ${wrong}`,
          at,
          hint: 'build the payload again; check that it was built for this hypervisor',
        }),
      ];
}

function whyNoPointer({ new: bytes, replacement }: LoadedSplice): string | undefined {
  const to = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return to === replacement ? undefined : 'does not lead to its new function';
}

function whyNoCode(
  map: AddressMap,
  pieces: CodePieces,
  splice: LoadedSplice,
  start: number,
  end: number,
): string | undefined {
  const piece = pieces.at(start);
  if (piece === undefined) return 'is in no code';
  const code = pieces.decode(piece);
  const first = instructionAt(code, start - piece.start);
  if (first < 0 || piece.start + code.start[first] !== start) return 'begins within an instruction';
  const last = instructionAt(code, end - 1 - piece.start);
  const whole = last >= 0 && piece.start + code.start[last] + code.length[last] === end;
  if (!whole && !(end > piece.end && isFiller(map.bytesAt(piece.end, end - piece.end))))
    return 'ends within an instruction';
  const made = decodeCode(splice.new);
  if (made.flow.includes(Flow.invalid)) return 'writes half of an instruction';
  if (splice.kind === 'inPlace') return undefined;
  const to = start + made.target[0];
  const branch =
    made.flow[0] === Flow.call || made.flow[0] === Flow.jump || made.flow[0] === Flow.conditional;
  return made.count === 1 && branch && to === map.place(splice.replacement)
    ? undefined
    : 'does not lead to its new function';
}

/** What else is written over the same bytes. */
function checkOthers(
  map: AddressMap,
  place: Place,
  all: readonly Place[],
  patches: readonly Patch[],
): Diagnostic[] {
  const { home, splice } = place;
  const written = patches.find((patch) => overlaps(patch, place));
  const other = all.find((one) => one !== place && one.home.owner <= home.owner && overlaps(one, place));
  const whose = written?.home ?? other?.home;
  if (whose === undefined) return [];
  // The topmost is reverted first, and must find what it wrote.
  return [
    diagnostic('XS612', {
      message: `two payloads or records patch the same code of ${map.title(place.start)}: the splice of ${nameOf(place)} finds what ${whose.payload.name} wrote, or the other way round`,
      at: map.locate(map.place(splice.at)),
      hint: 'keep one way for each function; a payload that takes the place of the one below may choose anew',
    }),
  ];
}

/** Branches into the middle of what is written. */
function checkEntered(map: AddressMap, pieces: CodePieces, places: readonly Place[]): Diagnostic[] {
  const code = places.filter(({ splice }) => splice.kind !== 'pointer');
  const gone = new RangeSet(code);
  const inner = code.map(({ start, end }) => ({ start: start + 1, end }));
  const branches = branchesInto(pieces, inner, gone);
  return code.flatMap((place) => {
    const made = decodeCode(place.splice.new);
    const torn = branches.find(({ to }) => {
      if (to <= place.start || to >= place.end) return false;
      const i = instructionAt(made, to - place.start);
      return i < 0 || made.start[i] !== to - place.start;
    });
    if (torn === undefined) return [];
    return [
      diagnostic('XS641', {
        message: `the splice of ${nameOf(place)} at ${map.title(place.start)} is entered within an instruction`,
        at: map.locate(map.place(place.splice.at)),
        notes: [`${map.title(torn.from)} leads to ${map.title(torn.to)}`],
        hint: 'build the payload again; check that it was built for this hypervisor',
      }),
    ];
  });
}

/** Ways to an old function that no splice turns to the new one. */
function checkReached(
  map: AddressMap,
  pieces: CodePieces,
  places: readonly Place[],
  patches: readonly Patch[],
): Diagnostic[] {
  const turned = places.filter(({ splice }) => splice.kind !== 'inPlace');
  const covered = new Set(turned.map(({ start }) => map.address(start)));
  const firsts = new Map(turned.map((place) => [map.place(place.splice.replaced), place]));
  const entries = [...firsts.keys()];
  if (entries.length === 0) return [];
  // The old code of what is replaced itself is not run, or was written anew.
  const old = new RangeSet([
    ...patches.filter(replacesBody).flatMap(({ body }) => body ?? []),
    ...places.map(({ splice }) => {
      const start = map.place(splice.replaced);
      return { start, end: start + splice.replacedSize };
    }),
  ]);
  return findCallers(map, pieces, entries).flatMap((found, k) => {
    const left = [
      ...found.sites.filter(({ address }) => !covered.has(address) && !old.has(map.place(BigInt(address)))),
      ...found.slots.filter(({ address }) => !covered.has(address)),
      ...found.alternatives,
      ...found.uses,
    ].map(({ place }) => place);
    const place = firsts.get(entries[k]);
    if (left.length === 0 || place === undefined) return [];
    return [
      diagnostic('XS642', {
        message: `the old ${nameOf(place)} is still reached from ${left[0]}`,
        at: map.locate(map.place(place.splice.at)),
        notes:
          left.length > 1
            ? [`and from ${left.slice(1, SHOWN).join(', ')}${left.length > SHOWN ? ', …' : ''}`]
            : [],
        hint: 'let the tool find the callers (--splice=callers), or leave it to a trampoline',
      }),
    ];
  });
}
