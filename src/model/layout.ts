/**
 * Where each included atom goes: the payload's sections in their order, and the place of every atom in them.
 *
 * All code goes into .text, all constants into .rodata and so on: the loader places sections by their flags
 * only, and takes at most 1,023 of them. Equal strings are one. Alignment is what the atom had in its object.
 */
import * as c from '../elf/constants.js';
import { atomBytes, atomSection } from './object-model.js';
import type { Atom, ObjectModel } from './object-model.js';
import type { Placement, NamedPayload } from './payload-artifacts.js';

export interface SectionPlan {
  readonly name: string;
  readonly sh_type: number;
  readonly sh_flags: number;
  readonly sh_entsize: number;
  readonly sh_addralign: number;
  readonly sh_size: number;
}

export interface Layout {
  readonly sections: readonly SectionPlan[];
  readonly placements: readonly Placement[];
}

interface Growing {
  readonly name: string;
  readonly rank: number;
  readonly sh_type: number;
  readonly sh_flags: number;
  readonly sh_entsize: number;
  sh_addralign: number;
  sh_size: number;
  readonly strings: Map<string, number>;
}

const A = c.SHF_ALLOC;
const AX = c.SHF_ALLOC | c.SHF_EXECINSTR;
const WA = c.SHF_ALLOC | c.SHF_WRITE;

/** Which section an atom goes to; `rank` orders sections, equal ranks by name. */
function destination(
  model: ObjectModel,
  atom: Atom,
  prefix: string,
): Omit<Growing, 'sh_addralign' | 'sh_size' | 'strings'> {
  const from = atomSection(model, atom);
  const plain = { sh_type: c.SHT_PROGBITS, sh_entsize: 0 };
  if (atom.kind === 'string' || atom.kind === 'constant') {
    const width = from.sh_entsize;
    const name =
      atom.kind === 'string'
        ? `.rodata.str${width}.${Math.max(1, from.sh_addralign)}`
        : `.rodata.cst${width}`;
    const flags = atom.kind === 'string' ? c.SHF_MERGE | c.SHF_STRINGS : c.SHF_MERGE;
    return { name, rank: 2, sh_type: c.SHT_PROGBITS, sh_flags: A | flags, sh_entsize: width };
  }
  switch (atom.role) {
    case 'text':
      return { name: '.text', rank: 0, sh_flags: AX, ...plain };
    case 'fixup':
      return { name: '.fixup', rank: 0, sh_flags: AX, ...plain };
    case 'altinstr-replacement':
      return { name: '.altinstr_replacement', rank: 0, sh_flags: AX, ...plain };
    case 'data':
    case 'compiler-data':
      return { name: '.data', rank: 3, sh_flags: WA, ...plain };
    case 'bss':
      return { name: '.bss', rank: 4, sh_type: c.SHT_NOBITS, sh_flags: WA, sh_entsize: 0 };
    case 'bug-frames':
    case 'altinstructions':
    case 'alt-call-sites':
    case 'ex-table':
      return { name: from.name, rank: 5, sh_flags: A, ...plain };
    case 'hooks':
      return { name: from.name.replace(/^\.(livepatch|xsplice)/, prefix), rank: 6, sh_flags: A, ...plain };
    default:
      return { name: '.rodata', rank: 1, sh_flags: A, ...plain };
  }
}

/** The alignment an atom had: that of its section, less what its offset takes away. Bytes, a power of two. */
function alignmentOf(model: ObjectModel, atom: Atom): number {
  const whole = Math.max(1, atomSection(model, atom).sh_addralign);
  if (atom.kind === 'entry') return Math.min(whole, 4);
  if (atom.kind === 'string' || atom.start === 0) return whole;
  return Math.min(whole, atom.start & -atom.start);
}

export function planLayout(payload: NamedPayload): Layout {
  const growing = new Map<string, Growing>();
  const prefix = payload.context.wishes.abi.sectionPrefix;
  const omitted = new Set(payload.omitted);
  const places = payload.atoms.map((included, k) => {
    if (omitted.has(k)) return { name: '', start: 0 };
    const { patched } = payload.context.objects[included.object];
    const atom = patched.atoms[included.atom];
    const wanted = destination(patched, atom, prefix);
    let section = growing.get(wanted.name);
    if (section === undefined) {
      section = { ...wanted, sh_addralign: 1, sh_size: 0, strings: new Map() };
      growing.set(wanted.name, section);
    }
    return { name: wanted.name, start: place(section, patched, atom) };
  });
  const ordered = [...growing.values()].sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
  const position = new Map(ordered.map((s, k) => [s.name, k]));
  return {
    sections: ordered.map(({ name, sh_type, sh_flags, sh_entsize, sh_addralign, sh_size }) => {
      return { name, sh_type, sh_flags, sh_entsize, sh_addralign, sh_size };
    }),
    placements: places.map(({ name, start }) => ({ section: position.get(name) ?? -1, start })),
  };
}

function place(section: Growing, model: ObjectModel, atom: Atom): number {
  const text = atom.kind === 'string' ? Buffer.from(atomBytes(model, atom)).toString('latin1') : undefined;
  const known = text === undefined ? undefined : section.strings.get(text);
  if (known !== undefined) return known;
  const alignment = alignmentOf(model, atom);
  // Entries stand one behind the other, whatever their section was aligned to.
  const start = atom.kind === 'entry' ? section.sh_size : Math.ceil(section.sh_size / alignment) * alignment;
  section.sh_addralign = Math.max(section.sh_addralign, alignment);
  section.sh_size = start + atom.size;
  if (text !== undefined) section.strings.set(text, start);
  return start;
}
