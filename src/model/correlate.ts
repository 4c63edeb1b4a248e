/**
 * Which named atom of the patched object is which of the original one.
 *
 * Things that are the only ones of their name (type, source file, and the name without the compiler's numbers) are
 * anchors: the name decides. Things whose name does not tell (static locals, clones of one function) float. They
 * are told apart by what they are and by whom they are used, in views that ask for less and less: contents and exact
 * places of the uses; what stands beside each use; which functions use it. In a view every floating atom gets
 * a colour, a hash of what the view shows of it and of the colours of its neighbours, refined in rounds until no
 * round splits a colour. A colour that one atom has on each side makes a pair, pairs are anchors, and the views
 * begin again. It ends: rounds only split colours, of which there are at most as many as atoms; and the views
 * begin again only after a pair was made.
 *
 * Any one-to-one pairing of functions and constants gives a sound payload (what is paired wrongly shows up as
 * changed), so for them names and order decide what is left. Pairing two variables wrongly would swap their state;
 * variables that cannot be told apart are left out and named in `ambiguous`.
 *
 * Things without a name (strings, constants, tables) are not paired here: they are compared where they are used.
 */
import type { Atom, ObjectModel } from './object-model.js';
import { atomSection } from './object-model.js';
import { isLiteral } from './compare.js';
import { isCode } from './section-role.js';
import { CLONE_SUFFIXES, isNumbered, stableName } from './names.js';
import { sharedUnits, sideOf, unitsOf } from './uses.js';
import type { Side } from './uses.js';
import { classesOf, contextsOf, shape, USERS_AND_SHAPE, VIEWS } from './views.js';
import type { View } from './views.js';

export interface Correlation {
  /** Patched atom number -> original atom number, or -1. */
  readonly toOrig: Int32Array;
  readonly toPatched: Int32Array;
  /** Patched variables that could be several of the original ones. */
  readonly ambiguous: readonly number[];
}

/** Atoms of one name that are not anchors. */
interface Group {
  readonly olds: readonly Atom[];
  readonly news: readonly Atom[];
}

export function correlateObjects(orig: ObjectModel, patched: ObjectModel): Correlation {
  const toOrig = new Int32Array(patched.atoms.length).fill(-1);
  const toPatched = new Int32Array(orig.atoms.length).fill(-1);
  const pair = (a: Atom, b: Atom): void => {
    toOrig[b.index] = a.index;
    toPatched[a.index] = b.index;
  };

  const named = [orig, patched].every((model) => model.atoms.some((atom) => atom.sourceFile !== ''));
  const renamed = renamedFile(orig, patched);
  // Where one side has no names of files (`strip --strip-debug` takes them), those of the other tell nothing.
  const sourceFile = (atom: Atom): string => (named ? renamed(atom) : '');
  const old = groupBy(orig.atoms, (atom) => identity(orig, atom, named ? atom.sourceFile : ''));
  const groups: Group[] = [];
  for (const [key, news] of groupBy(patched.atoms, (atom) => identity(patched, atom, sourceFile(atom)))) {
    const olds = old.get(key);
    if (olds === undefined) continue;
    if (olds.length === 1 && news.length === 1 && !isStaticLocal(news[0])) pair(olds[0], news[0]);
    else groups.push({ olds, news });
  }
  const ambiguous: number[] = [];
  if (groups.length > 0) {
    const matcher = new Matcher(orig, patched, groups, { toOrig, toPatched, ambiguous });
    matcher.run();
  }
  pairLeftovers(orig, patched, { toOrig, toPatched, ambiguous });
  return { toOrig, toPatched, ambiguous };
}

/** A variable that belongs to a function: its name alone does not say which. */
function isStaticLocal(atom: Atom): boolean {
  return !isCode(atom.role) && atom.role !== 'rodata' && isNumbered(atom.name);
}

/** Atoms with the same text here are the same thing unless there are several; undefined for things without identity. */
function identity(model: ObjectModel, atom: Atom, sourceFile: string): string | undefined {
  if (atom.kind === 'entry' || atom.kind === 'string' || atom.kind === 'constant') return undefined;
  const type = isCode(atom.role) ? 'code' : 'data';
  if (atom.name === '') {
    if (isLiteral(atom) || atom.size === 0) return undefined;
    // What a function keeps out of its way (.subsection) stands in its section, which bears its numbers.
    const { name } = atomSection(model, atom);
    return `${type} ${isCode(atom.role) ? stableName(name) : name}`;
  }
  const name = stableName(atom.name);
  // Macros that register something at boot put __LINE__ into its name.
  const bare = atom.role === 'init-data' || atom.role === 'boot-table' ? name.replace(/_\d+$/, '_') : name;
  return `${type} ${sourceFile}#${bare}`;
}

