/**
 * Where nameless data of one section falls apart into tables of single functions.
 *
 * Without -fdata-sections the jump tables of a whole file lie side by side in .rodata, and no symbol says where one
 * ends. What they hold does: the elements of a jump table all lead into one function, and only that function reads
 * it. A run of such elements is cut out when both hold, so that a change in one table is a change of one function.
 *
 * Anything else stays in one piece, and counts as changed for all its users when a byte of it changes: where a table
 * of values begins cannot be told from the code, because compilers fold what they subtract from the index into the
 * address (`lea table-20(%rip)`). For the same reason nothing is cut when values lie on more than one side of the
 * runs: such an address could then be that of another piece.
 *
 * What the undefined-behaviour sanitizer is to say of each check is passed to it by address, without any arithmetic:
 * there a piece begins wherever an address leads.
 */
import type { Atom, ObjectModel, Ref } from './object-model.js';
import { atomBytes } from './object-model.js';
import { relocWidth } from '../elf/reloc-x86-64.js';
import { isCode } from './section-role.js';
import { bareName, coldParent } from './names.js';

/** Section number -> offsets at which its nameless data is to be cut, beside those of symbols; ascending. */
export type Cuts = ReadonlyMap<number, readonly number[]>;

export function tableCuts(model: ObjectModel): Cuts {
  const cuts = new Map<number, readonly number[]>();
  const wanted = new Set(model.atoms.filter((atom) => mayBeCut(model, atom)).map((atom) => atom.index));
  if (wanted.size === 0) return cuts;
  const arrivals = arrivalsAt(model, wanted);
  for (const index of wanted) {
    const atom = model.atoms[index];
    const came = arrivals.get(index) ?? [];
    const places = atom.role === 'compiler-data' ? came.map(({ at }) => at) : bordersOf(model, atom, came);
    const inside = places.filter((at) => at > 0 && at < atom.size).map((at) => atom.start + at);
    if (inside.length === 0) continue;
    const known = cuts.get(atom.section) ?? [];
    cuts.set(
      atom.section,
      [...new Set([...known, ...inside])].sort((a, b) => a - b),
    );
  }
  return cuts;
}

function mayBeCut(model: ObjectModel, { name, role, kind, index }: Atom): boolean {
  if (name !== '' || kind !== 'literal') return false;
  return role === 'compiler-data' || (role === 'rodata' && model.refs[index].length > 1);
}

/** An address that leads into nameless data, and the function that holds it, or '' when something else does. */
interface Arrival {
  readonly at: number;
  readonly owner: string;
}

function arrivalsAt(model: ObjectModel, wanted: ReadonlySet<number>): Map<number, Arrival[]> {
  const found = new Map<number, Arrival[]>();
  for (const atom of model.atoms) {
    const owner = ownerOf(atom);
    for (const ref of model.refs[atom.index]) {
      if (!wanted.has(ref.atom)) continue;
      const known = found.get(ref.atom);
      if (known === undefined) found.set(ref.atom, [{ at: ref.value, owner }]);
      else known.push({ at: ref.value, owner });
    }
  }
  return found;
}

/** The function that code belongs to, its cold part included; '' for everything else. */
function ownerOf({ role, name, kind, sourceFile }: Atom): string {
  return isCode(role) && kind === 'function' && name !== ''
    ? `${sourceFile}#${coldParent(name) ?? name}`
    : '';
}

/** Elements side by side that lead into one function: bytes from the start of the atom. */
interface Run {
  readonly owner: string;
  readonly start: number;
  end: number;
}

function bordersOf(model: ObjectModel, atom: Atom, arrivals: readonly Arrival[]): number[] {
  const runs = runsOf(model, atom);
  const proven = runs.filter((run) => {
    const own = arrivals.filter(({ at }) => at >= run.start && at < run.end);
    return own.some(({ at }) => at === run.start) && own.every(({ owner }) => sameOwner(owner, run.owner));
  });
  // Addresses that lie outside of the atom altogether come from who knows where.
  if (arrivals.some(({ at }) => at < 0 || at >= atom.size)) return [];
  return countRemainders(model, atom, proven) > 1 ? [] : proven.flatMap(({ start, end }) => [start, end]);
}

/** A cold part is always local, its function may be global: they share the name, and a file only when both are local. */
function sameOwner(one: string, other: string): boolean {
  return one !== '' && bareName(one) === bareName(other);
}

function runsOf(model: ObjectModel, atom: Atom): Run[] {
  const runs: Run[] = [];
  let last: { run: Run; r_type: number } | undefined;
  for (const ref of model.refs[atom.index]) {
    const owner = leadsInto(model, ref);
    const end = ref.at + relocWidth(ref.r_type);
    if (owner === '') last = undefined;
    else if (last?.r_type === ref.r_type && last.run.end === ref.at && sameOwner(owner, last.run.owner))
      last.run.end = end;
    else {
      last = { run: { owner, start: ref.at, end }, r_type: ref.r_type };
      runs.push(last.run);
    }
  }
  return runs;
}

function leadsInto(model: ObjectModel, ref: Ref): string {
  return ref.atom < 0 ? '' : ownerOf(model.atoms[ref.atom]);
}

/** Stretches between the runs that hold anything but zeros. */
function countRemainders(model: ObjectModel, atom: Atom, runs: readonly Run[]): number {
  const bytes = atomBytes(model, atom);
  const refs = model.refs[atom.index];
  let count = 0;
  let from = 0;
  for (const { start, end } of [...runs, { start: atom.size, end: atom.size }]) {
    const holds = bytes.subarray(from, start).some((byte) => byte !== 0);
    if (holds || refs.some((ref) => ref.at >= from && ref.at < start)) count += 1;
    from = end;
  }
  return count;
}
