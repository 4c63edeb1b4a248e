/**
 * Neutral mutators of what means nothing to running code: space between functions, padding at the end, line numbers
 * of bug frames, notes of the compiler, debug sections.
 */
import * as c from '../../src/elf/constants.js';
import type { Draft, DraftSection, DraftSymbol } from './draft.js';
import { patch, sectionSymbol, splice } from './draft.js';
import { neutral } from './mutator.js';
import type { Mutator } from './mutator.js';
import { isMergeable, purposeOf } from './purpose.js';
import type { Random } from './random.js';
import { relayout } from './relayout.js';
import { isBounded } from './things.js';
import { signed24 } from './view.js';
import type { View } from './view.js';

/** nop, int3, and the zeros of old linkers. */
const FILLINGS: readonly number[] = [0x90, 0xcc, 0];

function spaceBetween(draft: Draft, random: Random, view: View): string | undefined {
  const candidates = draft.sections.filter((section) => {
    const purpose = purposeOf(section);
    const loose = purpose === 'code' || purpose === 'boot-code' || purpose === 'writable';
    return (
      loose && view.thingsIn(section).every((thing) => thing.symbol !== undefined || thing.fate === 'filler')
    );
  });
  return random.firstOf(candidates, (section) => {
    const code = purposeOf(section) !== 'writable';
    const byte = code ? (random.pick(FILLINGS) ?? 0) : 0;
    const things = view.thingsIn(section).filter((thing) => thing.fate !== 'filler');
    const done = relayout(view, section, things, { byte, extra: () => random.below(40) });
    return done ? `space in ${section.name}, filled with ${byte}` : undefined;
  });
}

/**
 * The last thing must be bounded by a symbol: otherwise what is appended would be part of it. And nobody may point to
 * its end by section symbol or name: that would be the place where the padding begins as well.
 */
function padEnds(draft: Draft, random: Random, view: View): string | undefined {
  let count = 0;
  const pointed = pointedAtEnd(view);
  const labelled = new Set(draft.symbols.flatMap((s) => (standsAtEnd(s) ? [s.section] : [])));
  for (const section of draft.sections) {
    if (pointed.has(section) || labelled.has(section)) continue;
    const purpose = purposeOf(section);
    const code = purpose === 'code' || purpose === 'boot-code';
    const last = view.thingsIn(section).at(-1);
    const room = purpose === 'writable' || purpose === 'constants';
    if (
      last === undefined ||
      !isBounded(last) ||
      isMergeable(section) ||
      !(code || room) ||
      random.chance(0.5)
    )
      continue;
    const byte = code ? (random.pick(FILLINGS) ?? 0) : 0;
    splice(section, section.size, 0, new Uint8Array(1 + random.below(24)).fill(byte));
    count += 1;
  }
  return count === 0 ? undefined : `${count} sections padded at their end`;
}

export const standsAtEnd = ({ section, st_value }: DraftSymbol): boolean =>
  typeof section !== 'string' && section.size > 0 && st_value >= section.size;

/** The sections to whose end, where something else begins as soon as it is there, a reference leads. */
export function pointedAtEnd(view: View): ReadonlySet<DraftSection> {
  return new Set(
    view.places().flatMap(({ section, rela }) => {
      const target = view.target(section, rela);
      return target !== undefined && target.at >= target.section.size ? [target.section] : [];
    }),
  );
}

/**
 * Lines stand above the displacements: bits 24 to 30 of the addends of the first two fields. Frames of run_in_exception
 * (kind 0) have none.
 */
export function changeLines(draft: Draft, random: Random): string | undefined {
  let count = 0;
  for (const section of draft.sections) {
    if (!/^\.bug_frames\.[123]$/.test(section.name)) continue;
    const size = section.name.endsWith('3') ? 16 : 8;
    for (const rela of section.relas) {
      if (rela.r_offset % size > 4 || random.chance(0.5)) continue;
      rela.r_addend = signed24(rela.r_addend) + random.below(0x80) * 0x100_0000;
      count += 1;
    }
  }
  return count === 0 ? undefined : `${count} halves of line numbers changed`;
}

function changeProperty(draft: Draft, random: Random): string | undefined {
  const section = draft.sections.find(({ name, size }) => name === '.note.gnu.property' && size > 0);
  if (section === undefined) return undefined;
  patch(section, section.size - 1 - random.below(4), [random.below(256)]);
  return 'a property of the object changed';
}

function unloaded(name: string, bytes: Uint8Array, more: Partial<DraftSection> = {}): DraftSection {
  return {
    ...{ name, sh_type: c.SHT_PROGBITS, sh_flags: 0, sh_addralign: 1, sh_entsize: 0 },
    ...{ bytes, size: bytes.length, relas: [], link: undefined, group: undefined, ...more },
  };
}

/** Debug sections with relocations to functions, somewhere among the others; another .comment. */
export function addDebugSections(draft: Draft, random: Random): string {
  const bytes = Uint8Array.from({ length: 64 }, () => random.below(256));
  const relas = draft.sections
    .filter((section) => purposeOf(section) === 'code' && section.size > 0)
    .slice(0, 8)
    .map((section, k) => ({
      ...{ r_offset: 8 * k, r_type: c.R_X86_64_64, r_addend: random.below(section.size) },
      symbol: sectionSymbol(draft, section),
    }));
  const added = [unloaded('.debug_info', bytes, { relas }), unloaded('.debug_str', bytes)];
  for (const section of added) draft.sections.splice(random.below(draft.sections.length + 1), 0, section);
  const comment = draft.sections.find(({ name }) => name === '.comment');
  if (comment !== undefined) splice(comment, comment.size, 0, Buffer.from('another compiler\0'));
  return 'debug sections and a comment added';
}

/** What is not loaded goes, and the symbols in it. */
function dropUnloaded(draft: Draft): string | undefined {
  const gone = new Set<DraftSymbol['section']>(
    draft.sections.filter((s) => (s.sh_flags & c.SHF_ALLOC) === 0 && s.group === undefined),
  );
  draft.sections = draft.sections.filter((section) => !gone.has(section));
  draft.symbols = draft.symbols.filter((symbol) => !gone.has(symbol.section));
  return gone.size === 0 ? undefined : `${gone.size} sections dropped that are not loaded`;
}

export const SPACE_MUTATORS: readonly Mutator[] = [
  neutral('space-between', spaceBetween),
  neutral('pad-ends', padEnds),
  neutral('change-lines', changeLines),
  neutral('change-property', changeProperty),
  neutral('add-debug-sections', addDebugSections),
  neutral('drop-unloaded', dropUnloaded),
];
