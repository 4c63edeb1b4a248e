/**
 * Proves of each record that it replaces a whole function of running code by a whole function of its payload, and
 * that no two records write over parts of each other.
 */
import type { Diagnostic } from '../../diag/diagnostic.js';
import { diagnostic } from '../../diag/diagnostic.js';
import type { AddressMap, MappedSection } from '../../atlas/address-map.js';
import { HYPERVISOR } from '../../atlas/address-map.js';
import type { Patch } from './patches.js';
import { locateRecord, patchTitle } from './patches.js';
import { isFiller } from '../../x86/decode.js';
import type { Extent } from '../../atlas/extents.js';

export function checkRecords(map: AddressMap, patches: readonly Patch[]): Diagnostic[] {
  return [
    ...patches.flatMap((patch) => [...checkOld(map, patch), ...checkNew(map, patch)]),
    ...checkOverlaps(map, patches),
  ];
}

function checkOld(map: AddressMap, patch: Patch): Diagnostic[] {
  const wrong = whyNoFunction(map, patch);
  if (wrong !== undefined) {
    return [
      diagnostic('XS614', {
        message: `${patchTitle(map, patch)}: old_addr leads to ${wrong}`,
        at: locateRecord(map, patch),
        hint: 'name the function and leave old_addr 0, so that the hypervisor looks it up; check that the payload was built for this hypervisor',
      }),
    ];
  }
  return checkExtent(map, patch);
}

/** What is wrong with where old_addr points; undefined when code can be patched there. */
function whyNoFunction(map: AddressMap, patch: Patch): string | undefined {
  const { entry, body, home, kind } = patch;
  const section = map.sectionAt(entry);
  const title = map.title(entry);
  if (section === undefined) return `${title}, where nothing is mapped: the hypervisor panics at upload`;
  if (section.owner >= home.owner) return `${title}, which lies in no payload below`;
  if (section.boot) return `${title}, in boot memory that is gone when the hypervisor runs`;
  if (!section.executable) return `${title}, in ${section.name}: a jump would be written into data`;
  // NOPs may be written anywhere in a function; whether they cut an instruction is looked at elsewhere.
  if (body === undefined) return `${title}, where no symbol says that code begins`;
  if (kind === 'jump' && body.start !== entry) return `${title}, the middle of a function`;
  return undefined;
}

function checkExtent(map: AddressMap, patch: Patch): Diagnostic[] {
  const { body, entry, end, record, kind } = patch;
  if (body === undefined) return [];
  const size = body.end - body.start;
  const name = patchTitle(map, patch);
  if (end > body.end && !isFillerUpTo(map, body, end)) {
    const written = kind === 'jump' ? 'the jump that replaces it takes' : 'the NOPs take';
    return [
      diagnostic('XS615', {
        message: `${name} has ${String(size)} bytes, but ${written} ${String(end - body.start)}: ${map.title(body.end)} would be overwritten`,
        at: locateRecord(map, patch),
        hint: 'change the callers of so small a function; check that the payload was built for this hypervisor',
      }),
    ];
  }
  if (kind === 'nops' || !body.sized || entry !== body.start || record.oldSize <= size) return [];
  return [
    diagnostic('XS631', {
      message: `${name}: old_size is ${String(record.oldSize)}, but the function has ${String(size)} bytes`,
      at: locateRecord(map, patch),
      hint: 'build the payload from the source, the .config and the compiler of the running hypervisor',
    }),
  ];
}

/** Whether nothing but padding lies between the end of a function and a place behind it. */
function isFillerUpTo(map: AddressMap, body: Extent, place: number): boolean {
  const section = map.sectionAt(body.start);
  const end = Math.min(map.symbolsAround(body.start).nextStart(body.end - 1) ?? Infinity, section?.end ?? 0);
  return place <= end && isFiller(map.bytesAt(body.end, end - body.end));
}

function checkNew(map: AddressMap, patch: Patch): Diagnostic[] {
  const { record, home, kind } = patch;
  if (kind === 'nops') return [];
  const place = map.place(record.newAddress);
  const section = map.sectionAt(place);
  const wrong = whyNotNew(map, patch, place, section);
  if (wrong === undefined) return [];
  return [
    diagnostic('XS613', {
      message: `${patchTitle(map, patch)}: new_addr leads to ${map.title(place)}, ${wrong}`,
      at: locateRecord(map, patch),
      hint: `new_addr needs a relocation against a function of ${home.payload.name}`,
    }),
  ];
}

function whyNotNew(
  map: AddressMap,
  { home, entry }: Patch,
  place: number,
  section: MappedSection | undefined,
): string | undefined {
  if (section === undefined) return 'where nothing is';
  if (place === entry) return 'the function itself: it would jump to itself for ever';
  if (section.owner > home.owner) return 'in a payload that lies above';
  if (section.boot) return 'in boot memory that is gone when the hypervisor runs';
  if (!section.executable) return `in ${section.name}, which holds no code`;
  const symbol = map.symbolsAround(place).startingAt(place);
  // A payload may have been stripped of the names of its own functions; then a section is one.
  const begins =
    symbol !== undefined ||
    (section.owner !== HYPERVISOR && place === section.start && isNameless(map, place));
  return begins ? undefined : 'where no function begins';
}

function isNameless(map: AddressMap, place: number): boolean {
  return map.symbolsAround(place).holding(place) === undefined;
}

function checkOverlaps(map: AddressMap, patches: readonly Patch[]): Diagnostic[] {
  const byStart = [...patches].filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start);
  const found: Diagnostic[] = [];
  for (const [k, one] of byStart.entries()) {
    for (let j = k + 1; j < byStart.length && byStart[j].start < one.end; j++) {
      const wrong = whyConflict(one, byStart[j]);
      if (wrong === undefined) continue;
      found.push(conflictDiagnostic(map, one, byStart[j], wrong));
      // One is enough, and a hostile table has thousands that all overlap.
      break;
    }
  }
  return found;
}

/** Why two patches of overlapping bytes cannot be; the one that lies lower in the stack is applied first. */
function whyConflict(one: Patch, other: Patch): string | undefined {
  if (one.home === other.home)
    return 'the second saves what the first wrote, and a revert leaves a jump to memory that is freed';
  const [lower, upper] = one.home.owner < other.home.owner ? [one, other] : [other, one];
  const covers = upper.start <= lower.start && upper.end >= lower.end;
  if (covers || (upper.kind === 'jump' && upper.start === lower.start)) return undefined;
  return `${upper.home.payload.name} overwrites a part of what ${lower.home.payload.name} wrote, and the rest is no instruction`;
}

function conflictDiagnostic(map: AddressMap, one: Patch, other: Patch, wrong: string): Diagnostic {
  const said = ({ home, start, end, kind }: Patch): string =>
    `${home.payload.name} writes ${kind === 'jump' ? 'a jump' : 'NOPs'} over ${map.title(start)} to ${map.title(end - 1)}`;
  return diagnostic('XS612', {
    message: `two records patch the same code of ${map.title(one.start)}: ${wrong}`,
    at: locateRecord(map, other),
    notes: [said(one), said(other)],
    hint: 'keep one record for each function; a payload on top may replace a function as a whole again',
  });
}
