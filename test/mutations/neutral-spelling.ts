/**
 * Neutral mutators that spell references differently: by section symbol or by name, as PLT32 or PC32, by another
 * copy of a string; and those that add or move what only names places.
 */
import * as c from '../../src/elf/constants.js';
import { Flow, instructionAt } from '../../src/x86/decode.js';
import type { Draft, DraftRela, DraftSection, DraftSymbol } from './draft.js';
import { addSymbol, has, isLocal, isSectionSymbol, sectionSymbol, splice } from './draft.js';
import { neutral } from './mutator.js';
import type { Mutator } from './mutator.js';
import { isCode, isStrings, purposeOf } from './purpose.js';
import type { Random } from './random.js';
import { isBounded } from './things.js';
import type { Thing } from './things.js';
import type { Place, Target, View } from './view.js';

/** References that lead into the inside of one thing, so that a section symbol can stand for its name. */
function spellable(view: View): { place: Place; target: Target; thing: Thing }[] {
  return view.places().flatMap((place) => {
    const target = view.target(place.section, place.rela);
    const thing = target?.thing;
    const fromTable = !isCode(purposeOf(place.section)) && place.rela.r_type === c.R_X86_64_PC32;
    const uncertain = fromTable && purposeOf(place.section) !== 'entries';
    if (target === undefined || thing === undefined || uncertain) return [];
    return target.at >= thing.start && target.at < thing.end ? [{ place, target, thing }] : [];
  });
}

export function bySectionSymbol(draft: Draft, random: Random, view: View): string | undefined {
  let count = 0;
  for (const { place, target } of spellable(view)) {
    const { rela } = place;
    const { symbol } = rela;
    if (symbol === undefined || !isLocal(symbol) || isSectionSymbol(symbol) || random.chance(0.3)) continue;
    rela.symbol = sectionSymbol(draft, target.section);
    rela.r_addend += symbol.st_value;
    count += 1;
  }
  return count === 0 ? undefined : `${count} references by section symbol`;
}

export function byLocalSymbol(draft: Draft, random: Random, view: View): string | undefined {
  let count = 0;
  const labels = new Map<Thing, DraftSymbol>();
  for (const { place, target, thing } of spellable(view)) {
    const { rela } = place;
    if (rela.symbol === undefined || !isSectionSymbol(rela.symbol) || random.chance(0.3)) continue;
    const symbol = labels.get(thing) ?? localSymbol(draft, view, thing, target, labels.size);
    if (symbol === undefined) continue;
    labels.set(thing, symbol);
    rela.symbol = symbol;
    rela.r_addend -= symbol.st_value;
    count += 1;
  }
  return count === 0 ? undefined : `${count} references by name`;
}

/** A local symbol at the start of a thing; strings and code may get one, other data would be cut by it. */
function localSymbol(
  draft: Draft,
  view: View,
  thing: Thing,
  target: Target,
  serial: number,
): DraftSymbol | undefined {
  const own = view.symbolsIn(thing).find((symbol) => isLocal(symbol) && symbol.st_value === thing.start);
  if (own !== undefined) return own;
  const harmless = isStrings(target.section) || (thing.fate === 'function' && isCode(thing.purpose));
  if (!harmless) return undefined;
  return addSymbol(draft, `.L${String(9000 + serial)}`, { section: target.section, value: thing.start });
}

/** PLT32 for PC32 and back, where an instruction branches by it. */
function exchangePlt(_draft: Draft, random: Random, view: View): string | undefined {
  let count = 0;
  for (const { section, rela } of view.places()) {
    const other = { [c.R_X86_64_PLT32]: c.R_X86_64_PC32, [c.R_X86_64_PC32]: c.R_X86_64_PLT32 }[rela.r_type];
    if (other === undefined || !isBranch(view, section, rela) || random.chance(0.3)) continue;
    rela.r_type = other;
    count += 1;
  }
  return count === 0 ? undefined : `${count} branches as PC32 or PLT32`;
}

/** Whether a relocation fills the displacement of a direct branch. */
export function isBranch(view: View, section: DraftSection, rela: DraftRela): boolean {
  const user = view.thingAt(section, rela.r_offset);
  if (user === undefined || !isCode(user.purpose)) return false;
  const code = view.code(user);
  const k = instructionAt(code, rela.r_offset - user.start);
  return k >= 0 && code.flow[k] >= Flow.jump && code.flow[k] <= Flow.call;
}

