/**
 * What an object says of a function besides its bytes, for those who follow control through it: where relocated
 * branches lead, where control may come in, and what runs in place of its instructions or when they fail.
 *
 * Nothing is worked out before it is asked for: most questions concern a few instructions.
 */
import { asBuffer, symbolTitle } from '../elf/read.js';
import { ALL_REGISTERS } from '../x86/calling-convention.js';
import { ipRelativeOperands } from '../x86/decode.js';
import { straightCode } from '../x86/instruction-facts.js';
import type { Disturbance, Surroundings, Transfer } from '../x86/routine.js';
import { thunkKind } from '../xen/reporting-functions.js';
import { coldParent } from './names.js';
import type { Atom, ObjectModel, Ref } from './object-model.js';
import { atomBytes, atomSection } from './object-model.js';
import { bugFrameKind, isEntryTable } from './section-role.js';

export function surroundingsOf(model: ObjectModel, atom: Atom): Surroundings {
  const refs = new Map(model.refs[atom.index].map((ref) => [ref.at, ref]));
  const disturbed = disturbedPlaces(model, atom);
  const isEnd = endsOf(model);
  let entrances: ReadonlySet<number> | undefined;
  return {
    transfer: (field) => {
      const ref = refs.get(field);
      return ref === undefined ? undefined : transferBy(model, atom, ref, isEnd);
    },
    entered: (place) => (entrances ??= entrancesOf(model, atom)).has(place),
    disturbance: (start, end) => {
      let found: Disturbance | undefined;
      for (let place = start; place < end; place++) {
        for (const entry of disturbed.get(place) ?? [])
          found = united(found, disturbanceBy(model, atom, entry));
      }
      return found;
    },
    ends: (place) => isEnd(atom, place),
  };
}

function transferBy(model: ObjectModel, from: Atom, ref: Ref, isEnd: EndTest): Transfer {
  if (ref.atom === from.index) return { to: 'inside', place: ref.value };
  const target = ref.atom < 0 ? undefined : model.atoms[ref.atom];
  if (target !== undefined && isEnd(target, ref.value)) return { to: 'end' };
  if (ref.value !== 0) return { to: 'unknown' };
  const name = target === undefined ? symbolTitle(model.file, ref.symbol) : target.name;
  const thunk = thunkKind(name);
  if (thunk !== undefined) return thunk === 'return' ? { to: 'return' } : { to: 'unknown' };
  // A cold part is entered with whatever the hot one has in its registers.
  const called = (target === undefined || target.kind === 'function') && coldParent(name) === undefined;
  return called && name !== '' ? { to: 'function', name } : { to: 'unknown' };
}

/** Where control may come in: its start, and every place whose address is taken. */
function entrancesOf(model: ObjectModel, atom: Atom): ReadonlySet<number> {
  const found = new Set([0]);
  const relocated = new Set(model.refs[atom.index].map((ref) => ref.at));
  for (const { at, target } of ipRelativeOperands(atomBytes(model, atom))) {
    if (!relocated.has(at)) found.add(target);
  }
  for (const other of model.atoms) {
    for (const ref of model.refs[other.index]) {
      // The first field of an entry tells what it describes; nobody comes from there.
      if (ref.atom === atom.index && !(ref.at === 0 && isEntryTable(other.role))) found.add(ref.value);
    }
  }
  return found;
}

type EndTest = (atom: Atom, at: number) => boolean;

/** Asks whether a bug frame says that what is at a place of an atom is the end: assembly puts such behind functions. */
function endsOf(model: ObjectModel): EndTest {
  const known = new Map<Atom, ReadonlySet<number>>();
  return (atom, at) => {
    let ends = known.get(atom);
    if (ends === undefined) {
      const entries = model.entries[atom.index].map((index) => model.atoms[index]);
      ends = new Set(entries.filter((e) => endsRun(model, e)).map((e) => describedPlace(model, e)));
      known.set(atom, ends);
    }
    return ends.has(at);
  };
}

/** Of bug frames, run_fn and warn come back, bug and assert do not. */
function endsRun(model: ObjectModel, entry: Atom): boolean {
  return entry.role === 'bug-frames' && bugFrameKind(atomSection(model, entry).name) >= 2;
}

/** The place that an entry describes, in the atom to which it belongs. */
function describedPlace(model: ObjectModel, entry: Atom): number {
  return model.refs[entry.index].find((ref) => ref.at === 0)?.value ?? 0;
}

/** Bytes from the start of an entry of .altinstructions to its lengths; see special-sections.ts. */
const ORIG_LEN = 10;
const REPL_LEN = 11;

/** The field of an entry that says where the other code is. */
const OTHER = 4;

/** The entries of alternatives and exceptions, by the bytes that may not run as they stand. */
function disturbedPlaces(model: ObjectModel, atom: Atom): ReadonlyMap<number, readonly Atom[]> {
  const found = new Map<number, Atom[]>();
  for (const index of model.entries[atom.index]) {
    const entry = model.atoms[index];
    if (entry.role !== 'altinstructions' && entry.role !== 'ex-table') continue;
    const start = describedPlace(model, entry);
    const length = entry.role === 'ex-table' ? 1 : Math.max(1, atomBytes(model, entry)[ORIG_LEN]);
    for (let place = start; place < start + length; place++) {
      const known = found.get(place);
      if (known === undefined) found.set(place, [entry]);
      else if (!known.includes(entry)) known.push(entry);
    }
  }
  return found;
}

/** Code of which nothing is known. */
const ANYTHING: Disturbance = { registers: ALL_REGISTERS, resumes: [] };

function united(one: Disturbance | undefined, other: Disturbance): Disturbance {
  if (one === undefined) return other;
  return { registers: one.registers | other.registers, resumes: [...one.resumes, ...other.resumes] };
}

function disturbanceBy(model: ObjectModel, atom: Atom, entry: Atom): Disturbance {
  const ref = model.refs[entry.index].find((r) => r.at === OTHER);
  const there = ref === undefined || ref.atom < 0 || ref.value < 0 ? undefined : ref;
  return entry.role === 'ex-table' ? fixup(model, atom, there) : replacement(model, entry, there);
}

/** The code that an alternative puts in. */
function replacement(model: ObjectModel, entry: Atom, ref: Ref | undefined): Disturbance {
  const length = atomBytes(model, entry)[REPL_LEN];
  if (length === 0) return { registers: 0, resumes: [] };
  if (ref === undefined) return ANYTHING;
  const bytes = atomBytes(model, model.atoms[ref.atom]).subarray(ref.value, ref.value + length);
  const code = bytes.length === length ? straightCode(bytes) : undefined;
  return code === undefined || code.jump !== undefined
    ? ANYTHING
    : { registers: code.registers, resumes: [] };
}

/** The code at which the function goes on after an exception: a fixup that jumps back, or a place of its own. */
function fixup(model: ObjectModel, atom: Atom, ref: Ref | undefined): Disturbance {
  if (ref === undefined) return ANYTHING;
  if (ref.atom === atom.index) return { registers: 0, resumes: [ref.value] };
  const code = straightCode(asBuffer(atomBytes(model, model.atoms[ref.atom])).subarray(ref.value));
  if (code?.jump === undefined) return ANYTHING;
  const field = ref.value + code.jump;
  const back = model.refs[ref.atom].find((r) => r.at === field);
  if (back?.atom !== atom.index) return ANYTHING;
  return { registers: code.registers, resumes: [back.value] };
}
