/** Significant mutators that let one reference lead elsewhere, or exchange two of them. */
import * as c from '../../src/elf/constants.js';
import type { DraftRela } from './draft.js';
import { significant } from './mutator.js';
import type { Change, Mutator } from './mutator.js';
import { isBranch } from './neutral-spelling.js';
import { isCode, isMergeable, isStrings, purposeOf } from './purpose.js';
import type { Random } from './random.js';
import { isStamp, titleOf } from './significant-contents.js';
import type { Thing } from './things.js';
import type { Place, View } from './view.js';

/** A reference counts so many bytes further into what it leads to, and still leads into it. */
function shift(view: View, random: Random, wanted: (place: Place) => boolean): Change | undefined {
  const place = random.pick(view.places().filter((p) => wanted(p) && p.rela.r_type !== c.R_X86_64_NONE));
  const user = place === undefined ? undefined : view.thingAt(place.section, place.rela.r_offset);
  if (place === undefined || user === undefined) return undefined;
  const by = random.pick([1, -1, 4, 8, -8, 16]) ?? 1;
  const target = view.target(place.section, place.rela);
  const { thing } = target ?? {};
  if (target !== undefined && thing !== undefined) {
    const at = target.at + by;
    if (at < thing.start || at >= thing.end || isUnbounded(view, thing)) return undefined;
  }
  return edit(place, user, `${by} more`, (rela) => (rela.r_addend += by));
}

/** Tables without a symbol begin where code takes their address: another address would make other tables of them. */
function isUnbounded(view: View, thing: Thing): boolean {
  return thing.symbol === undefined && !isCode(thing.purpose) && !isMergeable(view.sectionOf(thing));
}

function edit(place: Place, user: Thing, how: string, change: (rela: DraftRela) => void): Change {
  return {
    what: `the reference at 0x${(place.rela.r_offset - user.start).toString(16)} of ${titleOf(user)}: ${how}`,
    touched: [user],
    make: () => {
      change(place.rela);
      return true;
    },
  };
}

const holdsData = ({ section }: Place): boolean => {
  const purpose = purposeOf(section);
  return !isCode(purpose) && purpose !== 'entries';
};

/** A reference leads to what another reference of the same kind leads to. */
function redirect(view: View, random: Random, wanted: (place: Place) => boolean): Change | undefined {
  const places = view.places().filter((p) => wanted(p) && p.rela.r_type !== c.R_X86_64_NONE);
  const place = random.pick(places);
  const user = place === undefined ? undefined : view.thingAt(place.section, place.rela.r_offset);
  if (place === undefined || user === undefined) return undefined;
  const alike = places.filter(
    (other) => other.rela.r_type === place.rela.r_type && isOther(view, place, other),
  );
  const other = random.pick(alike);
  if (other === undefined || leavesStatic(view, place)) return undefined;
  const { symbol, r_addend } = other.rela;
  // The addends of PC-relative forms differ by what stands behind the field.
  const more =
    (view.target(other.section, other.rela)?.correction ?? 0) -
    (view.target(place.section, place.rela)?.correction ?? 0);
  const name = symbol?.name ?? '';
  return edit(place, user, `to ${name === '' ? 'a section' : name}+${r_addend + more}`, (rela) => {
    rela.symbol = symbol;
    rela.r_addend = r_addend + more;
  });
}

/** Whether it may be the last use of a static local, which a compiler would then leave out. */
function leavesStatic(view: View, { section, rela }: Place): boolean {
  const thing = view.target(section, rela)?.thing;
  return thing !== undefined && /\.\d+$/.test(titleOf(thing)) && view.users(thing).size === 1;
}

/** Whether two references surely lead to different things. */
function isOther(view: View, place: Place, other: Place): boolean {
  const x = view.target(place.section, place.rela);
  const y = view.target(other.section, other.rela);
  if (x === undefined || y === undefined) {
    return x !== y || place.rela.symbol?.name !== other.rela.symbol?.name;
  }
  if (x.thing === undefined || y.thing === undefined || x.thing === y.thing) return false;
  if (isNumberedAlike(x.thing, y.thing) || [x.thing, y.thing].some((thing) => isUnbounded(view, thing)))
    return false;
  if (x.thing.fate !== 'part' && y.thing.fate !== 'part') return true;
  if (!isStrings(x.section) || !isStrings(y.section)) return false;
  const text = (thing: Thing, at: number): string =>
    Buffer.from(view.bytesOf(thing))
      .subarray(Math.max(0, at - thing.start))
      .toString('latin1');
  const [before, after] = [text(x.thing, x.at), text(y.thing, y.at)];
  return before !== after && !(isStamp(before) && isStamp(after));
}

/** Clones and statics of one name: which of them is which only their users tell. */
function isNumberedAlike(x: Thing, y: Thing): boolean {
  const stable = (thing: Thing): string => titleOf(thing).replace(/\.\d+/g, '');
  return stable(x) === stable(y);
}

function swapCallees(view: View, random: Random): Change | undefined {
  const functions = view.things.filter((thing) => isCode(thing.purpose) && thing.purpose !== 'pieces');
  const thing = random.pick(functions);
  if (thing === undefined) return undefined;
  const section = view.sectionOf(thing);
  const calls = view.relasIn(thing).filter((rela) => rela.r_addend === -4 && isBranch(view, section, rela));
  const one = random.pick(calls);
  if (one === undefined) return undefined;
  const other = random.pick(calls.filter((rela) => isOther(view, { section, rela: one }, { section, rela })));
  if (other === undefined) return undefined;
  return {
    what: `${titleOf(thing)} calls ${one.symbol?.name ?? ''} and ${other.symbol?.name ?? ''} the other way round`,
    touched: [thing],
    make: () => {
      [one.symbol, other.symbol] = [other.symbol, one.symbol];
      return true;
    },
  };
}

const isInCode = ({ section }: Place): boolean => {
  const purpose = purposeOf(section);
  return purpose === 'code' || purpose === 'boot-code';
};

export const REFERENCE_MUTATORS: readonly Mutator[] = [
  significant('shift-reference', (view, random) => shift(view, random, isInCode)),
  significant('shift-pointer', (view, random) => shift(view, random, holdsData)),
  significant('redirect-reference', (view, random) => redirect(view, random, isInCode)),
  significant('redirect-pointer', (view, random) => redirect(view, random, holdsData)),
  significant('swap-callees', swapCallees),
];
