/**
 * The symbol table: its strings, and the addresses of its symbols.
 * Source: elf_resolve_sections(), elf_get_sym() and livepatch_elf_resolve_symbols() in xen/common/livepatch_elf.c.
 */
import * as c from '../../elf/constants.js';
import type { RawPayload } from './raw-payload.js';
import { isStringTable } from './sections.js';
import type { PayloadSection, SectionTable } from './sections.js';
import { hexadecimal, u64 } from './u64.js';
import type { Upload } from './upload.js';

/** So many entries of 24 bytes the hypervisor's xzalloc_array() can count. */
const MOST_SYMBOLS = Math.floor(0xffff_ffff / 24);

/** A symbol; its fields are read whenever they are asked for, its value is written back when it is resolved. */
export class SymbolEntry {
  /** Whether it lies in a section that is not loaded. */
  ignored = false;

  constructor(
    private readonly raw: RawPayload,
    private readonly entryAt: bigint,
    /** Where in the file its name lies. */
    readonly nameAt: bigint,
  ) {}

  get name(): string {
    return this.raw.text(this.nameAt);
  }

  get st_shndx(): number {
    return this.raw.u16(this.entryAt + 6n);
  }

  get st_value(): bigint {
    return this.raw.u64(this.entryAt + 8n);
  }

  set st_value(value: bigint) {
    this.raw.setU64(this.entryAt + 8n, value);
  }

  get st_size(): bigint {
    return this.raw.u64(this.entryAt + 16n);
  }
}

export interface SymbolTable {
  /** Number of its section. */
  readonly section: number;
  /** From number 1 on. */
  readonly symbols: readonly SymbolEntry[];
  /** How many symbols there are, the null symbol among them. */
  readonly count: number;
}

interface SymbolSections {
  readonly symtab: PayloadSection;
  readonly strtab: PayloadSection;
}

/** The symbol table and its strings; throws XenError when there are none, or broken ones. */
export function findSymbolSections(upload: Upload, table: SectionTable): SymbolSections {
  const symtab = table.all.find((section) => section.sh_type === c.SHT_SYMTAB);
  if (symtab === undefined) throw upload.refuse('EINVAL', 'No symbol table found');
  const { sh_size, sh_entsize } = symtab;
  if (sh_size === 0n || sh_entsize < c.SYM_SIZE || sh_size % sh_entsize !== 0n)
    throw upload.refuse('EINVAL', 'Symbol table header is corrupted');
  const strtab = table.at(symtab.sh_link);
  if (!isStringTable(table.raw, strtab)) throw upload.refuse('EINVAL', 'String table section is corrupted');
  return { symtab, strtab };
}

export function readSymbols(
  upload: Upload,
  table: SectionTable,
  { symtab, strtab }: SymbolSections,
): SymbolTable {
  const { raw } = table;
  const count = Number(BigInt.asUintN(32, symtab.sh_size / symtab.sh_entsize));
  if (count > MOST_SYMBOLS) throw upload.refuse('ENOMEM', 'Could not allocate memory for symbols');
  const symbols: SymbolEntry[] = [];
  for (let index = 1; index < count; index++) {
    const entryAt = u64(symtab.dataAt + symtab.sh_entsize * BigInt(index));
    const st_name = raw.u32(entryAt);
    if (st_name >= strtab.sh_size)
      throw upload.refuse('EINVAL', `Symbol [${index}] name is not within .strtab`);
    symbols.push(new SymbolEntry(raw, entryAt, strtab.dataAt + BigInt(st_name)));
  }
  return { section: symtab.index, symbols, count };
}

/** Whether the loader gives memory to a section. */
export function isLoaded(upload: Upload, section: PayloadSection): boolean {
  return section.has(c.SHF_ALLOC) && (section.sh_size !== 0n || upload.guest.profile.loadsEmptySections);
}

/** Gives every symbol its address. */
export function resolveSymbols(upload: Upload, table: SectionTable, symtab: SymbolTable): void {
  for (const symbol of symtab.symbols) {
    const value = addressOf(upload, table, symbol);
    if (value !== undefined) symbol.st_value = value;
  }
}

function addressOf(upload: Upload, table: SectionTable, symbol: SymbolEntry): bigint | undefined {
  const index = symbol.st_shndx;
  if (index === c.SHN_COMMON) throw upload.refuse('EINVAL', `Unexpected common symbol: ${symbol.name}`);
  if (index === c.SHN_UNDEF) {
    const found = upload.lookup(symbol.name);
    if (found === 0n) throw upload.refuse('ENOENT', `Unknown symbol: ${symbol.name}`);
    upload.debug(() => `Undefined symbol resolved: ${symbol.name} => ${hexadecimal(found)}`);
    return found;
  }
  if (index === c.SHN_ABS) {
    upload.debug(() => `Absolute symbol: ${symbol.name} => ${hexadecimal(symbol.st_value)}`);
    return undefined;
  }
  if (index >= c.SHN_LORESERVE || index >= table.header.e_shnum)
    throw upload.refuse(
      index >= c.SHN_LORESERVE ? 'EOPNOTSUPP' : 'EINVAL',
      `Out of bounds symbol section ${hexadecimal(index)}`,
    );
  return inSection(upload, table.at(index), symbol);
}

function inSection(upload: Upload, section: PayloadSection, symbol: SymbolEntry): bigint | undefined {
  if (!isLoaded(upload, section)) {
    upload.debug(() => `Symbol ${symbol.name} from section ${section.name} ignored`);
    symbol.ignored = true;
    return undefined;
  }
  const value = u64(symbol.st_value + section.loadAddress);
  upload.debug(() => `Symbol resolved: ${symbol.name} => ${hexadecimal(value)} (${section.name})`);
  return value;
}
