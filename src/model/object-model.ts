/**
 * An object file seen as a graph: atoms (functions, data objects, string literals, constants, entries of
 * special sections) and the references between them. All that the differ, the closure and the emitter do is
 * done on this graph; symbol and section numbers are only how a file spells it.
 *
 * Every byte of every loaded section belongs to exactly one atom, except sections that mean nothing to the
 * running code. Atoms are numbered by section, then by offset; `firstAtom[s]` to `firstAtom[s + 1]` are those
 * of section s.
 */
import type { Location } from '../diag/diagnostic.js';
import { sectionBytes } from '../elf/read.js';
import type { ElfFile, ElfSection } from '../elf/read.js';
import { nameInXen } from './names.js';
import type { SectionRole } from './section-role.js';

export type AtomKind =
  /** Code under a sized STT_FUNC symbol. */
  | 'function'
  /** Code without one: assembly, fixups, replacements of alternatives. */
  | 'code'
  /** Data under a sized STT_OBJECT symbol. */
  | 'object'
  /** One string of a mergeable string section, its terminator included. */
  | 'string'
  /** One element of a mergeable section of constants. */
  | 'constant'
  /** Data without a symbol: jump tables, compiler tables, padding. */
  | 'literal'
  /** One entry of a table that describes code: a bug frame, an alternative, an exception. */
  | 'entry';

export interface Atom {
  readonly index: number;
  readonly kind: AtomKind;
  readonly role: SectionRole;
  /** Section number; `start` and `size` are bytes inside it. */
  readonly section: number;
  readonly start: number;
  readonly size: number;
  /** The name of the first symbol at its start, or '' when it has none. */
  readonly name: string;
  /** Symbol numbers that lie in it, section symbols excluded, in order of the symbol table. */
  readonly symbols: readonly number[];
  /** Symbol number whose name it bears, or -1. */
  readonly label: number;
  /** Whether the symbol that names it is local. */
  readonly local: boolean;
  /** Text of the STT_FILE symbol that governs a local label; '' for globals and without one. */
  readonly sourceFile: string;
}

/**
 * A place in an atom that holds the address of something, or the distance to it.
 *
 * `value` is what the place designates: S + A, plus `correction` for PC-relative forms in code, because there
 * A counts from the field while the processor counts from the end of the instruction. For a target inside the
 * object it is relative to the start of atom `atom`; otherwise `atom` is -1 and it is relative to symbol `symbol`.
 */
export interface Ref {
  /** Bytes from the start of the atom that holds the reference. */
  readonly at: number;
  readonly r_type: number;
  readonly atom: number;
  /** Number of the symbol that the relocation names, or -1 for a branch that the assembler resolved itself. */
  readonly symbol: number;
  readonly value: number;
  readonly correction: number;
  /** What the addend carries beside the distance: the line number bits of a bug frame, in place. */
  readonly high: number;
  /** The target is exactly the seam between two atoms, found through a section symbol: either may be meant. */
  readonly seam: boolean;
}

export interface Bundles {
  readonly file: ElfFile;
  readonly atoms: readonly Atom[];
  readonly firstAtom: Int32Array;
  /** Symbol number -> atom number, or -1. */
  readonly atomOfSymbol: Int32Array;
}

export interface ObjectModel extends Bundles {
  /** References of each atom, by rising offset. */
  readonly refs: readonly (readonly Ref[])[];
  /** Entries of special sections that describe each atom, in the order of the tables. */
  readonly entries: readonly (readonly number[])[];
}

/**
 * The atom that holds byte `at` of a section. At the end of the section it is the last one; undefined when the
 * section has no atoms or `at` lies outside. Zero-sized atoms are found only where nothing else is.
 */
export function atomAt(bundles: Bundles, section: number, at: number): Atom | undefined {
  const first = bundles.firstAtom[section];
  let low = first;
  let high = bundles.firstAtom[section + 1] - 1;
  if (low > high || at < 0) return undefined;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (bundles.atoms[middle].start > at) high = middle - 1;
    else low = middle;
  }
  const found = bundles.atoms[low];
  return at <= found.start + found.size && at >= found.start ? found : undefined;
}

export function atomSection(bundles: Bundles, atom: Atom): ElfSection {
  return bundles.file.sections[atom.section];
}

/** The atom's bytes, as a view; zeros are not materialised: SHT_NOBITS gives an empty view. */
export function atomBytes(bundles: Bundles, atom: Atom): Uint8Array {
  return sectionBytes(bundles.file, atomSection(bundles, atom)).subarray(atom.start, atom.start + atom.size);
}

/** How the atom is called in messages: its name, or its section and offset. */
export function atomTitle(bundles: Bundles, atom: Atom): string {
  if (atom.name !== '') return atom.name;
  return `${bundles.file.sections[atom.section].name}+0x${atom.start.toString(16)}`;
}

/** Where byte `at` of an atom is, for diagnostics; `object` is the path of its object. */
export function locateAtom(object: string, bundles: Bundles, atom: Atom, at = 0): Location {
  return {
    object,
    section: atomSection(bundles, atom).name,
    section_offset: atom.start + at,
    symbol: atomTitle(bundles, atom),
  };
}

/** Whether an atom is a function as payloads replace them: code with a name that runs after boot. */
export function isRuntimeFunction(atom: Atom): boolean {
  return atom.role === 'text' && atom.name !== '' && (atom.kind === 'function' || atom.kind === 'code');
}

/** The atom's symbol as Xen's own table spells it; `object` is the path of its object. */
export function atomNameInXen(object: string, atom: Atom): string {
  return nameInXen(object, atom.name, atom.local, atom.sourceFile);
}
