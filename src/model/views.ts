/**
 * What can be seen of an atom whose name does not tell which it is, from much to little; and the colouring that
 * turns a view into classes of atoms that look the same in it.
 *
 * A colour is a small number for a text: what the view shows of the atom, with the colours of the floating atoms
 * around it in place of their names. Every round hashes the colours of the round before along, so classes only
 * split; when a round splits none, no later one would.
 */
import { atomBytes } from './object-model.js';
import type { Atom, ObjectModel } from './object-model.js';
import { relocWidth } from '../elf/reloc-x86-64.js';
import { isCode } from './section-role.js';
import { stableName } from './names.js';
import { labelOf, sharedUnits, unitOf } from './uses.js';
import type { Side } from './uses.js';

/** From where an atom is looked at. */
export interface Sight {
  readonly side: Side;
  readonly other: Side;
  /** What an atom of this side is called in this round. */
  readonly tag: (atom: number) => string;
  /** Hashes of contents in terms of these tags. */
  readonly seen: Map<number, number>;
}

export interface View {
  readonly name: string;
  /** What it shows of an atom; undefined when that says nothing. */
  readonly of: (sight: Sight, atom: Atom) => string | undefined;
}

/** Contents and exact places of the uses: decides when the users did not change. */
const PLACES: View = {
  name: 'places',
  of: (sight, atom) => {
    const uses = sight.side.uses.get(atom.index) ?? [];
    if (uses.length === 0) return undefined;
    const places = uses.map(({ owner, at, value }) => {
      const holder = sight.side.model.atoms[owner];
      return `${sight.tag(owner)} ${holder.size} ${contents(sight, holder)} @${at}+${value}`;
    });
    return [shape(atom), contents(sight, atom), ...places.sort()].join(' ');
  },
};

/** Contents alone: clones whose users changed, what only boot code or a linker knows. A variable is not what it holds. */
const CONTENTS: View = {
  name: 'contents',
  of: (sight, atom) => {
    const unknown = atom.name === '' && !sight.side.uses.has(atom.index);
    const stateless =
      unknown || isCode(atom.role) || ['rodata', 'init-data', 'boot-table'].includes(atom.role);
    return stateless ? String(contents(sight, atom)) : undefined;
  },
};

/** What stands beside each use: decides when the users changed elsewhere. */
const SURROUNDINGS: View = {
  name: 'surroundings',
  of: (sight, atom) => {
    const uses = sight.side.uses.get(atom.index) ?? [];
    if (uses.length === 0) return undefined;
    const places = uses.map((use) => `${sight.tag(use.owner)} ${use.before} ${use.after}`).sort();
    return [shape(atom), ...places].join('\n');
  },
};

/** The names that stand beside the uses of an atom, each with the function; its own and none are no evidence. */
export function contextsOf(side: Side, atom: Atom): ReadonlySet<string> {
  const own = stableName(atom.name);
  const found = new Set<string>();
  for (const { owner, before, after } of side.uses.get(atom.index) ?? []) {
    const unit = unitOf(side.model.atoms[owner]);
    if (before !== '' && before !== own) found.add(`${unit} after ${before}`);
    if (after !== '' && after !== own) found.add(`${unit} before ${after}`);
  }
  return found;
}

/** Which functions use it, in terms of both sides. */
const SOME_USERS: View = {
  name: 'users',
  of: ({ side, other }, atom) => {
    const units = sharedUnits(side, other, atom.index);
    return units.size === 0 ? undefined : [...units].sort().join(' ');
  },
};

export const USERS_AND_SHAPE: View = {
  name: 'users and shape',
  of: (sight, atom) => {
    const users = SOME_USERS.of(sight, atom);
    return users === undefined ? undefined : `${shape(atom)} ${users}`;
  },
};

/** The initial value tells two variables of one function apart. */
const USERS_AND_VALUE: View = {
  name: 'users and initial value',
  of: (sight, atom) => {
    const users = USERS_AND_SHAPE.of(sight, atom);
    return users === undefined || atom.role === 'bss' ? undefined : `${contents(sight, atom)} ${users}`;
  },
};

/**
 * In the order in which they are tried. The last one takes a variable whose size or initial value the patch
 * changed for what it was: the differ says what became of it.
 */
export const VIEWS: readonly View[] = [
  PLACES,
  CONTENTS,
  SURROUNDINGS,
  USERS_AND_VALUE,
  USERS_AND_SHAPE,
  SOME_USERS,
];

/** What a variable is beside its name. */
export function shape(atom: Atom): string {
  return `${atom.size} ${atom.role}`;
}

