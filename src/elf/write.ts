/**
 * Writes a relocatable ELF64 x86-64 object (ET_REL). The bytes depend on the description alone.
 *
 *   0      ELF header, 64 bytes
 *   64     bytes of section 1, at its alignment (at most FILE_ALIGN); its RELA section; section 2; …
 *          .symtab       null, locals, globals, each in the order given
 *          .symtab_shndx only when a section number does not fit into st_shndx
 *          .strtab  .shstrtab
 *   e_shoff  section headers: null, then in the order of the bytes above
 *
 * Every section, empty ones too, gets an sh_offset of at least 64 and an sh_addralign of at least 1: readers
 * that check the one before they look at sh_size, and divide by the other, are in use.
 */
import * as c from './constants.js';
import type { OutputObject, OutputSection, OutputSymbol } from './output.js';
import { checkOutput } from './output.js';

export type { OutputGroup, OutputObject, OutputRela, OutputSection, OutputSymbol } from './output.js';

/** Places in the file are aligned for those who map it; beyond a page that would only make it larger. */
const FILE_ALIGN = 4096;

/** A section header whose place in the file is not yet known, with its bytes. */
interface Header {
  readonly name: string;
  readonly sh_type: number;
  readonly sh_flags: number;
  readonly sh_size: number;
  readonly sh_link: number;
  readonly sh_info: number;
  readonly sh_addralign: number;
  readonly sh_entsize: number;
  readonly bytes: Uint8Array;
}

/** Numbers in the file of what the description names by position. */
interface Numbering {
  /** Position of a section -> section number. */
  readonly section: Uint32Array;
  /** Position of a section -> section number of its RELA section, or 0. */
  readonly rela: Uint32Array;
  /** Position of a symbol -> symbol number. */
  readonly symbol: Uint32Array;
  /** Symbol number - 1 -> the symbol. */
  readonly sorted: readonly OutputSymbol[];
  readonly firstGlobal: number;
  readonly symtab: number;
}

/** The object as a file. Throws when the description contradicts itself (see checkOutput). */
export function writeElf(object: OutputObject): Uint8Array {
  checkOutput(object);
  const numbers = assignNumbers(object);
  const headers: Header[] = [];
  object.sections.forEach((section, position) => {
    headers.push(headerOf(section, numbers));
    if (numbers.rela[position] !== 0) headers.push(relaHeader(section, position, numbers));
  });
  headers.push(...symbolHeaders(numbers));
  return layOut(headers, object.osabi ?? c.ELFOSABI_NONE);
}

function assignNumbers(object: OutputObject): Numbering {
  const section = new Uint32Array(object.sections.length);
  const rela = new Uint32Array(object.sections.length);
  let next = 1;
  object.sections.forEach((described, position) => {
    section[position] = next++;
    if ((described.relas?.length ?? 0) > 0) rela[position] = next++;
  });
  const positions = object.symbols.map((_, position) => position);
  const isLocal = (position: number): boolean => c.stBind(object.symbols[position].st_info) === c.STB_LOCAL;
  const locals = positions.filter(isLocal);
  const order = [...locals, ...positions.filter((position) => !isLocal(position))];
  const symbol = new Uint32Array(object.symbols.length);
  order.forEach((position, i) => {
    symbol[position] = i + 1;
  });
  const sorted = order.map((position) => object.symbols[position]);
  return { section, rela, symbol, sorted, firstGlobal: locals.length + 1, symtab: next };
}

function headerOf(section: OutputSection, numbers: Numbering): Header {
  const { group } = section;
  const bytes = group === undefined ? section.bytes : groupBytes(group.flags, group.members, numbers);
  let sh_link = section.sh_link === undefined ? 0 : numbers.section[section.sh_link];
  if (group !== undefined) sh_link = numbers.symtab;
  return {
    name: section.name,
    sh_type: section.sh_type,
    sh_flags: section.sh_flags,
    sh_size: section.sh_size ?? bytes.length,
    sh_link,
    sh_info: group === undefined ? 0 : numbers.symbol[group.signature],
    sh_addralign: section.sh_addralign,
    sh_entsize: section.sh_entsize,
    bytes,
  };
}

