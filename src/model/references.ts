/**
 * Turns relocations into references between atoms.
 *
 * A relocation against a section symbol says "section plus offset"; what it means is "this atom, so many bytes
 * in". For PC-relative forms in code the addend is short by the distance from the field to the end of the
 * instruction, so the instructions are decoded. Branches that the assembler resolved itself (two functions in
 * one section) have no relocation at all; where they leave their atom they are references too.
 */
import * as c from '../elf/constants.js';
import type { RelaTable } from '../elf/read.js';
import { symbolSection } from '../elf/read.js';
import { relocKind } from '../elf/reloc-x86-64.js';
import { splitBugFrameAddend } from '../xen/special-sections.js';
import { branchWidth, decodeCode, Flow, instructionAt } from '../x86/decode.js';
import type { DecodedCode } from '../x86/decode.js';
import type { Atom, Bundles, ObjectModel, Ref } from './object-model.js';
import { atomAt, atomBytes } from './object-model.js';
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
    const order = rela === undefined ? [] : ascending(rela);
    let next = 0;
    for (let a = first; a < last; a++) {
      const atom = bundles.atoms[a];
      const from = next;
      while (rela !== undefined && next < order.length && rela.r_offset[order[next]] < atom.start + atom.size)
        next++;
      refs[a] = referencesOf(bundles, atom, rela, order.slice(from, next), last - first > 1);
    }
  }
  return { ...bundles, refs, entries: entriesByAtom(bundles, refs) };
}

/** Positions of the relocations by rising r_offset: assemblers write them so, linkers need not. */
function ascending(rela: RelaTable): number[] {
  const order = Array.from({ length: rela.count }, (_, k) => k);
  for (let k = 1; k < rela.count; k++) {
    if (rela.r_offset[k] < rela.r_offset[k - 1]) {
      return order.sort((a, b) => rela.r_offset[a] - rela.r_offset[b] || a - b);
    }
  }
  return order;
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
  const code = codeBytes === undefined ? undefined : decodeCode(codeBytes);
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
  const place = Number(symbols.st_value[symbol]);
  const designated = place + addend + correction;
  const bySection = c.stType(symbols.st_info[symbol]) === c.STT_SECTION;
  const own = bySection
    ? undefined
    : bundles.atoms.at(
        bundles.atomOfSymbol[symbol] < 0 ? bundles.atoms.length : bundles.atomOfSymbol[symbol],
      );
  const target = own ?? atomAt(bundles, section, bySection ? designated : place);
  if (target === undefined) {
    // A reference into a section without atoms (ignored), or out of its section: kept by symbol.
    return { at, r_type, atom: -1, symbol, value: addend + correction, correction, high, seam: false };
  }
  const seam = bySection && designated === target.start && target.index > bundles.firstAtom[section];
  return { at, r_type, atom: target.index, symbol, value: designated - target.start, correction, high, seam };
}

/** Direct branches without a relocation whose target lies in another atom of the section. */
function leavingBranches(bundles: Bundles, atom: Atom, code: DecodedCode, relocated: readonly Ref[]): Ref[] {
  const fields = new Set(relocated.map((r) => r.at));
  const bytes = atomBytes(bundles, atom);
  const found: Ref[] = [];
  for (let i = 0; i < code.count; i++) {
    const flow = code.flow[i];
    if (flow < Flow.jump || flow > Flow.call) continue;
    const target = code.target[i];
    if (target >= 0 && target < atom.size) continue;
    const end = code.start[i] + code.length[i];
    if (fields.has(end - 4)) continue;
    const other = atomAt(bundles, atom.section, atom.start + target);
    if (other === undefined) continue;
    const width = branchWidth(bytes, code.start[i]);
    found.push({
      at: end - width,
      r_type: width === 1 ? c.R_X86_64_PC8 : c.R_X86_64_PC32,
      atom: other.index,
      symbol: -1,
      value: atom.start + target - other.start,
      correction: width,
      high: 0,
      seam: false,
    });
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
