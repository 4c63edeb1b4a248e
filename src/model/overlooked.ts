/**
 * What differs between the two sides of a function and was found to mean nothing: the numbers of lines, which the
 * hypervisor only prints, and the numbers that the compiler appends to names. It is told, so that a reader who
 * compares by eye knows that it was seen.
 */
import { bugFrameLine } from '../xen/describe-entry.js';
import type { Comparison } from './excerpt.js';
import { originalOf } from './excerpt.js';
import type { Atom, ObjectModel } from './object-model.js';
import { atomSection } from './object-model.js';

/** Names of one function that are told. */
const MOST_NAMES = 8;

/** Differences of two functions that do not count. */
export function overlooked(both: Comparison, a: Atom, b: Atom): string[] {
  const { orig, patched } = both;
  const sections = lineNumbers(patched, b);
  const before = lineNumbers(orig, a);
  const lines = [...sections].flatMap(([section, numbers]) => {
    const olds = before.get(section);
    const moved = olds?.length === numbers.length && olds.some((line, k) => line !== numbers[k]);
    return moved ? [`line numbers in ${section}`] : [];
  });
  const renamed = new Set<string>();
  const compareNames = (atom: Atom): void => {
    const old = originalOf(both, atom);
    if (old !== undefined && old.name !== atom.name && renamed.size < MOST_NAMES)
      renamed.add(`${atom.name} was ${old.name}`);
  };
  compareNames(b);
  for (const ref of patched.refs[b.index]) if (ref.atom >= 0) compareNames(patched.atoms[ref.atom]);
  return [...lines, ...renamed];
}

/** Section -> line numbers of a function's bug frames, in order. */
function lineNumbers(model: ObjectModel, atom: Atom): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const index of model.entries[atom.index]) {
    const entry = model.atoms[index];
    if (entry.role !== 'bug-frames') continue;
    const { name } = atomSection(model, entry);
    const list = found.get(name);
    if (list === undefined) found.set(name, [bugFrameLine(model, entry)]);
    else list.push(bugFrameLine(model, entry));
  }
  return found;
}
