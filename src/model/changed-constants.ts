/**
 * Constants that changed: a payload can bring a new one, if everything that reads it is in the payload too.
 *
 * A read-only table of which all users are functions (directly, through literals, or through other constants) is
 * carried as new, and its users count as changed: what they do depends on it. A user that a payload cannot
 * replace, such as a writable table that holds its address, would go on with the old one; then the change is
 * refused, and the users that stand in the way are named.
 */
import { stBind, STB_LOCAL } from '../elf/constants.js';
import { AtomStatus } from './artifacts.js';
import type { CorrelatedPair } from './artifacts.js';
import { isLiteral } from './compare.js';
import type { Difference } from './difference.js';
import { isCompilerTable } from './names.js';
import type { Atom, ObjectModel, Ref } from './object-model.js';
import { atomBytes, atomSection, atomTitle } from './object-model.js';

/** What is known of the atoms of the patched object. */
export interface Verdicts {
  readonly status: Uint8Array;
  readonly differences: Map<number, Difference>;
  /** Changed constant -> titles of those who use it and cannot be replaced. */
  readonly obstacles: Map<number, readonly string[]>;
}

/** Turns changed constants into carried ones and their users into changed functions, where that is sound. */
export function carryConstants(pair: CorrelatedPair, verdicts: Verdicts): void {
  const { patched } = pair;
  const changed = patched.atoms.filter((atom) => isChangedConstant(pair, atom, verdicts.status));
  if (changed.length === 0) return;
  const users = usersOf(patched);
  const found = changed.map((atom) => ({ atom, reached: reach(pair, atom, users) }));
  for (const { atom, reached } of found) {
    const obstacles = [...reached.obstacles, ...hiddenUsers(patched, atom, reached.functions.length)];
    if (obstacles.length > 0) verdicts.obstacles.set(atom.index, obstacles);
    else carry(patched, atom, reached, verdicts);
  }
}

/** Sections whose contents only code and data refer to; others may be gathered by the linker. */
const CONSTANTS = /^\.(rodata|data\.rel\.ro)(\.|$)/;

function isChangedConstant(pair: CorrelatedPair, atom: Atom, status: Uint8Array): boolean {
  if (status[atom.index] !== AtomStatus.changed || atom.name === '') return false;
  const before = pair.orig.atoms[pair.correlation.toOrig[atom.index]];
  const stays = atom.role === 'rodata' || atom.role === 'data' || atom.role === 'bss';
  return before.role === 'rodata' && stays && CONSTANTS.test(atomSection(pair.orig, before).name);
}

/** Who may read a constant without a reference that can be seen. */
function hiddenUsers(model: ObjectModel, atom: Atom, functions: number): string[] {
  if (functions === 0) return [isVisible(model, atom) ? 'other objects' : 'somebody who is not seen'];
  // Distances inside a section need no relocation: clang's tables of them hide what they lead to.
  const first = model.firstAtom[atom.section];
  const neighbours = model.atoms.slice(first, model.firstAtom[atom.section + 1]);
  const table = neighbours.find(
    (other) =>
      other.index !== atom.index &&
      (other.name === '' || isCompilerTable(other.name)) &&
      // What relocations fill holds zeros.
      atomBytes(model, other).some((byte) => byte !== 0),
  );
  return table === undefined ? [] : [`${atomTitle(model, table)}, perhaps`];
}

/** Whether other objects may refer to it by name. */
export function isVisible(model: ObjectModel, atom: Atom): boolean {
  const { st_info } = model.file.symbols;
  return atom.symbols.some((symbol) => stBind(st_info[symbol]) !== STB_LOCAL);
}

/** For each atom, those that refer to it. */
function usersOf(model: ObjectModel): readonly (readonly number[])[] {
  const users = model.atoms.map((): number[] => []);
  for (const atom of model.atoms) {
    for (const ref of model.refs[atom.index]) {
      if (ref.atom >= 0 && ref.atom !== atom.index && users[ref.atom].at(-1) !== atom.index)
        users[ref.atom].push(atom.index);
    }
  }
  return users;
}

interface Reached {
  /** Functions of both kinds, those that run and those that ran at boot. */
  readonly functions: readonly number[];
  readonly constants: readonly number[];
  readonly obstacles: readonly string[];
}

/** Everything that reads a constant, directly or through what only refers to it. */
function reach({ patched }: CorrelatedPair, constant: Atom, users: readonly (readonly number[])[]): Reached {
  const functions: number[] = [];
  const constants: number[] = [];
  const obstacles: string[] = [];
  const seen = new Set([constant.index]);
  const queue = [constant.index];
  const ask = (user: number): void => {
    if (seen.has(user)) return;
    seen.add(user);
    const atom = patched.atoms[user];
    if (isLiteral(atom)) queue.push(user);
    // An entry belongs to the code that its first field describes.
    else if (atom.kind === 'entry') for (const ref of patched.refs[user].slice(0, 1)) ask(ref.atom);
    else if (atom.kind === 'function') functions.push(user);
    else if (atom.role === 'rodata' && atom.name !== '') {
      constants.push(user);
      queue.push(user);
    } else if (atom.role !== 'hooks') obstacles.push(atomTitle(patched, atom));
  };
  for (const next of queue) for (const user of users[next]) ask(user);
  return { functions, constants, obstacles };
}

function carry(patched: ObjectModel, constant: Atom, reached: Reached, verdicts: Verdicts): void {
  const { status, differences } = verdicts;
  const why = differences.get(constant.index)?.text ?? '';
  const text = `the constant ${constant.name} changed: ${why}`;
  status[constant.index] = AtomStatus.carried;
  for (const other of reached.constants) {
    if (status[other] === AtomStatus.same || status[other] === AtomStatus.changed)
      status[other] = AtomStatus.carried;
  }
  for (const user of reached.functions) {
    if (status[user] !== AtomStatus.same) continue;
    // It may refer to the constant through others, which are carried as well.
    const carried = (ref: Ref): boolean => ref.atom >= 0 && status[ref.atom] === AtomStatus.carried;
    const at = patched.refs[user].find(carried)?.at ?? 0;
    status[user] = AtomStatus.changed;
    differences.set(user, { kind: 'constant', text, origAt: at, patchedAt: at, constant: constant.index });
  }
}
