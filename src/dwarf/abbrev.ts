/**
 * Tables of abbreviations (DWARF 5, 7.5.3): a DIE begins with the number of a declaration, which tells its tag,
 * whether it has children, and which attributes follow in which form. What can be known from a declaration
 * alone is computed here, once, instead of at each of thousands of DIEs.
 */
import * as c from './constants.js';
import type { Cursor } from './cursor.js';
import { Malformed } from './cursor.js';
import { fixedSize } from './forms.js';

export interface Declaration {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Attribute k has name names[k], form forms[k] and, when that is DW_FORM_implicit_const, value implicit[k]. */
  readonly names: readonly number[];
  readonly forms: readonly number[];
  readonly implicit: readonly number[];
  /** Bytes to pass over when nobody asks for attribute k; -1 when somebody does, or when only the value tells. */
  readonly skips: readonly number[];
  /** Bytes of all attributes, or -1 when only their values tell. */
  readonly size: number;
  /** Bytes before DW_AT_sibling, when it is a DW_FORM_ref4 and they are always the same; else -1. */
  readonly siblingAt: number;
}

export interface AbbrevTable {
  /** By number; compilers count from 1 without gaps. */
  readonly dense: readonly Declaration[];
  readonly sparse: ReadonlyMap<number, Declaration>;
}

/** Called with the number of attributes before their declaration is kept. */
export type Spend = (steps: number) => void;

/** How the tables of a file are to be read. */
export interface AbbrevReader {
  readonly cursor: Cursor;
  /** Attributes that somebody asks for. */
  readonly wanted: ReadonlySet<number>;
  readonly spend: Spend;
}

/** Reads the table at `at`. Throws Malformed. */
export function readAbbrevs(reader: AbbrevReader, at: number, addressSize: number): AbbrevTable {
  const { cursor } = reader;
  const dense: Declaration[] = [];
  const sparse = new Map<number, Declaration>();
  cursor.seek(at, cursor.bytes.length);
  for (;;) {
    const code = cursor.uleb();
    if (code === 0) return { dense, sparse };
    const declaration = readDeclaration(reader, addressSize);
    reader.spend(1 + declaration.names.length);
    if (code === dense.length + 1) dense.push(declaration);
    else if (!sparse.has(code)) sparse.set(code, declaration);
  }
}

export function declarationOf(table: AbbrevTable, code: number): Declaration {
  const found = code <= table.dense.length ? table.dense[code - 1] : table.sparse.get(code);
  if (found === undefined) throw new Malformed(`abbreviation ${code}`);
  return found;
}

function readDeclaration({ cursor, wanted }: AbbrevReader, addressSize: number): Declaration {
  const tag = cursor.uleb();
  const hasChildren = cursor.u8() !== 0;
  const names: number[] = [];
  const forms: number[] = [];
  const implicit: number[] = [];
  const skips: number[] = [];
  let size = 0;
  let siblingAt = -1;
  for (;;) {
    const name = cursor.uleb();
    const form = cursor.uleb();
    const value = form === c.DW_FORM_implicit_const ? cursor.sleb() : 0;
    if (name === 0 && form === 0) break;
    if (name === c.DW_AT_sibling && form === c.DW_FORM_ref4) siblingAt = size;
    names.push(name);
    forms.push(form);
    implicit.push(value);
    const bytes = fixedSize(form, addressSize);
    skips.push(wanted.has(name) ? -1 : bytes);
    size = size < 0 || bytes < 0 ? -1 : size + bytes;
  }
  return { tag, hasChildren, names, forms, implicit, skips, size, siblingAt };
}
