/**
 * An object file that can be taken apart and put together again: sections, symbols and relocations that know
 * each other as values, not as numbers, so that any of them can be moved, added or dropped and the numbers
 * follow when it is written.
 *
 *   const draft = draftOf(file);          // sections and symbols in the order of the file
 *   draft.sections.reverse();
 *   const bytes = bytesOf(draft);
 *
 * `bytes` of a section is a view of the file it was read from: replace it, never write into it (see `patch`).
 */
import * as c from '../../src/elf/constants.js';
import type { ElfFile, ElfSection } from '../../src/elf/read.js';
import { sectionBytes } from '../../src/elf/read.js';
import type { OutputSection, OutputSymbol } from '../../src/elf/write.js';
import { writeElf } from '../../src/elf/write.js';

export interface DraftRela {
  r_offset: number;
  r_type: number;
  /** Undefined for the null symbol. */
  symbol: DraftSymbol | undefined;
  r_addend: number;
}

export interface DraftSymbol {
  name: string;
  st_info: number;
  readonly st_other: number;
  section: DraftSection | 'undef' | 'abs' | 'common';
  /** Bytes into its section; for symbols outside of sections, where it may not fit into a number, see `outside`. */
  st_value: number;
  st_size: number;
  readonly outside: bigint;
}

export interface DraftSection {
  name: string;
  sh_type: number;
  sh_flags: number;
  sh_addralign: number;
  sh_entsize: number;
  bytes: Uint8Array;
  /** Bytes in memory. */
  size: number;
  relas: DraftRela[];
  link: DraftSection | undefined;
  group: { readonly flags: number; readonly signature: DraftSymbol; readonly members: DraftSection[] } | undefined;
}

export interface Draft {
  sections: DraftSection[];
  symbols: DraftSymbol[];
  readonly osabi: number;
}

/** Sections that follow from the rest, so that the writer makes them. */
const MADE_BY_WRITER = new Set([c.SHT_NULL, c.SHT_SYMTAB, c.SHT_STRTAB, c.SHT_RELA, c.SHT_REL, c.SHT_SYMTAB_SHNDX]);

export function draftOf(file: ElfFile): Draft {
  const sections = new Map<number, DraftSection>();
  for (const section of file.sections) {
    if (!MADE_BY_WRITER.has(section.sh_type)) sections.set(section.index, sectionOf(file, section));
  }
  const symbols = symbolsOf(file, sections);
  for (const rela of file.relas) {
    const target = sections.get(rela.target);
    for (let k = 0; target !== undefined && k < rela.count; k++) {
      const symbol = symbols.at(rela.r_sym[k] - 1);
      const { r_offset, r_type, r_addend } = rela;
      target.relas.push({
        r_offset: r_offset[k],
        r_type: r_type[k],
        symbol: rela.r_sym[k] === 0 ? undefined : symbol,
        r_addend: r_addend[k],
      });
    }
  }
  for (const { section, flags, signature, members } of file.groups) {
    const draft = sections.get(section);
    if (draft === undefined) continue;
    draft.bytes = new Uint8Array(0);
    draft.group = { flags, signature: symbols[signature - 1], members: members.flatMap((m) => sections.get(m) ?? []) };
  }
  for (const [index, draft] of sections) {
    if (draft.group === undefined) draft.link = sections.get(file.sections[index].sh_link);
  }
  return { sections: [...sections.values()], symbols, osabi: file.header.osabi };
}

function sectionOf(file: ElfFile, section: ElfSection): DraftSection {
  const { name, sh_type, sh_flags, sh_addralign, sh_entsize, sh_size } = section;
  const bytes = sectionBytes(file, section);
  return {
    ...{ name, sh_type, sh_flags, sh_entsize, bytes },
    sh_addralign: Math.max(1, sh_addralign),
    size: sh_size,
    relas: [],
    link: undefined,
    group: undefined,
  };
}

function symbolsOf(file: ElfFile, sections: ReadonlyMap<number, DraftSection>): DraftSymbol[] {
  const { count, names, st_info, st_other, st_shndx, st_value, st_size } = file.symbols;
  return Array.from({ length: Math.max(0, count - 1) }, (_, k) => {
    const i = k + 1;
    const section = placeOf(st_shndx[i], sections);
    return {
      name: names[i],
      st_info: st_info[i],
      st_other: st_other[i],
      section,
      st_value: typeof section === 'string' ? 0 : Number(st_value[i]),
      st_size: Number(st_size[i]),
      outside: st_value[i],
    };
  });
}

