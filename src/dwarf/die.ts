/**
 * Debugging information entries: a DIE with those of its attributes for which somebody asks.
 *
 * A DIE is known by its place in the bytes of all units (see debug-sections.ts), and a reference to it is that
 * place; 0 stands for none, because a unit begins with its header.
 */
import type { Declaration } from './abbrev.js';
import { declarationOf } from './abbrev.js';
import * as c from './constants.js';
import type { Cursor } from './cursor.js';
import { Malformed } from './cursor.js';
import type { DebugSections } from './debug-sections.js';
import { indirectForm, readConstant, readNumber, skipForm, skipString } from './forms.js';
import type { Unit } from './unit.js';

export interface Die {
  readonly at: number;
  readonly unit: Unit;
  readonly tag: number;
  /** Where what follows its attributes begins: its first child, if it has children. */
  readonly after: number;
  readonly hasChildren: boolean;
  /** DW_AT_name and others; '' when absent. */
  readonly name: string;
  readonly linkageName: string;
  readonly producer: string;
  /** References; 0 when absent. */
  readonly type: number;
  /** DW_AT_abstract_origin, DW_AT_specification or DW_AT_call_origin: the DIE that tells more of the same thing. */
  readonly origin: number;
  /** DW_AT_signature: the type itself, where this is a mere mention of it. */
  readonly signature: number;
  readonly declaration: boolean;
  readonly isSplit: boolean;
  /** Numbers; undefined when absent, NaN when they are computed at run time. */
  readonly byteSize: number | undefined;
  readonly bitSize: number | undefined;
  readonly bitOffset: number | undefined;
  readonly dataBitOffset: number | undefined;
  readonly memberLocation: number | undefined;
  readonly upperBound: number | undefined;
  readonly count: number | undefined;
  readonly encoding: number | undefined;
  /** DW_AT_const_value of an enumerator, in decimal. */
  readonly constValue: string;
}

type Draft = { -readonly [K in keyof Die]: Die[K] };

/** Attributes that become fields of a Die. Nearly all others tell lines of the source and places of code. */
export const WANTED_ATTRIBUTES: ReadonlySet<number> = new Set([
  c.DW_AT_name,
  c.DW_AT_byte_size,
  c.DW_AT_bit_offset,
  c.DW_AT_bit_size,
  c.DW_AT_const_value,
  c.DW_AT_producer,
  c.DW_AT_upper_bound,
  c.DW_AT_abstract_origin,
  c.DW_AT_count,
  c.DW_AT_data_member_location,
  c.DW_AT_declaration,
  c.DW_AT_encoding,
  c.DW_AT_specification,
  c.DW_AT_type,
  c.DW_AT_signature,
  c.DW_AT_data_bit_offset,
  c.DW_AT_linkage_name,
  c.DW_AT_dwo_name,
  c.DW_AT_call_origin,
  c.DW_AT_GNU_dwo_name,
]);

/** What decoding needs to know of a file. */
export interface DieSource {
  readonly sections: DebugSections;
  readonly cursor: Cursor;
  /** DW_FORM_ref_sig8 -> the type; the key is signatureAt() of it. */
  readonly signatures: ReadonlyMap<string, number>;
  /** The string at that place of .debug_str. */
  readonly strp: (position: number) => string;
  readonly lineStrp: (position: number) => string;
  /** The string between two places of the units themselves. */
  readonly inPlace: (from: number, to: number) => string;
  readonly spend: (steps: number) => void;
}

/** The eight bytes of a signature as text. */
export function signatureAt(cursor: Cursor): string {
  return String(cursor.view.getBigUint64(cursor.skip(8), true));
}

/** The declaration at `at`, or undefined for the null entry that ends a list of children. Moves behind its number. */
export function declarationAt(cursor: Cursor, unit: Unit, at: number): Declaration | undefined {
  cursor.seek(at, unit.end);
  const code = cursor.uleb();
  return code === 0 ? undefined : declarationOf(unit.abbrevs, code);
}

/** The DIE at `at`, or undefined for a null entry. Throws Malformed. */
export function readDie(source: DieSource, unit: Unit, at: number): Die | undefined {
  const { cursor } = source;
  const declaration = declarationAt(cursor, unit, at);
  source.spend(1 + (declaration?.names.length ?? 0));
  if (declaration === undefined) return undefined;
  const die = draftOf(unit, at, declaration);
  const { names, forms, implicit, skips } = declaration;
  for (let k = 0; k < names.length; k++) {
    if (skips[k] >= 0) {
      cursor.skip(skips[k]);
      continue;
    }
    const form = forms[k] === c.DW_FORM_indirect ? indirectForm(cursor) : forms[k];
    readAttribute(source, die, names[k], form, implicit[k]);
  }
  die.after = cursor.at;
  return die;
}

