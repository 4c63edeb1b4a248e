/**
 * What a section of a Xen object is for, as the oracle of these tests sees it. Written from the linker script and
 * the headers (xen/arch/x86/xen.lds.S, xen/include/xen/init.h, xen/arch/x86/include/asm/{bug,alternative}.h), on
 * purpose without the product's own table: what both get wrong alike, nothing here would find.
 */
import * as c from '../../src/elf/constants.js';
import { has } from './draft.js';
import type { DraftSection } from './draft.js';

export type Purpose =
  | 'code'
  | 'constants'
  | 'writable'
  | 'per-cpu'
  /** Code that runs at boot only. */
  | 'boot-code'
  | 'boot-data'
  /** What boot code walks from one end to the other. */
  | 'boot-table'
  /** Tables whose entries describe code. */
  | 'entries'
  /** Instructions that the entries bring into play: replacements of alternatives, fixups of exceptions. */
  | 'pieces'
  | 'ignored';

const BOOT_TABLES = new Set([
  '.ex_table.pre',
  '.data.schedulers',
  '.data.vpci',
  '.data.rel.ro.vpci',
  '.data.param',
  '.data.paramhypfs',
  '.lockprofile.data',
]);

const BOOT = ['.init', '.initcall', '.text.startup', '.ctors', '.trampoline_rel', '.trampoline_seg'];

export function purposeOf(section: DraftSection): Purpose {
  const { name, sh_type } = section;
  if (!has(section, c.SHF_ALLOC) || sh_type === c.SHT_NOTE) return 'ignored';
  if (name === '.discard' || name === '.eh_frame') return 'ignored';
  if (entrySizeOf(section) > 0) return 'entries';
  if (name === '.altinstr_replacement' || name === '.fixup') return 'pieces';
  if (BOOT_TABLES.has(name)) return 'boot-table';
  const code = has(section, c.SHF_EXECINSTR);
  if (BOOT.some((prefix) => name === prefix || name.startsWith(`${prefix}.`)) || name.startsWith('.initcall'))
    return code ? 'boot-code' : 'boot-data';
  if (/^\.(bss|data)\.percpu/.test(name)) return 'per-cpu';
  if (code) return 'code';
  // Data of a symbol .L… is the compiler's own, one for each use: what the undefined-behaviour sanitizer is to say.
  if (/^\.data(\.rel\.local)?\.\.L/.test(name)) return 'constants';
  const relocatedOnly = name === '.data.rel.ro' || name.startsWith('.data.rel.ro.');
  return has(section, c.SHF_WRITE) && !relocatedOnly ? 'writable' : 'constants';
}

/** Bytes of an entry of a table that describes code (Xen 4.11 and later), or 0. */
export function entrySizeOf({ name }: DraftSection): number {
  if (name === '.altinstructions') return 14;
  if (name === '.ex_table') return 8;
  return /^\.bug_frames\.[0-3]$/.test(name) ? (name.endsWith('3') ? 16 : 8) : 0;
}

export function isCode(purpose: Purpose): boolean {
  return purpose === 'code' || purpose === 'boot-code' || purpose === 'pieces';
}

/** Whether its bytes are strings, or constants of one size, that a linker may merge. */
export function isMergeable(section: DraftSection): boolean {
  if (!has(section, c.SHF_MERGE) || section.sh_type === c.SHT_NOBITS) return false;
  if (isStrings(section)) return [1, 2, 4].includes(section.sh_entsize);
  return section.sh_entsize > 0 && section.sh_entsize <= 64;
}

export function isStrings(section: DraftSection): boolean {
  return has(section, c.SHF_MERGE, c.SHF_STRINGS);
}
