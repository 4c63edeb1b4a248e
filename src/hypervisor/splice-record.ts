/**
 * A record of `.xsplice.splices` as it lies in the guest, read whenever it is needed, with its fixups performed for the
 * place that it changes. The format: src/xen/splice-records.ts, docs/payload-format.md.
 */
import { R_X86_64_64, R_X86_64_PC32 } from '../elf/constants.js';
import type { Memory } from '../emulator/memory.js';
import {
  FIXUP_BYTES,
  FIXUP_FIELDS,
  SPLICE_BYTES,
  SPLICE_FIELDS,
  SPLICE_SIZES,
  SpliceKind,
} from '../xen/splice-records.js';
import type { SpliceKindName } from '../xen/splice-records.js';
import { peekText, readBytes } from './guest-memory.js';

export interface SpliceFixup {
  /** Bytes from the start of the place. */
  readonly into: number;
  readonly type: number;
  /** S + A. */
  readonly target: bigint;
}

export interface SpliceRecord {
  /** Where the record lies. */
  readonly at: bigint;
  /** Of the function that is spliced. */
  readonly name: string;
  /** Undefined for a kind that there is not. */
  readonly kind: SpliceKindName | undefined;
  readonly version: number;
  /** Where bytes change. */
  readonly address: bigint;
  readonly length: number;
  readonly oldAt: bigint;
  readonly newAt: bigint;
  readonly fixupsAt: bigint;
  readonly fixupCount: number;
  /** The old function. */
  readonly replaced: bigint;
  readonly replacedSize: number;
  /** The new one; 0n for code in place. */
  readonly replacement: bigint;
  /** The function in whose code the place lies; 0n for data. */
  readonly holder: bigint;
  readonly holderSize: number;
  readonly permissions: number;
}

const WHAT = 'a splice';
const KINDS: readonly SpliceKindName[] = ['inPlace', 'branch', 'pointer'];

export function readSplice(memory: Memory, at: bigint): SpliceRecord {
  const bytes = readBytes(memory, at, SPLICE_BYTES, WHAT);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pointer = (field: keyof typeof SPLICE_FIELDS): bigint =>
    view.getBigUint64(SPLICE_FIELDS[field], true);
  const size = (field: keyof typeof SPLICE_SIZES): number => view.getUint32(SPLICE_SIZES[field], true);
  const code = view.getUint8(SPLICE_SIZES.kind);
  return {
    at,
    name: peekText(memory, pointer('name')),
    kind: KINDS.find((kind) => SpliceKind[kind] === code),
    version: view.getUint8(SPLICE_SIZES.version),
    address: pointer('address'),
    length: size('length'),
    oldAt: pointer('old'),
    newAt: pointer('new'),
    fixupsAt: pointer('fixups'),
    fixupCount: size('fixupCount'),
    replaced: pointer('replaced'),
    replacedSize: size('replacedSize'),
    replacement: pointer('replacement'),
    holder: pointer('holder'),
    holderSize: size('holderSize'),
    permissions: view.getUint8(SPLICE_SIZES.permissions),
  };
}

export function readFixups(memory: Memory, { fixupsAt, fixupCount }: SpliceRecord): SpliceFixup[] {
  if (fixupCount === 0) return [];
  const bytes = readBytes(memory, fixupsAt, fixupCount * FIXUP_BYTES, WHAT);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: fixupCount }, (_, k) => ({
    target: view.getBigUint64(k * FIXUP_BYTES + FIXUP_FIELDS.target, true),
    into: view.getUint32(k * FIXUP_BYTES + FIXUP_FIELDS.into, true),
    type: view.getUint32(k * FIXUP_BYTES + FIXUP_FIELDS.type, true),
  }));
}

export function oldBytes(memory: Memory, { oldAt, length }: SpliceRecord): Uint8Array {
  return readBytes(memory, oldAt, length, WHAT);
}

/** Bytes that a fixup of this type fills; undefined for one that there is not. */
export function fixupWidth(type: number): 4 | 8 | undefined {
  return type === R_X86_64_64 ? 8 : type === R_X86_64_PC32 ? 4 : undefined;
}

/** What a fixup puts there: S + A, or S + A - P. */
export function fixupValue({ address }: SpliceRecord, { into, type, target }: SpliceFixup): bigint {
  const place = address + BigInt(into);
  return type === R_X86_64_64 ? target : BigInt.asIntN(64, target - place);
}

/** The bytes that are to stand at the place; its fixups must have been checked. */
export function newBytes(memory: Memory, splice: SpliceRecord): Uint8Array {
  const bytes = Uint8Array.from(readBytes(memory, splice.newAt, splice.length, WHAT));
  const view = new DataView(bytes.buffer);
  for (const fixup of readFixups(memory, splice)) {
    const value = fixupValue(splice, fixup);
    if (fixupWidth(fixup.type) === 8) view.setBigUint64(fixup.into, BigInt.asUintN(64, value), true);
    else view.setInt32(fixup.into, Number(BigInt.asIntN(32, value)), true);
  }
  return bytes;
}