function draftOf(unit: Unit, at: number, { tag, hasChildren }: Declaration): Draft {
  return {
    at,
    unit,
    tag,
    after: at,
    hasChildren,
    name: '',
    linkageName: '',
    producer: '',
    type: 0,
    origin: 0,
    signature: 0,
    declaration: false,
    isSplit: false,
    byteSize: undefined,
    bitSize: undefined,
    bitOffset: undefined,
    dataBitOffset: undefined,
    memberLocation: undefined,
    upperBound: undefined,
    count: undefined,
    encoding: undefined,
    constValue: '',
  };
}

function readAttribute(source: DieSource, die: Draft, name: number, form: number, implicit: number): void {
  const { cursor } = source;
  const { addressSize } = die.unit;
  switch (name) {
    case c.DW_AT_name:
      die.name = readString(source, die.unit, form);
      break;
    case c.DW_AT_linkage_name:
      die.linkageName = readString(source, die.unit, form);
      break;
    case c.DW_AT_producer:
      die.producer = readString(source, die.unit, form);
      break;
    case c.DW_AT_type:
      die.type = readReference(source, die.unit, form);
      break;
    case c.DW_AT_abstract_origin:
    case c.DW_AT_specification:
    case c.DW_AT_call_origin:
      die.origin = readReference(source, die.unit, form);
      break;
    case c.DW_AT_signature:
      die.signature = readReference(source, die.unit, form);
      break;
    case c.DW_AT_dwo_name:
    case c.DW_AT_GNU_dwo_name:
      die.isSplit = true;
      skipForm(cursor, form, addressSize);
      break;
    case c.DW_AT_const_value:
      if (die.tag === c.DW_TAG_enumerator) die.constValue = readConstant(cursor, form, implicit, addressSize);
      else skipForm(cursor, form, addressSize);
      break;
    default:
      readNumeric(cursor, die, name, form, implicit);
  }
}

function readNumeric(cursor: Cursor, die: Draft, name: number, form: number, implicit: number): void {
  const value = readNumber(cursor, form, implicit, die.unit.addressSize);
  switch (name) {
    case c.DW_AT_byte_size:
      die.byteSize = value;
      break;
    case c.DW_AT_bit_size:
      die.bitSize = value;
      break;
    case c.DW_AT_bit_offset:
      die.bitOffset = value;
      break;
    case c.DW_AT_data_bit_offset:
      die.dataBitOffset = value;
      break;
    case c.DW_AT_data_member_location:
      die.memberLocation = value;
      break;
    case c.DW_AT_upper_bound:
      die.upperBound = value;
      break;
    case c.DW_AT_count:
      die.count = value;
      break;
    case c.DW_AT_encoding:
      die.encoding = value;
      break;
    case c.DW_AT_declaration:
      die.declaration = value > 0;
      break;
    default:
    // An attribute that nobody asks for, of a form without a fixed size: passed over by now.
  }
}

function readString(source: DieSource, unit: Unit, form: number): string {
  const { cursor } = source;
  switch (form) {
    case c.DW_FORM_string: {
      const { from, to } = skipString(cursor);
      source.spend((to - from) >>> 3);
      return source.inPlace(from, to);
    }
    case c.DW_FORM_strp:
      return source.strp(cursor.u32());
    case c.DW_FORM_line_strp:
      return source.lineStrp(cursor.u32());
    case c.DW_FORM_strx:
    case c.DW_FORM_strx1:
    case c.DW_FORM_strx2:
    case c.DW_FORM_strx3:
    case c.DW_FORM_strx4:
      return source.strp(indexedString(source, unit, readNumber(cursor, form, 0, unit.addressSize)));
    default:
      // Strings of a supplementary file among them: that file is not at hand.
      throw new Malformed(`a string in form ${form}`);
  }
}

/** An entry of .debug_str_offsets: the place of the string in .debug_str. */
function indexedString({ sections }: DieSource, unit: Unit, index: number): number {
  const { strOffsets } = sections;
  const at = unit.strOffsetsBase + index * 4;
  if (at + 4 > strOffsets.length) throw new Malformed(`string ${index}`);
  return new DataView(strOffsets.buffer, strOffsets.byteOffset + at, 4).getUint32(0, true);
}

function readReference(source: DieSource, unit: Unit, form: number): number {
  const { cursor } = source;
  switch (form) {
    case c.DW_FORM_ref1:
      return inUnit(unit, cursor.u8());
    case c.DW_FORM_ref2:
      return inUnit(unit, cursor.u16());
    case c.DW_FORM_ref4:
      return inUnit(unit, cursor.u32());
    case c.DW_FORM_ref8:
      return inUnit(unit, cursor.u64());
    case c.DW_FORM_ref_udata:
      return inUnit(unit, cursor.uleb());
    case c.DW_FORM_ref_addr:
      return cursor.u32();
    case c.DW_FORM_ref_sig8: {
      const found = source.signatures.get(signatureAt(cursor));
      if (found === undefined) throw new Malformed('a type whose unit is in another file');
      return found;
    }
    default:
      throw new Malformed(`a reference in form ${form}`);
  }
}

/** References inside a unit count from its header. */
function inUnit(unit: Unit, distance: number): number {
  const at = unit.start + distance;
  if (at < unit.root || at >= unit.end) throw new Malformed(`a reference to ${at}`);
  return at;
}
