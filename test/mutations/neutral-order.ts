/**
 * Neutral mutators that put things into another order: symbols, sections, relocations, what stands in one section,
 * entries of tables.
 */
import * as c from '../../src/elf/constants.js';
import type { Draft, DraftSection, DraftSymbol } from './draft.js';
import { isLocal, isSectionSymbol, typeOf } from './draft.js';
import { neutral } from './mutator.js';
import type { Mutator } from './mutator.js';
import { isMergeable, purposeOf } from './purpose.js';
import type { Purpose } from './purpose.js';
import type { Random } from './random.js';
import { relayout } from './relayout.js';
import type { Thing } from './things.js';
import type { View } from './view.js';

/** Locals stay behind the STT_FILE symbol of their file; files keep their order, as the linker does. */
export function permuteSymbols(draft: Draft, random: Random): string {
  const groups: { head: DraftSymbol[]; locals: DraftSymbol[] }[] = [{ head: [], locals: [] }];
  for (const symbol of draft.symbols.filter(isLocal)) {
    if (typeOf(symbol) === c.STT_FILE) groups.push({ head: [symbol], locals: [] });
    else groups.at(-1)?.locals.push(symbol);
  }
  const locals = groups.flatMap(({ head, locals: mine }) => [...head, ...random.shuffled(mine)]);
  draft.symbols = [...locals, ...random.shuffled(draft.symbols.filter((symbol) => !isLocal(symbol)))];
  return `${draft.symbols.length} symbols in another order`;
}

/** Groups stay before their members (gABI), and sections of one name among themselves: linkers gather those in order. */
export function permuteSections(draft: Draft, random: Random): string {
  const byName = new Map<string, DraftSection[]>();
  for (const section of draft.sections) {
    const list = byName.get(section.name);
    if (list === undefined) byName.set(section.name, [section]);
    else list.push(section);
  }
  const shuffled = random
    .shuffled(draft.sections)
    .map((section) => byName.get(section.name)?.shift() ?? section);
  const groups = shuffled.filter((section) => section.group !== undefined);
  draft.sections = [...groups, ...shuffled.filter((section) => section.group === undefined)];
  return `${draft.sections.length} sections in another order`;
}

/** Only the sections of functions change places, among themselves. */
function permuteFunctions(draft: Draft, random: Random): string | undefined {
  const isFunctions = (section: DraftSection): boolean =>
    section.name.startsWith('.text.') && section.group === undefined;
  const shuffled = random.shuffled(draft.sections.filter(isFunctions));
  if (shuffled.length < 2) return undefined;
  draft.sections = draft.sections.map((section) =>
    isFunctions(section) ? (shuffled.pop() ?? section) : section,
  );
  return `sections of functions in another order`;
}

function permuteRelocations(draft: Draft, random: Random): string | undefined {
  const some = draft.sections.filter((section) => section.relas.length > 1);
  for (const section of some) section.relas = random.shuffled(section.relas);
  return some.length === 0 ? undefined : `relocations of ${some.length} sections in another order`;
}

/** Reorders the things of every section that `wanted` takes, where that can be done with certainty. */
function permuteInside(
  name: string,
  wanted: (section: DraftSection, purpose: Purpose) => boolean,
  reorder: (view: View, things: readonly Thing[], random: Random) => readonly Thing[] = (
    _view,
    things,
    random,
  ) => random.shuffled(things),
): Mutator {
  return neutral(name, (draft, random, view) => {
    const candidates = draft.sections.filter((section) => wanted(section, purposeOf(section)));
    // One section at a time: what the view knows of the others would no longer be true.
    return random.firstOf(candidates, (section) => {
      const things = view.thingsIn(section).filter((thing) => thing.fate !== 'filler');
      // What no symbol bounds ends where the next thing begins, and has nothing but its place to tell what it is.
      if (things.length < 2 || things.some((thing) => !isBounded(section, thing))) return undefined;
      const order = reorder(view, things, random);
      const filling = { byte: section.name.includes('text') ? 0x90 : 0, extra: () => 0 };
      return relayout(view, section, order, filling) ? `${section.name} in another order` : undefined;
    });
  });
}

/** Whether something says where a thing begins and ends, so that space before or behind it is not part of it. */
function isBounded(section: DraftSection, { symbol, fate, purpose }: Thing): boolean {
  return symbol !== undefined || fate === 'entry' || purpose === 'pieces' || isMergeable(section);
}

/** Entries that describe one place keep their order: the later one wins, or is found first. */
function shuffledEntries(view: View, entries: readonly Thing[], random: Random): Thing[] {
  const byPlace = new Map<string, Thing[]>();
  const keys = new Map<Thing, string>();
  for (const entry of entries) {
    const key = view.sectionOf(entry).relas.find((rela) => rela.r_offset === entry.start);
    const target = key === undefined ? undefined : view.target(view.sectionOf(entry), key);
    const text =
      target === undefined ? 'elsewhere' : `${view.draft.sections.indexOf(target.section)} ${target.at}`;
    keys.set(entry, text);
    byPlace.set(text, [...(byPlace.get(text) ?? []), entry]);
  }
  return random.shuffled(entries).map((entry) => byPlace.get(keys.get(entry) ?? '')?.shift() ?? entry);
}

const hasFunctions = (_section: DraftSection, purpose: Purpose): boolean =>
  purpose === 'code' || purpose === 'boot-code';

export const ORDER_MUTATORS: readonly Mutator[] = [
  neutral('permute-symbols', permuteSymbols),
  neutral('permute-sections', permuteSections),
  neutral('permute-function-sections', permuteFunctions),
  neutral('permute-relocations', permuteRelocations),
  permuteInside('permute-code', hasFunctions),
  // Not the tables of boot code, which are walked in their order.
  permuteInside('permute-data', (section, purpose) => {
    return (
      (purpose === 'writable' || purpose === 'constants' || purpose === 'per-cpu') && !isMergeable(section)
    );
  }),
  permuteInside('permute-strings', (section) => isMergeable(section)),
  permuteInside('permute-pieces', (_section, purpose) => purpose === 'pieces'),
  permuteInside('permute-entries', (_section, purpose) => purpose === 'entries', shuffledEntries),
  neutral('drop-section-symbols', (draft) => {
    const used = new Set(draft.sections.flatMap((section) => section.relas.map((rela) => rela.symbol)));
    const kept = draft.symbols.filter((symbol) => !isSectionSymbol(symbol) || used.has(symbol));
    const dropped = draft.symbols.length - kept.length;
    draft.symbols = kept;
    return dropped === 0 ? undefined : `${dropped} section symbols dropped`;
  }),
];