/** A hash of the bytes outside the fields of references and of what the references lead to. */
function contents({ side, tag, seen }: Sight, atom: Atom): number {
  const known = seen.get(atom.index);
  if (known !== undefined) return known;
  const { model } = side;
  const targets = model.refs[atom.index].map(
    (ref) => `${ref.atom < 0 ? labelOf(model, ref) : named(model, tag, ref.atom)}+${ref.value}`,
  );
  let hash = bytesHash(side, atom);
  for (const target of targets)
    for (let k = 0; k < target.length; k++) hash = Math.imul(hash ^ target.charCodeAt(k), FNV_PRIME);
  seen.set(atom.index, hash);
  return hash;
}

/** FNV-1a, 32 bits. */
const FNV_START = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;

/** FNV-1a over the bytes outside the fields of references: what collides is told apart, or not, by the rest. */
function bytesHash({ model, hashes }: Side, atom: Atom): number {
  const known = hashes.get(atom.index);
  if (known !== undefined) return known;
  const bytes = atomBytes(model, atom);
  const refs = model.refs[atom.index];
  let hash = FNV_START;
  let next = 0;
  for (let at = 0; at < bytes.length; at++) {
    while (next < refs.length && at >= refs[next].at + Math.max(0, relocWidth(refs[next].r_type))) next++;
    const written = next < refs.length && at >= refs[next].at;
    hash = Math.imul(hash ^ (written ? 0 : bytes[at]), FNV_PRIME);
  }
  hashes.set(atom.index, hash >>> 0);
  return hash >>> 0;
}

function named(model: ObjectModel, tag: Sight['tag'], target: number): string {
  const { name, role } = model.atoms[target];
  // Code without a name is what its section is, where it stands for itself.
  return name === '' && role !== 'text' && role !== 'init-text' ? role : tag(target);
}

/** Atoms of both sides that look the same. */
interface Class {
  readonly olds: Atom[];
  readonly news: Atom[];
}

/** So many rounds at most: chains of floating atoms longer than this are not told apart by their far ends. */
const MOST_ROUNDS = 16;

/** The classes into which a view parts the atoms of each group; atoms of which it shows nothing are in none. */
export function classesOf(
  view: View,
  groups: readonly { readonly olds: readonly Atom[]; readonly news: readonly Atom[] }[],
  orig: Side,
  patched: Side,
  toOrig: Int32Array,
): Class[] {
  const colours = { orig: new Map<number, number>(), patched: new Map<number, number>() };
  for (const [k, { olds, news }] of groups.entries()) {
    for (const a of olds) colours.orig.set(a.index, k);
    for (const b of news) colours.patched.set(b.index, k);
  }
  const called = (side: Side, own: ReadonlyMap<number, number>, atom: number, pair: number): string => {
    const colour = own.get(atom);
    if (colour !== undefined) return `~${colour}`;
    return pair < 0 ? side.model.atoms[atom].name : `=${pair}`;
  };
  const paired = new Set(toOrig);
  let classes: Class[] = [];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = { orig: new Map(colours.orig), patched: new Map(colours.patched) };
    const sights = {
      orig: {
        side: orig,
        other: patched,
        seen: new Map<number, number>(),
        tag: (atom: number) => called(orig, before.orig, atom, paired.has(atom) ? atom : -1),
      },
      patched: {
        side: patched,
        other: orig,
        seen: new Map<number, number>(),
        tag: (atom: number) => called(patched, before.patched, atom, toOrig[atom]),
      },
    };
    const parted = part(view, groups, sights, before, colours);
    const settled = parted.length === classes.length;
    classes = parted;
    if (settled) break;
  }
  return classes;
}

/** One round: new colours from those before. */
function part(
  view: View,
  groups: readonly { readonly olds: readonly Atom[]; readonly news: readonly Atom[] }[],
  sights: { readonly orig: Sight; readonly patched: Sight },
  before: { readonly orig: ReadonlyMap<number, number>; readonly patched: ReadonlyMap<number, number> },
  colours: { readonly orig: Map<number, number>; readonly patched: Map<number, number> },
): Class[] {
  const classes = new Map<string, { olds: Atom[]; news: Atom[]; colour: number }>();
  const put = (which: 'orig' | 'patched', atom: Atom): void => {
    const shown = view.of(sights[which], atom);
    if (shown === undefined) return;
    const key = `${before[which].get(atom.index) ?? ''} ${shown}`;
    let found = classes.get(key);
    if (found === undefined) {
      // Colours of a round are numbered behind those of the groups, which keep theirs when nothing is shown.
      found = { olds: [], news: [], colour: groups.length + classes.size };
      classes.set(key, found);
    }
    (which === 'orig' ? found.olds : found.news).push(atom);
    colours[which].set(atom.index, found.colour);
  };
  for (const { olds, news } of groups) {
    for (const a of olds) put('orig', a);
    for (const b of news) put('patched', b);
  }
  return [...classes.values()];
}
