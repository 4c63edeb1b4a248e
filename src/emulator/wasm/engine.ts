/**
 * The engine: which code is translated, where its units are kept, when they are dropped, and how they are entered.
 *
 * Units are functions in one table, so that one leaves for another without coming back here. They are dropped with
 * a page that they come from, and, least recently used first, when all of them together grow beyond a limit.
 */
import { CLOCK_AT, FUEL_AT, JUMPS_AT, JUMP_SLOTS, LEFT_UNIT_AT, MOST_UNITS, USES_AT } from '../arena.js';
import type { Block } from '../block.js';
import type { Engine, EngineMaker, EngineParts, TranslatedUnit, UnitEntry } from '../engine.js';
import type { Page } from '../page.js';
import { compileRun, makeTable } from '../web-assembly.js';
import type { WasmFunction } from '../web-assembly.js';
import { graphFrom } from './graph.js';
import type { Graph, Seen } from './graph.js';
import { guestInstruction } from './guest-instruction.js';
import type { GuestInstruction } from './guest-instruction.js';
import { writeUnit } from './unit-writer.js';
import type { Exit } from './unit-writer.js';

export interface EngineOptions {
  /** Runs of a block before it is translated; measured, see src/README.md. */
  readonly threshold?: number;
  /** Bytes of modules that are kept. */
  readonly mostBytes?: number;
  /** Instructions of one unit. */
  readonly largest?: number;
  /** Instructions from which on a unit is left what it has. */
  readonly longRun?: number;
}

const THRESHOLD = 200;
const MOST_BYTES = 8 << 20;
const LARGEST = 600;
const MOST_WASTE = 256;
/**
 * What translating an instruction takes, in instructions of translated code; and what may be spent before any ran. So
 * code that is hot everywhere but nowhere for long takes no longer than interpreted.
 */
const TRANSLATION_EFFORT = 2000;
const ALLOWANCE = 20_000_000;
const LONGEST_BLOCK = 64;
/** After so many instructions control comes back here, whatever the budget: V8 replaces code only when it is entered. */
const SLICE = 4_000_000;
const FIRST_SLICE = 50_000;
const FEW_RUNS = 40;
/**
 * Code that runs so long each time, as seen so often, is left to the unit that it has: to translate it once more as a
 * part of what leads to it saves a change of units, and costs V8's compilation anew.
 */
const LONG_RUN = 5000;
const SAMPLES = 8;

interface Place {
  readonly page: Page;
  readonly from: number;
  readonly address: bigint;
}

interface Decoded {
  readonly version: number;
  readonly instructions: Map<number, GuestInstruction>;
}

class Unit implements TranslatedUnit {
  runs = 0;
  isDropped = false;
  /** Runs in which no other unit was entered, and the instructions of these; as many as are looked at. */
  samples = 0;
  sampled = 0;

  constructor(
    readonly number: number,
    readonly run: WasmFunction,
    readonly exits: readonly Exit[],
    /** Addresses outside of it that it leads to. */
    readonly leadsTo: readonly bigint[],
    readonly places: readonly Place[],
    readonly pages: ReadonlySet<Page>,
    readonly bytes: number,
    private readonly engine: WasmEngine,
  ) {}

  /** Whether it ran so long each time, on average. */
  runsLong(least: number): boolean {
    return this.samples === SAMPLES && this.sampled >= SAMPLES * least;
  }

  drop(): void {
    if (this.isDropped) return;
    this.isDropped = true;
    this.engine.forget(this);
  }
}

class Entry implements UnitEntry {
  constructor(
    private readonly engine: WasmEngine,
    readonly unit: Unit,
    private readonly index: number,
    private readonly place: Place,
  ) {}

  run(budget: number): number {
    return this.engine.run(this.unit, this.index, this.place.address, budget);
  }
}

/** An engine with other than the usual limits. */
export function wasmEngine(options: EngineOptions = {}): EngineMaker {
  return (parts) => new WasmEngine(parts, options);
}

export class WasmEngine implements Engine {
  readonly threshold: number;
  readonly reserve: number;
  mustInterpret = false;
  private readonly largest: number;
  private readonly longRun: number;
  private readonly mostBytes: number;
  private readonly words: Int32Array;
  private table = makeTable(MOST_UNITS);
  private readonly units: (Unit | undefined)[] = [];
  private readonly pages = new WeakMap<Page, Decoded>();
  /** What translating took, and what translated code ran, in instructions. */
  private spent = 0;
  private ran = 0;
  private bytes = 0;
  private live = 0;
  private made = 0;
  /** Units that were dropped and that the table still holds. */
  private waste = 0;

