/**
 * Relocations: what is performed, in the order of the section table, and what is refused.
 * Source: livepatch_elf_perform_relocs() in xen/common/livepatch_elf.c, arch_livepatch_perform_rela() in
 * xen/arch/x86/livepatch.c.
 */
import * as c from '../../elf/constants.js';
import { HostDied } from '../host-died.js';
import { nullPointer } from '../panic.js';
import type { PerformedRelocation } from '../payload.js';
import { writeS32, writeU64 } from '../guest-memory.js';
import type { RawPayload } from './raw-payload.js';
import type { PayloadSection, SectionTable } from './sections.js';
import type { SymbolEntry, SymbolTable } from './symbols.js';
import { u64 } from './u64.js';
import type { Upload } from './upload.js';

/** Bytes of an entry without an addend. */
const REL_SIZE = 16;

/**
 * Tables that do not lie over each other in a file of 2 MiB have fewer entries. The real one performs any number, and
 * would do nothing else for minutes; its watchdog, where one is on, ends that after five seconds.
 */
const MOST_ENTRIES = 1n << 17n;
const WHAT = 'a relocation';

/** Performs all of them; the list is of those that wrote something. Throws HostDied for more than a sane file has. */
export function performRelocations(
  upload: Upload,
  table: SectionTable,
  symtab: SymbolTable,
): PerformedRelocation[] {
  const performed: PerformedRelocation[] = [];
  let entries = 0n;
  for (const section of table.all) {
    const { sh_type, sh_info } = section;
    if (sh_type !== c.SHT_RELA && sh_type !== c.SHT_REL) continue;
    if (sh_info >= table.header.e_shnum) continue;
    const base = table.at(sh_info);
    if (!base.has(c.SHF_ALLOC)) continue;
    if (!checkTable(upload, section, symtab)) continue;
    if (sh_type === c.SHT_REL) throw upload.refuse('EOPNOTSUPP', 'SHT_REL relocation unsupported');
    entries += section.sh_size / section.sh_entsize;
    if (entries > MOST_ENTRIES)
      throw new HostDied(`the loader performs ${entries} relocations, of tables that lie over each other`);
    const place = { name: base.name, address: base.loadAddress, size: base.sh_size };
    performTable({ upload, raw: table.raw, symtab, rela: section.name, base: place }, section, performed);
  }
  return performed;
}

/** Whether there are entries, which then have a size that makes sense. */
function checkTable(upload: Upload, section: PayloadSection, symtab: SymbolTable): boolean {
  const { sh_link, sh_size, sh_entsize } = section;
  if (sh_link !== symtab.section)
    throw upload.refuse(
      'EINVAL',
      `Relative link of ${section.name} is incorrect (${sh_link | 0}, expected=${symtab.section})`,
    );
  if (sh_size === 0n) return false;
  const least = section.sh_type === c.SHT_RELA ? c.RELA_SIZE : REL_SIZE;
  if (sh_entsize < least || sh_size % sh_entsize !== 0n)
    throw upload.refuse('EINVAL', 'Section relative header is corrupted');
  return true;
}

/** What stays the same for all entries of a table. */
interface Job {
  readonly upload: Upload;
  readonly raw: RawPayload;
  readonly symtab: SymbolTable;
  readonly rela: string;
  readonly base: { readonly name: string; readonly address: bigint; readonly size: bigint };
}

interface Relocation {
  readonly r_offset: bigint;
  readonly r_type: number;
  readonly target: bigint;
}

function performTable(job: Job, rela: PayloadSection, performed: PerformedRelocation[]): void {
  const { raw, base } = job;
  const { sh_entsize, sh_size, dataAt } = rela;
  const count = sh_size / sh_entsize;
  for (let k = 0; k < count; k++) {
    const at = u64(dataAt + BigInt(k) * sh_entsize);
    const r_offset = raw.u64(at);
    const r_type = raw.u32(at + 8n);
    const symbol = symbolOf(job, raw.u32(at + 12n));
    const target = u64(raw.u64(at + 16n) + symbol.st_value);
    const width = perform(job, k, { r_offset, r_type, target });
    if (width !== undefined)
      performed.push({
        at: u64(base.address + r_offset),
        width,
        type: r_type,
        target,
        symbol: symbol.name,
      });
  }
}

function symbolOf({ upload, symtab }: Job, index: number): SymbolEntry {
  const checked = upload.guest.profile.checksRelocationSymbol;
  if (checked && index === 0) throw upload.refuse('EOPNOTSUPP', 'Encountered STN_UNDEF');
  if (index > symtab.count || (checked && index === symtab.count))
    throw upload.refuse('EINVAL', `Relative relocation wants symbol@${index} which is past end`);
  const symbol = symtab.symbols.at(index - 1);
  if (index === 0 || symbol === undefined)
    throw nullPointer(`the loader follows a pointer to symbol ${index} that nobody has set`);
  if (symbol.ignored && upload.guest.profile.refusesIgnoredSymbols)
    throw upload.refuse('EINVAL', `Relocation against ignored symbol ${symbol.name} cannot be resolved`);
  return symbol;
}

/** How many bytes were written; undefined when there was nothing to do. */
function perform(job: Job, k: number, { r_offset, r_type, target }: Relocation): 4 | 8 | undefined {
  const { upload, base, rela } = job;
  const { memory } = upload.guest;
  const at = u64(base.address + r_offset);
  switch (r_type) {
    case c.R_X86_64_NONE:
      return undefined;
    case c.R_X86_64_64:
      demandRoom(job, r_offset, 8n);
      writeU64(memory, at, target, WHAT);
      return 8;
    case c.R_X86_64_PC32:
    case c.R_X86_64_PLT32: {
      demandRoom(job, r_offset, 4n);
      const distance = BigInt.asIntN(64, target - at);
      writeS32(memory, at, distance, WHAT);
      if (distance !== BigInt.asIntN(32, distance))
        throw upload.refuse('EOVERFLOW', `Overflow in relocation ${k} in ${rela} for ${base.name}`);
      return 4;
    }
    default:
      throw upload.refuse('EOPNOTSUPP', `Unhandled relocation ${r_type}`);
  }
}

function demandRoom({ upload, base }: Job, r_offset: bigint, width: bigint): void {
  if (r_offset >= base.size || u64(r_offset + width) > base.size)
    throw upload.refuse('EINVAL', `Relative relocation offset is past ${base.name} section`);
}
