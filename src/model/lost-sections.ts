/**
 * Changes outside all atoms: in sections that are loaded but that no payload carries (notes that boot loaders read),
 * in table entries that describe no code of the object, in common symbols. Compared as what they are: bytes.
 */
import * as c from '../elf/constants.js';
import { asBuffer, sectionBytes } from '../elf/read.js';
import { diagnostic } from '../diag/diagnostic.js';
import type { CorrelatedPair } from './artifacts.js';
import { commonSymbols, isSpeltCommon } from './common-symbols.js';
import type { LostChange } from './lost-changes.js';
import type { ObjectModel } from './object-model.js';
import { atomBytes, atomSection } from './object-model.js';

/** Loaded, ignored and without a meaning for what runs: properties of the object, unwinding, asserts of macros. */
const MEANINGLESS = /^\.(note\.(gnu\.property|gnu\.build-id|GNU-stack)|eh_frame|discard)(\.|$)/;

export function lostSections({ object, orig, patched }: CorrelatedPair): LostChange[] {
  const before = contentsOf(orig);
  const after = contentsOf(patched);
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const sections: LostChange[] = names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => ({
      key: `section:${name}`,
      atom: -1,
      found: diagnostic('XS308', {
        message: `${name} changed, and no payload carries it`,
        at: { object, section: name },
        hint: 'leave this part out of the patch, or do in a load hook what it stands for',
      }),
    }));
  return [...sections, ...lostCommons(object, orig, patched)];
}

/** Common symbols that got another size, or a place with an initial value: another object than the one that lives. */
function lostCommons(object: string, orig: ObjectModel, patched: ObjectModel): LostChange[] {
  const before = commonSymbols(orig.file);
  const after = commonSymbols(patched.file);
  const changes = [...before].flatMap(([name, size]): [string, string][] => {
    const now = after.get(name);
    if (now !== undefined) return now === size ? [] : [[name, `its size went from ${size} to ${now} bytes`]];
    const placed = patched.atoms.find((atom) => atom.name === name && !atom.local);
    if (placed === undefined || isSpeltCommon(patched, placed, before)) return [];
    return [[name, 'it was a common symbol, and has another size or an initial value now']];
  });
  const vanished = orig.atoms.flatMap((atom): [string, string][] => {
    if (!after.has(atom.name) || atom.local || isSpeltCommon(orig, atom, after)) return [];
    return [[atom.name, 'it became a common symbol, and had another size or an initial value before']];
  });
  return [...changes, ...vanished].map(([name, what]) => ({
    key: `size:${name}`,
    atom: -1,
    found: diagnostic('XS302', {
      message: `existing data ${name} changed: ${what}; objects that live keep their place and size`,
      at: { object, symbol: name },
      hint: 'keep the object as it is and put what is new into a new one; compile with -fno-common as Xen does',
    }),
  }));
}

/** What is outside all atoms, by the name under which it is refused. */
function contentsOf(model: ObjectModel): Map<string, string> {
  const { file } = model;
  const found = new Map<string, string>();
  for (const section of file.sections) {
    const loaded = (section.sh_flags & c.SHF_ALLOC) !== 0;
    const uncut = model.firstAtom[section.index] === model.firstAtom[section.index + 1];
    if (!loaded || !uncut || section.sh_size === 0 || MEANINGLESS.test(section.name)) continue;
    const text = asBuffer(sectionBytes(file, section)).toString('latin1');
    found.set(section.name, `${found.get(section.name) ?? ''}${text}`);
  }
  for (const atom of model.atoms) {
    if (atom.kind !== 'entry' || model.refs[atom.index].some((ref) => ref.at === 0 && ref.atom >= 0))
      continue;
    const { name } = atomSection(model, atom);
    found.set(name, `${found.get(name) ?? ''}${asBuffer(atomBytes(model, atom)).toString('latin1')}`);
  }
  return found;
}
