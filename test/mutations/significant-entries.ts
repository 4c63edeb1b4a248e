/** Significant mutators of the tables that describe code: fields, targets and kinds of entries, and entries deleted. */
import type { Draft, DraftRela, DraftSection } from './draft.js';
import { patch, splice } from './draft.js';
import { significant } from './mutator.js';
import type { Change, Mutator } from './mutator.js';
import { entrySizeOf } from './purpose.js';
import type { Random } from './random.js';
import { relayout } from './relayout.js';
import type { Thing } from './things.js';
import { signed24 } from './view.js';
import type { View } from './view.js';

function entriesOf(view: View, table: RegExp): Thing[] {
  return view.things.filter((thing) => thing.fate === 'entry' && table.test(view.sectionOf(thing).name));
}

function titleOfEntry(view: View, entry: Thing): string {
  return `${entry.titles[0]} (${view.owner(entry)?.titles[0] ?? 'of nobody'})`;
}

/** The field of an entry that a relocation fills. */
function field(view: View, entry: Thing, at: number): DraftRela | undefined {
  return view.sectionOf(entry).relas.find((rela) => rela.r_offset === entry.start + at);
}

/** u16 cpuid, at byte 8 of an alternative. */
function changeFeature(view: View, random: Random): Change | undefined {
  const entry = random.pick(entriesOf(view, /^\.altinstructions$/));
  if (entry === undefined) return undefined;
  const before = view.bytesOf(entry)[8];
  return {
    what: `the feature of ${titleOfEntry(view, entry)}`,
    touched: [entry],
    make: () => {
      patch(view.sectionOf(entry), entry.start + 8, [before ^ (1 << random.below(5))]);
      return true;
    },
  };
}

/** An entry's second or later field leads to where the same field of another entry does. */
function retarget(view: View, random: Random, table: RegExp, at: number): Change | undefined {
  const entries = entriesOf(view, table);
  const entry = random.pick(entries);
  const rela = entry === undefined ? undefined : field(view, entry, at);
  if (entry === undefined || rela === undefined || beheads(view, entry)) return undefined;
  const section = view.sectionOf(entry);
  const other = random.pick(
    entries.flatMap((candidate) => {
      const theirs = field(view, candidate, at);
      if (theirs === undefined || view.sectionOf(candidate) !== section) return [];
      // The length of a replacement stands in the entry, so it must fit the new target.
      const length = lengthOf(view, entry);
      const fits =
        section.name !== '.altinstructions' || (length > 0 && lengthOf(view, candidate) === length);
      return fits && !isSame(view, section, rela, theirs) ? [theirs] : [];
    }),
  );
  if (other === undefined) return undefined;
  return {
    what: `field ${at} of ${titleOfEntry(view, entry)} leads elsewhere`,
    touched: [entry],
    make: () => {
      const before = view.target(section, rela)?.thing;
      const orphans = orphansOf(view, [entry]).filter((orphan) => orphan === before);
      rela.symbol = other.symbol;
      // The line number above the displacement stays.
      const line = at <= 4 && table.source.includes('bug') ? rela.r_addend - signed24(rela.r_addend) : 0;
      rela.r_addend = line === 0 ? other.r_addend : line + signed24(other.r_addend);
      return dropPieces(view, orphans);
    },
  };
}

/** Whether two fields may lead to the same: the same place, equal strings, equal instructions. */
function isSame(view: View, section: DraftSection, x: DraftRela, y: DraftRela): boolean {
  const a = view.target(section, x);
  const b = view.target(section, y);
  if (a?.thing === undefined || b?.thing === undefined) return true;
  const text = (thing: Thing): string => Buffer.from(view.bytesOf(thing)).toString('latin1');
  return a.thing === b.thing || text(a.thing) === text(b.thing);
}

/** A bug frame becomes one of another kind: run_fn, warn, bug. */
function changeKind(view: View, random: Random): Change | undefined {
  const entry = random.pick(entriesOf(view, /^\.bug_frames\.[012]$/));
  if (entry === undefined) return undefined;
  const from = view.sectionOf(entry);
  const kinds = [0, 1, 2].map((kind) => `.bug_frames.${kind}`).filter((name) => name !== from.name);
  const name = random.pick(kinds) ?? '';
  return {
    what: `${titleOfEntry(view, entry)} moved to ${name}`,
    touched: [entry],
    make: () => {
      const to =
        view.draft.sections.find((section) => section.name === name) ?? emptyTable(view.draft, from, name);
      const bytes = Uint8Array.from(view.bytesOf(entry));
      const relas = cutEntry(from, entry);
      for (const rela of relas) to.relas.push({ ...rela, r_offset: rela.r_offset - entry.start + to.size });
      splice(to, to.size, 0, bytes);
      return true;
    },
  };
}

