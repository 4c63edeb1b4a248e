/**
 * Breaks a good payload on purpose: any field of any record, contents, names, sizes, one edit after the other.
 *
 *   new PayloadEdit(good).section('.modinfo', 'sh_addralign', 3).symbol('f', 'st_shndx', 0xfff2).bytes()
 *
 * Where things lie is read once, from the good payload; edits never read what earlier edits have broken. What grows
 * moves to the end of the file, so nothing depends on where a builder puts it, and all else keeps its place. Sections
 * are named, or numbered where a name is not unique; symbols are named, or numbered.
 */
import * as c from '../../../src/elf/constants.js';
import type { ElfFile } from '../../../src/elf/read.js';
import { EHDR, mustRead, RELA, SHDR, SYM } from '../../support/elf-builder.js';

type Field = readonly [start: number, width: number];
type Value = number | bigint | ((old: bigint) => number | bigint);

/** What a new section header says; the rest is zero. */
export interface NewSection {
  readonly name: string;
  readonly sh_type: number;
  readonly sh_flags?: number;
  readonly bytes: Uint8Array;
  readonly sh_addralign?: number;
  readonly sh_link?: number;
  readonly sh_info?: number;
  readonly sh_entsize?: number;
}

interface Extent {
  /** In the file. */
  at: number;
  size: number;
}

export class PayloadEdit {
  readonly file: ElfFile;
  private data: Uint8Array;
  /** Where the section header table lies, how many headers it has, and how far apart they are. */
  private table: { at: number; count: number; stride: number };
  private readonly extents: Extent[];
  private readonly strides = new Map<number, number>();

