/**
 * Debug information of one file, for those who ask what types look like: which units there are, what stands at
 * the top of each, and single DIEs when they are asked for.
 *
 * Reading lists the children of each root and decodes nothing else. DIEs of types are decoded once and kept.
 *
 * DWARF may lie: cycles, references into the middle of nothing, a million attributes without bytes. All work is
 * paid from a budget in proportion to the size of .debug_info; when it is spent, or when anything makes no sense,
 * the file is not understood as a whole. There is no such thing as half understood DWARF: a type that was
 * misread would pass as unchanged.
 */
import { asBuffer } from '../elf/read.js';
import type { ElfFile } from '../elf/read.js';
import type { AbbrevTable } from './abbrev.js';
import { readAbbrevs } from './abbrev.js';
import { Cursor, Malformed, unlessMalformed } from './cursor.js';
import { gatherDebugSections } from './debug-sections.js';
import type { DebugSections } from './debug-sections.js';
import { readDie, WANTED_ATTRIBUTES } from './die.js';
import type { Die, DieSource } from './die.js';
import { behindTree, readUnit, readUnitHeaders } from './unit.js';
import type { Unit, UnitHeader } from './unit.js';

/** Steps of work (a DIE, an attribute) that a file may cost: reading all of a real one costs 2 per byte. */
const STEPS_PER_BYTE = 24;
const MIN_STEPS = 1_000_000;

/** DIEs that are kept, per byte: those of types and functions, of which real ones have more than ten bytes. */
const KEPT_PER_BYTE = 0.25;
const MIN_KEPT = 10_000;

/** The debug information of a file. What it offers throws Malformed; whoever calls from outside uses readDwarf. */
export class Dwarf {
  readonly units: readonly Unit[];
  private readonly source: DieSource;
  private readonly dies = new Map<number, Die>();
  private readonly mostKept: number;
  private stepsLeft = 0;

  constructor(sections: DebugSections) {
    const cursor = new Cursor(sections.info);
    this.mostKept = MIN_KEPT + sections.info.length * KEPT_PER_BYTE;
    const headers = sections.infoParts.flatMap((part) => readUnitHeaders(cursor, part));
    const signatures = new Map<string, number>();
    for (const { signature, typeAt } of headers) {
      if (signature !== undefined && !signatures.has(signature)) signatures.set(signature, typeAt);
    }
    const spend = (steps: number): void => this.spend(steps);
    this.source = {
      sections,
      cursor,
      signatures,
      strp: stringsOf(sections.str, spend),
      lineStrp: stringsOf(sections.lineStr, spend),
      inPlace: piecesOf(sections.info),
      spend,
    };
    this.refill();
    const abbrevs = abbrevTables(sections.abbrev, spend);
    this.units = headers.map((header) => readUnit(this.source, header, abbrevs(header)));
  }

  /** The DIE at `at`, decoded once. */
  die(at: number): Die {
    this.spend(1);
    const known = this.dies.get(at);
    if (known !== undefined) return known;
    const die = readDie(this.source, this.unitAt(at), at);
    if (die === undefined || this.dies.size > this.mostKept) throw new Malformed(`no DIE at ${at}`);
    this.dies.set(at, die);
    return die;
  }

  /** Its direct children, in order. They are not kept. */
  children({ unit, after, hasChildren }: Die): Die[] {
    const found: Die[] = [];
    for (let at = after; hasChildren && at < unit.end;) {
      const child = readDie(this.source, unit, at);
      if (child === undefined) break;
      found.push(child);
      at = child.hasChildren ? behindTree(this.source, unit, at) : child.after;
    }
    return found;
  }

  /** Calls `visit` for all that stands below it, in order. */
  forEachBelow({ unit, after, hasChildren }: Die, visit: (below: Die) => void): void {
    let depth = hasChildren ? 1 : 0;
    for (let at = after; depth > 0 && at < unit.end;) {
      const die = readDie(this.source, unit, at);
      at = this.source.cursor.at;
      if (die === undefined) {
        depth--;
        continue;
      }
      if (die.hasChildren) depth++;
      visit(die);
    }
  }

  unitAt(at: number): Unit {
    let low = 0;
    let high = this.units.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.units[middle].start > at) high = middle - 1;
      else low = middle;
    }
    const found = this.units.at(low);
    if (found === undefined || at < found.root || at >= found.end) throw new Malformed(`no unit at ${at}`);
    return found;
  }

  /** Gives the budget of one question; each question has its own. */
  refill(): void {
    this.stepsLeft = MIN_STEPS + this.source.sections.info.length * STEPS_PER_BYTE;
  }

  /** Pays for work that is done on what this file says. */
  spend(steps: number): void {
    this.stepsLeft -= steps;
    if (this.stepsLeft < 0) throw new Malformed('more work than a real file makes');
  }
}

/** Undefined when there is no debug information or when it cannot be understood. Never throws. */
export function readDwarf(file: ElfFile): Dwarf | undefined {
  return unlessMalformed(() => {
    const sections = gatherDebugSections(file);
    return sections && new Dwarf(sections);
  });
}

/** DW_AT_producer of each unit that has one, in order: the compiler, and for gcc the options that matter. */
export function producersOf(dwarf: Dwarf): string[] {
  return dwarf.units.map((unit) => unit.producer).filter((producer) => producer !== '');
}

/** Strings of a section by their place. To cut one out costs less than to remember it. */
function stringsOf(text: string, spend: (steps: number) => void): (position: number) => string {
  return (position) => {
    const end = position < text.length ? text.indexOf('\0', position) : -1;
    if (end < 0) throw new Malformed(`no string at ${position}`);
    // Many names may be tails of one long string.
    spend((end - position) >>> 3);
    return text.substring(position, end);
  };
}

/** All bytes become one string when the first piece is asked for: pieces of it cost next to nothing. */
function piecesOf(bytes: Uint8Array): (from: number, to: number) => string {
  let text: string | undefined;
  return (from, to) => (text ??= asBuffer(bytes).toString('latin1')).substring(from, to);
}

/** Tables by their place; units of one compiler run may share one. */
function abbrevTables(abbrev: Uint8Array, spend: (steps: number) => void): (unit: UnitHeader) => AbbrevTable {
  const reader = { cursor: new Cursor(abbrev), wanted: WANTED_ATTRIBUTES, spend };
  const known = new Map<string, AbbrevTable>();
  return ({ abbrevAt, addressSize }) => {
    const key = `${abbrevAt}/${addressSize}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const table = readAbbrevs(reader, abbrevAt, addressSize);
    known.set(key, table);
    return table;
  };
}
