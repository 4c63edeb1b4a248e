/**
 * The oracle's own view of an object: every loaded byte belongs to a thing, and each thing meets one fate when
 * it changes. Derived from symbols, section names and bytes alone, without src/model.
 *
 *   function   a payload replaces it
 *   assembly   code without the bounds of a function: refused
 *   fixed      boot code and data, data that live, per-CPU data, boot tables: refused
 *   constant   read-only data with a name
 *   part       no identity (strings, tables, fixups): changes those who use it
 *   entry      describes code, which changes with it
 *   filler     space between things: no change at all
 */
import * as c from '../../src/elf/constants.js';
import { decodeCode, Flow, isFiller } from '../../src/x86/decode.js';
import type { DecodedCode } from '../../src/x86/decode.js';
import type { Draft, DraftSection, DraftSymbol } from './draft.js';
import { isLocal, isSectionSymbol, typeOf } from './draft.js';
import { entrySizeOf, isCode, isMergeable, isStrings, purposeOf } from './purpose.js';
import type { Purpose } from './purpose.js';

export type Fate = 'function' | 'assembly' | 'fixed' | 'constant' | 'part' | 'entry' | 'filler';

export interface Thing {
  readonly fate: Fate;
  readonly purpose: Purpose;
  /** Position of its section in the draft. */
  readonly section: number;
  readonly start: number;
  readonly end: number;
  /** What it may be called: the names at its start, then section and offset. */
  readonly titles: readonly string[];
  /** Whether the first title is the name of a symbol. */
  readonly named: boolean;
  /** The symbol that bounds it, if any. */
  readonly symbol: DraftSymbol | undefined;
  /** Text of the STT_FILE symbol above a local symbol. */
  readonly sourceFile: string;
}

/** Whether a symbol bounds all of it: a function may have code of its own behind the end of its symbol. */
export function isBounded({ symbol, end }: Thing): boolean {
  return symbol !== undefined && symbol.st_value + symbol.st_size >= end;
}

/** A cut of a section before it is known what it is. */
interface Cut {
  readonly start: number;
  readonly end: number;
  readonly sized: boolean;
}

export function thingsOf(
  draft: Draft,
  section: number,
  inside: readonly DraftSymbol[],
  files: Files,
): Thing[] {
  const described = draft.sections[section];
  const purpose = purposeOf(described);
  if (purpose === 'ignored' || described.size === 0) return [];
  return cutsOf(draft, described, purpose, inside).map((cut) => {
    // First that of the thing itself: labels at its start have no size.
    const here = inside
      .filter((s) => s.st_value === cut.start && !s.name.startsWith('.L') && s.name !== '')
      .sort((a, b) => Number(b.st_size > 0) - Number(a.st_size > 0));
    const names = purpose === 'entries' ? [] : here.map((s) => s.name);
    const symbol = here.at(0);
    const labels = inside.filter((s) => s.st_value >= cut.start && s.st_value < cut.end);
    return {
      fate: fateOf(described, purpose, cut, symbol, labels),
      ...{ purpose, section, start: cut.start, end: cut.end },
      titles: [...names, `${described.name}+0x${cut.start.toString(16)}`],
      named: names.length > 0,
      symbol: cut.sized ? symbol : undefined,
      sourceFile: symbol !== undefined && isLocal(symbol) ? (files.get(symbol) ?? '') : '',
    };
  });
}

export type Files = ReadonlyMap<DraftSymbol, string>;

/** The source file of each local symbol (gABI: an STT_FILE symbol precedes the locals of its file). */
export function filesOf(draft: Draft): Files {
  const files = new Map<DraftSymbol, string>();
  let current = '';
  for (const symbol of draft.symbols) {
    if (typeOf(symbol) === c.STT_FILE) current = symbol.name;
    else if (isLocal(symbol)) files.set(symbol, current);
  }
  return files;
}

/** The symbols that stand in each section, in their order; section symbols left out. */
export function symbolsBySection(draft: Draft): ReadonlyMap<DraftSection, readonly DraftSymbol[]> {
  const found = new Map<DraftSection, DraftSymbol[]>();
  for (const symbol of draft.symbols) {
    if (typeof symbol.section === 'string' || isSectionSymbol(symbol)) continue;
    const list = found.get(symbol.section);
    if (list === undefined) found.set(symbol.section, [symbol]);
    else list.push(symbol);
  }
  return found;
}

function cutsOf(
  draft: Draft,
  section: DraftSection,
  purpose: Purpose,
  inside: readonly DraftSymbol[],
): Cut[] {
  const { size } = section;
  const entry = entrySizeOf(section);
  if (entry > 0) return evenCuts(size, entry);
  if (purpose === 'pieces') return pieceCuts(draft, section);
  if (isMergeable(section))
    return isStrings(section) ? stringCuts(section) : evenCuts(size, section.sh_entsize);
  const code = isCode(purpose);
  const cuts: Cut[] = [];
  for (const bounds of boundsOf(inside, code ? c.STT_FUNC : c.STT_OBJECT)) {
    const last = cuts.at(-1);
    if (last !== undefined && bounds.start < last.end) {
      cuts[cuts.length - 1] = { ...last, end: Math.max(last.end, bounds.end) };
    } else {
      cuts.push({ ...bounds, sized: true });
    }
  }
  const labels = code ? [] : [...new Set(inside.map((symbol) => symbol.st_value))].sort((a, b) => a - b);
  const all = withGaps(cuts, labels, size);
  return code ? withTail(section, all, inside) : all;
}

