/**
 * What lies where in a hypervisor with payloads: sections, symbols, bytes, and how a place is told to a reader.
 *
 * A place is an address as a number, counted from the start of the image. Whatever may lead anywhere at all lies
 * within two gigabytes of it, where numbers are exact; an address that is farther away only has to be far.
 */
import type { Location } from '../diag/diagnostic.js';
import { printableName } from '../diag/printable.js';
import * as c from '../elf/constants.js';
import { sectionBytes } from '../elf/read.js';
import type { LoadedPayload, LoadedSection } from '../hypervisor/payload.js';
import type { Extent } from './extents.js';
import { ExtentTable, lastAtOrBelow } from './extents.js';
import type { HazardSubject } from './subject.js';

/** Position of a payload in the stack; the hypervisor itself is below all of them. */
export type Owner = number;
export const HYPERVISOR: Owner = -1;

const PAGE_BYTES = 4096;

export interface MappedSection extends Extent {
  readonly owner: Owner;
  readonly executable: boolean;
  /** Discarded when the hypervisor has booted. */
  readonly boot: boolean;
  /** Undefined for sections of the image that have no contents in the file. */
  readonly bytes: Uint8Array | undefined;
}

/** A payload as places: all of its pages, its sections and its symbols. */
export interface MappedPayload {
  readonly payload: LoadedPayload;
  readonly owner: Owner;
  readonly start: number;
  readonly end: number;
  readonly sections: readonly MappedSection[];
  readonly symbols: ExtentTable;
}

export class AddressMap {
  readonly sections: readonly MappedSection[];
  readonly symbols: ExtentTable;
  readonly payloads: readonly MappedPayload[];
  private readonly base: bigint;

  constructor(readonly subject: HazardSubject) {
    const { image, stack } = subject;
    const loaded = image.file.sections.filter((s) => (s.sh_flags & c.SHF_ALLOC) !== 0);
    this.base = loaded.reduce((low, s) => (s.sh_addr < low ? s.sh_addr : low), loaded[0]?.sh_addr ?? 0n);
    this.sections = loaded
      .map((section) => ({
        ...this.extent(section.name, section.sh_addr, section.sh_size),
        owner: HYPERVISOR,
        executable: (section.sh_flags & c.SHF_EXECINSTR) !== 0,
        boot: section.name.startsWith('.init'),
        bytes: section.sh_type === c.SHT_NOBITS ? undefined : sectionBytes(image.file, section),
      }))
      .sort((a, b) => a.start - b.start);
    this.symbols = new ExtentTable(image.symbols.map((s) => this.extent(s.name, s.address, s.size)));
    this.payloads = stack.map((payload, owner) => this.mapPayload(payload, owner));
  }

  place(address: bigint): number {
    return Number(address - this.base);
  }

  /** The address of a place, and as text. */
  addressOf(place: number): bigint {
    return BigInt.asUintN(64, this.base + BigInt(place));
  }

  address(place: number): string {
    return `0x${this.addressOf(place).toString(16)}`;
  }

  /** The section of the image that holds the place. */
  imageSection(place: number): MappedSection | undefined {
    const found = lastAtOrBelow(this.sections, place);
    return found !== undefined && place < found.end ? found : undefined;
  }

  /** The payload in whose pages the place lies. */
  payloadAt(place: number): MappedPayload | undefined {
    return this.payloads.find(({ start, end }) => place >= start && place < end);
  }

  /** The section, of the image or of a payload, that holds the place. */
  sectionAt(place: number): MappedSection | undefined {
    const found = this.payloadAt(place)?.sections.find(({ start, end }) => place >= start && place < end);
    return found ?? this.imageSection(place);
  }

  /** The symbols among which the place has its name. */
  symbolsAround(place: number): ExtentTable {
    return this.payloadAt(place)?.symbols ?? this.symbols;
  }

  /** Up to `length` bytes from a place on, as far as its section goes. */
  bytesAt(place: number, length: number): Uint8Array {
    const section = this.sectionAt(place);
    const from = place - (section?.start ?? 0);
    return section?.bytes?.subarray(from, from + length) ?? new Uint8Array(0);
  }

  /** `name+0x12`, from the symbol before it if none holds it; by section or address where none is. */
  title(place: number): string {
    const symbols = this.symbolsAround(place);
    const section = this.sectionAt(place);
    const before = symbols.startingAt(place) ?? symbols.holding(place) ?? symbols.lastStart(place);
    const near = before !== undefined && before.start >= (section?.start ?? Infinity) ? before : undefined;
    const holder = near ?? symbols.startingAt(place) ?? section;
    if (holder === undefined) return this.address(place);
    return titleIn(holder, place);
  }

  /** Where a place is in the files that the user gave. */
  locate(place: number): Location {
    const section = this.sectionAt(place);
    const object = this.payloadAt(place)?.payload.name ?? this.subject.image.name;
    if (section === undefined) return { object };
    if (section.owner === HYPERVISOR) return { object, symbol: this.title(place) };
    return { object, section: section.name, section_offset: place - section.start };
  }

  private mapPayload(payload: LoadedPayload, owner: Owner): MappedPayload {
    const start = this.place(payload.text.start);
    const sections = payload.sections.map((section) => this.mapSection(section, owner));
    const symbols = payload.symbols.map((s) => this.extent(s.name, s.address, s.size));
    return {
      payload,
      owner,
      start,
      end: start + payload.pages * PAGE_BYTES,
      sections: sections.sort((a, b) => a.start - b.start),
      symbols: new ExtentTable(symbols),
    };
  }

  private mapSection(section: LoadedSection, owner: Owner): MappedSection {
    return {
      ...this.extent(section.name, section.address, section.size),
      owner,
      executable: (section.sh_flags & c.SHF_EXECINSTR) !== 0,
      boot: false,
      bytes: this.subject.memory.read(section.address, section.size),
    };
  }

  private extent(name: string, address: bigint, size: number): Extent {
    const start = this.place(address);
    return { name, start, end: start + size };
  }
}

/** A place by the distance from the start of what holds it, safe to print. */
export function titleIn(holder: Extent, place: number): string {
  const name = printableName(holder.name);
  return place === holder.start ? name : `${name}+0x${(place - holder.start).toString(16)}`;
}