/** A reference to a string leads to a copy of it in the same or another section of strings. */
export function copyString(draft: Draft, random: Random, view: View): string | undefined {
  const users = random.shuffled(spellable(view)).filter(({ target }) => isStrings(target.section));
  for (const { place, target, thing } of users) {
    const sections = draft.sections.filter((other) => isAsGood(other, target.section));
    const into = random.pick(sections);
    if (into === undefined) continue;
    const { rela } = place;
    const start = into.size;
    splice(into, start, 0, view.bytesOf(thing));
    const byName = random.chance(0.5);
    const symbol = byName
      ? addSymbol(draft, '.LC9000', { section: into, value: start })
      : sectionSymbol(draft, into);
    rela.symbol = symbol;
    rela.r_addend = start + (target.at - thing.start) - symbol.st_value - target.correction;
    return `a string of ${target.section.name} copied to ${into.name}`;
  }
  return undefined;
}

/** Whether a linker would put its strings with those of the other, and boot gives back both or neither. */
function isAsGood(section: DraftSection, other: DraftSection): boolean {
  return (
    isStrings(section) &&
    section.sh_entsize === other.sh_entsize &&
    purposeOf(section) === purposeOf(other) &&
    section.size % section.sh_entsize === 0
  );
}

/** Labels inside functions, as _THIS_IP_ leaves them. */
function addLabels(draft: Draft, random: Random, view: View): string | undefined {
  const functions = view.things.filter((thing) => thing.symbol !== undefined && isCode(thing.purpose));
  const chosen = random.shuffled(functions).slice(0, 5);
  for (const thing of chosen) {
    const value = thing.start + random.below(thing.symbol?.st_size ?? 0);
    const name = random.chance(0.5) ? '.Lhere' : `here.${String(random.below(100))}`;
    addSymbol(draft, name, { section: view.sectionOf(thing), value });
  }
  return chosen.length === 0 ? undefined : `${chosen.length} labels in functions`;
}

/**
 * The sections of functions become one, as without -ffunction-sections; references between them stay relocations.
 * Not those with code that no symbol bounds: with .subsection the assembler would gather it at the end of the whole.
 */
function joinFunctions(draft: Draft, random: Random, view: View): string | undefined {
  const isJoinable = (section: DraftSection): boolean =>
    view.thingsIn(section).every((thing) => isBounded(thing) || thing.fate === 'filler') &&
    /^\.text(\.|$)/.test(section.name) &&
    purposeOf(section) === 'code' &&
    !has(section, c.SHF_GROUP) &&
    section.size > 0;
  const parts = draft.sections.filter((section) => isJoinable(section) && random.chance(0.5));
  const first = parts.at(0);
  if (first === undefined || parts.length < 2) return undefined;
  for (const part of parts.slice(1)) append(draft, first, part);
  const gone = new Set(parts.slice(1));
  for (const section of draft.sections) {
    if (section.link !== undefined && gone.has(section.link)) section.link = first;
  }
  draft.sections = draft.sections.filter((section) => !gone.has(section));
  first.name = '.text.joined';
  return `${parts.length} sections of functions joined`;
}

function append(draft: Draft, whole: DraftSection, part: DraftSection): void {
  whole.sh_addralign = Math.max(whole.sh_addralign, part.sh_addralign);
  const start = Math.ceil(whole.size / part.sh_addralign) * part.sh_addralign;
  splice(whole, whole.size, 0, new Uint8Array(start - whole.size).fill(0x90));
  splice(whole, start, 0, part.bytes);
  for (const rela of part.relas) whole.relas.push({ ...rela, r_offset: rela.r_offset + start });
  const own = draft.symbols.find((symbol) => symbol.section === part && isSectionSymbol(symbol));
  const joined = own === undefined ? undefined : sectionSymbol(draft, whole);
  for (const { relas } of draft.sections) {
    for (const rela of relas) {
      if (own === undefined || rela.symbol !== own) continue;
      rela.symbol = joined;
      rela.r_addend += start;
    }
  }
  draft.symbols = draft.symbols.filter((symbol) => symbol !== own);
  for (const symbol of draft.symbols) {
    if (symbol.section !== part) continue;
    symbol.section = whole;
    symbol.st_value += start;
  }
}

export const SPELLING_MUTATORS: readonly Mutator[] = [
  neutral('by-section-symbol', bySectionSymbol),
  neutral('by-local-symbol', byLocalSymbol),
  neutral('exchange-plt', exchangePlt),
  neutral('copy-string', copyString),
  neutral('add-labels', addLabels),
  neutral('join-functions', joinFunctions),
];
