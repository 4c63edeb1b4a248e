/** The rules of the gABI (chapter 4) about symbol tables and relocations. */
import * as c from './constants.js';
import type { ElfFile, RelaTable, SymbolTable } from './file.js';
import { printableName } from '../diag/printable.js';
import { relocName, relocWidth } from './reloc-x86-64.js';
import type { Finding } from './verify.js';

export function checkSymbols(file: ElfFile, finding: Finding): void {
  const { symbols } = file;
  if (symbols.section === 0) {
    finding('there is no symbol table');
    return;
  }
  if (symbols.count === 0) {
    finding('the symbol table lacks the null symbol');
    return;
  }
  checkNullSymbol(symbols, finding);
  if (symbols.firstGlobal === 0) finding('sh_info of the symbol table is 0, but symbol 0 is local');
  const defined = new Set<string>();
  for (let i = 1; i < symbols.count; i++) {
    const shown = `symbol ${printableName(symbols.names[i]) || i}`;
    const local = c.stBind(symbols.st_info[i]) === c.STB_LOCAL;
    if (local !== i < symbols.firstGlobal) {
      finding(`${shown} is ${local ? 'local, but among the globals' : 'global, but among the locals'}`);
    }
    checkKind(symbols, i, shown, finding);
    if (local || symbols.st_shndx[i] === c.SHN_UNDEF) continue;
    if (defined.has(symbols.names[i])) finding(`${shown} is defined twice`);
    defined.add(symbols.names[i]);
  }
}

function checkNullSymbol(symbols: SymbolTable, finding: Finding): void {
  const empty =
    symbols.names[0] === '' &&
    symbols.st_info[0] === 0 &&
    symbols.st_other[0] === 0 &&
    symbols.st_shndx[0] === c.SHN_UNDEF &&
    symbols.st_value[0] === 0n &&
    symbols.st_size[0] === 0n;
  if (!empty) finding('symbol 0 is not all zero');
}

/** What the type and the place of a symbol demand of its other fields. */
function checkKind(symbols: SymbolTable, i: number, shown: string, finding: Finding): void {
  const shndx = symbols.st_shndx[i];
  const type = c.stType(symbols.st_info[i]);
  const local = c.stBind(symbols.st_info[i]) === c.STB_LOCAL;
  const value = symbols.st_value[i];
  if (shndx === c.SHN_UNDEF) {
    if (local) finding(`${shown} is local and undefined`);
    if (value !== 0n) finding(`${shown} is undefined and has a value`);
  } else if (shndx === c.RESERVED_SHNDX + c.SHN_COMMON) {
    if (value === 0n || (value & (value - 1n)) !== 0n)
      finding(`${shown} is common and its alignment is ${value}`);
  } else if (shndx >= c.RESERVED_SHNDX && shndx !== c.RESERVED_SHNDX + c.SHN_ABS) {
    finding(`${shown} has the reserved section number 0x${(shndx - c.RESERVED_SHNDX).toString(16)}`);
  }
  if (
    type === c.STT_SECTION &&
    (!local || shndx === c.SHN_UNDEF || shndx >= c.RESERVED_SHNDX || value !== 0n)
  ) {
    finding(`${shown} is STT_SECTION, but not local at the start of a section`);
  }
  if (type === c.STT_FILE && (!local || shndx !== c.RESERVED_SHNDX + c.SHN_ABS)) {
    finding(`${shown} is STT_FILE, but not local and absolute`);
  }
}

export function checkRelocations(file: ElfFile, finding: Finding): void {
  for (const table of file.relas) checkTable(file, table, finding);
}

/** Two relocations of one field: legal only where a type has width 0. */
function checkTable(file: ElfFile, table: RelaTable, finding: Finding): void {
  const target = printableName(file.sections[table.target].name);
  const order = Array.from({ length: table.count }, (_, k) => k).filter(
    (k) => relocWidth(table.r_type[k]) > 0,
  );
  order.sort((a, b) => table.r_offset[a] - table.r_offset[b]);
  let end = 0;
  for (const k of order) {
    const place = table.r_offset[k];
    if (place < end) {
      finding(
        `${target}+0x${place.toString(16)}: ${relocName(table.r_type[k])} overlaps the relocation before it`,
      );
    }
    end = Math.max(end, place + relocWidth(table.r_type[k]));
  }
}
