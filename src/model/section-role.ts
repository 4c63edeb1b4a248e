/**
 * What a section is for. The compiler and Xen's macros tell it by name, the rest follows from its flags.
 * Names: xen/arch/x86/xen.lds.S, xen/include/xen/init.h, xen/arch/x86/include/asm/{bug,alternative}.h.
 */
import * as c from '../elf/constants.js';
import type { ElfSection } from '../elf/read.js';
import type { TargetProfile } from '../xen/versions.js';

export type SectionRole =
  | 'text'
  /** Code and data that the hypervisor discards after boot. */
  | 'init-text'
  | 'init-data'
  | 'rodata'
  | 'data'
  | 'bss'
  /** Template of per-CPU variables: addressed with a per-CPU offset, never directly. */
  | 'percpu'
  | 'bug-frames'
  | 'altinstructions'
  | 'altinstr-replacement'
  /** Indirect calls that are made direct when a payload is loaded, since 4.21. */
  | 'alt-call-sites'
  | 'ex-table'
  | 'fixup'
  /** Pointers to functions that the loader calls around apply and revert. */
  | 'hooks'
  /** A table that the linker gathers and boot code walks: an entry in a payload is never seen. */
  | 'boot-table'
  /** Writable, but the compiler's own, one for each use: what the undefined-behaviour sanitizer is to say. */
  | 'compiler-data'
  /** Loaded, but no meaning for running code; or not loaded at all. */
  | 'ignored';

/** Number of a `.bug_frames.N` section, or -1. */
export function bugFrameKind(name: string): number {
  const found = /^\.bug_frames\.([0-3])$/.exec(name);
  return found === null ? -1 : Number(found[1]);
}

const EXACT = new Map<string, SectionRole>([
  ['.altinstructions', 'altinstructions'],
  ['.altinstr_replacement', 'altinstr-replacement'],
  ['.alt_call_sites', 'alt-call-sites'],
  ['.ex_table', 'ex-table'],
  ['.ex_table.pre', 'boot-table'],
  ['.fixup', 'fixup'],
  ['.discard', 'ignored'],
  ['.eh_frame', 'ignored'],
  ['.data.schedulers', 'boot-table'],
  ['.data.vpci', 'boot-table'],
  ['.data.rel.ro.vpci', 'boot-table'],
  ['.data.param', 'boot-table'],
  ['.data.paramhypfs', 'boot-table'],
  ['.lockprofile.data', 'boot-table'],
]);

export function sectionRole(section: ElfSection, target: TargetProfile): SectionRole {
  const { name, sh_flags, sh_type } = section;
  if ((sh_flags & c.SHF_ALLOC) === 0) return 'ignored';
  if (sh_type === c.SHT_NOTE && name.startsWith('.note.')) return 'ignored';
  if (target.name === 'xen') {
    const role = xenSectionRole(name, sh_flags);
    if (role !== undefined) return role;
  } else if (name === '.eh_frame') {
    return 'ignored';
  }
  if ((sh_flags & c.SHF_EXECINSTR) !== 0) return 'text';
  // Constants that hold addresses: writable in the object only because compilers let the loader relocate them.
  if ((sh_flags & c.SHF_WRITE) === 0 || /^\.data\.rel\.ro(\.|$)/.test(name)) return 'rodata';
  if (/^\.data(\.rel(\.local)?)?\.\.L/.test(name)) return 'compiler-data';
  return sh_type === c.SHT_NOBITS ? 'bss' : 'data';
}

/** What Xen makes of a section of that name; undefined where the name means nothing to it. */
export function xenSectionRole(name: string, sh_flags: number): SectionRole | undefined {
  const exact = EXACT.get(name);
  if (exact !== undefined) return exact;
  if (bugFrameKind(name) >= 0) return 'bug-frames';
  if (/^\.(livepatch|xsplice)\.hooks\./.test(name)) return 'hooks';
  if (/^\.(init|initcall[^.]*|text\.startup|trampoline_rel|trampoline_seg)(\.|$)/.test(name)) {
    return (sh_flags & c.SHF_EXECINSTR) !== 0 ? 'init-text' : 'init-data';
  }
  if (/^\.(ctors|dtors|init_array|fini_array)(\.|$)/.test(name)) return 'boot-table';
  if (/^\.(bss|data)\.percpu(\.|$)/.test(name)) return 'percpu';
  return undefined;
}

/** True for sections whose bytes are code. */
export function isCode(role: SectionRole): boolean {
  return role === 'text' || role === 'init-text' || role === 'altinstr-replacement' || role === 'fixup';
}

/** True for tables whose entries describe code elsewhere. */
export function isEntryTable(role: SectionRole): boolean {
  return (
    role === 'bug-frames' || role === 'altinstructions' || role === 'alt-call-sites' || role === 'ex-table'
  );
}