function boundsOf(inside: readonly DraftSymbol[], type: number): { start: number; end: number }[] {
  return inside
    .filter((symbol) => symbol.st_size > 0 && typeOf(symbol) === type)
    .map((symbol) => ({ start: symbol.st_value, end: symbol.st_value + symbol.st_size }))
    .sort((a, b) => a.start - b.start || b.end - a.end);
}

function evenCuts(size: number, step: number): Cut[] {
  const count = Math.ceil(size / step);
  return Array.from({ length: count }, (_, k) => ({
    ...{ start: k * step, end: Math.min(size, (k + 1) * step) },
    sized: true,
  }));
}

function stringCuts({ bytes, sh_entsize }: DraftSection): Cut[] {
  const cuts: Cut[] = [];
  let start = 0;
  for (let at = 0; at + sh_entsize <= bytes.length; at += sh_entsize) {
    if (bytes.subarray(at, at + sh_entsize).some((byte) => byte !== 0)) continue;
    cuts.push({ start, end: at + sh_entsize, sized: true });
    start = at + sh_entsize;
  }
  if (start < bytes.length) cuts.push({ start, end: bytes.length, sized: false });
  return cuts;
}

/** What lies between sized symbols, cut at labels. */
function withGaps(cuts: readonly Cut[], labels: readonly number[], size: number): Cut[] {
  const all: Cut[] = [];
  let at = 0;
  const fill = (end: number): void => {
    for (const label of labels) {
      if (label <= at || label >= end) continue;
      all.push({ start: at, end: label, sized: false });
      at = label;
    }
    if (at < end) all.push({ start: at, end, sized: false });
  };
  for (const cut of cuts) {
    fill(cut.start);
    all.push(cut);
    at = cut.end;
  }
  fill(size);
  return all;
}

/** What lies nameless behind the only function of a section is the function's own: GNU as puts a .subsection there. */
function withTail({ bytes }: DraftSection, cuts: Cut[], inside: readonly DraftSymbol[]): Cut[] {
  const [own, tail] = cuts.slice(-2);
  const above = cuts.slice(0, -2);
  const fills = (cut: Cut): boolean => !cut.sized && isFiller(bytes.subarray(cut.start, cut.end));
  if (cuts.length < 2 || !own.sized || tail.sized || fills(tail) || !above.every(fills)) return cuts;
  const named = inside.some((symbol) => symbol.st_value >= tail.start);
  return named ? cuts : [...above, { ...own, end: tail.end }];
}

/** Where the entries of its table point, and where control stops between: the pieces of .fixup or .altinstr_replacement. */
function pieceCuts(draft: Draft, section: DraftSection): Cut[] {
  const { size } = section;
  const fixups = section.name === '.fixup';
  const starts = new Set([0]);
  for (const table of draft.sections) {
    if (table.name !== (fixups ? '.ex_table' : '.altinstructions')) continue;
    for (const { r_offset, symbol, r_addend } of table.relas) {
      if (symbol?.section !== section || r_offset % entrySizeOf(table) !== 4) continue;
      const at = symbol.st_value + r_addend;
      starts.add(at);
      if (!fixups) starts.add(at + table.bytes[r_offset + 7]);
    }
  }
  const inside = [...starts].filter((at) => at >= 0 && at < size).sort((a, b) => a - b);
  const code = fixups ? decodeCode(section.bytes) : undefined;
  const joined = inside.filter((at) => at === 0 || code === undefined || !isCrossed(code, at, size));
  return joined.map((start, k) => ({ start, end: joined.at(k + 1) ?? size, sized: true }));
}

/** Whether control falls, or jumps without a relocation, from one side of a place to the other. */
function isCrossed(code: DecodedCode, place: number, size: number): boolean {
  for (let k = 0; k < code.count; k++) {
    const end = code.start[k] + code.length[k];
    const flow = code.flow[k];
    if (end === place && flow !== Flow.jump && flow !== Flow.leaves) return true;
    const target = code.target[k];
    const direct = flow === Flow.jump || flow === Flow.conditional || flow === Flow.call;
    // A field that a relocation fills holds zero: it seems to lead to the next instruction.
    if (!direct || target === end || target < 0 || target >= size) continue;
    if (code.start[k] < place !== target < place) return true;
  }
  return false;
}

function fateOf(
  section: DraftSection,
  purpose: Purpose,
  cut: Cut,
  symbol: DraftSymbol | undefined,
  labels: readonly DraftSymbol[],
): Fate {
  if (purpose === 'entries') return 'entry';
  if (purpose === 'pieces' || isMergeable(section)) return 'part';
  const bytes = section.bytes.subarray(cut.start, cut.end);
  const free =
    labels.length === 0 && !section.relas.some((r) => r.r_offset >= cut.start && r.r_offset < cut.end);
  if (isCode(purpose)) {
    if (!cut.sized && free && isFiller(bytes)) return 'filler';
    if (purpose === 'boot-code') return 'fixed';
    return cut.sized ? 'function' : 'assembly';
  }
  if (!cut.sized && free && bytes.every((byte) => byte === 0)) return 'filler';
  if (purpose !== 'constants' && purpose !== 'boot-data') return 'fixed';
  if (symbol === undefined || (cut.sized && isCompilersOwn(symbol))) return 'part';
  return purpose === 'constants' ? 'constant' : 'fixed';
}

/** Statics of functions that are constants, and clang's tables: made anew wherever they are used. */
function isCompilersOwn({ name, st_info }: DraftSymbol): boolean {
  return c.stBind(st_info) === c.STB_LOCAL && /\.\d+$|^(reltable|switch\.table)\./.test(name);
}
