/** Plans the splices of all functions of payloads that are loaded into a hypervisor. */
import type { LoadedFunction, LoadedPayload, LoadedSplice } from '../hypervisor/payload.js';
import type { MappedPayload } from '../atlas/address-map.js';
import { AddressMap } from '../atlas/address-map.js';
import { CodePieces } from '../atlas/code-pieces.js';
import { branchesPastEntries } from '../validate/hazards/live-branches.js';
import { findPatches } from '../validate/hazards/patches.js';
import type { Patch } from '../validate/hazards/patches.js';
import type { HazardSubject } from '../atlas/subject.js';
import type { PlaceRange } from '../atlas/branches.js';
import { bootRanges } from '../atlas/boot-ranges.js';
import { findCallers } from '../atlas/callers.js';
import type { Callers } from '../atlas/callers.js';
import { bytesOfText } from '../x86/hex-text.js';
import { planInPlace } from './in-place.js';
import { LED_PAST } from './plan.js';
import type { CallersWay, SplicedAlready, FunctionPlan, SplicePlan, TrampolineWay } from './plan.js';

const JUMP_BYTES = 5;

interface Subject {
  readonly payload: LoadedPayload;
  readonly replaced: LoadedFunction;
  readonly patch: Patch;
}

/** One plan for each record with a new function, in their order. */
export function makePlan(subject: HazardSubject): SplicePlan {
  const map = new AddressMap(subject);
  const pieces = new CodePieces(map);
  const subjects = findPatches(map)
    .filter(({ kind }) => kind === 'jump')
    .map((patch): Subject => ({ patch, payload: patch.home.payload, replaced: patch.record }));
  const callers = findCallers(
    map,
    pieces,
    subjects.map(({ patch }) => patch.entry),
  );
  const { live } = branchesPastEntries(
    map,
    pieces,
    subjects.map(({ patch }) => patch),
  );
  const boot = bootRanges(map);
  const functions = subjects.map(({ payload, replaced, patch }, k): FunctionPlan => {
    const entered = live
      .filter(({ to }) => to > patch.start && to < (patch.body?.end ?? patch.end))
      .map(({ from, to }) => `${map.title(from)} leads to ${map.title(to)}`);
    return {
      name: replaced.name,
      payload: payload.name,
      address: map.address(patch.entry),
      oldSize: replaced.oldSize,
      newSize: replaced.newSize,
      inPlace: planInPlace({ map, pieces, memory: subject.memory, payload, replaced, boot }),
      callers: callersWay(map, replaced, callers[k], boot),
      trampoline: trampolineWay(map, replaced, patch, entered),
    };
  });
  return {
    image: subject.image.name,
    spliced: map.payloads.flatMap((home) => splicedBy(map, home)),
    functions,
  };
}

/** By function, in the order of the records. */
function splicedBy(map: AddressMap, { payload }: MappedPayload): SplicedAlready[] {
  const found = new Map<string, LoadedSplice[]>();
  for (const splice of payload.splices) found.set(splice.name, [...(found.get(splice.name) ?? []), splice]);
  return [...found].map(([name, splices]) => ({
    name,
    payload: payload.name,
    way: splices[0].kind === 'inPlace' ? 'in-place' : 'callers',
    places: splices.map(({ address }) => map.title(map.place(address))),
  }));
}

function callersWay(
  map: AddressMap,
  { name }: LoadedFunction,
  found: Callers,
  boot: readonly PlaceRange[],
): CallersWay {
  const { sites, slots, alternatives, uses, functions } = found;
  const short = sites.filter(({ old }) => bytesOfText(old).length < JUMP_BYTES);
  const booted = sites.filter(({ address }) => {
    const place = map.place(BigInt(address));
    return boot.some(({ start, end }) => place < end && place + JUMP_BYTES > start);
  });
  const obstacles = [
    ...(uses.length === 0
      ? []
      : [
          `its address is taken at ${counted(uses.length, 'place')}; where such a pointer goes cannot be seen`,
        ]),
    ...(alternatives.length === 0
      ? []
      : [`what alternatives write at ${counted(alternatives.length, 'place')} is not known here`]),
    ...(short.length === 0 ? [] : [`${counted(short.length, 'short jump')} cannot reach a payload`]),
    ...(booted.length === 0 ? [] : [`booting changes ${counted(booted.length, 'call')} of it`]),
    ...(sites.length + slots.length + alternatives.length === 0 ? ['nothing that calls it can be seen'] : []),
  ];
  return {
    possible: obstacles.length === 0,
    obstacles,
    quiet: [name, ...functions.filter((caller) => caller !== name)],
    sites,
    slots,
    alternatives,
    uses,
  };
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

function trampolineWay(
  map: AddressMap,
  { name, oldSize, newAddress }: LoadedFunction,
  patch: Patch,
  entered: readonly string[],
): TrampolineWay {
  const jumpAt = patch.start - patch.entry;
  const distance = map.place(newAddress) - (patch.start + JUMP_BYTES);
  const needed = jumpAt + JUMP_BYTES;
  const obstacles = [
    ...(oldSize < needed ? [`the old function has ${oldSize} bytes, and ${needed} are needed`] : []),
    ...(Math.abs(distance) >= 2 ** 31 ? ['the new function is more than 2 GiB away'] : []),
    ...(entered.length > 0 ? [`${LED_PAST} at ${entered.length} places`] : []),
  ];
  return { possible: obstacles.length === 0, obstacles, quiet: [name], jumpAt, distance, entered };
}