function emptyTable(draft: Draft, model: DraftSection, name: string): DraftSection {
  const table = { ...model, name, bytes: new Uint8Array(0), size: 0, relas: [] };
  draft.sections.push(table);
  return table;
}

/** Takes an entry out of its table; its relocations come back. */
function cutEntry(table: DraftSection, entry: Thing): DraftRela[] {
  const size = entrySizeOf(table);
  const isOwn = (rela: DraftRela): boolean => rela.r_offset >= entry.start && rela.r_offset < entry.end;
  const relas = table.relas.filter(isOwn);
  table.relas = table.relas.filter((rela) => !isOwn(rela));
  for (const rela of table.relas) if (rela.r_offset >= entry.end) rela.r_offset -= size;
  splice(table, entry.start, size, []);
  return relas;
}

/**
 * Whether nothing else leads to the start of a fixup of which the rest is used: what stands there would be dead, as no
 * compiler leaves it, and nothing would tell it from what stands before.
 */
function beheads(view: View, entry: Thing): boolean {
  const rela = field(view, entry, 4);
  const target = rela === undefined ? undefined : view.target(view.sectionOf(entry), rela);
  const { thing, at } = target ?? {};
  if (thing?.purpose !== 'pieces' || at !== thing.start) return false;
  const others = view.entrances(thing).filter(({ user }) => user !== entry);
  return others.length > 0 && others.every((other) => other.at !== at);
}

function deleteEntry(view: View, random: Random): Change | undefined {
  const entry = random.pick(entriesOf(view, /./));
  if (entry === undefined || beheads(view, entry)) return undefined;
  return {
    what: `${titleOfEntry(view, entry)} deleted`,
    touched: [entry],
    make: () => cutEntries(view, [entry]),
  };
}

/** Takes entries out, with the fixups and replacements that nobody else needs: a compiler would not make those. */
export function cutEntries(view: View, entries: readonly Thing[]): boolean {
  const orphans = orphansOf(view, entries);
  for (const entry of [...entries].sort((a, b) => b.start - a.start)) cutEntry(view.sectionOf(entry), entry);
  return dropPieces(view, orphans);
}

/** The fixups and replacements that only these entries use. */
function orphansOf(view: View, entries: readonly Thing[]): Thing[] {
  return view.things.filter((thing) => {
    const users = [...view.users(thing)];
    return thing.purpose === 'pieces' && users.length > 0 && users.every((user) => entries.includes(user));
  });
}

function dropPieces(view: View, pieces: readonly Thing[]): boolean {
  return [...new Set(pieces.map((piece) => view.sectionOf(piece)))].every((section) => {
    const left = view.thingsIn(section).filter((thing) => !pieces.includes(thing));
    const inside = (rela: DraftRela): boolean =>
      pieces.some((p) => view.sectionOf(p) === section && rela.r_offset >= p.start && rela.r_offset < p.end);
    section.relas = section.relas.filter((rela) => !inside(rela));
    return relayout(view, section, left);
  });
}

/** Byte 11 of an alternative: how many bytes replace the original ones. */
function lengthOf(view: View, entry: Thing): number {
  return view.bytesOf(entry)[11];
}

export const ENTRY_MUTATORS: readonly Mutator[] = [
  significant('change-feature', changeFeature),
  significant('retarget-fixup', (view, random) => retarget(view, random, /^\.ex_table$/, 4)),
  significant('retarget-replacement', (view, random) => retarget(view, random, /^\.altinstructions$/, 4)),
  significant('retarget-bug-pointer', (view, random) => retarget(view, random, /^\.bug_frames\.[0-3]$/, 4)),
  significant('retarget-bug-message', (view, random) => retarget(view, random, /^\.bug_frames\.3$/, 12)),
  significant('change-bug-kind', changeKind),
  significant('delete-entry', deleteEntry),
];
