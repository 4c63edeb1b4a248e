/**
 * Records of `.xsplice.splices`: bytes of the hypervisor that a payload changes where they are, instead of by a jump
 * at the start of a function. One kind of record serves code in place, branches of callers and pointers.
 *
 *   0 name*       8 address*      16 old*          24 new*           32 fixups*   40 replaced*
 *   48 replacement* (0: none)     56 holder* (0)   64 u32 length     68 u32 fixup_count
 *   72 u32 replaced_size          76 u32 holder_size
 *   80 u8 version 1   81 u8 kind  82 u8 permissions   83 to 87 zero
 *
 * A fixup is a relocation that can only be performed when the place is known: 0 target* (S + A)  8 u32 into
 * 12 u32 type. All fields with a star are filled by R_X86_64_64. The format is described in docs/payload-format.md.
 */
export const SPLICE_BYTES = 88;
export const FIXUP_BYTES = 16;
export const SPLICE_VERSION = 1;

/** Fields that hold addresses. */
export const SPLICE_FIELDS = {
  name: 0,
  address: 8,
  old: 16,
  new: 24,
  fixups: 32,
  replaced: 40,
  replacement: 48,
  holder: 56,
} as const;

export const SPLICE_SIZES = {
  length: 64,
  fixupCount: 68,
  replacedSize: 72,
  holderSize: 76,
  version: 80,
  kind: 81,
  permissions: 82,
} as const;

export const FIXUP_FIELDS = { target: 0, into: 8, type: 12 } as const;

/** What changes: code where it is, a branch of a caller, a pointer in data. */
export const SpliceKind = { inPlace: 1, branch: 2, pointer: 3 } as const;
export type SpliceKindName = keyof typeof SpliceKind;

/** `permissions`: what the page of the place has at other times, as bits. */
export const SplicePermission = { read: 4, write: 2, execute: 1 } as const;

export interface SpliceNumbers {
  readonly length: number;
  readonly fixupCount: number;
  readonly replacedSize: number;
  readonly holderSize: number;
  readonly kind: SpliceKindName;
  readonly permissions: number;
}

/** One record; its addresses are for relocations to fill. */
export function encodeSplice(numbers: SpliceNumbers): Uint8Array {
  const bytes = new Uint8Array(SPLICE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(SPLICE_SIZES.length, numbers.length, true);
  view.setUint32(SPLICE_SIZES.fixupCount, numbers.fixupCount, true);
  view.setUint32(SPLICE_SIZES.replacedSize, numbers.replacedSize, true);
  view.setUint32(SPLICE_SIZES.holderSize, numbers.holderSize, true);
  view.setUint8(SPLICE_SIZES.version, SPLICE_VERSION);
  view.setUint8(SPLICE_SIZES.kind, SpliceKind[numbers.kind]);
  view.setUint8(SPLICE_SIZES.permissions, numbers.permissions);
  return bytes;
}

/** One fixup; its target is for a relocation to fill. */
export function encodeFixup(into: number, type: number): Uint8Array {
  const bytes = new Uint8Array(FIXUP_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(FIXUP_FIELDS.into, into, true);
  view.setUint32(FIXUP_FIELDS.type, type, true);
  return bytes;
}

/** Names of the sections: records, bytes and names, fixups. */
export function spliceSections(sectionPrefix: string): {
  readonly splices: string;
  readonly bytes: string;
  readonly fixups: string;
} {
  return {
    splices: `${sectionPrefix}.splices`,
    bytes: `${sectionPrefix}.splice_bytes`,
    fixups: `${sectionPrefix}.splice_fixups`,
  };
}
