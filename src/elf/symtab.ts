/**
 * Reads the symbol table into columns.
 *
 * A record of SHT_SYMTAB (gABI figure 4-16), 24 bytes:
 *   0 st_name  4 st_info  5 st_other  6 st_shndx  8 st_value  16 st_size
 * st_shndx = SHN_XINDEX (0xffff) says that the section number is in the SHT_SYMTAB_SHNDX section, an array
 * of 32-bit numbers beside the symbol table.
 */
import * as c from './constants.js';
import type { ElfHeader, ElfSection, SymbolTable } from './file.js';
import type { ElfInput } from './input.js';
import { hex, quoted, StringTable } from './input.js';

/** Reads the only SHT_SYMTAB section; a file without one has a table of 0 symbols. Refuses with XS103. */
export function readSymbols(
  input: ElfInput,
  header: ElfHeader,
  sections: readonly ElfSection[],
): SymbolTable {
  const tables = sections.filter((s) => s.sh_type === c.SHT_SYMTAB);
  if (tables.length > 1) input.refuse('XS103', 'the file has more than one symbol table', tables[1]);
  const symtab = tables.at(0);
  if (symtab === undefined) return emptyTable(0, 0, 0);
  const count = symtab.sh_size / c.SYM_SIZE;
  if (symtab.sh_entsize !== c.SYM_SIZE || !Number.isInteger(count)) {
    input.refuse(
      'XS103',
      `the symbol table is not a whole number of 24-byte records (size ${symtab.sh_size}, sh_entsize ${symtab.sh_entsize})`,
      symtab,
    );
  }
  if (symtab.sh_info > count) {
    input.refuse(
      'XS103',
      `sh_info of the symbol table is ${symtab.sh_info}, beyond its ${count} symbols`,
      symtab,
    );
  }
  const table = emptyTable(symtab.index, count, symtab.sh_info);
  readNames(input, symtab, sections, table);
  readFields(input, symtab, sections, table);
  if (header.e_type === c.ET_REL) checkExtents(input, symtab, sections, table);
  return table;
}

interface WritableTable extends SymbolTable {
  readonly names: string[];
}

function emptyTable(section: number, count: number, firstGlobal: number): WritableTable {
  return {
    section,
    count,
    firstGlobal,
    names: [],
    st_info: new Uint8Array(count),
    st_other: new Uint8Array(count),
    st_shndx: new Uint32Array(count),
    st_value: new BigUint64Array(count),
    st_size: new BigUint64Array(count),
  };
}

function readNames(
  input: ElfInput,
  symtab: ElfSection,
  sections: readonly ElfSection[],
  table: WritableTable,
): void {
  const strtab = sections.at(symtab.sh_link);
  if (strtab === undefined || strtab.sh_type !== c.SHT_STRTAB) {
    input.refuse('XS103', `sh_link of the symbol table (${symtab.sh_link}) is no string table`, symtab);
  }
  const strings = new StringTable(input, strtab.sh_offset, strtab.sh_size);
  for (let i = 0, at = symtab.sh_offset; i < table.count; i++, at += c.SYM_SIZE) {
    const st_name = input.view.getUint32(at, true);
    table.names.push(st_name === 0 ? '' : strings.at(st_name, 'symbol', i));
  }
}

function readFields(
  input: ElfInput,
  symtab: ElfSection,
  sections: readonly ElfSection[],
  table: SymbolTable,
): void {
  const { view, bytes } = input;
  const extended = sections.find((s) => s.sh_type === c.SHT_SYMTAB_SHNDX && s.sh_link === symtab.index);
  for (let i = 0, at = symtab.sh_offset; i < table.count; i++, at += c.SYM_SIZE) {
    table.st_info[i] = bytes[at + 4];
    table.st_other[i] = bytes[at + 5];
    table.st_value[i] = view.getBigUint64(at + 8, true);
    table.st_size[i] = view.getBigUint64(at + 16, true);
    let shndx = view.getUint16(at + 6, true);
    if (shndx === c.SHN_XINDEX) {
      shndx = extendedIndex(input, i, extended, symtab);
    } else if (shndx >= c.SHN_LORESERVE) {
      table.st_shndx[i] = c.RESERVED_SHNDX + shndx;
      continue;
    }
    if (shndx >= sections.length) {
      input.refuse(
        'XS103',
        `symbol ${i} is in section ${shndx} of a file of ${sections.length} sections`,
        symtab,
      );
    }
    table.st_shndx[i] = shndx;
  }
}

function extendedIndex(
  input: ElfInput,
  i: number,
  extended: ElfSection | undefined,
  symtab: ElfSection,
): number {
  if (extended === undefined || (i + 1) * 4 > extended.sh_size) {
    input.refuse('XS103', `symbol ${i} has SHN_XINDEX and no entry in an SHT_SYMTAB_SHNDX section`, symtab);
  }
  return input.view.getUint32(extended.sh_offset + i * 4, true);
}

/**
 * In a relocatable object st_value is an offset into the symbol's section. Everything behind this reader
 * slices sections by it, so a symbol that reaches beyond its section is refused here.
 */
function checkExtents(
  input: ElfInput,
  symtab: ElfSection,
  sections: readonly ElfSection[],
  table: SymbolTable,
): void {
  for (let i = 0, at = symtab.sh_offset; i < table.count; i++, at += c.SYM_SIZE) {
    const shndx = table.st_shndx[i];
    if (shndx === c.SHN_UNDEF || shndx >= c.RESERVED_SHNDX) continue;
    const section = sections[shndx];
    const start = input.u64(at + 8);
    const size = input.u64(at + 16);
    if (start + size <= section.sh_size) continue;
    input.refuse(
      'XS103',
      `symbol ${quoted(table.names[i])} (${hex(size)} bytes at ${hex(start)}) ends beyond the ${hex(section.sh_size)} bytes of ${quoted(section.name)}`,
      section,
    );
  }
}
