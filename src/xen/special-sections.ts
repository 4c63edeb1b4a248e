/**
 * Xen's tables that describe code, and the two sections whose pieces they delimit.
 *
 *   .bug_frames.N     0 loc_disp:24 | line_hi:7      4 ptr_disp:24 | line_lo:7     [N = 3: 8 zero, 12 msg_disp]
 *                     Displacements count from the start of the frame, not from the field.
 *   .altinstructions  0 orig_offset  4 repl_offset  8 u16 cpuid  10 orig_len  11 repl_len  12 pad_len  13 priv
 *   .ex_table         0 addr  4 cont
 *   .alt_call_sites   0 site
 *
 * The replacement bytes of an alternative are delimited by (repl_offset, repl_len) of its entry; a piece of
 * .fixup begins where some .ex_table entry continues, and ends where control cannot fall any further.
 * Source: xen/arch/x86/include/asm/{bug,alternative,alternative-asm,uaccess,asm_defns}.h, Xen 4.17.
 */
import type { ElfFile, ElfSection, RelaTable } from '../elf/read.js';
import { sectionBytes, symbolSection } from '../elf/read.js';
import { decodeCode, Flow, instructionAt } from '../x86/decode.js';
import { bugFrameKind } from '../model/section-role.js';
import type { SectionRole } from '../model/section-role.js';
import type { TargetProfile } from './versions.js';

/** Bytes of one entry of .alt_call_sites, in every version that has it. Source: xen/arch/x86/include/asm/alternative.h. */
const ALT_CALL_SIZE = 4;

/** Bytes of one entry of a table, or undefined when the section is no table. */
export function entrySize(section: ElfSection, role: SectionRole, target: TargetProfile): number | undefined {
  if (role === 'bug-frames') return target.bugFrameSizes[bugFrameKind(section.name)];
  if (role === 'altinstructions') return target.altInstrSize;
  if (role === 'ex-table') return target.exTableSize;
  if (role === 'alt-call-sites') return ALT_CALL_SIZE;
  return undefined;
}

/** Offsets, inside an entry, of the fields that relocations fill. The first one tells which code it describes. */
export function entryFields(section: ElfSection, role: SectionRole): readonly number[] {
  if (role === 'bug-frames') return bugFrameKind(section.name) === 3 ? [0, 4, 12] : [0, 4];
  return role === 'alt-call-sites' ? [0] : [0, 4];
}

/** Width in bits of a bug frame's displacement; the bits above it hold the line number. */
const BUG_DISP_WIDTH = 24;

/**
 * Splits the addend of a bug frame's field into the displacement and the line number bits above it. `field` is
 * the field's offset in the frame; the displacement that comes back counts from the symbol.
 */
export function splitBugFrameAddend(r_addend: number, field: number): { value: number; high: number } {
  if (field > 4) return { value: r_addend - field, high: 0 };
  const span = 2 ** BUG_DISP_WIDTH;
  const low = ((r_addend % span) + span) % span;
  const displacement = low >= span / 2 ? low - span : low;
  return { value: displacement - field, high: r_addend - displacement };
}

/** Offset of repl_len in an alternative's entry. */
const REPL_LEN = 11;

/** Where a relocation at `field` of a table points, when that is a place in section `wanted`. */
function pointsInto(file: ElfFile, rela: RelaTable, k: number, wanted: number): number | undefined {
  const symbol = rela.r_sym[k];
  if (symbolSection(file.symbols, symbol) !== wanted) return undefined;
  return Number(file.symbols.st_value[symbol]) + rela.r_addend[k];
}

/**
 * The offsets at which pieces of `section` (.altinstr_replacement or .fixup) begin, 0 and the size included,
 * ascending.
 */
export function pieceStarts(
  file: ElfFile,
  section: ElfSection,
  role: SectionRole,
  target: TargetProfile,
): number[] {
  // An alternative that replaces by nothing refers to a section that may be empty: it is one piece of no bytes.
  if (section.sh_size === 0) return [0, 0];
  const cuts = new Set<number>([0, section.sh_size]);
  const tableName = role === 'fixup' ? '.ex_table' : '.altinstructions';
  const size = role === 'fixup' ? target.exTableSize : target.altInstrSize;
  for (const rela of file.relas) {
    const table = file.sections[rela.target];
    if (table.name !== tableName) continue;
    const bytes = sectionBytes(file, table);
    for (let k = 0; k < rela.count; k++) {
      if (rela.r_offset[k] % size !== 4) continue;
      const at = pointsInto(file, rela, k, section.index);
      if (at === undefined || at < 0 || at > section.sh_size) continue;
      cuts.add(at);
      if (role === 'altinstr-replacement')
        cuts.add(Math.min(section.sh_size, at + bytes[rela.r_offset[k] - 4 + REPL_LEN]));
    }
  }
  const starts = [...cuts].sort((a, b) => a - b);
  return role === 'fixup' ? joinFlowing(sectionBytes(file, section), starts) : starts;
}

/** Removes the cuts over which control falls or jumps without a relocation: such pieces are one. */
function joinFlowing(bytes: Uint8Array, starts: readonly number[]): number[] {
  const code = decodeCode(bytes);
  // crossed[k] counts, as a difference to crossed[k - 1], the branches that cross starts[k].
  const crossed = new Int32Array(starts.length + 1);
  for (let i = 0; i < code.count; i++) {
    const next = code.start[i] + code.length[i];
    const direct = code.flow[i] >= Flow.jump && code.flow[i] <= Flow.call;
    const target = code.target[i];
    // A field that a relocation fills reads as a branch to the next instruction: harmless here.
    if (!direct || target < 0 || target >= bytes.length || target === next) continue;
    crossed[firstAbove(starts, Math.min(code.start[i], target))] += 1;
    crossed[firstAbove(starts, Math.max(code.start[i], target))] -= 1;
  }
  let crossing = 0;
  return starts.filter((cut, k) => {
    crossing += crossed[k];
    if (cut === 0 || cut >= bytes.length) return true;
    const before = instructionAt(code, cut - 1);
    const falls = before >= 0 && code.flow[before] !== Flow.jump && code.flow[before] !== Flow.leaves;
    return crossing === 0 && !falls;
  });
}

/** Position of the first element above `value` in ascending numbers; their count when there is none. */
function firstAbove(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
