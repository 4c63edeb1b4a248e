/**
 * Checks where the relocations of an object lie among its atoms. Each must patch bytes of one atom, and bytes
 * that no other patches: anything else cannot be said as references, and no assembler writes it.
 */
import type { Diagnostic } from '../diag/diagnostic.js';
import { diagnostic } from '../diag/diagnostic.js';
import { relocWidth } from '../elf/reloc-x86-64.js';
import { byPlace } from '../elf/read.js';
import type { RelaTable } from '../elf/read.js';
import type { Bundles } from './object-model.js';
import { atomAt } from './object-model.js';

/** The first misplaced relocation of each section, as XS103. */
export function checkRelocationPlaces(bundles: Bundles): Diagnostic[] {
  return bundles.file.relas.flatMap((rela) => {
    const section = bundles.file.sections[rela.target];
    if (bundles.firstAtom[section.index] === bundles.firstAtom[section.index + 1]) return [];
    const wrong = misplaced(bundles, rela);
    if (wrong === undefined) return [];
    return [
      diagnostic('XS103', {
        message: `a relocation ${wrong.why}`,
        at: { object: bundles.file.name, section: section.name, section_offset: wrong.at },
        hint: 'build the file again; if an assembler really wrote this, please report it',
      }),
    ];
  });
}

function misplaced(bundles: Bundles, rela: RelaTable): { why: string; at: number } | undefined {
  let taken = 0;
  for (const k of byPlace(rela)) {
    const at = rela.r_offset[k];
    const width = relocWidth(rela.r_type[k]);
    if (width <= 0) continue;
    if (at < taken) return { why: 'patches bytes that another one patches', at };
    taken = at + width;
    const atom = atomAt(bundles, rela.target, at);
    if (atom === undefined || taken > atom.start + atom.size)
      return { why: 'patches bytes of two symbols', at };
  }
  return undefined;
}