/** SHT_GROUP: 32-bit flags, then 32-bit section numbers. */
function groupBytes(flags: number, members: readonly number[], numbers: Numbering): Uint8Array {
  const words = [flags];
  for (const member of members) {
    words.push(numbers.section[member]);
    if (numbers.rela[member] !== 0) words.push(numbers.rela[member]);
  }
  return words32(words);
}

function words32(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setUint32(i * 4, word, true));
  return bytes;
}

/** A RELA record: 0 r_offset, 8 r_type, 12 r_sym, 16 r_addend. */
function relaHeader(section: OutputSection, position: number, numbers: Numbering): Header {
  const relas = section.relas ?? [];
  const bytes = new Uint8Array(relas.length * c.RELA_SIZE);
  const view = new DataView(bytes.buffer);
  relas.forEach((rela, i) => {
    const at = i * c.RELA_SIZE;
    view.setBigUint64(at, BigInt(rela.r_offset), true);
    view.setUint32(at + 8, rela.r_type, true);
    view.setUint32(at + 12, rela.symbol === 'none' ? 0 : numbers.symbol[rela.symbol], true);
    view.setBigInt64(at + 16, BigInt(rela.r_addend), true);
  });
  return {
    name: `.rela${section.name}`,
    sh_type: c.SHT_RELA,
    sh_flags: c.SHF_INFO_LINK + (section.sh_flags & c.SHF_GROUP),
    sh_size: bytes.length,
    sh_link: numbers.symtab,
    sh_info: numbers.section[position],
    sh_addralign: 8,
    sh_entsize: c.RELA_SIZE,
    bytes,
  };
}

/** .symtab, .symtab_shndx when needed, and .strtab. */
function symbolHeaders(numbers: Numbering): Header[] {
  const { sorted } = numbers;
  const names = new StringTableBuilder();
  const records = new Uint8Array((sorted.length + 1) * c.SYM_SIZE);
  const view = new DataView(records.buffer);
  const extended = new Array<number>(sorted.length + 1).fill(0);
  sorted.forEach((symbol, i) => {
    const at = (i + 1) * c.SYM_SIZE;
    const shndx = sectionNumber(symbol, numbers);
    const fits = typeof symbol.section !== 'number' || shndx < c.SHN_LORESERVE;
    if (!fits) extended[i + 1] = shndx;
    view.setUint32(at, names.add(symbol.name), true);
    view.setUint8(at + 4, symbol.st_info);
    view.setUint8(at + 5, symbol.st_other);
    view.setUint16(at + 6, fits ? shndx : c.SHN_XINDEX, true);
    view.setBigUint64(at + 8, BigInt(symbol.st_value), true);
    view.setBigUint64(at + 16, BigInt(symbol.st_size), true);
  });
  const needsExtended = extended.some((shndx) => shndx !== 0);
  const strtab = numbers.symtab + (needsExtended ? 2 : 1);
  const headers = [
    table('.symtab', c.SHT_SYMTAB, records, {
      link: strtab,
      info: numbers.firstGlobal,
      align: 8,
      entsize: c.SYM_SIZE,
    }),
  ];
  if (needsExtended) {
    const shape = { link: numbers.symtab, info: 0, align: 4, entsize: 4 };
    headers.push(table('.symtab_shndx', c.SHT_SYMTAB_SHNDX, words32(extended), shape));
  }
  headers.push(table('.strtab', c.SHT_STRTAB, names.bytes(), STRING_TABLE));
  return headers;
}

function sectionNumber(symbol: OutputSymbol, numbers: Numbering): number {
  if (symbol.section === 'undef') return c.SHN_UNDEF;
  if (symbol.section === 'abs') return c.SHN_ABS;
  if (symbol.section === 'common') return c.SHN_COMMON;
  return numbers.section[symbol.section];
}

const STRING_TABLE = { link: 0, info: 0, align: 1, entsize: 0 };

function table(
  name: string,
  sh_type: number,
  bytes: Uint8Array,
  shape: { link: number; info: number; align: number; entsize: number },
): Header {
  return {
    name,
    sh_type,
    sh_flags: 0,
    sh_size: bytes.length,
    sh_link: shape.link,
    sh_info: shape.info,
    sh_addralign: shape.align,
    sh_entsize: shape.entsize,
    bytes,
  };
}

