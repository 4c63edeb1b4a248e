/**
 * Changes outside all atoms: in sections that are loaded but that no payload carries (notes that boot loaders read),
 * in table entries that describe no code of the object, in common symbols. Compared as what they are: bytes.
 */
import * as c from '../elf/constants.js';
import type { ElfFile } from '../elf/read.js';
import { asBuffer, sectionBytes, symbolSection } from '../elf/read.js';
import { diagnostic } from '../diag/diagnostic.js';
import type { CorrelatedPair } from './artifacts.js';
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
  return [...sections, ...lostCommons(object, orig.file, patched.file)];
}

/** Common symbols (gABI: SHN_COMMON) that another size, or another kind of place, would make another object. */
function lostCommons(object: string, orig: ElfFile, patched: ElfFile): LostChange[] {
  const after = commonSymbols(patched);
  return [...commonSymbols(orig)].flatMap(([name, size]) => {
    const now = after.get(name);
    const defined = patched.symbols.names.some(
      (other, i) => other === name && symbolSection(patched.symbols, i) !== undefined,
    );
    if (now === size || (now === undefined && !defined)) return [];
    const what =
      now === undefined
        ? 'it was a common symbol and has a section now'
        : `its size went from ${size} to ${now} bytes`;
    return [
      {
        key: `size:${name}`,
        atom: -1,
        found: diagnostic('XS302', {
          message: `existing data ${name} changed: ${what}; objects that live keep their place and size`,
          at: { object, symbol: name },
          hint: 'keep the object as it is and put what is new into a new one; compile with -fno-common as Xen does',
        }),
      },
    ];
  });
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

/** Variables that only the linker gives a place, with their sizes. */
function commonSymbols({ symbols }: ElfFile): Map<string, bigint> {
  const found = new Map<string, bigint>();
  for (let i = symbols.firstGlobal; i < symbols.count; i++) {
    if (symbols.st_shndx[i] === c.RESERVED_SHNDX + c.SHN_COMMON)
      found.set(symbols.names[i], symbols.st_size[i]);
  }
  return found;
}
