/**
 * Relocation types of the x86-64 psABI (table 4.9): their names, the width of the field they patch and what
 * they compute. Formulas keep the psABI's letters: S symbol value, A addend, P place.
 */
import * as c from './constants.js';

export interface RelocKind {
  readonly name: string;
  /** Bytes patched at r_offset. */
  readonly width: 0 | 1 | 2 | 4 | 8;
  /** True where P is subtracted, so that the value depends on where the field lies. */
  readonly pcRelative: boolean;
}

const KINDS = new Map<number, RelocKind>([
  [c.R_X86_64_NONE, { name: 'R_X86_64_NONE', width: 0, pcRelative: false }],
  [c.R_X86_64_64, { name: 'R_X86_64_64', width: 8, pcRelative: false }],
  [c.R_X86_64_PC32, { name: 'R_X86_64_PC32', width: 4, pcRelative: true }],
  [c.R_X86_64_GOT32, { name: 'R_X86_64_GOT32', width: 4, pcRelative: false }],
  [c.R_X86_64_PLT32, { name: 'R_X86_64_PLT32', width: 4, pcRelative: true }],
  [c.R_X86_64_GOTPCREL, { name: 'R_X86_64_GOTPCREL', width: 4, pcRelative: true }],
  [c.R_X86_64_32, { name: 'R_X86_64_32', width: 4, pcRelative: false }],
  [c.R_X86_64_32S, { name: 'R_X86_64_32S', width: 4, pcRelative: false }],
  [c.R_X86_64_16, { name: 'R_X86_64_16', width: 2, pcRelative: false }],
  [c.R_X86_64_PC16, { name: 'R_X86_64_PC16', width: 2, pcRelative: true }],
  [c.R_X86_64_8, { name: 'R_X86_64_8', width: 1, pcRelative: false }],
  [c.R_X86_64_PC8, { name: 'R_X86_64_PC8', width: 1, pcRelative: true }],
  [c.R_X86_64_DTPMOD64, { name: 'R_X86_64_DTPMOD64', width: 8, pcRelative: false }],
  [c.R_X86_64_DTPOFF64, { name: 'R_X86_64_DTPOFF64', width: 8, pcRelative: false }],
  [c.R_X86_64_TPOFF64, { name: 'R_X86_64_TPOFF64', width: 8, pcRelative: false }],
  [c.R_X86_64_TLSGD, { name: 'R_X86_64_TLSGD', width: 4, pcRelative: true }],
  [c.R_X86_64_TLSLD, { name: 'R_X86_64_TLSLD', width: 4, pcRelative: true }],
  [c.R_X86_64_DTPOFF32, { name: 'R_X86_64_DTPOFF32', width: 4, pcRelative: false }],
  [c.R_X86_64_GOTTPOFF, { name: 'R_X86_64_GOTTPOFF', width: 4, pcRelative: true }],
  [c.R_X86_64_TPOFF32, { name: 'R_X86_64_TPOFF32', width: 4, pcRelative: false }],
  [c.R_X86_64_PC64, { name: 'R_X86_64_PC64', width: 8, pcRelative: true }],
  [c.R_X86_64_GOTOFF64, { name: 'R_X86_64_GOTOFF64', width: 8, pcRelative: false }],
  [c.R_X86_64_GOTPC32, { name: 'R_X86_64_GOTPC32', width: 4, pcRelative: true }],
  [c.R_X86_64_GOT64, { name: 'R_X86_64_GOT64', width: 8, pcRelative: false }],
  [c.R_X86_64_GOTPCREL64, { name: 'R_X86_64_GOTPCREL64', width: 8, pcRelative: true }],
  [c.R_X86_64_GOTPC64, { name: 'R_X86_64_GOTPC64', width: 8, pcRelative: true }],
  [c.R_X86_64_GOTPLT64, { name: 'R_X86_64_GOTPLT64', width: 8, pcRelative: false }],
  [c.R_X86_64_PLTOFF64, { name: 'R_X86_64_PLTOFF64', width: 8, pcRelative: false }],
  [c.R_X86_64_SIZE32, { name: 'R_X86_64_SIZE32', width: 4, pcRelative: false }],
  [c.R_X86_64_SIZE64, { name: 'R_X86_64_SIZE64', width: 8, pcRelative: false }],
  [c.R_X86_64_GOTPC32_TLSDESC, { name: 'R_X86_64_GOTPC32_TLSDESC', width: 4, pcRelative: true }],
  [c.R_X86_64_TLSDESC_CALL, { name: 'R_X86_64_TLSDESC_CALL', width: 0, pcRelative: false }],
  [c.R_X86_64_GOTPCRELX, { name: 'R_X86_64_GOTPCRELX', width: 4, pcRelative: true }],
  [c.R_X86_64_REX_GOTPCRELX, { name: 'R_X86_64_REX_GOTPCRELX', width: 4, pcRelative: true }],
]);

/** Width by r_type, -1 for unknown types: the reader asks once per record, and a Map would cost as much as the record. */
const WIDTHS = new Int8Array(256).fill(-1);
for (const [r_type, kind] of KINDS) WIDTHS[r_type] = kind.width;

/**
 * The kind of a relocation type, or undefined for types that relocatable objects do not hold. A hypervisor
 * uses the first rows only; thread-local and position-independent code is here because objects of any origin
 * can be compared.
 */
export function relocKind(r_type: number): RelocKind | undefined {
  return KINDS.get(r_type);
}

/** Bytes that a relocation of this type patches, or -1 for unknown types. */
export function relocWidth(r_type: number): number {
  return r_type < 256 ? WIDTHS[r_type] : -1;
}

/** The psABI's name of a relocation type; `R_X86_64_<number>` for unknown ones. */
export function relocName(r_type: number): string {
  return KINDS.get(r_type)?.name ?? `R_X86_64_<${r_type}>`;
}

/**
 * A type modulo what cannot matter in a hypervisor without a PLT: `call f` is written as PC32 or PLT32
 * depending on the assembler's version, and both compute S + A - P.
 */
export function canonicalType(r_type: number): number {
  return r_type === c.R_X86_64_PLT32 ? c.R_X86_64_PC32 : r_type;
}