  constructor(
    private readonly parts: EngineParts,
    options: EngineOptions,
  ) {
    this.threshold = options.threshold ?? THRESHOLD;
    this.mostBytes = options.mostBytes ?? MOST_BYTES;
    this.largest = options.largest ?? LARGEST;
    this.longRun = options.longRun ?? LONG_RUN;
    this.reserve = this.largest + LONGEST_BLOCK;
    this.words = new Int32Array(parts.memory.arena.buffer);
    // Untouched slots hold 0, which is asked for at the first one only.
    this.words[JUMPS_AT >> 2] = 1;
  }

  /** Bytes of the modules that are kept, and how many were made so far. */
  get size(): { readonly bytes: number; readonly units: number; readonly made: number } {
    return { bytes: this.bytes, units: this.live, made: this.made };
  }

  translate(block: Block): void {
    if (this.spent > ALLOWANCE + this.ran) {
      block.heat = 0;
      return;
    }
    const pages = new Set<Page>();
    const [start] = block.addresses;
    const graph = graphFrom(
      start,
      {
        seen: (address) => this.seen(address),
        decode: (address) => this.decode(address, start, pages),
        behind: (address) => this.behind(address, start),
      },
      this.largest,
    );
    const [first] = graph.nodes;
    if (first === undefined || first.instructions.length === 0) {
      block.heat = -Infinity;
      return;
    }
    // What is in it is as hot as what led to it, and need not be entered each by itself.
    for (const { address } of graph.nodes) this.cool(address);
    if (this.waste >= MOST_WASTE) this.renewTable();
    for (const { instructions } of graph.nodes) this.spent += instructions.length * TRANSLATION_EFFORT;
    const number = this.freeNumber();
    const { memory } = this.parts;
    const { module, entries, exits } = writeUnit(graph, {
      number,
      pages: memory.arena.pages,
      distanceOf: (region) => memory.distanceAt(this.parts.state.r64[region] ?? start),
    });
    const run = compileRun(module, memory.arena.memory, this.table);
    const places = entries.flatMap((address) => this.placeOf(address) ?? []);
    const unit = new Unit(number, run, exits, leadsTo(graph, exits), places, pages, module.length, this);
    this.units[number] = unit;
    this.table.set(number, run);
    this.bytes += unit.bytes;
    this.live++;
    this.made++;
    for (const page of pages) (page.units ??= new Set()).add(unit);
    places.forEach((place, index) => {
      place.page.entries ??= [];
      place.page.entries[place.from] ??= new Entry(this, unit, index, place);
    });
    this.makeRoom(unit);
  }

  /** To be called by the entry that is entered. */
  run(unit: Unit, index: number, address: bigint, budget: number): number {
    const { words } = this;
    const slice = Math.min(budget, unit.runs++ < FEW_RUNS ? FIRST_SLICE : SLICE);
    const fuel = slice - this.reserve;
    this.remember(address, unit.number, index);
    words[CLOCK_AT >> 2]++;
    words[FUEL_AT >> 2] = fuel;
    const number = unit.run(index);
    const left = this.units[words[LEFT_UNIT_AT >> 2]];
    if (left === undefined) throw new Error('the unit that was left is not there');
    const exit = left.exits[number];
    if (exit.address !== undefined) this.parts.state.rip64[0] = exit.address;
    this.mustInterpret = exit.interpret;
    const ran = fuel - words[FUEL_AT >> 2] - exit.uncounted;
    this.ran += ran;
    if (unit.samples < SAMPLES && this.ranAlone(unit)) {
      unit.samples++;
      unit.sampled += ran;
    }
    return ran;
  }

  private ranAlone(unit: Unit): boolean {
    const { words, units } = this;
    const now = words[CLOCK_AT >> 2];
    return units.every((other, k) => other === unit || words[(USES_AT >> 2) + k] !== now);
  }

  /** To be called by a unit that is dropped. */
  forget(unit: Unit): void {
    for (const { page, from, address } of unit.places) {
      const entry = page.entries?.[from];
      if (page.entries !== undefined && entry instanceof Entry && entry.unit === unit)
        page.entries[from] = undefined;
      const slot = jumpSlot(address);
      if (this.words[slot + 2] !== unit.number) continue;
      // The address of another slot, which is never asked for here.
      this.words[slot] = (slot - (JUMPS_AT >> 2)) / 4 + 1;
      this.words[slot + 1] = 0;
    }
    for (const page of unit.pages) page.units?.delete(unit);
    this.table.set(unit.number, null);
    this.units[unit.number] = undefined;
    this.bytes -= unit.bytes;
    this.live--;
    this.waste++;
  }