function placeOf(shndx: number, sections: ReadonlyMap<number, DraftSection>): DraftSymbol['section'] {
  if (shndx === c.RESERVED_SHNDX + c.SHN_ABS) return 'abs';
  if (shndx === c.RESERVED_SHNDX + c.SHN_COMMON) return 'common';
  return sections.get(shndx) ?? 'undef';
}

/** The object as a file. Section symbols keep their empty names; locals come before globals. */
export function bytesOf(draft: Draft): Uint8Array {
  const sections = new Map(draft.sections.map((section, k) => [section, k]));
  const symbols = new Map(draft.symbols.map((symbol, k) => [symbol, k]));
  return writeElf({
    osabi: draft.osabi,
    sections: draft.sections.map((section) => outputSection(section, sections, symbols)),
    symbols: draft.symbols.map((symbol): OutputSymbol => {
      const { name, st_info, st_other, st_size } = symbol;
      const inside = typeof symbol.section !== 'string';
      return {
        ...{ name, st_info, st_other, st_size },
        section: typeof symbol.section === 'string' ? symbol.section : position(sections, symbol.section),
        st_value: inside ? symbol.st_value : symbol.outside,
      };
    }),
  });
}

function outputSection(
  section: DraftSection,
  sections: ReadonlyMap<DraftSection, number>,
  symbols: ReadonlyMap<DraftSymbol, number>,
): OutputSection {
  const { name, sh_type, sh_flags, sh_addralign, sh_entsize, bytes, relas, link, group } = section;
  return {
    ...{ name, sh_type, sh_flags, sh_addralign, sh_entsize, bytes },
    ...(sh_type === c.SHT_NOBITS && { sh_size: section.size }),
    ...(relas.length > 0 && {
      relas: relas.map(({ r_offset, r_type, symbol, r_addend }) => ({
        ...{ r_offset, r_type, r_addend },
        symbol: symbol === undefined ? ('none' as const) : position(symbols, symbol),
      })),
    }),
    ...(link !== undefined && { sh_link: position(sections, link) }),
    ...(group !== undefined && {
      group: {
        flags: group.flags,
        signature: position(symbols, group.signature),
        members: group.members.map((member) => position(sections, member)),
      },
    }),
  };
}

function position<T extends { readonly name: string }>(positions: ReadonlyMap<T, number>, thing: T): number {
  const found = positions.get(thing);
  if (found === undefined) throw new Error(`${thing.name} is referred to, but no longer part of the draft`);
  return found;
}

export const isLocal = (symbol: DraftSymbol): boolean => c.stBind(symbol.st_info) === c.STB_LOCAL;
export const typeOf = (symbol: DraftSymbol): number => c.stType(symbol.st_info);
export const isSectionSymbol = (symbol: DraftSymbol): boolean => typeOf(symbol) === c.STT_SECTION;

export function has(section: DraftSection, ...flags: readonly number[]): boolean {
  return flags.every((flag) => (section.sh_flags & flag) !== 0);
}

/** Replaces bytes of a section, which so far may be shared with the file. */
export function patch(section: DraftSection, at: number, bytes: ArrayLike<number>): void {
  const copy = Uint8Array.from(section.bytes);
  copy.set(bytes, at);
  section.bytes = copy;
}

/** Takes bytes out of a section and puts others in; symbols and relocations are left to the caller. */
export function splice(section: DraftSection, at: number, length: number, bytes: ArrayLike<number>): void {
  const { size } = section;
  section.size = size - length + bytes.length;
  if (section.sh_type === c.SHT_NOBITS) return;
  const joined = new Uint8Array(section.size);
  joined.set(section.bytes.subarray(0, at));
  joined.set(bytes, at);
  joined.set(section.bytes.subarray(at + length), at + bytes.length);
  section.bytes = joined;
}

/** Adds a local symbol behind the other locals, or a global one behind all. */
export function addSymbol(
  draft: Draft,
  name: string,
  place: { readonly section: DraftSection; readonly value?: number; readonly size?: number },
  st_info: number = c.stInfo(c.STB_LOCAL, c.STT_NOTYPE),
): DraftSymbol {
  const symbol = {
    ...{ name, st_info, st_other: c.STV_DEFAULT, section: place.section, outside: 0n },
    st_value: place.value ?? 0,
    st_size: place.size ?? 0,
  };
  draft.symbols.push(symbol);
  return symbol;
}

/** The symbol of a section, made when there is none. */
export function sectionSymbol(draft: Draft, section: DraftSection): DraftSymbol {
  const found = draft.symbols.find((symbol) => symbol.section === section && isSectionSymbol(symbol));
  return found ?? addSymbol(draft, '', { section }, c.stInfo(c.STB_LOCAL, c.STT_SECTION));
}
