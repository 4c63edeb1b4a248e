/**
 * Headers of units (DWARF 5, 7.5.1), and what stands directly below the root of each.
 *
 *   DWARF 5   unit_length 4  version 2  unit_type 1  address_size 1  debug_abbrev_offset 4
 *   DWARF 4   unit_length 4  version 2  debug_abbrev_offset 4  address_size 1
 *   units of types: then  type_signature 8  type_offset 4
 *
 * C has no scopes but the file and the function, so the list of what stands at the top is all that is needed to
 * find a type or a function by name, and to tell inside which function a DIE lies.
 */
import type { AbbrevTable, Declaration } from './abbrev.js';
import * as c from './constants.js';
import type { Cursor } from './cursor.js';
import { Malformed } from './cursor.js';
import type { Part } from './debug-sections.js';
import type { DieSource } from './die.js';
import { declarationAt, readDie, signatureAt } from './die.js';
import { skipForm } from './forms.js';

export interface UnitHeader {
  readonly start: number;
  readonly end: number;
  readonly version: number;
  readonly abbrevAt: number;
  readonly addressSize: number;
  /** Place of the root DIE. */
  readonly root: number;
  /** For a unit of types: its signature, and the place of the type. */
  readonly signature: string | undefined;
  readonly typeAt: number;
}

export interface Unit extends UnitHeader {
  readonly abbrevs: AbbrevTable;
  /** Where its part of .debug_str_offsets begins, in bytes. */
  readonly strOffsetsBase: number;
  /** DW_AT_name and DW_AT_producer of the root. */
  readonly name: string;
  readonly producer: string;
  /** Places of the children of the root, ascending, and the tag of each. */
  readonly places: readonly number[];
  readonly tags: readonly number[];
}

/** The smallest header and the smallest root: what follows a unit and is shorter is no unit. */
const MIN_UNIT = 12;
/** Lengths from here on announce the 64-bit format and other things that are no lengths. */
const LENGTH_ESCAPES = 0xffff_fff0;

/** Headers of the units of a section, in order. Throws Malformed. */
export function readUnitHeaders(cursor: Cursor, part: Part): UnitHeader[] {
  const headers: UnitHeader[] = [];
  for (let start = part.start; start < part.end;) {
    if (part.end - start < MIN_UNIT) throw new Malformed(`${part.end - start} bytes behind the last unit`);
    const header = readHeader(cursor, start, part);
    headers.push(header);
    start = header.end;
  }
  return headers;
}

function readHeader(cursor: Cursor, start: number, part: Part): UnitHeader {
  cursor.seek(start, part.end);
  const unit_length = cursor.u32();
  const end = cursor.at + unit_length;
  if (unit_length >= LENGTH_ESCAPES || end > part.end) throw new Malformed(`unit_length ${unit_length}`);
  cursor.seek(cursor.at, end);
  const version = cursor.u16();
  if (version !== 4 && version !== 5) throw new Malformed(`version ${version}`);
  const unit_type = version === 5 ? cursor.u8() : part.isTypes ? c.DW_UT_type : c.DW_UT_compile;
  const first = version === 5 ? cursor.u8() : cursor.u32();
  const second = version === 5 ? cursor.u32() : cursor.u8();
  const [addressSize, abbrevAt] = version === 5 ? [first, second] : [second, first];
  // Skeletons and split units have kinds of their own; what they describe is in another file.
  if (unit_type !== c.DW_UT_compile && unit_type !== c.DW_UT_partial && unit_type !== c.DW_UT_type) {
    throw new Malformed(`unit_type ${unit_type}`);
  }
  if (addressSize !== 8 && addressSize !== 4) throw new Malformed(`address_size ${addressSize}`);
  const isType = unit_type === c.DW_UT_type;
  const signature = isType ? signatureAt(cursor) : undefined;
  const typeAt = isType ? start + cursor.u32() : 0;
  const root = cursor.at;
  if (isType && (typeAt < root || typeAt >= end)) throw new Malformed(`type_offset of the unit at ${start}`);
  return { start, end, version, abbrevAt, addressSize, root, signature, typeAt };
}

/** Reads the root and lists what stands below it. Throws Malformed, also for what is split off. */
export function readUnit(source: DieSource, header: UnitHeader, abbrevs: AbbrevTable): Unit {
  const bare = { ...header, abbrevs, strOffsetsBase: 0, name: '', producer: '', places: [], tags: [] };
  const strOffsetsBase = strOffsetsBaseOf(source, bare);
  const root = readDie(source, { ...bare, strOffsetsBase }, header.root);
  if (root?.isSplit === true) throw new Malformed('split DWARF');
  const { name = '', producer = '' } = root ?? {};
  const listed: { places: number[]; tags: number[] } = { places: [], tags: [] };
  if (root?.hasChildren === true) listChildren(source, bare, root.after, listed);
  return { ...bare, strOffsetsBase, name, producer, ...listed };
}

/** The root may name strings by index before it says where the indices lead, so that is looked up first. */
function strOffsetsBaseOf(source: DieSource, unit: Unit): number {
  const { cursor } = source;
  const declaration = declarationAt(cursor, unit, unit.root);
  const position = declaration?.names.indexOf(c.DW_AT_str_offsets_base) ?? -1;
  // Behind the header of the section (7.26), which is where split units would find it.
  if (declaration === undefined || position < 0) return 8;
  for (let k = 0; k < position; k++) skipForm(cursor, declaration.forms[k], unit.addressSize);
  const form = declaration.forms[position];
  if (form !== c.DW_FORM_sec_offset) throw new Malformed(`DW_AT_str_offsets_base in form ${form}`);
  return cursor.u32();
}

function listChildren(
  source: DieSource,
  unit: Unit,
  first: number,
  listed: { places: number[]; tags: number[] },
): void {
  for (let at = first; at < unit.end;) {
    const declaration = declarationAt(source.cursor, unit, at);
    if (declaration === undefined) return;
    listed.places.push(at);
    listed.tags.push(declaration.tag);
    at = behindTree(source, unit, at);
  }
}

/** Where the DIE at `at` ends, its children included. */
export function behindTree(source: DieSource, unit: Unit, at: number): number {
  const { cursor } = source;
  let depth = 0;
  for (let next = at; ; next = cursor.at) {
    const declaration = declarationAt(cursor, unit, next);
    if (declaration === undefined) depth--;
    else if (skipDie(source, unit, declaration)) depth++;
    if (depth <= 0) return cursor.at;
    // Compilers may leave out the null entries at the end of a unit.
    if (cursor.at >= unit.end) return unit.end;
  }
}

/** Passes over attributes, and by way of DW_AT_sibling over children; true when children follow. */
function skipDie(source: DieSource, unit: Unit, declaration: Declaration): boolean {
  const { cursor } = source;
  const { size, forms, siblingAt } = declaration;
  const body = cursor.at;
  source.spend(size < 0 ? 1 + forms.length : 1);
  if (size >= 0) cursor.skip(size);
  else for (const form of forms) skipForm(cursor, form, unit.addressSize);
  if (!declaration.hasChildren || siblingAt < 0) return declaration.hasChildren;
  const sibling = unit.start + cursor.view.getUint32(body + siblingAt, true);
  if (sibling < cursor.at || sibling > unit.end) throw new Malformed(`a sibling at ${sibling}`);
  cursor.seek(sibling, unit.end);
  return false;
}