  /** Enters an address into the jump cache, for units that lead to it. */
  private remember(address: bigint, unit: number, index: number): void {
    const { words } = this;
    const slot = jumpSlot(address);
    words[slot] = Number(BigInt.asIntN(32, address));
    words[slot + 1] = Number(BigInt.asIntN(32, address >> 32n));
    words[slot + 2] = unit;
    words[slot + 3] = index;
  }

  private freeNumber(): number {
    let number = 0;
    while (this.units[number] !== undefined) number++;
    return number;
  }

  private makeRoom(kept: Unit): void {
    while (this.bytes > this.mostBytes || this.live >= MOST_UNITS)
      if (this.dropOldest(Math.ceil(this.live / 4), kept) === 0) return;
  }

  /** V8 keeps an instance as long as a table that it imports: now and then all begin anew with another. */
  private renewTable(): void {
    for (const unit of this.units) unit?.drop();
    this.table = makeTable(MOST_UNITS);
    this.waste = 0;
  }

  /** Drops those that were not used for the longest time; how many were dropped. */
  private dropOldest(count: number, kept: Unit | undefined): number {
    const age = ({ number }: Unit): number => this.words[(USES_AT >> 2) + number];
    const oldest = this.units
      .flatMap((unit) => (unit === undefined || unit === kept ? [] : [unit]))
      .sort((a, b) => age(a) - age(b))
      .slice(0, count);
    for (const unit of oldest) unit.drop();
    return oldest.length;
  }

  private placeOf(address: bigint): Place | undefined {
    const page = this.parts.memory.codePage(address);
    return page === undefined ? undefined : { page, from: Number(address & 4095n), address };
  }

  private cool(address: bigint): void {
    const place = this.placeOf(address);
    const block = place?.page.blocks?.[place.from];
    if (block !== undefined) block.heat = 0;
  }

  /** The unit that has what begins there, and shall keep it. */
  private keeper({ page, from }: Place): Unit | undefined {
    const entry = page.entries?.[from];
    return entry instanceof Entry && entry.unit.runsLong(this.longRun) ? entry.unit : undefined;
  }

  private behind(address: bigint, start: bigint): readonly bigint[] {
    const place = address === start ? undefined : this.placeOf(address);
    return (place && this.keeper(place))?.leadsTo ?? [];
  }

  private seen(address: bigint): Seen | undefined {
    const place = this.placeOf(address);
    const block = place?.page.blocks?.[place.from];
    if (block === undefined || block.breakpoint) return undefined;
    if (block.second !== undefined && block.second.version !== block.secondVersion) return undefined;
    return { addresses: block.addresses, targets: block.targets ?? [] };
  }

  private decode(address: bigint, start: bigint, pages: Set<Page>): GuestInstruction | undefined {
    const place = this.placeOf(address);
    if (place === undefined || this.parts.isBreakpoint(address)) return undefined;
    if (address !== start && this.keeper(place) !== undefined) return undefined;
    const known = this.decoded(place.page);
    const before = known.get(place.from);
    if (before !== undefined) {
      pages.add(place.page);
      return before;
    }
    const { instruction, reaches } = this.parts.translator.instructionAt(place.page, place.from, address);
    if (typeof instruction !== 'object') return undefined;
    pages.add(place.page);
    if (reaches !== undefined) pages.add(reaches);
    const made = guestInstruction(instruction);
    if (reaches === undefined) known.set(place.from, made);
    return made;
  }

  /** What was decoded of a page since it changed: units overlap. */
  private decoded(page: Page): Map<number, GuestInstruction> {
    let known = this.pages.get(page);
    if (known?.version !== page.version) {
      known = { version: page.version, instructions: new Map() };
      this.pages.set(page, known);
    }
    return known.instructions;
  }
}

function leadsTo({ nodes }: Graph, exits: readonly Exit[]): bigint[] {
  const own = new Set(nodes.map(({ address }) => address));
  const found = exits.flatMap(({ address, interpret }) =>
    address === undefined || interpret || own.has(address) ? [] : [address],
  );
  return [...new Set(found)];
}

/** Where the entry of an address in the jump cache begins, in words. */
function jumpSlot(address: bigint): number {
  return (JUMPS_AT >> 2) + Number(address & BigInt(JUMP_SLOTS - 1)) * 4;
}
