/**
 * The debug sections of a file as the compiler meant them: whole, inflated, with their relocations applied.
 *
 * In an object nearly every offset from one debug section into another is zero in place and a relocation beside
 * it. As all of them are of one kind (R_X86_64_32), applying all at once to a copy costs less than looking each
 * up when it is needed. Relocations of eight bytes are addresses of code and data, for which nobody asks here.
 *
 * Several sections may bear one name, because units of types lie in groups of their own. They are laid end to
 * end, and relocations against any of them are moved with it, so that one number says where something is:
 *
 *   info: | .debug_info | .debug_info of a group | … | .debug_types | … |      str: | .debug_str | …
 */
import { inflateSync } from 'node:zlib';
import * as c from '../elf/constants.js';
import { asBuffer, sectionBytes, symbolSection } from '../elf/read.js';
import type { ElfFile, ElfSection } from '../elf/read.js';
import { Malformed } from './cursor.js';

/** A section inside the bytes of all sections of its kind. */
export interface Part {
  readonly start: number;
  readonly end: number;
  /** It is a .debug_types, whose units have the header that DWARF 4 gave them. */
  readonly isTypes: boolean;
}

export interface DebugSections {
  readonly info: Uint8Array;
  readonly infoParts: readonly Part[];
  readonly abbrev: Uint8Array;
  readonly strOffsets: Uint8Array;
  /** Latin-1. */
  readonly str: string;
  readonly lineStr: string;
}

/** Section names of each kind, in the order in which they are laid out. */
const KINDS = {
  info: ['.debug_info', '.debug_types'],
  abbrev: ['.debug_abbrev'],
  strOffsets: ['.debug_str_offsets'],
  str: ['.debug_str'],
  lineStr: ['.debug_line_str'],
} as const;

/** The largest section after inflating, and all sections of a kind, in bytes: what V8 makes a string of. */
const MAX_BYTES = 0x1000_0000;

/** An Elf64_Chdr (gABI chapter 4): 0 ch_type  8 ch_size  16 ch_addralign; then the compressed bytes. */
const CHDR_SIZE = 24;
const ELFCOMPRESS_ZLIB = 1;
/** Ours, so that a small file stays small: debug sections shrink to a third or so, never to a hundredth. */
const MAX_RATIO = 64;

/** Undefined when there is no .debug_info or no .debug_abbrev. Throws Malformed. */
export function gatherDebugSections(file: ElfFile): DebugSections | undefined {
  const bases = new Float64Array(file.sections.length).fill(NaN);
  const info = gather(file, KINDS.info, bases);
  const abbrev = gather(file, KINDS.abbrev, bases);
  if (info.bytes.length === 0 || abbrev.bytes.length === 0) return undefined;
  const str = gather(file, KINDS.str, bases);
  const lineStr = gather(file, KINDS.lineStr, bases);
  const strOffsets = gather(file, KINDS.strOffsets, bases);
  // Only now is it known where every section lies.
  return {
    info: relocated(file, info, bases),
    infoParts: info.parts,
    abbrev: abbrev.bytes,
    strOffsets: relocated(file, strOffsets, bases),
    str: asBuffer(str.bytes).toString('latin1'),
    lineStr: asBuffer(lineStr.bytes).toString('latin1'),
  };
}

interface Gathered {
  readonly bytes: Uint8Array;
  readonly sections: readonly ElfSection[];
  readonly parts: readonly Part[];
  /** The bytes are those of the file, and not ours to change. */
  readonly isView: boolean;
}

/** Lays out the sections of a kind; notes in `bases` where each of them begins. */
function gather(file: ElfFile, names: readonly string[], bases: Float64Array): Gathered {
  const sections = names.flatMap((name) => file.sections.filter((section) => section.name === name));
  const pieces = sections.map((section) => inflated(file, section));
  const parts: Part[] = [];
  let length = 0;
  sections.forEach((section, k) => {
    const end = length + pieces[k].length;
    parts.push({ start: length, end, isTypes: section.name === '.debug_types' });
    bases[section.index] = length;
    length = end;
  });
  if (length > MAX_BYTES) throw new Malformed(`${length} bytes of ${names[0]}`);
  if (pieces.length === 1) return { bytes: pieces[0], sections, parts, isView: true };
  const bytes = new Uint8Array(length);
  pieces.forEach((piece, k) => bytes.set(piece, parts[k].start));
  return { bytes, sections, parts, isView: false };
}

