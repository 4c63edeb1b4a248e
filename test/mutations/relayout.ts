/**
 * Gives the things of a section new places in it, and mends everything that counted on the old ones: symbols,
 * relocations, references by section symbol, and branches that the assembler resolved because both ends stood in
 * one section. So functions can be moved like strings or table entries.
 */
import * as c from '../../src/elf/constants.js';
import { relocKind } from '../../src/elf/reloc-x86-64.js';
import { ipRelativeOperands } from '../../src/x86/decode.js';
import type { DraftRela, DraftSection } from './draft.js';
import { isSectionSymbol } from './draft.js';
import { isCode, purposeOf } from './purpose.js';
import type { Thing } from './things.js';
import type { View } from './view.js';

/** Where a thing goes. */
interface Move {
  readonly thing: Thing;
  readonly to: number;
}

/** What fills the space before a thing: this byte, so many more bytes than its alignment asks for. */
export interface Filling {
  readonly byte: number;
  readonly extra: (thing: Thing) => number;
}

const NO_SPACE: Filling = { byte: 0, extra: () => 0 };

/**
 * Lays things of a section out in the given order; what is not among them goes, so nothing else may refer to it.
 * False, and nothing done, when something in or around the section cannot be moved with certainty.
 */
export function relayout(
  view: View,
  section: DraftSection,
  order: readonly Thing[],
  filling: Filling = NO_SPACE,
): boolean {
  const moves: Move[] = [];
  let end = 0;
  for (const thing of order) {
    const align = alignmentOf(section, thing);
    const to = Math.ceil((end + filling.extra(thing)) / align) * align;
    moves.push({ thing, to });
    end = to + thing.end - thing.start;
  }
  const place = new Map(moves.map(({ thing, to }) => [thing, to]));
  const symbols = view.draft.symbols.filter((s) => s.section === section && !isSectionSymbol(s));
  const standing = symbols.every((s) => place.has(holder(view, section, s.st_value) ?? FILLER));
  const edits = standing ? referenceEdits(view, section, place) : undefined;
  const leaps = leapEdits(view, section, place);
  if (edits === undefined || leaps === undefined || hasOwnAddresses(view, section)) return false;

  const before = section.bytes;
  section.size = end;
  if (section.sh_type !== c.SHT_NOBITS) {
    section.bytes = new Uint8Array(end).fill(filling.byte);
    for (const { thing, to } of moves) section.bytes.set(before.subarray(thing.start, thing.end), to);
  }
  for (const { field, bytes } of leaps) section.bytes.set(bytes, field);
  for (const edit of edits) edit();
  for (const rela of section.relas) rela.r_offset = moved(view, section, place, rela.r_offset);
  for (const symbol of symbols) symbol.st_value = moved(view, section, place, symbol.st_value);
  return true;
}

const FILLER: Thing = {
  ...{ fate: 'filler', purpose: 'ignored', section: -1, start: 0, end: 0 },
  ...{ titles: [], named: false, symbol: undefined, sourceFile: '' },
};

/** The alignment that its old place shows, which may be more than it needs. */
function alignmentOf(section: DraftSection, thing: Thing): number {
  let align = section.sh_addralign;
  while (thing.start % align !== 0) align /= 2;
  return align;
}

/** The thing that holds this very byte. */
function holder(view: View, section: DraftSection, at: number): Thing | undefined {
  const thing = view.thingAt(section, at);
  return thing !== undefined && at >= thing.start && at < thing.end ? thing : undefined;
}

function moved(view: View, section: DraftSection, place: ReadonlyMap<Thing, number>, at: number): number {
  const thing = holder(view, section, at) ?? FILLER;
  return (place.get(thing) ?? 0) + at - thing.start;
}

/** New addends for references by section symbol; undefined when one of them leads to no single thing. */
function referenceEdits(
  view: View,
  section: DraftSection,
  place: ReadonlyMap<Thing, number>,
): (() => void)[] | undefined {
  const edits: (() => void)[] = [];
  for (const user of view.draft.sections) {
    for (const rela of user.relas) {
      if (rela.symbol?.section !== section || !isSectionSymbol(rela.symbol)) continue;
      const target = view.target(user, rela);
      if (target === undefined) continue;
      const thing = holder(view, section, target.at);
      if (thing === undefined && purposeOf(user) === 'ignored') continue;
      if (thing === undefined || !place.has(thing) || isFromTable(view, user, rela)) return undefined;
      const shift = moved(view, section, place, target.at) - target.at;
      edits.push(() => (rela.r_addend += shift));
    }
  }
  return edits;
}

/** Whether the addend holds the distance to the start of an unknown table as well. */
function isFromTable(view: View, user: DraftSection, rela: DraftRela): boolean {
  const purpose = purposeOf(user);
  if (purpose === 'ignored') return false;
  const code = isCode(view.thingAt(user, rela.r_offset)?.purpose ?? 'ignored');
  return relocKind(rela.r_type)?.pcRelative === true && !code && purpose !== 'entries';
}

/** The displacements of branches between things; undefined when one of them cannot be written. */
function leapEdits(
  view: View,
  section: DraftSection,
  place: ReadonlyMap<Thing, number>,
): { field: number; bytes: Uint8Array }[] | undefined {
  const edits: { field: number; bytes: Uint8Array }[] = [];
  for (const leap of view.leaps()) {
    // What is not given a place goes, and its branches with it.
    if (leap.section !== section || !place.has(leap.user)) continue;
    const target = holder(view, section, leap.at);
    if (target === undefined || !place.has(target)) return undefined;
    const field = moved(view, section, place, leap.field);
    const distance = moved(view, section, place, leap.at) - (field + leap.width);
    if (leap.width === 1 && (distance < -128 || distance > 127)) return undefined;
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, distance, true);
    edits.push({ field, bytes: bytes.subarray(0, leap.width) });
  }
  return edits;
}

/** Whether its code holds addresses inside the section without relocations, other than branches. */
function hasOwnAddresses(view: View, section: DraftSection): boolean {
  return view.thingsIn(section).some((thing) => {
    if (!isCode(thing.purpose)) return false;
    const fields = new Set(view.relasIn(thing).map((rela) => rela.r_offset - thing.start));
    return ipRelativeOperands(view.bytesOf(thing)).some(({ at }) => !fields.has(at));
  });
}
