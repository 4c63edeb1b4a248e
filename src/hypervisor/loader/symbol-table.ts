/**
 * What stays of a payload's symbols: names for addresses in it, some of which later payloads may link against.
 * Source: is_payload_symbol() and build_symbol_table() in xen/common/livepatch.c.
 */
import * as c from '../../elf/constants.js';
import type { LoadedSplice, PayloadSymbol } from '../payload.js';
import { newAddressOf } from './function-records.js';
import type { SectionTable } from './sections.js';
import type { SymbolEntry, SymbolTable } from './symbols.js';
import type { Upload } from './upload.js';

/** KSYM_NAME_LEN counts the terminator here; names are cut, not refused. */
const LONGEST_NAME = 126;

/** Throws XenError EEXIST when a new name is taken. `records`: addresses of the function records. */
export function buildSymbolTable(
  upload: Upload,
  table: SectionTable,
  symtab: SymbolTable,
  { records, splices }: { readonly records: readonly bigint[]; readonly splices: readonly LoadedSplice[] },
): PayloadSymbol[] {
  const replacements = new Set([
    ...records.map((at) => newAddressOf(upload.guest, at)),
    ...splices.map(({ replacement }) => replacement),
  ]);
  return symtab.symbols
    .filter((symbol) => isKept(table, symbol))
    .map((symbol) => {
      const name = symbol.name.slice(0, LONGEST_NAME);
      const address = symbol.st_value;
      const isNew = !replacements.has(address);
      if (isNew && upload.lookup(name) !== 0n) throw upload.refuse('EEXIST', `duplicate new symbol: ${name}`);
      upload.debug(() => (isNew ? `new symbol ${name}` : `overriding symbol ${name}`));
      return { name, address, size: Number(BigInt.asUintN(32, symbol.st_size)), isNew };
    });
}

function isKept(table: SectionTable, symbol: SymbolEntry): boolean {
  const index = symbol.st_shndx;
  if (index === c.SHN_UNDEF || index >= table.header.e_shnum) return false;
  const section = table.at(index);
  if (!section.has(c.SHF_ALLOC)) return false;
  const name = symbol.name;
  return name !== '' && !(section.has(c.SHF_MERGE) && name.startsWith('.L'));
}
