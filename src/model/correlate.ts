/**
 * Which named atom of the patched object is which of the original one.
 *
 * By name first: type, source file of locals, and the name without the compiler's numbers. Where several things
 * share such a name (static locals of different functions, clones of one function), who refers to them decides:
 * a variable belongs to its users. Any one-to-one pairing of functions and constants gives a sound payload (what
 * is paired wrongly shows up as changed), but pairing two variables wrongly would swap their state; so
 * variables that cannot be told apart are left out and named in `ambiguous`.
 *
 * Things without a name (strings, constants, tables) are not paired here: they are compared where they are used.
 */
import type { Atom, ObjectModel } from './object-model.js';
import { atomSection } from './object-model.js';
import { isLiteral } from './compare.js';
import { isCode } from './section-role.js';
import { isNumbered, stableName } from './names.js';

export interface Correlation {
  /** Patched atom number -> original atom number, or -1. */
  readonly toOrig: Int32Array;
  readonly toPatched: Int32Array;
  /** Patched variables that could be several of the original ones. */
  readonly ambiguous: readonly number[];
}

export function correlateObjects(orig: ObjectModel, patched: ObjectModel): Correlation {
  const toOrig = new Int32Array(patched.atoms.length).fill(-1);
  const toPatched = new Int32Array(orig.atoms.length).fill(-1);
  const ambiguous: number[] = [];
  const pair = (a: Atom, b: Atom): void => {
    toOrig[b.index] = a.index;
    toPatched[a.index] = b.index;
  };

  const groups = groupBy(orig, identity);
  const users = { orig: usersOf(orig), patched: usersOf(patched) };
  for (const [key, news] of groupBy(patched, identity)) {
    const olds = groups.get(key);
    if (olds === undefined) continue;
    if (olds.length === 1 && news.length === 1 && !isStaticLocal(news[0])) pair(olds[0], news[0]);
    else matchGroup(olds, news, users, pair, ambiguous);
  }
  pairLeftovers(orig, patched, toOrig, toPatched, pair);
  return { toOrig, toPatched, ambiguous };
}

/** A variable that belongs to a function: its name alone does not say which. */
function isStaticLocal(atom: Atom): boolean {
  return !isCode(atom.role) && atom.role !== 'rodata' && isNumbered(atom.name);
}

/** Atoms with the same text here are the same thing unless there are several; undefined for things without identity. */
function identity(model: ObjectModel, atom: Atom): string | undefined {
  if (atom.kind === 'entry' || atom.kind === 'string' || atom.kind === 'constant') return undefined;
  const type = isCode(atom.role) ? 'code' : 'data';
  if (atom.name === '') {
    if (isLiteral(atom) || atom.size === 0) return undefined;
    return `${type} ${atomSection(model, atom).name}`;
  }
  return `${type} ${atom.sourceFile}#${stableName(atom.name)}`;
}

function groupBy(
  model: ObjectModel,
  key: (model: ObjectModel, atom: Atom) => string | undefined,
): Map<string, Atom[]> {
  return groupAtoms(model.atoms, (atom) => key(model, atom));
}

/** Atoms by a text of theirs, in their order; those without one are left out. */
function groupAtoms(atoms: Iterable<Atom>, key: (atom: Atom) => string | undefined): Map<string, Atom[]> {
  const groups = new Map<string, Atom[]>();
  for (const atom of atoms) {
    const text = key(atom);
    if (text === undefined) continue;
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [atom]);
    else group.push(atom);
  }
  return groups;
}

/** For each atom the stable names of those that refer to it. */
function usersOf(model: ObjectModel): readonly ReadonlySet<string>[] {
  const users = model.atoms.map(() => new Set<string>());
  for (const atom of model.atoms) {
    const name = stableName(atom.name).replace(/\.(cold|part|isra|constprop)/g, '');
    for (const ref of model.refs[atom.index])
      if (ref.atom >= 0 && ref.atom !== atom.index) users[ref.atom].add(name);
  }
  return users;
}

/** Pairs of candidates that are weighed one by one; beyond it (only in files made for the purpose) order decides. */
const LARGEST_GROUP = 250_000;

interface Users {
  readonly orig: readonly ReadonlySet<string>[];
  readonly patched: readonly ReadonlySet<string>[];
}

