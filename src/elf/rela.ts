/**
 * Reads relocation sections into columns.
 *
 * A record of SHT_RELA (gABI figure 4-19), 24 bytes:
 *   0 r_offset  8 r_type (low half of r_info)  12 r_sym (high half of r_info)  16 r_addend
 *
 * A section per function makes thousands of tables of a few records each, and four allocations per table cost
 * more than reading the records. So the records of a file are counted first, the columns of all of them are
 * one buffer, and each table is a view:
 *
 *   | r_offset of all tables | r_addend of all | r_type of all | r_sym of all |
 *     8 bytes each             8                 4               4
 */
import * as c from './constants.js';
import type { ElfSection, RelaTable, SymbolTable } from './file.js';
import type { ElfInput } from './input.js';
import { hex, quoted } from './input.js';
import { relocWidth } from './reloc-x86-64.js';

const U32 = 0x1_0000_0000;

export interface Relocations {
  readonly relas: readonly RelaTable[];
  /** Section number -> position in `relas`, or -1. */
  readonly relaOf: Int32Array;
}

/** Reads the relocation sections whose target is wanted. Refuses with XS103 or XS105. */
export function readRelas(
  input: ElfInput,
  sections: readonly ElfSection[],
  symbols: SymbolTable,
  wanted: 'alloc' | 'all' | 'none',
): Relocations {
  const relaOf = new Int32Array(sections.length).fill(-1);
  if (wanted === 'none') return { relas: [], relaOf };
  const chosen = sections.filter((s) => isWanted(input, s, sections, wanted === 'all'));
  let total = 0;
  chosen.forEach((section, position) => {
    const target = sections[section.sh_info];
    total += checkTable(input, section, target, symbols);
    if (relaOf[target.index] !== -1) {
      input.refuse('XS103', `section ${quoted(target.name)} has two relocation sections`, section);
    }
    relaOf[target.index] = position;
  });
  const columns = new ArrayBuffer(total * 24);
  let first = 0;
  const relas = chosen.map((section) => {
    const count = section.sh_size / c.RELA_SIZE;
    const table: RelaTable = {
      section: section.index,
      target: section.sh_info,
      count,
      r_offset: new Float64Array(columns, first * 8, count),
      r_type: new Uint32Array(columns, total * 16 + first * 4, count),
      r_sym: new Uint32Array(columns, total * 20 + first * 4, count),
      r_addend: new Float64Array(columns, total * 8 + first * 8, count),
    };
    first += count;
    readRecords(input, section, sections[section.sh_info], symbols.count, table);
    return table;
  });
  return { relas, relaOf };
}

function isWanted(
  input: ElfInput,
  section: ElfSection,
  sections: readonly ElfSection[],
  all: boolean,
): boolean {
  if (section.sh_type !== c.SHT_RELA && section.sh_type !== c.SHT_REL) return false;
  const target = sections.at(section.sh_info);
  if (target === undefined || section.sh_info === 0) {
    input.refuse(
      'XS103',
      `sh_info of ${quoted(section.name)} (${section.sh_info}) names no section`,
      section,
    );
  }
  return all || (target.sh_flags & c.SHF_ALLOC) !== 0;
}

/** Checks what concerns the table as a whole and returns its number of records. */
function checkTable(input: ElfInput, section: ElfSection, target: ElfSection, symbols: SymbolTable): number {
  const shown = quoted(section.name);
  if (section.sh_type === c.SHT_REL) {
    input.refuse('XS105', `${shown} holds REL records; x86-64 uses RELA`, section);
  }
  const count = section.sh_size / c.RELA_SIZE;
  if (section.sh_entsize !== c.RELA_SIZE || !Number.isInteger(count)) {
    input.refuse('XS103', `${shown} is not a whole number of 24-byte records`, section);
  }
  if (section.sh_link !== symbols.section) {
    input.refuse('XS103', `sh_link of ${shown} (${section.sh_link}) is not the symbol table`, section);
  }
  if (target.sh_type === c.SHT_NOBITS && count > 0) {
    input.refuse(
      'XS103',
      `${shown} patches ${quoted(target.name)}, which has no bytes (SHT_NOBITS)`,
      section,
    );
  }
  return count;
}

function readRecords(
  input: ElfInput,
  section: ElfSection,
  target: ElfSection,
  symbolCount: number,
  table: RelaTable,
): void {
  const { view } = input;
  const { sh_size } = target;
  for (let i = 0, at = section.sh_offset; i < table.count; i++, at += c.RELA_SIZE) {
    const r_offset = input.u64(at);
    const r_type = view.getUint32(at + 8, true);
    const r_sym = view.getUint32(at + 12, true);
    const width = relocWidth(r_type);
    if (width < 0) {
      const place = `${quoted(section.name)} holds relocation type ${r_type} at ${hex(r_offset)}`;
      input.refuse('XS105', `${place}, which is not known`, target);
    }
    if (r_offset + width > sh_size) {
      const place = `a relocation of ${quoted(section.name)} patches ${hex(r_offset)}`;
      input.refuse('XS103', `${place}, beyond the ${sh_size} bytes of ${quoted(target.name)}`, target);
    }
    if (r_sym >= symbolCount) {
      const place = `a relocation of ${quoted(section.name)} at ${hex(r_offset)}`;
      input.refuse('XS103', `${place} names symbol ${r_sym} of ${symbolCount}`, target);
    }
    const r_addend = view.getUint32(at + 16, true) + view.getInt32(at + 20, true) * U32;
    if (!Number.isSafeInteger(r_addend)) {
      const place = `a relocation of ${quoted(section.name)} at ${hex(r_offset)}`;
      input.refuse('XS105', `${place} has an addend beyond 2^53`, target);
    }
    table.r_offset[i] = r_offset;
    table.r_type[i] = r_type;
    table.r_sym[i] = r_sym;
    table.r_addend[i] = r_addend;
  }
}

/** Positions of the relocations by rising r_offset: assemblers write them so, linkers need not. */
export function byPlace({ count, r_offset }: RelaTable): number[] {
  const order = Array.from({ length: count }, (_, k) => k);
  for (let k = 1; k < count; k++) {
    if (r_offset[k] < r_offset[k - 1]) return order.sort((a, b) => r_offset[a] - r_offset[b] || a - b);
  }
  return order;
}
