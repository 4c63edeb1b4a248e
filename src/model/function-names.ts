/**
 * Which functions a name on the command line means, and which names are near one that nothing bears: mistyped,
 * or the name of a function that the compiler cloned or cut under another.
 */
import { SHF_EXECINSTR, STT_FUNC, STT_NOTYPE, stType } from '../elf/constants.js';
import { symbolSection } from '../elf/read.js';
import type { ElfFile } from '../elf/read.js';
import { bareName, coldParent } from './names.js';

/** A name that is near one that was asked for; smaller distances are nearer. */
export interface NearName {
  readonly asked: string;
  readonly name: string;
  readonly distance: number;
}

/**
 * Whether `asked` (`name`, or `file#name` for a local one) means this function, or the function whose cold part it
 * is. The file may be given without the directories before it.
 */
export function answers(asked: string, name: string, sourceFile: string): boolean {
  const hash = asked.lastIndexOf('#');
  if (hash >= 0 && !`/${sourceFile}`.endsWith(`/${asked.slice(0, hash)}`)) return false;
  const bare = asked.slice(hash + 1);
  return bare === name || bare === coldParent(name);
}

/** Whether `asked` may mean a symbol of this name, in whatever file. */
export function mayAnswer(asked: string, name: string): boolean {
  return answers(bareName(asked), name, '');
}

/** The names of the functions that a file defines, and of the labels of its assembly. */
export function functionNames({ sections, symbols }: ElfFile): string[] {
  return symbols.names.filter((name, k) => {
    const section = symbolSection(symbols, k);
    if (name === '' || name.startsWith('.L') || section === undefined) return false;
    const type = stType(symbols.st_info[k]);
    const executable = (sections[section].sh_flags & SHF_EXECINSTR) !== 0;
    return type === STT_FUNC || (type === STT_NOTYPE && executable);
  });
}

/** Near names that are kept of one object, and told at last. */
const MOST_NEAR = 5;
/** Characters of a name that tell something when they are part of another. */
const SHORTEST_PART = 3;
/** Longer names are compared up to here. */
const COMPARED = 100;

/** The nearest of the names for each that was asked for, nearest first. */
export function nearNames(asked: readonly string[], names: Iterable<string>): NearName[] {
  const candidates = [...new Set(names)].filter((name) => name !== '');
  return asked.flatMap((wanted) => {
    const bare = bareName(wanted);
    const most = Math.max(1, Math.floor(bare.length / 3));
    const near = candidates.flatMap((name): NearName[] => {
      const distance = distanceOf(bare, name, most);
      return distance > most ? [] : [{ asked: wanted, name, distance }];
    });
    return nearest(near);
  });
}

/** The nearest few, each name once. */
export function nearest(found: readonly NearName[]): NearName[] {
  const sorted = [...found].sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return sorted.filter((near, k) => near.name !== sorted.at(k - 1)?.name || k === 0).slice(0, MOST_NEAR);
}

/** Edits that turn one name into the other; a name that goes on with a dot is a clone, and nearer than any other. */
function distanceOf(wanted: string, name: string, most: number): number {
  if (name.startsWith(`${wanted}.`)) return 0;
  if (wanted.length >= SHORTEST_PART && name.includes(wanted)) return 1;
  if (Math.abs(wanted.length - name.length) > most) return most + 1;
  const [a, b] = [wanted.slice(0, COMPARED), name.slice(0, COMPARED)];
  let row = Array.from({ length: b.length + 1 }, (_, k) => k);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
