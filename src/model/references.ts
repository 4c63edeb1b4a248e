/**
 * Turns relocations into references between atoms.
 *
 * A relocation against a section symbol says "section plus offset"; what it means is "this atom, so many bytes
 * in". For PC-relative forms in code the addend is short by the distance from the field to the end of the
 * instruction, so the instructions are decoded; in tables of distances (jump tables, clang's tables of strings) it
 * is long by the distance from the start of the table. Branches and addresses that the assembler resolved itself
 * (two functions in one section) have no relocation at all; where they leave their atom they are references too.
 */
import * as c from '../elf/constants.js';
import type { RelaTable } from '../elf/read.js';
import { byPlace, symbolSection } from '../elf/read.js';
import { relocKind, relocWidth } from '../elf/reloc-x86-64.js';
import { splitBugFrameAddend } from '../xen/special-sections.js';
import { branchWidth, Flow, instructionAt, ipRelativeOperands } from '../x86/decode.js';
import type { DecodedCode } from '../x86/decode.js';
import { decodedAtom } from './decoded-atoms.js';
import type { Atom, Bundles, ObjectModel, Ref } from './object-model.js';
import { atomAt, atomBytes } from './object-model.js';
import { isCompilerTable } from './names.js';
import { isCode, isEntryTable } from './section-role.js';

/** Distance from a field to the end of the instruction when that cannot be found: rel32 at the very end. */
const USUAL_CORRECTION = 4;

export function resolveReferences(bundles: Bundles): ObjectModel {
  const refs = new Array<readonly Ref[]>(bundles.atoms.length);
  for (const section of bundles.file.sections) {
    const first = bundles.firstAtom[section.index];
    const last = bundles.firstAtom[section.index + 1];
    if (first === last) continue;
    const position = bundles.file.relaOf[section.index];
    const rela = position < 0 ? undefined : bundles.file.relas[position];
    const order = rela === undefined ? [] : byPlace(rela);
    let next = 0;
    for (let a = first; a < last; a++) {
      const atom = bundles.atoms[a];
      const from = next;
      while (rela !== undefined && next < order.length && rela.r_offset[order[next]] < atom.start + atom.size)
        next++;
      refs[a] = referencesOf(bundles, atom, rela, order.slice(from, next), last - first > 1);
    }
  }
  rebaseTables(bundles, refs);
  return { ...bundles, refs, entries: entriesByAtom(bundles, refs) };
}

function referencesOf(
  bundles: Bundles,
  atom: Atom,
  rela: RelaTable | undefined,
  which: readonly number[],
  hasNeighbours: boolean,
): Ref[] {
  const codeBytes = isCode(atom.role) && atom.size > 0 ? atomBytes(bundles, atom) : undefined;
  if (which.length === 0 && (codeBytes === undefined || !hasNeighbours)) return [];
  const code = codeBytes === undefined ? undefined : decodedAtom(bundles, atom);
  const refs: Ref[] = [];
  if (rela !== undefined) {
    for (const k of which) {
      if (rela.r_type[k] === c.R_X86_64_NONE) continue;
      refs.push(resolveOne(bundles, atom, rela, k, code));
    }
  }
  if (code !== undefined && hasNeighbours) {
    const leaving = leavingBranches(bundles, atom, code, refs);
    if (leaving.length > 0) return [...refs, ...leaving].sort((a, b) => a.at - b.at);
  }
  return refs;
}

function resolveOne(
  bundles: Bundles,
  atom: Atom,
  rela: RelaTable,
  k: number,
  code: DecodedCode | undefined,
): Ref {
  const { symbols } = bundles.file;
  const at = rela.r_offset[k] - atom.start;
  const r_type = rela.r_type[k];
  const symbol = rela.r_sym[k];
  let correction = 0;
  let addend = rela.r_addend[k];
  let high = 0;
  if (code !== undefined && relocKind(r_type)?.pcRelative === true) {
    const found = instructionAt(code, at);
    correction = found < 0 ? USUAL_CORRECTION : code.start[found] + code.length[found] - at;
  } else if (atom.role === 'bug-frames') {
    ({ value: addend, high } = splitBugFrameAddend(addend, at));
    correction = -at;
    addend += at;
  }
  const section = symbolSection(symbols, symbol);
  if (section === undefined) {
    return { at, r_type, atom: -1, symbol, value: addend + correction, correction, high, seam: false };
  }
  const designated = Number(symbols.st_value[symbol]) + addend + correction;
  return designate(bundles, { at, r_type, symbol, correction, high }, section, designated);
}

