/**
 * Who uses what in one object: for the things whose name does not tell them apart, every reference to them, seen
 * through literals and table entries to the named thing whose code or contents hold it.
 *
 * A *unit* is a function together with the pieces that compilers cut off it (`f`, `f.part.0`, `f.cold`). A unit that
 * exists on one side only was inlined on the other: its callers stand for it, so that a variable is still seen to
 * belong to the same units when its function disappears into them.
 */
import { asBuffer, symbolTitle } from '../elf/read.js';
import { isLiteral } from './compare.js';
import { CHILD_SUFFIXES, stableName } from './names.js';
import type { Atom, ObjectModel, Ref } from './object-model.js';
import { atomBytes } from './object-model.js';

/** One reference to a tracked atom. */
export interface Use {
  /** Number of the named atom that holds the reference, itself or in a literal of its own. */
  readonly owner: number;
  /** Where in its holder the reference stands, and how far into the target it points; bytes. */
  readonly at: number;
  readonly value: number;
  /** What its holder refers to just before and just after. */
  readonly before: string;
  readonly after: string;
}

/** One side of a comparison. */
export interface Side {
  readonly model: ObjectModel;
  /** Tracked atom number -> its uses, in order of owner and place. */
  readonly uses: ReadonlyMap<number, readonly Use[]>;
  /** Name of a unit -> its atoms. */
  readonly units: ReadonlyMap<string, readonly number[]>;
  /** Hashes of contents, kept from view to view. */
  readonly hashes: Map<number, number>;
}

/** The function, or datum, whose piece an atom is. */
export function unitOf(atom: Atom): string {
  return stableName(atom.name).replace(CHILD_SUFFIXES, '');
}

/** Names of units with their atoms. */
export function unitsOf(model: ObjectModel): ReadonlyMap<string, readonly number[]> {
  const units = new Map<string, number[]>();
  for (const atom of model.atoms) {
    if (atom.name === '' || isLiteral(atom)) continue;
    const unit = unitOf(atom);
    const members = units.get(unit);
    if (members === undefined) units.set(unit, [atom.index]);
    else members.push(atom.index);
  }
  return units;
}

/** Finds the uses of the tracked atoms, by one walk over all references. */
export function sideOf(model: ObjectModel, units: Side['units'], tracked: ReadonlySet<number>): Side {
  const uses = new Map<number, Use[]>();
  if (tracked.size > 0) {
    for (const owner of model.atoms) {
      if (owner.kind !== 'entry' && !isLiteral(owner)) walk(model, owner, tracked, uses);
    }
  }
  return { model, uses, units, hashes: new Map() };
}

function walk(model: ObjectModel, owner: Atom, tracked: ReadonlySet<number>, uses: Map<number, Use[]>): void {
  const held = [owner.index, ...model.entries[owner.index]];
  const seen = new Set(held);
  // What is held grows while it is walked: a literal that is referred to belongs to whoever refers to it.
  for (const holder of held) {
    const refs = model.refs[holder];
    for (const [k, ref] of refs.entries()) {
      if (ref.atom < 0) continue;
      if (tracked.has(ref.atom)) {
        if (ref.atom === owner.index) continue;
        const use = {
          owner: owner.index,
          at: ref.at,
          value: ref.value,
          before: neighbour(model, refs, k - 1),
          after: neighbour(model, refs, k + 1),
        };
        const known = uses.get(ref.atom);
        if (known === undefined) uses.set(ref.atom, [use]);
        else known.push(use);
      } else if (model.refs[ref.atom].length > 0 && !seen.has(ref.atom) && isLiteral(model.atoms[ref.atom])) {
        seen.add(ref.atom);
        held.push(ref.atom);
      }
    }
  }
}

function neighbour(model: ObjectModel, refs: readonly Ref[], k: number): string {
  const ref = refs.at(k);
  return k < 0 || ref === undefined ? '' : labelOf(model, ref);
}

const LABEL_BYTES = 40;

/** What a reference leads to, in words that mean the same in both objects. */
export function labelOf(model: ObjectModel, ref: Ref): string {
  if (ref.atom < 0) return ref.symbol < 0 ? '?' : symbolTitle(model.file, ref.symbol);
  const atom = model.atoms[ref.atom];
  if (atom.kind === 'string') {
    return asBuffer(atomBytes(model, atom)).toString('latin1', Math.max(0, ref.value), LABEL_BYTES);
  }
  return atom.name === '' ? atom.role : stableName(atom.name);
}

/**
 * The units that use an atom, in terms that both sides know: units that `other` has not are replaced by those who
 * call them, as far up as it takes.
 */
export function sharedUnits(side: Side, other: Side, atom: number): ReadonlySet<string> {
  const found = new Set<string>();
  const visited = new Set<string>();
  const queue = (side.uses.get(atom) ?? []).map((use) => unitOf(side.model.atoms[use.owner]));
  for (const unit of queue) {
    if (visited.has(unit)) continue;
    visited.add(unit);
    if (other.units.has(unit)) {
      found.add(unit);
      continue;
    }
    for (const member of side.units.get(unit) ?? []) {
      for (const use of side.uses.get(member) ?? []) queue.push(unitOf(side.model.atoms[use.owner]));
    }
  }
  return found;
}