  constructor(good: Uint8Array) {
    this.file = mustRead(good);
    this.data = Uint8Array.from(good);
    this.table = { at: this.file.header.e_shoff, count: this.file.sections.length, stride: c.SHDR_SIZE };
    this.extents = this.file.sections.map((s) => ({
      at: s.sh_offset,
      size: s.sh_type === c.SHT_NOBITS ? 0 : s.sh_size,
    }));
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.data);
  }

  header(field: keyof typeof EHDR, value: Value): this {
    return this.put(0, EHDR[field], value);
  }

  section(section: string | number, field: keyof typeof SHDR, value: Value): this {
    return this.put(this.headerAt(this.numberOf(section)), SHDR[field], value);
  }

  symbol(symbol: string | number, field: keyof typeof SYM, value: Value): this {
    return this.put(this.recordAt(this.file.symbols.section, this.symbolNumber(symbol)), SYM[field], value);
  }

  /** Record `k` of the relocations of `target`. */
  rela(target: string, k: number, field: keyof typeof RELA, value: Value): this {
    return this.put(this.recordAt(this.numberOf(`.rela${target}`), k), RELA[field], value);
  }

  /** A little-endian number of `width` bytes, `at` bytes into a section. */
  number(section: string, at: number, width: 1 | 2 | 4 | 8, value: Value): this {
    const extent = this.extents[this.numberOf(section)];
    if (at + width > extent.size)
      throw new Error(`${section} has no ${String(width)} bytes at ${String(at)}`);
    return this.put(extent.at, [at, width], value);
  }

  /** A byte anywhere in the file. */
  byte(at: number, value: number): this {
    return this.put(at, [0, 1], value);
  }

  contentsOf(section: string | number): Uint8Array {
    const extent = this.extents[this.numberOf(section)];
    return this.data.slice(extent.at, extent.at + extent.size);
  }

  /** Gives a section other contents, at the end of the file. */
  contents(section: string | number, bytes: Uint8Array): this {
    const number = this.numberOf(section);
    const { sh_addralign } = this.file.sections[number];
    const at = this.append(bytes, Math.min(Math.max(sh_addralign, 1), 64));
    this.extents[number] = { at, size: bytes.length };
    return this.section(number, 'sh_offset', at).section(number, 'sh_size', bytes.length);
  }

  /** Cuts a section, or lengthens it with zeros. */
  resize(section: string | number, size: number): this {
    const bytes = new Uint8Array(size);
    bytes.set(this.contentsOf(section).subarray(0, size));
    return this.contents(section, bytes);
  }

  rename(section: string | number, name: string): this {
    return this.section(section, 'sh_name', this.addString(this.file.header.shstrndx, name));
  }

  renameSymbol(symbol: string | number, name: string): this {
    return this.symbol(symbol, 'st_name', this.addString(this.strtab, name));
  }

  /** Places a text in a string table and returns its offset there. */
  addString(table: number, text: string): number {
    const before = this.contentsOf(table);
    this.contents(table, Buffer.concat([before, Buffer.from(`${text}\0`, 'latin1')]));
    return before.length;
  }

  /** Adds a section behind the others and returns its number; the header table moves to the end of the file. */
  addSection(added: NewSection): number {
    const number = this.table.count;
    const sh_offset = this.append(added.bytes, 16);
    this.moveTable(number + 1, this.table.stride);
    this.extents.push({ at: sh_offset, size: added.bytes.length });
    this.put(this.headerAt(number), SHDR.sh_name, this.addString(this.file.header.shstrndx, added.name));
    const fields = {
      ...{ sh_type: added.sh_type, sh_flags: added.sh_flags ?? 0, sh_offset },
      ...{ sh_size: added.bytes.length, sh_addralign: added.sh_addralign ?? 1, sh_link: added.sh_link ?? 0 },
      ...{ sh_info: added.sh_info ?? 0, sh_entsize: added.sh_entsize ?? 0 },
    };
    const at = this.headerAt(number);
    this.put(at, SHDR.sh_type, fields.sh_type).put(at, SHDR.sh_flags, fields.sh_flags);
    this.put(at, SHDR.sh_offset, fields.sh_offset).put(at, SHDR.sh_size, fields.sh_size);
    this.put(at, SHDR.sh_addralign, fields.sh_addralign).put(at, SHDR.sh_link, fields.sh_link);
    this.put(at, SHDR.sh_info, fields.sh_info).put(at, SHDR.sh_entsize, fields.sh_entsize);
    return number;
  }

  /** Adds a symbol behind the others, defined in a section (or by a reserved number), and returns its number. */
  addSymbol(name: string, shndx: string | number, st_value = 0, st_info = c.stInfo(c.STB_GLOBAL, 0)): number {
    const symtab = this.file.symbols.section;
    const stride = this.strides.get(symtab) ?? c.SYM_SIZE;
    const number = this.extents[symtab].size / stride;
    this.resize(symtab, this.extents[symtab].size + stride);
    const st_name = this.addString(this.strtab, name);
    const at = this.recordAt(symtab, number);
    const section = typeof shndx === 'number' ? shndx : this.numberOf(shndx);
    this.put(at, SYM.st_name, st_name).put(at, SYM.st_info, st_info);
    this.put(at, SYM.st_shndx, section).put(at, SYM.st_value, st_value);
    return number;
  }

  /** Lays the records of a symbol or relocation table further apart. */
  spread(table: string, stride: number): this {
    const number = this.numberOf(table);
    const width = this.file.sections[number].sh_entsize;
    const before = this.contentsOf(number);
    const after = new Uint8Array((before.length / width) * stride);
    for (let at = 0, to = 0; at < before.length; at += width, to += stride)
      after.set(before.subarray(at, at + width), to);
    this.strides.set(number, stride);
    return this.contents(number, after).section(number, 'sh_entsize', stride);
  }

  /** Lays the section headers further apart, at the end of the file. */
  spreadHeaders(stride: number): this {
    this.moveTable(this.table.count, stride);
    return this.header('e_shentsize', stride);
  }

  /** Puts the section headers before what they describe, so that a file cut at its end still has all of them. */
  headersFirst(): this {
    const room = this.table.count * this.table.stride;
    const moved = Buffer.concat([
      this.data.subarray(0, c.EHDR_SIZE),
      this.data.subarray(this.table.at, this.table.at + room),
      this.data.subarray(c.EHDR_SIZE, this.table.at),
    ]);
    this.data = Uint8Array.from(moved);
    this.table = { ...this.table, at: c.EHDR_SIZE };
    this.extents.forEach((extent, number) => {
      if (number === 0) return;
      extent.at += room;
      this.section(number, 'sh_offset', extent.at);
    });
    return this.header('e_shoff', c.EHDR_SIZE);
  }

  cut(length: number): this {
    this.data = this.data.slice(0, length);
    return this;
  }

  /** Lengthens the file with zeros. */
  pad(length: number): this {
    this.append(new Uint8Array(Math.max(length - this.data.length, 0)), 1);
    return this;
  }

  get strtab(): number {
    return this.file.sections[this.file.symbols.section].sh_link;
  }

  numberOf(section: string | number): number {
    if (typeof section === 'number') return section;
    return found(
      this.file.sections.findIndex((s) => s.name === section),
      `section ${section}`,
    );
  }

  symbolNumber(symbol: string | number): number {
    return typeof symbol === 'number' ? symbol : found(this.file.symbols.names.indexOf(symbol), symbol);
  }

  private headerAt(number: number): number {
    return this.table.at + number * this.table.stride;
  }

  private recordAt(table: number, k: number): number {
    const stride = this.strides.get(table) ?? this.file.sections[table].sh_entsize;
    const extent = this.extents[table];
    if ((k + 1) * stride > extent.size) throw new Error(`there is no record ${String(k)}`);
    return extent.at + k * stride;
  }

  private moveTable(count: number, stride: number): void {
    const moved = new Uint8Array(count * stride);
    for (let k = 0; k < this.table.count; k++)
      moved.set(this.data.subarray(this.headerAt(k), this.headerAt(k) + c.SHDR_SIZE), k * stride);
    this.table = { at: this.append(moved, 8), count, stride };
    this.header('e_shoff', this.table.at).header('e_shnum', count);
  }

  private append(bytes: Uint8Array, alignment: number): number {
    const at = Math.ceil(this.data.length / alignment) * alignment;
    const longer = new Uint8Array(at + bytes.length);
    longer.set(this.data);
    longer.set(bytes, at);
    this.data = longer;
    return at;
  }

  private put(record: number, [start, width]: Field, value: Value): this {
    const at = record + start;
    if (at + width > this.data.length) throw new Error(`the file ends before byte ${String(at + width)}`);
    let old = 0n;
    for (let i = width - 1; i >= 0; i--) old = (old << 8n) | BigInt(this.data[at + i]);
    let rest = BigInt.asUintN(width * 8, BigInt(typeof value === 'function' ? value(old) : value));
    for (let i = 0; i < width; i++, rest >>= 8n) this.data[at + i] = Number(rest & 0xffn);
    return this;
  }
}

function found(position: number, name: string): number {
  if (position < 0) throw new Error(`the payload has no ${name}`);
  return position;
}
