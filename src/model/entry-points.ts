/**
 * Ways into a changed function that a splice at its start does not catch. The jump stands over the first bytes;
 * whoever enters further in, or by a name that means another function now, goes on with the old code.
 *
 * Compilers enter other functions only at their start (a cold part is one with its function, and tables and fixups
 * belong to it), so this is about assembly and aliases.
 */
import { stBind, STB_LOCAL } from '../elf/constants.js';
import { diagnostic } from '../diag/diagnostic.js';
import { AtomStatus } from './artifacts.js';
import type { CorrelatedPair } from './artifacts.js';
import { isLiteral } from './compare.js';
import type { LostChange } from './lost-changes.js';
import { coldParent } from './names.js';
import type { Atom, ObjectModel } from './object-model.js';
import { atomTitle, locateAtom } from './object-model.js';
import { isCode } from './section-role.js';

export function missedEntries(pair: CorrelatedPair, status: Uint8Array): LostChange[] {
  return [...movedNames(pair), ...middleEntries(pair, status)];
}

/** Global names that stood for one thing and now stand for another, though both exist. */
function movedNames({ object, orig, patched, correlation }: CorrelatedPair): LostChange[] {
  const before = globalNames(orig);
  const lost: LostChange[] = [];
  for (const [name, place] of globalNames(patched)) {
    const old = before.get(name);
    if (old === undefined || place.atom.kind === 'entry') continue;
    const counterpart = correlation.toPatched[old.atom.index];
    const becomes = isCode(old.atom.role) !== isCode(place.atom.role);
    if (counterpart === place.atom.index || (counterpart < 0 && !becomes)) continue;
    const kind = (model: ObjectModel, atom: Atom): string =>
      becomes ? (isCode(atom.role) ? 'a function' : 'data') : atomTitle(model, atom);
    const now = kind(patched, place.atom);
    const was = kind(orig, old.atom);
    lost.push({
      key: `entry:${name}`,
      atom: -1,
      found: diagnostic('XS312', {
        message: `the name ${name} stood for ${was} and now stands for ${now}; who was linked against it stays with ${was}`,
        at: locateAtom(object, patched, place.atom),
        hint: becomes
          ? 'give the new thing a name of its own'
          : `change the code of ${was} instead of its alias, so that a splice catches every caller`,
      }),
    });
  }
  return lost;
}

interface Place {
  readonly atom: Atom;
  /** Bytes from the start of the atom. */
  readonly into: number;
  readonly global: boolean;
}

function globalNames(model: ObjectModel): Map<string, Place> {
  const { symbols } = model.file;
  const found = new Map<string, Place>();
  for (let i = symbols.firstGlobal; i < symbols.count; i++) {
    const place = placeOf(model, i);
    if (place?.global === true) found.set(symbols.names[i], place);
  }
  return found;
}

function placeOf(model: ObjectModel, symbol: number): Place | undefined {
  const { st_value, st_info } = model.file.symbols;
  const at = model.atomOfSymbol[symbol];
  if (at < 0) return undefined;
  const atom = model.atoms[at];
  const into = Number(st_value[symbol]) - atom.start;
  return { atom, into, global: stBind(st_info[symbol]) !== STB_LOCAL };
}

/** Places inside changed functions that the running code enters from outside. */
function middleEntries(
  { object, orig, patched, correlation }: CorrelatedPair,
  status: Uint8Array,
): LostChange[] {
  const changed = new Map<number, Atom>();
  for (const atom of patched.atoms) {
    const replaced =
      atom.role === 'text' && atom.kind === 'function' && status[atom.index] === AtomStatus.changed;
    if (replaced) changed.set(correlation.toOrig[atom.index], atom);
  }
  if (changed.size === 0) return [];
  const entered = new Map<number, string>();
  for (const [index] of changed) {
    const names = orig.atoms[index].symbols.flatMap((symbol) => {
      const place = placeOf(orig, symbol);
      return place?.global === true && place.into > 0 && place.into < place.atom.size
        ? [orig.file.symbols.names[symbol]]
        : [];
    });
    if (names.length > 0) entered.set(index, `its global label ${names[0]}`);
  }
  for (const from of orig.atoms) {
    if (!isCode(from.role) || isLiteral(from) || changed.has(from.index)) continue;
    for (const ref of orig.refs[from.index]) {
      if (ref.value <= 0 || !changed.has(ref.atom) || entered.has(ref.atom) || isOwn(orig, from, ref.atom))
        continue;
      entered.set(ref.atom, atomTitle(orig, from));
    }
  }
  return [...entered].flatMap(([index, by]) => {
    const atom = changed.get(index);
    return atom === undefined ? [] : [middleEntry(object, patched, atom, by)];
  });
}

function isOwn(model: ObjectModel, from: Atom, into: number): boolean {
  return from.index === into || coldParent(from.name) === model.atoms[into].name;
}

function middleEntry(object: string, patched: ObjectModel, atom: Atom, by: string): LostChange {
  const title = atomTitle(patched, atom);
  return {
    key: `entry:${title}`,
    atom: atom.index,
    found: diagnostic('XS312', {
      message: `the changed function ${title} is entered in its middle by ${by}; a splice at its start does not catch that`,
      at: locateAtom(object, patched, atom),
      hint: 'change the code that enters it too, or split the function at that place',
    }),
  };
}