function matchGroup(
  olds: readonly Atom[],
  news: readonly Atom[],
  users: Users,
  pair: (a: Atom, b: Atom) => void,
  ambiguous: number[],
): void {
  const leftOld = new Set(olds);
  const leftNew = new Set(news);
  const settle = (a: Atom, b: Atom): void => {
    pair(a, b);
    leftOld.delete(a);
    leftNew.delete(b);
  };
  const scores =
    olds.length * news.length > LARGEST_GROUP
      ? []
      : [sameUsers(users), sharedUsers(users), sameUsersWhatever(users)];
  for (const score of scores) {
    for (const b of [...leftNew]) {
      const best = uniqueBest(leftOld, (a) => score(a, b));
      if (best !== undefined && uniqueBest(leftNew, (x) => score(best, x)) === b) settle(best, b);
    }
  }
  // Several of one name, size and set of users (two `warned` flags in one function): in their order, if none came or went.
  const twins = groupAtoms(leftNew, (b) => signature(b, users.patched[b.index]));
  const candidates = groupAtoms(leftOld, (a) => signature(a, users.orig[a.index]));
  for (const [key, group] of twins) {
    const others = candidates.get(key);
    if (others?.length === group.length) for (const [k, twin] of group.entries()) settle(others[k], twin);
  }
  // Code and constants carry no state: equal names, then order, are good enough; a wrong pair shows as changed.
  if ([...leftNew].every((b) => isCode(b.role) || b.role === 'rodata')) {
    const named = groupAtoms(leftOld, (a) => a.name);
    for (const b of [...leftNew]) {
      const left = named.get(b.name)?.filter((a) => leftOld.has(a)) ?? [];
      const a = left.find((x) => x.size === b.size) ?? left.at(0);
      if (a !== undefined) settle(a, b);
    }
    const rest = [...leftOld];
    for (const [k, b] of [...leftNew].slice(0, rest.length).entries()) settle(rest[k], b);
    return;
  }
  for (const b of leftNew) {
    // Its users may have been inlined elsewhere: whoever is left and looks like it could be it.
    if ([...leftOld].some((a) => a.size === b.size && a.role === b.role)) ambiguous.push(b.index);
  }
}

function signature(atom: Atom, users: ReadonlySet<string>): string {
  return [atom.size, atom.role, ...[...users].sort()].join(' ');
}

/** The element with the highest positive score, when no other has the same. */
function uniqueBest(atoms: Iterable<Atom>, score: (atom: Atom) => number): Atom | undefined {
  let best: Atom | undefined;
  let top = 0;
  for (const atom of atoms) {
    const value = score(atom);
    if (value > top) {
      top = value;
      best = atom;
    } else if (value === top) {
      best = undefined;
    }
  }
  return best;
}

function sameNames(x: ReadonlySet<string>, y: ReadonlySet<string>): boolean {
  return x.size === y.size && [...x].every((name) => y.has(name));
}

function sameUsers(users: Users): (a: Atom, b: Atom) => number {
  return (a, b) => {
    const same = sameNames(users.orig[a.index], users.patched[b.index]);
    return same && a.size === b.size && a.role === b.role ? 1 : 0;
  };
}

/** A variable whose size or initial value the patch changes is still that variable: the differ will say so. */
function sameUsersWhatever(users: Users): (a: Atom, b: Atom) => number {
  return (a, b) => {
    const x = users.orig[a.index];
    return x.size > 0 && sameNames(x, users.patched[b.index]) ? 1 : 0;
  };
}

function sharedUsers(users: Users): (a: Atom, b: Atom) => number {
  return (a, b) => {
    if (a.size !== b.size || a.role !== b.role) return 0;
    return [...users.orig[a.index]].filter((name) => users.patched[b.index].has(name)).length;
  };
}

/** A global that became local, or back, or moved to another source file: same name and type, one on each side. */
function pairLeftovers(
  orig: ObjectModel,
  patched: ObjectModel,
  toOrig: Int32Array,
  toPatched: Int32Array,
  pair: (a: Atom, b: Atom) => void,
): void {
  const bareName = (model: ObjectModel, atom: Atom): string | undefined =>
    atom.name === '' || isNumbered(atom.name) || identity(model, atom) === undefined
      ? undefined
      : `${isCode(atom.role) ? 'code' : 'data'} ${atom.name}`;
  const olds = groupBy(orig, (m, a) => (toPatched[a.index] < 0 ? bareName(m, a) : undefined));
  const news = groupBy(patched, (m, b) => (toOrig[b.index] < 0 ? bareName(m, b) : undefined));
  for (const [key, group] of news) {
    const old = olds.get(key);
    if (old?.length === 1 && group.length === 1) pair(old[0], group[0]);
  }
}
