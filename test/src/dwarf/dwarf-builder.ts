/**
 * Debug information in a few lines, also such as no compiler writes. Every DIE gets an abbreviation of its own;
 * references are to labels; whatever is not said is left out.
 *
 *   dwarfBytes([unit(5, [die(c.DW_TAG_base_type, [[c.DW_AT_name, c.DW_FORM_string, 'int']], { label: 'int' })])])
 */
import * as elf from '../../../src/elf/constants.js';
import * as c from '../../../src/dwarf/constants.js';
import { ElfBuilder } from '../../support/elf-builder.js';

/** A number, a string, bytes as they are, or the place of the DIE of that label. */
type Value = number | string | Uint8Array | { readonly to: string };
export type Attribute = readonly [name: number, form: number, value: Value];

export interface DraftDie {
  readonly tag: number;
  readonly attributes: readonly Attribute[];
  readonly children: readonly DraftDie[] | undefined;
  readonly label: string | undefined;
}

export function die(
  tag: number,
  attributes: readonly Attribute[],
  more: { readonly label?: string; readonly children?: readonly DraftDie[] } = {},
): DraftDie {
  return { tag, attributes, label: more.label, children: more.children };
}

export interface DraftUnit {
  readonly version: number;
  readonly dies: readonly DraftDie[];
  readonly attributes: readonly Attribute[];
  /** The unit holds the type of that label, under that signature. */
  readonly type: { readonly label: string; readonly signature: number } | undefined;
}

export function unit(
  version: number,
  dies: readonly DraftDie[],
  more: { readonly attributes?: readonly Attribute[]; readonly type?: DraftUnit['type'] } = {},
): DraftUnit {
  return { version, dies, attributes: more.attributes ?? [], type: more.type };
}

/** Named members are what tests mostly need. */
export const named = (name: string): Attribute => [c.DW_AT_name, c.DW_FORM_string, name];
export const typed = (label: string): Attribute => [c.DW_AT_type, c.DW_FORM_ref4, { to: label }];
export const sized = (bytes: number): Attribute => [c.DW_AT_byte_size, c.DW_FORM_data4, bytes];
export const placed = (bytes: number): Attribute => [c.DW_AT_data_member_location, c.DW_FORM_data4, bytes];

class Writer {
  readonly info: number[] = [];
  readonly abbrev: number[] = [];
  private readonly labels = new Map<string, number>();
  private readonly fixups: { at: number; width: number; base: number; to: string }[] = [];
  private code = 0;

  number(value: number, width: number, into: number[] = this.info): void {
    let rest = BigInt.asUintN(width * 8, BigInt(value));
    for (let k = 0; k < width; k++, rest >>= 8n) into.push(Number(rest & 0xffn));
  }

  unit({ version, dies, attributes, type }: DraftUnit): void {
    const start = this.info.length;
    this.number(0, 4);
    this.number(version, 2);
    if (version === 5) this.info.push(type === undefined ? c.DW_UT_compile : c.DW_UT_type, 8);
    this.number(0, 4);
    if (version !== 5) this.info.push(8);
    if (type !== undefined) {
      this.number(type.signature, 8);
      this.reference(type.label, 4, start);
    }
    this.die({ tag: 0x11, attributes, children: dies, label: undefined }, start);
    const length: number[] = [];
    this.number(this.info.length - start - 4, 4, length);
    this.info.splice(start, 4, ...length);
  }

  private die({ tag, attributes, children, label }: DraftDie, start: number): void {
    if (label !== undefined) this.labels.set(label, this.info.length);
    this.code++;
    this.info.push(...leb(this.code));
    this.abbrev.push(...leb(this.code), ...leb(tag), children === undefined ? 0 : 1);
    for (const [name, form, value] of attributes) {
      this.abbrev.push(...leb(name), ...leb(form));
      if (form === c.DW_FORM_implicit_const) this.abbrev.push(...leb(Number(value)));
      else this.value(form, value, start);
    }
    this.abbrev.push(0, 0);
    if (children === undefined) return;
    for (const child of children) this.die(child, start);
    this.info.push(0);
  }

  private value(form: number, value: Value, start: number): void {
    if (value instanceof Uint8Array) this.info.push(...value);
    else if (typeof value === 'string') this.info.push(...Buffer.from(value, 'latin1'), 0);
    else if (typeof value === 'number') this.info.push(...encoded(form, value));
    else if (form === c.DW_FORM_ref_addr) this.reference(value.to, 4, 0);
    else this.reference(value.to, form === c.DW_FORM_ref8 ? 8 : 4, start);
  }

  private reference(to: string, width: number, base: number): void {
    this.fixups.push({ at: this.info.length, width, base, to });
    this.number(0, width);
  }

  finish(): void {
    this.abbrev.push(0);
    for (const { at, width, base, to } of this.fixups) {
      const place = this.labels.get(to);
      if (place === undefined) throw new Error(`no DIE has the label ${to}`);
      const bytes: number[] = [];
      this.number(place - base, width, bytes);
      this.info.splice(at, width, ...bytes);
    }
  }
}

const WIDTHS = new Map<number, number>([
  [c.DW_FORM_data1, 1],
  [c.DW_FORM_flag, 1],
  [c.DW_FORM_data2, 2],
  [c.DW_FORM_data4, 4],
  [c.DW_FORM_data8, 8],
  [c.DW_FORM_ref_sig8, 8],
  [c.DW_FORM_strp, 4],
  [c.DW_FORM_ref4, 4],
  [c.DW_FORM_ref_addr, 4],
  [c.DW_FORM_sec_offset, 4],
  [c.DW_FORM_flag_present, 0],
]);

function encoded(form: number, value: number): number[] {
  const width = WIDTHS.get(form);
  if (width === undefined) return leb(value);
  const writer = new Writer();
  writer.number(value, width);
  return writer.info;
}

/** Signed or not: the shortest form that reads back as either. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const isLast = value < 0 ? rest === -1n && (low & 0x40) !== 0 : rest === 0n && (low & 0x40) === 0;
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

export interface DebugBytes {
  readonly info: readonly number[];
  readonly abbrev: readonly number[];
}

export function dwarfBytes(units: readonly DraftUnit[]): DebugBytes {
  const writer = new Writer();
  for (const draft of units) writer.unit(draft);
  writer.finish();
  return { info: writer.info, abbrev: writer.abbrev };
}

/** An object with these debug sections. */
export function debugObject(
  { info, abbrev }: DebugBytes,
  more: Readonly<Record<string, readonly number[] | Uint8Array>> = {},
): ElfBuilder {
  const object = new ElfBuilder();
  const sections = { '.debug_info': info, '.debug_abbrev': abbrev, ...more };
  for (const [name, bytes] of Object.entries(sections)) {
    object.section(name, bytes, { flags: 0, type: elf.SHT_PROGBITS });
  }
  return object;
}
