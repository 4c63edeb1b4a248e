/** Significant mutators by which functions and data come and go. */
import * as c from '../../src/elf/constants.js';
import type { Draft, DraftSection } from './draft.js';
import { addSymbol } from './draft.js';
import { significant } from './mutator.js';
import type { Change, Mutator } from './mutator.js';
import type { Random } from './random.js';
import { cutEntries } from './significant-entries.js';
import type { Thing } from './things.js';
import type { View } from './view.js';

/** A function to which nothing in the object refers goes, with its cold part and all that describes it. */
function removeFunction(view: View, random: Random): Change | undefined {
  const candidates = view.things.filter((thing) => thing.fate === 'function' && isAlone(view, thing));
  const thing = random.pick(candidates);
  if (thing === undefined) return undefined;
  const parts = [thing, ...view.things.filter((other) => isColdPartOf(other, thing))];
  const entries = view.things.filter((e) => e.fate === 'entry' && parts.includes(view.owner(e) ?? e));
  const pieces = new Set(
    view.things.filter(
      (p) => p.purpose === 'pieces' && [...view.users(p)].every((user) => entries.includes(user)),
    ),
  );
  const kept = (user: Thing): boolean =>
    !parts.includes(user) && !entries.includes(user) && !pieces.has(user);
  if (parts.some((part) => !isAlone(view, part) || [...view.users(part)].some(kept))) return undefined;
  // A static variable that only it uses would go with it.
  const only = (user: Thing): boolean => parts.includes(user) || pieces.has(user) || entries.includes(user);
  if (view.things.some((t) => isStaticLocal(t) && [...view.users(t)].every(only))) return undefined;
  return {
    ...{ what: `${thing.titles[0]} removed`, touched: [], removed: parts },
    make: () => cutEntries(view, entries) && dropSections(view, parts),
  };
}

function isStaticLocal({ fate, titles }: Thing): boolean {
  return (fate === 'fixed' || fate === 'constant') && /\.\d+$/.test(titles[0]);
}

/** Whether its section holds nothing else. */
function isAlone(view: View, thing: Thing): boolean {
  const section = view.sectionOf(thing);
  const others = view.thingsIn(section).filter((other) => other !== thing && other.fate !== 'filler');
  const linked = view.draft.sections.some(({ link }) => link === section);
  return others.length === 0 && !linked && (section.sh_flags & c.SHF_GROUP) === 0;
}

function isColdPartOf(part: Thing, thing: Thing): boolean {
  return part !== thing && part.titles[0].replace(/\.cold(\.\d+)?$/, '') === thing.titles[0];
}

function dropSections(view: View, things: readonly Thing[]): boolean {
  const { draft } = view;
  const gone = new Set<unknown>(things.map((thing) => view.sectionOf(thing)));
  const symbols = new Set<unknown>(draft.symbols.filter((symbol) => gone.has(symbol.section)));
  for (const section of draft.sections) {
    // Debug sections may go on about it; nobody else does.
    section.relas = section.relas.filter((rela) => !symbols.has(rela.symbol) || gone.has(section));
  }
  draft.sections = draft.sections.filter((section) => !gone.has(section));
  draft.symbols = draft.symbols.filter((symbol) => !symbols.has(symbol));
  return true;
}

const NEW = 'mutation_brings_this';

/** A copy of a section's thing under a new name. */
function copyOf(view: View, thing: Thing, prefix: string): boolean {
  const model = view.sectionOf(thing);
  const section: DraftSection = {
    ...{ ...model, name: `${prefix}${NEW}`, link: undefined, group: undefined },
    ...{ bytes: model.bytes.subarray(thing.start, thing.end), size: thing.end - thing.start },
    relas: view.relasIn(thing).map((rela) => ({ ...rela, r_offset: rela.r_offset - thing.start })),
  };
  view.draft.sections.push(section);
  const type = thing.purpose === 'code' || thing.purpose === 'boot-code' ? c.STT_FUNC : c.STT_OBJECT;
  place(view.draft, section, type);
  return true;
}

function place(draft: Draft, section: DraftSection, type: number): void {
  addSymbol(draft, NEW, { section, size: section.size }, c.stInfo(c.STB_GLOBAL, type));
}

/** A function or datum that was not there; what boot would have used of it is lost. */
function add(name: string, prefix: string, lost: boolean, wanted: (thing: Thing) => boolean): Mutator {
  return significant(name, (view, random) => {
    // Without branches that only its old place explains.
    const leaping = new Set(view.leaps().map((leap) => leap.user));
    const thing = random.pick(
      view.things.filter((t) => wanted(t) && t.symbol !== undefined && !leaping.has(t)),
    );
    if (thing === undefined) return undefined;
    const titled = [{ titles: [NEW] }];
    return {
      ...{ what: `a copy of ${thing.titles[0]}`, touched: [], added: titled, lost: lost ? titled : [] },
      make: () => copyOf(view, thing, prefix),
    };
  });
}

export const ARRIVAL_MUTATORS: readonly Mutator[] = [
  significant('remove-function', removeFunction),
  add('add-function', '.text.', false, (thing) => thing.fate === 'function'),
  add(
    'add-boot-code',
    '.init.text.',
    true,
    (thing) => thing.purpose === 'boot-code' && thing.fate === 'fixed',
  ),
  add('add-variable', '.data.', false, (thing) => thing.purpose === 'writable' && thing.fate === 'fixed'),
  add('add-per-cpu', '.data.percpu.', true, (thing) => thing.purpose === 'per-cpu' && thing.fate === 'fixed'),
];