/** The reference to byte `designated` of a section: of the symbol's own atom, or of the one that holds that byte. */
function designate(
  bundles: Bundles,
  field: Pick<Ref, 'at' | 'r_type' | 'symbol' | 'correction' | 'high'>,
  section: number,
  designated: number,
): Ref {
  const { symbols } = bundles.file;
  const place = Number(symbols.st_value[field.symbol]);
  const bySection = c.stType(symbols.st_info[field.symbol]) === c.STT_SECTION;
  const own = bySection ? -1 : bundles.atomOfSymbol[field.symbol];
  const target =
    own >= 0
      ? bundles.atoms[own]
      : (atomAt(bundles, section, bySection ? designated : place) ?? nearest(bundles, section, designated));
  // A reference into a section without atoms (ignored): kept by symbol.
  const atom = target?.index ?? -1;
  const value = designated - (target?.start ?? place);
  const seam = bySection && atom > bundles.firstAtom[section] && value === 0;
  // Spelt out: there is one of these for each relocation, and `...field` took a tenth of the whole comparison.
  const { at, r_type, symbol, correction, high } = field;
  return { at, r_type, atom, symbol, value, correction, high, seam };
}

/** Compilers point before the start of an array, or far behind its end: the atom at that edge is meant. */
function nearest(bundles: Bundles, section: number, at: number): Atom | undefined {
  const first = bundles.firstAtom[section];
  const last = bundles.firstAtom[section + 1] - 1;
  if (first > last) return undefined;
  return bundles.atoms[at < 0 ? first : last];
}

/**
 * In a table of distances that the compiler made, `.long target - table`, the addend holds the distance from the
 * table's start to the field as well. A table that has no symbol starts where code takes its address.
 */
function rebaseTables(bundles: Bundles, refs: (readonly Ref[])[]): void {
  const tables = bundles.atoms.filter(
    (atom) =>
      atom.role === 'rodata' &&
      (atom.name === '' || isCompilerTable(atom.name)) &&
      refs[atom.index].some((ref) => relocKind(ref.r_type)?.pcRelative === true),
  );
  if (tables.length === 0) return;
  const starts = new Map(tables.map((table) => [table.index, new Set([0])]));
  for (const atom of bundles.atoms) {
    if (isCode(atom.role)) for (const ref of refs[atom.index]) starts.get(ref.atom)?.add(ref.value);
  }
  for (const table of tables) {
    const ascendingStarts = [...(starts.get(table.index) ?? [])].sort((a, b) => a - b);
    refs[table.index] = refs[table.index].map((ref) => {
      const section = ref.symbol < 0 ? undefined : symbolSection(bundles.file.symbols, ref.symbol);
      if (relocKind(ref.r_type)?.pcRelative !== true) return ref;
      const correction = (ascendingStarts.findLast((start) => start <= ref.at) ?? 0) - ref.at;
      if (section === undefined) return { ...ref, value: ref.value + correction, correction };
      const known =
        ref.atom < 0 ? Number(bundles.file.symbols.st_value[ref.symbol]) : bundles.atoms[ref.atom].start;
      return designate(bundles, { ...ref, correction }, section, known + ref.value + correction);
    });
  }
}

/** Direct branches and addresses without a relocation whose target lies in another atom of the section. */
function leavingBranches(bundles: Bundles, atom: Atom, code: DecodedCode, relocated: readonly Ref[]): Ref[] {
  const bytes = atomBytes(bundles, atom);
  // What a relocation writes is no displacement of the assembler's.
  const written = new Uint8Array(bytes.length);
  for (const { at, r_type } of relocated) written.fill(1, at, at + Math.max(0, relocWidth(r_type)));
  const found: Ref[] = [];
  // A replacement that branches to its end goes on behind what it replaces, whatever stands behind it here.
  const last = atom.role === 'altinstr-replacement' ? atom.size : atom.size - 1;
  const add = (at: number, r_type: number, target: number, correction: number): void => {
    if (target >= 0 && target <= last) return;
    if (written.subarray(at, at + relocWidth(r_type)).includes(1)) return;
    const other = atomAt(bundles, atom.section, atom.start + target);
    if (other === undefined) return;
    const value = atom.start + target - other.start;
    found.push({ at, r_type, atom: other.index, symbol: -1, value, correction, high: 0, seam: false });
  };
  for (let i = 0; i < code.count; i++) {
    const flow = code.flow[i];
    if (flow < Flow.jump || flow > Flow.call) continue;
    const end = code.start[i] + code.length[i];
    const width = branchWidth(bytes, code.start[i]);
    add(end - width, width === 1 ? c.R_X86_64_PC8 : c.R_X86_64_PC32, code.target[i], width);
  }
  if (atom.kind === 'function') {
    for (const { at, end, target } of ipRelativeOperands(bytes)) add(at, c.R_X86_64_PC32, target, end - at);
  }
  return found;
}

/** For each atom, the entries whose first field lies in it. */
function entriesByAtom(bundles: Bundles, refs: readonly (readonly Ref[])[]): number[][] {
  const owned = bundles.atoms.map((): number[] => []);
  for (const atom of bundles.atoms) {
    if (!isEntryTable(atom.role)) continue;
    const key = refs[atom.index].find((r) => r.at === 0);
    if (key !== undefined && key.atom >= 0) owned[key.atom].push(atom.index);
  }
  return owned;
}
