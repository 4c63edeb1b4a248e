/**
 * Code cut into pieces that are decoded from a known start: functions, and what lies between them. Between functions
 * there are functions of assembly, which begin at a label; parts that compilers and macros moved out of line, which
 * only the function runs that they belong to (`.cold`, `.subsection 1`); and fixups, each of which begins where an
 * exception entry continues.
 */
import { decodeCode } from '../x86/decode.js';
import type { DecodedCode } from '../x86/decode.js';
import type { AddressMap, MappedSection } from './address-map.js';
import { HYPERVISOR } from './address-map.js';
import type { Extent } from './extents.js';
import { firstAtOrAbove, lastAtOrBelow } from './extents.js';

export interface CodePiece extends Extent {
  /** `part`: runs only when code elsewhere branches to it. */
  readonly kind: 'function' | 'part';
  readonly section: MappedSection;
}

/** An entry of the hypervisor's exception table: a fault at `at` goes on at `to`. */
export interface ExceptionEntry {
  readonly at: number;
  readonly to: number;
}

const COLD = /\.cold(\.\d+)?$/;
const EX_ENTRY_BYTES = 8;

export class CodePieces {
  /** Sections with code: what is still there when the hypervisor runs, or also what boot has run. */
  readonly sections: readonly MappedSection[];
  readonly exceptions: readonly ExceptionEntry[];
  private readonly pieces = new Map<MappedSection, readonly CodePiece[]>();
  private readonly decoded = new Map<CodePiece, DecodedCode>();

  constructor(
    private readonly map: AddressMap,
    { boot = false }: { readonly boot?: boolean } = {},
  ) {
    const all = [...map.sections, ...map.payloads.flatMap(({ sections }) => sections)];
    this.sections = all.filter(
      (s) => s.executable && (boot || !s.boot) && s.bytes !== undefined && s.end > s.start,
    );
    this.exceptions = exceptionEntries(map);
  }

  /** The piece that holds a place; undefined where there is no code. */
  at(place: number): CodePiece | undefined {
    const section = this.map.sectionAt(place);
    if (section === undefined || !this.sections.includes(section)) return undefined;
    let pieces = this.pieces.get(section);
    if (pieces === undefined) {
      pieces = this.cut(section);
      this.pieces.set(section, pieces);
    }
    return lastAtOrBelow(pieces, place);
  }

  /** Its instructions, by distances from its start. */
  decode(piece: CodePiece): DecodedCode {
    let code = this.decoded.get(piece);
    if (code === undefined) {
      code = decodeCode(this.bytes(piece));
      this.decoded.set(piece, code);
    }
    return code;
  }

  bytes({ section, start, end }: CodePiece): Uint8Array {
    return section.bytes?.subarray(start - section.start, end - section.start) ?? new Uint8Array(0);
  }

  private cut(section: MappedSection): CodePiece[] {
    const symbols = this.map.symbolsAround(section.start);
    const { sorted } = symbols;
    const starts = new Map<number, Omit<CodePiece, 'section' | 'start' | 'end'>>();
    let reached = section.start;
    for (let k = firstAtOrAbove(sorted, section.start); k < sorted.length; k++) {
      const { name, start, end } = sorted[k];
      if (start >= section.end) break;
      // What begins inside of a function belongs to it.
      if (start < reached && reached > section.start) continue;
      if (start === end) starts.set(start, { name, kind: 'function' });
      else {
        starts.set(start, { name, kind: COLD.test(name) ? 'part' : 'function' });
        reached = Math.min(end, section.end);
        if (!starts.has(reached)) starts.set(reached, { name: '', kind: 'part' });
      }
    }
    if (section.owner === HYPERVISOR) this.addFixups(section, symbols.holding.bind(symbols), starts);
    if (!starts.has(section.start)) starts.set(section.start, { name: section.name, kind: 'function' });
    const ascending = [...starts.keys()].filter((start) => start < section.end).sort((a, b) => a - b);
    return ascending.map((start, k) => ({
      name: '',
      kind: 'part',
      ...starts.get(start),
      section,
      start,
      end: ascending[k + 1] ?? section.end,
    }));
  }

  private addFixups(
    section: MappedSection,
    holding: (place: number) => Extent | undefined,
    starts: Map<number, Omit<CodePiece, 'section' | 'start' | 'end'>>,
  ): void {
    for (const { to } of this.exceptions) {
      const inGap = to >= section.start && to < section.end && holding(to) === undefined;
      if (inGap && !starts.has(to)) starts.set(to, { name: '', kind: 'part' });
    }
  }
}

/** Entries of 8 bytes, two distances each, between the labels that the linker sets. Source: xen/arch/x86/xen.lds.S. */
function exceptionEntries(map: AddressMap): ExceptionEntry[] {
  const first = map.symbols.called('__start___ex_table')?.start;
  const last = map.symbols.called('__stop___ex_table')?.start;
  if (first === undefined || last === undefined || last <= first) return [];
  const bytes = map.bytesAt(first, last - first);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: ExceptionEntry[] = [];
  for (let at = 0; at + EX_ENTRY_BYTES <= bytes.length; at += EX_ENTRY_BYTES)
    found.push({
      at: first + at + view.getInt32(at, true),
      to: first + at + 4 + view.getInt32(at + 4, true),
    });
  return found;
}