/** Distinct strings in the order of their first use, after the empty string that gABI puts at 0. */
class StringTableBuilder {
  private readonly positions = new Map<string, number>([['', 0]]);
  private size = 1;

  add(text: string): number {
    const known = this.positions.get(text);
    if (known !== undefined) return known;
    const position = this.size;
    this.positions.set(text, position);
    this.size += text.length + 1;
    return position;
  }

  bytes(): Uint8Array {
    const bytes = Buffer.alloc(this.size);
    for (const [text, position] of this.positions) bytes.write(text, position, 'latin1');
    return bytes;
  }
}

/** Gives every section its place and writes the file: header, bytes, section headers. */
function layOut(described: readonly Header[], osabi: number): Uint8Array {
  const names = new StringTableBuilder();
  const sh_names = described.map((header) => names.add(header.name));
  sh_names.push(names.add('.shstrtab'));
  const headers = [...described, table('.shstrtab', c.SHT_STRTAB, names.bytes(), STRING_TABLE)];
  let end = c.EHDR_SIZE;
  const places = headers.map((header) => {
    if (header.bytes.length === 0) return end;
    const place = alignUp(end, Math.min(header.sh_addralign, FILE_ALIGN));
    end = place + header.bytes.length;
    return place;
  });
  const e_shoff = alignUp(end, 8);
  const shnum = headers.length + 1;
  const file = new Uint8Array(e_shoff + shnum * c.SHDR_SIZE);
  const view = new DataView(file.buffer);
  writeFileHeader(file, view, osabi, e_shoff, shnum);
  headers.forEach((header, i) => {
    file.set(header.bytes, places[i]);
    writeSectionHeader(view, e_shoff + (i + 1) * c.SHDR_SIZE, sh_names[i], places[i], header);
  });
  return file;
}

/*
 * ELF header (gABI figure 4-3):
 *   0 e_ident[16]  16 e_type  18 e_machine  20 e_version  24 e_entry  32 e_phoff  40 e_shoff  48 e_flags
 *  52 e_ehsize     54 e_phentsize  56 e_phnum  58 e_shentsize  60 e_shnum  62 e_shstrndx
 * Numbers that do not fit go into section header 0: the count to sh_size (32), e_shstrndx to sh_link (40).
 */
function writeFileHeader(
  file: Uint8Array,
  view: DataView,
  osabi: number,
  e_shoff: number,
  shnum: number,
): void {
  const shstrndx = shnum - 1;
  file.set([0x7f, 0x45, 0x4c, 0x46, c.ELFCLASS64, c.ELFDATA2LSB, c.EV_CURRENT, osabi]);
  view.setUint16(16, c.ET_REL, true);
  view.setUint16(18, c.EM_X86_64, true);
  view.setUint32(20, c.EV_CURRENT, true);
  view.setBigUint64(40, BigInt(e_shoff), true);
  view.setUint16(52, c.EHDR_SIZE, true);
  view.setUint16(58, c.SHDR_SIZE, true);
  view.setUint16(60, shnum < c.SHN_LORESERVE ? shnum : 0, true);
  view.setUint16(62, shstrndx < c.SHN_LORESERVE ? shstrndx : c.SHN_XINDEX, true);
  if (shnum >= c.SHN_LORESERVE) view.setBigUint64(e_shoff + 32, BigInt(shnum), true);
  if (shstrndx >= c.SHN_LORESERVE) view.setUint32(e_shoff + 40, shstrndx, true);
}

/** Section header (gABI figure 4-8); the offsets are drawn in read.ts. sh_addr stays 0. */
function writeSectionHeader(
  view: DataView,
  at: number,
  sh_name: number,
  place: number,
  header: Header,
): void {
  view.setUint32(at, sh_name, true);
  view.setUint32(at + 4, header.sh_type, true);
  view.setBigUint64(at + 8, BigInt(header.sh_flags), true);
  view.setBigUint64(at + 24, BigInt(place), true);
  view.setBigUint64(at + 32, BigInt(header.sh_size), true);
  view.setUint32(at + 40, header.sh_link, true);
  view.setUint32(at + 44, header.sh_info, true);
  view.setBigUint64(at + 48, BigInt(header.sh_addralign), true);
  view.setBigUint64(at + 56, BigInt(header.sh_entsize), true);
}

const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;
