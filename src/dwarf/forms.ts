/**
 * How values of attributes are stored (DWARF 5, 7.5.6): passing over them and reading them. Only the 32-bit
 * format, in which offsets into other sections have four bytes.
 *
 * Passing over is what happens to nearly all of them. The size of most forms is known without looking at the
 * bytes, so whoever holds a declaration can pass over a whole DIE at once.
 */
import * as c from './constants.js';
import type { Cursor } from './cursor.js';
import { Malformed } from './cursor.js';

/** Size in bytes of forms that always have the same. */
const SIZES = new Map<number, number>([
  [c.DW_FORM_data1, 1],
  [c.DW_FORM_data2, 2],
  [c.DW_FORM_data4, 4],
  [c.DW_FORM_data8, 8],
  [c.DW_FORM_data16, 16],
  [c.DW_FORM_flag, 1],
  [c.DW_FORM_flag_present, 0],
  [c.DW_FORM_implicit_const, 0],
  [c.DW_FORM_strp, 4],
  [c.DW_FORM_line_strp, 4],
  [c.DW_FORM_sec_offset, 4],
  [c.DW_FORM_ref_addr, 4],
  [c.DW_FORM_ref1, 1],
  [c.DW_FORM_ref2, 2],
  [c.DW_FORM_ref4, 4],
  [c.DW_FORM_ref8, 8],
  [c.DW_FORM_ref_sig8, 8],
  [c.DW_FORM_strx1, 1],
  [c.DW_FORM_strx2, 2],
  [c.DW_FORM_strx3, 3],
  [c.DW_FORM_strx4, 4],
  [c.DW_FORM_addrx1, 1],
  [c.DW_FORM_addrx2, 2],
  [c.DW_FORM_addrx3, 3],
  [c.DW_FORM_addrx4, 4],
  [c.DW_FORM_strp_sup, 4],
  [c.DW_FORM_ref_sup4, 4],
  [c.DW_FORM_ref_sup8, 8],
  [c.DW_FORM_GNU_ref_alt, 4],
  [c.DW_FORM_GNU_strp_alt, 4],
]);

/** Bytes of a form, or -1 when only the value tells. */
export function fixedSize(form: number, addressSize: number): number {
  return form === c.DW_FORM_addr ? addressSize : (SIZES.get(form) ?? -1);
}

/** Passes over a value. */
export function skipForm(cursor: Cursor, form: number, addressSize: number): void {
  const size = fixedSize(form, addressSize);
  if (size >= 0) cursor.skip(size);
  else if (form === c.DW_FORM_string) skipString(cursor);
  else if (isBlock(form)) cursor.skip(blockLength(cursor, form));
  else if (form === c.DW_FORM_indirect) skipForm(cursor, indirectForm(cursor), addressSize);
  else if (LEBS.has(form)) cursor.uleb();
  else throw new Malformed(`form ${form}`);
}

const LEBS = new Set([
  c.DW_FORM_sdata,
  c.DW_FORM_udata,
  c.DW_FORM_ref_udata,
  c.DW_FORM_strx,
  c.DW_FORM_addrx,
  c.DW_FORM_loclistx,
  c.DW_FORM_rnglistx,
  c.DW_FORM_GNU_addr_index,
  c.DW_FORM_GNU_str_index,
]);

/** The bytes of a string in place, its terminator passed over. */
export function skipString(cursor: Cursor): { readonly from: number; readonly to: number } {
  const { at: from, bytes, end } = cursor;
  let to = from;
  while (to < end && bytes[to] !== 0) to++;
  cursor.skip(to + 1 - from);
  return { from, to };
}

/** A form that stands before its value. Neither itself nor a value that stands elsewhere makes sense there. */
export function indirectForm(cursor: Cursor): number {
  const form = cursor.uleb();
  if (form === c.DW_FORM_indirect || form === c.DW_FORM_implicit_const) throw new Malformed(`form ${form}`);
  return form;
}

const isBlock = (form: number): boolean =>
  form === c.DW_FORM_exprloc ||
  form === c.DW_FORM_block1 ||
  form === c.DW_FORM_block2 ||
  form === c.DW_FORM_block4 ||
  form === c.DW_FORM_block;

function blockLength(cursor: Cursor, form: number): number {
  if (form === c.DW_FORM_block1) return cursor.u8();
  if (form === c.DW_FORM_block2) return cursor.u16();
  if (form === c.DW_FORM_block4) return cursor.u32();
  return cursor.uleb();
}

/**
 * A constant, an offset or an index; NaN for what is none of them (an expression that must be computed, a
 * reference). An expression that only adds a constant, as DWARF 2 wrote places of members, is that constant.
 */
export function readNumber(cursor: Cursor, form: number, implicit: number, addressSize: number): number {
  switch (form) {
    case c.DW_FORM_data1:
    case c.DW_FORM_flag:
    case c.DW_FORM_strx1:
      return cursor.u8();
    case c.DW_FORM_data2:
    case c.DW_FORM_strx2:
      return cursor.u16();
    case c.DW_FORM_strx3:
      return cursor.u24();
    case c.DW_FORM_data4:
    case c.DW_FORM_sec_offset:
    case c.DW_FORM_strx4:
      return cursor.u32();
    case c.DW_FORM_data8:
      return cursor.u64();
    case c.DW_FORM_udata:
    case c.DW_FORM_strx:
      return cursor.uleb();
    case c.DW_FORM_sdata:
      return cursor.sleb();
    case c.DW_FORM_flag_present:
      return 1;
    case c.DW_FORM_implicit_const:
      return implicit;
    default:
      return isBlock(form) ? readExpression(cursor, form) : skipToNaN(cursor, form, addressSize);
  }
}

function skipToNaN(cursor: Cursor, form: number, addressSize: number): number {
  skipForm(cursor, form, addressSize);
  return NaN;
}

function readExpression(cursor: Cursor, form: number): number {
  const length = blockLength(cursor, form);
  const { end } = cursor;
  const to = cursor.skip(length) + length;
  if (length < 2) return NaN;
  cursor.seek(to - length, to);
  const operation = cursor.u8();
  const isConstant = operation === c.DW_OP_plus_uconst || operation === c.DW_OP_constu;
  const value = isConstant ? cursor.uleb() : NaN;
  const isAll = cursor.at === to;
  cursor.seek(to, end);
  return isAll ? value : NaN;
}

/** The value of an enumerator, with all digits. Constants of fixed size are shown without a sign. */
export function readConstant(cursor: Cursor, form: number, implicit: number, addressSize: number): string {
  if (form === c.DW_FORM_udata || form === c.DW_FORM_sdata) {
    return String(cursor.leb(form === c.DW_FORM_sdata));
  }
  if (form === c.DW_FORM_data8) return String(cursor.view.getBigUint64(cursor.skip(8), true));
  return String(readNumber(cursor, form, implicit, addressSize));
}
