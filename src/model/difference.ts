/**
 * What a comparison of two atoms finds: the first difference that matters, or in which respects they are equal only
 * modulo something that cannot matter. Each such respect has a name that reports show.
 */

/** Why two atoms differ. Offsets are bytes from the start of each atom. */
export interface Difference {
  readonly kind:
    | 'code'
    | 'size'
    | 'contents'
    | 'reference'
    | 'special-section'
    | 'section'
    | 'cold-part'
    /** Itself it is as it was; a constant that it uses changed. */
    | 'constant';
  readonly text: string;
  readonly origAt: number;
  readonly patchedAt: number;
  /** Patched atom number of the constant that changed. */
  readonly constant?: number;
}

/** Respects in which equal atoms may differ, as bits of a mask. */
export const Modulo = {
  /** PLT32 for PC32, a section symbol for a name: another spelling of one reference. */
  encoding: 1,
  /** A string, a constant or a table stands in another section or at another offset. */
  literalPlace: 2,
  /** The compiler numbered a thing otherwise, or made a clone of it. */
  numbering: 4,
  /** A line number: in a bug frame, in a call that reports it, in the compiler's own descriptions. */
  lineNumber: 8,
  /** Another section with the same properties, or one that the patched source gives back after boot. */
  placement: 16,
  /** Bytes that fill space. */
  padding: 32,
  /** When, where and by whom it was built. */
  buildStamp: 64,
} as const;

const MODULO_NAMES: readonly (readonly [number, string])[] = [
  [Modulo.encoding, 'encoding of references'],
  [Modulo.literalPlace, 'place of literals'],
  [Modulo.numbering, 'numbering'],
  [Modulo.lineNumber, 'line numbers'],
  [Modulo.placement, 'placement'],
  [Modulo.padding, 'padding'],
  [Modulo.buildStamp, 'build stamps'],
];

/** The names of the respects in a mask, in a fixed order. */
export function moduloNames(mask: number): string[] {
  return MODULO_NAMES.flatMap(([bit, name]) => ((mask & bit) === 0 ? [] : [name]));
}