function inflated(file: ElfFile, section: ElfSection): Uint8Array {
  const bytes = sectionBytes(file, section);
  if ((section.sh_flags & c.SHF_COMPRESSED) === 0) return bytes;
  if (bytes.length < CHDR_SIZE) throw new Malformed('a compressed section without its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ch_type = view.getUint32(0, true);
  const ch_size = Number(view.getBigUint64(8, true));
  const packed = bytes.subarray(CHDR_SIZE);
  if (ch_type !== ELFCOMPRESS_ZLIB || ch_size > Math.min(MAX_BYTES, packed.length * MAX_RATIO)) {
    throw new Malformed(`compression ${ch_type} of ${ch_size} bytes`);
  }
  return inflatedTo(packed, ch_size);
}

function inflatedTo(packed: Uint8Array, ch_size: number): Uint8Array {
  let unpacked: Uint8Array;
  try {
    unpacked = inflateSync(packed, { maxOutputLength: Math.max(ch_size, 1) });
  } catch (thrown) {
    // Not deflated, torn, or more than ch_size: zlib has a code for each, and for nothing else.
    throw new Malformed(String(thrown));
  }
  if (unpacked.length !== ch_size) throw new Malformed(`${unpacked.length} bytes instead of ${ch_size}`);
  return unpacked;
}

/** The bytes with the four-byte relocations of their sections applied; those of the file stay as they are. */
function relocated(file: ElfFile, gathered: Gathered, bases: Float64Array): Uint8Array {
  const tables = file.sections.filter(
    (s) => s.sh_type === c.SHT_RELA && gathered.sections.some((target) => target.index === s.sh_info),
  );
  if (tables.length === 0 || gathered.bytes.length === 0) return gathered.bytes;
  const bytes = gathered.isView ? gathered.bytes.slice() : gathered.bytes;
  const values = new Float64Array(file.symbols.count).fill(NaN);
  for (const table of tables) {
    const target = gathered.sections.findIndex((s) => s.index === table.sh_info);
    applyTable(file, table, bytes, gathered.parts[target], bases, values);
  }
  return bytes;
}

function applyTable(
  file: ElfFile,
  table: ElfSection,
  bytes: Uint8Array,
  part: Part,
  bases: Float64Array,
  values: Float64Array,
): void {
  const records = sectionBytes(file, table);
  const from = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const to = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + c.RELA_SIZE <= records.length; at += c.RELA_SIZE) {
    if (from.getUint32(at + 8, true) !== c.R_X86_64_32) continue;
    const r_offset = from.getUint32(at, true);
    const r_sym = from.getUint32(at + 12, true);
    const beyond = from.getUint32(at + 4, true) !== 0 || part.start + r_offset + 4 > part.end;
    if (beyond || r_sym >= values.length) throw new Malformed(`relocation ${r_offset} of ${table.name}`);
    // S + A modulo 2^32: the psABI's word32. The upper half of the addend cannot matter.
    if (Number.isNaN(values[r_sym])) values[r_sym] = placeOf(file, r_sym, bases);
    to.setUint32(part.start + r_offset, (values[r_sym] + from.getUint32(at + 16, true)) >>> 0, true);
  }
}

/** Where a symbol lies among the sections of its kind; symbols of other sections are where they are. */
function placeOf(file: ElfFile, r_sym: number, bases: Float64Array): number {
  const section = symbolSection(file.symbols, r_sym);
  const base = section === undefined ? NaN : bases[section];
  return (Number.isNaN(base) ? 0 : base) + Number(file.symbols.st_value[r_sym]);
}