/** A source file that was renamed is the same file: one that only the original has, one that only the patched has. */
function renamedFile(orig: ObjectModel, patched: ObjectModel): (atom: Atom) => string {
  const filesOf = (model: ObjectModel): Set<string> => new Set(model.atoms.map((atom) => atom.sourceFile));
  const [x, y] = [filesOf(orig), filesOf(patched)];
  const gone = [...x].filter((file) => !y.has(file));
  const come = [...y].filter((file) => !x.has(file));
  if (gone.length !== 1 || come.length !== 1 || gone[0] === '' || come[0] === '')
    return (atom) => atom.sourceFile;
  return (atom) => (atom.sourceFile === come[0] ? gone[0] : atom.sourceFile);
}

/** Atoms by a text of theirs, in their order; those without one are left out. */
function groupBy(atoms: Iterable<Atom>, key: (atom: Atom) => string | undefined): Map<string, Atom[]> {
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

/** Pairs of candidates that are weighed one by one; beyond it (only in files made for the purpose) order decides. */
const LARGEST_GROUP = 250_000;

/** So often the views begin again; each time something was paired, so real objects need two or three. */
const MOST_STARTS = 32;

class Matcher {
  private readonly orig: Side;
  private readonly patched: Side;

  constructor(
    orig: ObjectModel,
    patched: ObjectModel,
    private readonly groups: readonly Group[],
    private readonly found: Correlation & { readonly ambiguous: number[] },
  ) {
    const units = { orig: unitsOf(orig), patched: unitsOf(patched) };
    const side = (model: ObjectModel, own: Side['units'], other: Side['units'], atoms: Atom[]): Side => {
      const tracked = new Set(atoms.map((atom) => atom.index));
      for (const [unit, members] of own) if (!other.has(unit)) for (const m of members) tracked.add(m);
      return sideOf(model, own, tracked);
    };
    this.orig = side(
      orig,
      units.orig,
      units.patched,
      groups.flatMap((group) => group.olds),
    );
    this.patched = side(
      patched,
      units.patched,
      units.orig,
      groups.flatMap((group) => group.news),
    );
  }

  run(): void {
    for (let starts = 0; starts < MOST_STARTS; starts++) {
      if (!VIEWS.some((view) => this.settle(view))) break;
    }
    for (const group of this.groups) this.finish(group);
  }

  private pair(a: Atom, b: Atom): void {
    this.found.toOrig[b.index] = a.index;
    this.found.toPatched[a.index] = b.index;
  }

  private readonly isOldLeft = (a: Atom): boolean => this.found.toPatched[a.index] < 0;
  private readonly isNewLeft = (b: Atom): boolean => this.found.toOrig[b.index] < 0;

  /** Pairs what a view shows only once on each side; whether there was any. */
  private settle(view: View): boolean {
    const left = this.groups
      .map(({ olds, news }) => ({ olds: olds.filter(this.isOldLeft), news: news.filter(this.isNewLeft) }))
      .filter(({ olds, news }) => olds.length > 0 && news.length > 0);
    let any = false;
    for (const { olds, news } of classesOf(view, left, this.orig, this.patched, this.found.toOrig)) {
      if (olds.length !== 1 || news.length !== 1) continue;
      this.pair(olds[0], news[0]);
      any = true;
    }
    return any;
  }

  /** What no view told apart: overlapping users, twins in their order, then what carries no state. */
  private finish({ olds, news }: Group): void {
    this.pairBestOverlap(olds, news, (side, _other, atom) => contextsOf(side, atom));
    this.pairBestOverlap(olds, news, (side, other, atom) => sharedUnits(side, other, atom.index));
    const twins = groupBy(news.filter(this.isNewLeft), (b) => this.signature(this.patched, this.orig, b));
    const others = groupBy(olds.filter(this.isOldLeft), (a) => this.signature(this.orig, this.patched, a));
    for (const [key, group] of twins) {
      const candidates = others.get(key);
      // Two `warned` flags of one function: in their order, if none came or went.
      if (candidates?.length === group.length)
        for (const [k, b] of group.entries()) this.pair(candidates[k], b);
    }
    const left = news.filter(this.isNewLeft);
    if (left.every((b) => isCode(b.role) || b.role === 'rodata')) {
      this.pairByNameThenOrder(olds, left);
      return;
    }
    // Its users may have been inlined elsewhere: whoever is left and looks like it could be it.
    const alike = new Set(olds.filter(this.isOldLeft).map((a) => shape(a)));
    for (const b of left) if (alike.has(shape(b))) this.found.ambiguous.push(b.index);
  }

  private pairBestOverlap(
    olds: readonly Atom[],
    news: readonly Atom[],
    of: (side: Side, other: Side, atom: Atom) => ReadonlySet<string>,
  ): void {
    const left = { olds: olds.filter(this.isOldLeft), news: news.filter(this.isNewLeft) };
    if (left.olds.length * left.news.length > LARGEST_GROUP) return;
    const units = new Map<Atom, ReadonlySet<string>>();
    for (const a of left.olds) units.set(a, of(this.orig, this.patched, a));
    for (const b of left.news) units.set(b, of(this.patched, this.orig, b));
    const overlap = (a: Atom, b: Atom): number => {
      if (a.size !== b.size || a.role !== b.role) return 0;
      const theirs = units.get(b);
      return [...(units.get(a) ?? [])].filter((unit) => theirs?.has(unit)).length;
    };
    for (const b of left.news) {
      const best = uniqueBest(left.olds.filter(this.isOldLeft), (a) => overlap(a, b));
      if (best !== undefined && uniqueBest(left.news.filter(this.isNewLeft), (x) => overlap(best, x)) === b)
        this.pair(best, b);
    }
  }

  private signature(side: Side, other: Side, atom: Atom): string | undefined {
    return USERS_AND_SHAPE.of({ side, other, tag: () => '', seen: new Map() }, atom);
  }

  /** Code and constants carry no state: equal names, then order, are good enough. */
  private pairByNameThenOrder(olds: readonly Atom[], left: readonly Atom[]): void {
    const named = groupBy(olds.filter(this.isOldLeft), (a) => a.name);
    for (const b of left) {
      const same = named.get(b.name)?.filter(this.isOldLeft) ?? [];
      const a = same.find((x) => x.size === b.size) ?? same.at(0);
      if (a !== undefined) this.pair(a, b);
    }
    const rest = olds.filter(this.isOldLeft);
    for (const [k, b] of left.filter(this.isNewLeft).slice(0, rest.length).entries()) this.pair(rest[k], b);
  }
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

/**
 * One on each side that no group brought together: a global that became local, or back; what moved to another source
 * file; a function that the compiler made a clone of, or made whole again.
 */
function pairLeftovers(orig: ObjectModel, patched: ObjectModel, found: Correlation): void {
  const { toOrig, toPatched } = found;
  // What is ambiguous stays so, though one of them may have no number.
  const open = new Set(found.ambiguous.map((index) => stableName(patched.atoms[index].name)));
  const floats = (_model: ObjectModel, atom: Atom): boolean => open.has(stableName(atom.name));
  const bareName = (model: ObjectModel, atom: Atom): string | undefined =>
    atom.name === '' ||
    floats(model, atom) ||
    isNumbered(atom.name) ||
    identity(model, atom, '') === undefined
      ? undefined
      : `${isCode(atom.role) ? 'code' : 'data'} ${atom.name}`;
  // A name that was an alias may be the one by which the other side calls it.
  pairBySymbol(orig, patched, found);
  const uncloned = (_model: ObjectModel, atom: Atom): string | undefined =>
    isCode(atom.role) && atom.name !== '' ? stableName(atom.name).replace(CLONE_SUFFIXES, '') : undefined;
  for (const nameOf of [bareName, uncloned]) {
    const olds = groupBy(orig.atoms, (a) => (toPatched[a.index] < 0 ? nameOf(orig, a) : undefined));
    const news = groupBy(patched.atoms, (b) => (toOrig[b.index] < 0 ? nameOf(patched, b) : undefined));
    for (const [key, group] of news) {
      const old = olds.get(key);
      if (old?.length !== 1 || group.length !== 1) continue;
      toOrig[group[0].index] = old[0].index;
      toPatched[old[0].index] = group[0].index;
    }
  }
}

/** Pairs what stands under one global name on both sides, whichever of its names it is called by. */
function pairBySymbol(orig: ObjectModel, patched: ObjectModel, { toOrig, toPatched }: Correlation): void {
  if (patched.atoms.every((atom) => toOrig[atom.index] >= 0 || atom.symbols.length === 0)) return;
  const place = (model: ObjectModel, symbol: number): Atom | undefined => {
    const at = model.atomOfSymbol[symbol];
    const atom = at < 0 ? undefined : model.atoms[at];
    return atom?.start === Number(model.file.symbols.st_value[symbol]) ? atom : undefined;
  };
  const { symbols } = patched.file;
  const old = new Map(
    orig.file.symbols.names
      .slice(orig.file.symbols.firstGlobal)
      .map((name, k) => [name, orig.file.symbols.firstGlobal + k]),
  );
  for (let i = symbols.firstGlobal; i < symbols.count; i++) {
    const b = place(patched, i);
    const before = old.get(symbols.names[i]);
    const a = b === undefined || before === undefined ? undefined : place(orig, before);
    if (a === undefined || b === undefined || toOrig[b.index] >= 0 || toPatched[a.index] >= 0) continue;
    if (isCode(a.role) !== isCode(b.role)) continue;
    toOrig[b.index] = a.index;
    toPatched[a.index] = b.index;
  }
}
