/**
 * What must hold between the passes, as text about what does not. Run after each pass with --verify-each and in
 * the tests; a sentence from here is a bug of the pass before it, never a mistake of the user.
 */
import { relocWidth } from '../elf/reloc-x86-64.js';
import { SHT_NOBITS } from '../elf/constants.js';
import type { CorrelatedPair } from './artifacts.js';
import type { Bundles, ObjectModel } from './object-model.js';
import { atomTitle } from './object-model.js';
import type { Inclusion, LaidOutPayload } from './payload-artifacts.js';

/** Sentences that one verifier gives at most: the first one tells the bug. */
const ENOUGH = 20;

/** Atoms are numbered by section and offset, and cover each section that has any, without overlap. */
export function verifyBundles(bundles: Bundles): string[] {
  const wrong: string[] = [];
  for (const section of bundles.file.sections) {
    const [first, last] = [bundles.firstAtom[section.index], bundles.firstAtom[section.index + 1]];
    let at = 0;
    for (let k = first; k < last && wrong.length < ENOUGH; k++) {
      const atom = bundles.atoms[k];
      if (atom.index !== k) wrong.push(`${section.name}: atom ${k} bears the number ${atom.index}`);
      if (atom.section !== section.index) wrong.push(`${section.name}: atom ${k} is of another section`);
      if (atom.start !== at) wrong.push(`${section.name}: byte ${at} has no owner, or two`);
      at = atom.start + atom.size;
    }
    if (first < last && at !== section.sh_size)
      wrong.push(`${section.name}: the atoms end at ${at} of ${section.sh_size}`);
  }
  return wrong;
}

/** References lie inside their atom, in order and apart from each other, and lead to atoms that exist. */
export function verifyModel(model: ObjectModel): string[] {
  const wrong: string[] = [];
  for (const atom of model.atoms) {
    let end = 0;
    for (const ref of model.refs[atom.index]) {
      if (wrong.length >= ENOUGH) return wrong;
      const where = `${atomTitle(model, atom)}+0x${ref.at.toString(16)}`;
      if (ref.at < end) wrong.push(`${where}: the reference overlaps the one before`);
      end = ref.at + relocWidth(ref.r_type);
      if (end > atom.size) wrong.push(`${where}: the reference leaves its atom`);
      if (ref.atom >= model.atoms.length)
        wrong.push(`${where}: leads to atom ${ref.atom} of ${model.atoms.length}`);
      if (ref.atom < 0 && ref.symbol < 0) wrong.push(`${where}: leads nowhere`);
    }
  }
  return wrong;
}

/** The correlation is one to one, and its two directions agree. */
export function verifyCorrelation({ orig, patched, correlation }: CorrelatedPair): string[] {
  const { toOrig, toPatched } = correlation;
  const wrong: string[] = [];
  if (toOrig.length !== patched.atoms.length || toPatched.length !== orig.atoms.length)
    wrong.push('a direction has the wrong length');
  for (const [b, a] of toOrig.entries()) {
    if (a >= 0 && toPatched[a] !== b && wrong.length < ENOUGH) {
      wrong.push(`${atomTitle(patched, patched.atoms[b])} is paired with something that is paired elsewhere`);
    }
  }
  return wrong;
}

/** Every reference of what is included ends in something included or in a name. */
export function verifyInclusion({ context, atoms, externals }: Inclusion): string[] {
  const wrong: string[] = [];
  for (const included of atoms) {
    const { patched } = context.objects[included.object];
    const title = atomTitle(patched, patched.atoms[included.atom]);
    const expected = patched.refs[included.atom].length;
    if (included.refs.length !== expected)
      wrong.push(`${title}: ${included.refs.length} of ${expected} references came along`);
    for (const ref of included.refs) {
      const ends = (ref.included >= 0 ? 1 : 0) + (ref.external >= 0 ? 1 : 0);
      if (ends !== 1 || ref.included >= atoms.length || ref.external >= externals.length) {
        wrong.push(`${title}+0x${ref.at.toString(16)}: the reference has ${ends} ends`);
      }
      if (wrong.length >= ENOUGH) return wrong;
    }
  }
  return wrong;
}

/** Atoms lie inside their sections and on nobody else's bytes, equal strings excepted. */
export function verifyLayout({ resolved, object, placements }: LaidOutPayload): string[] {
  const wrong: string[] = [];
  const taken = object.sections.map(() => new Map<number, number>());
  for (const [k, { section, start }] of placements.entries()) {
    if (section < 0 && resolved.omitted?.includes(k) === true) continue;
    const { size } = resolved.context.objects[resolved.atoms[k].object].patched.atoms[resolved.atoms[k].atom];
    const plan = object.sections[section];
    const whole = plan.sh_type === SHT_NOBITS ? (plan.sh_size ?? 0) : plan.bytes.length;
    if (start + size > whole) wrong.push(`${plan.name}: an atom ends at ${start + size} of ${whole}`);
    taken[section].set(start, Math.max(size, taken[section].get(start) ?? 0));
  }
  for (const [section, places] of taken.entries()) {
    let end = 0;
    for (const [start, size] of [...places].sort((a, b) => a[0] - b[0])) {
      if (start < end) wrong.push(`${object.sections[section].name}: two atoms share byte ${start}`);
      end = start + size;
    }
  }
  return wrong.slice(0, ENOUGH);
}
