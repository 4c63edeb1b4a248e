/**
 * The symbols of a payload that was laid out, to refer to from what is appended to it: those that are there are used,
 * others come behind them.
 */
import * as c from '../elf/constants.js';
import type { OutputSymbol } from '../elf/write.js';
import { providedSymbol } from './output-symbols.js';
import type { Anchor, LaidOutPayload } from './payload-artifacts.js';

export class OutputNames {
  readonly symbols: OutputSymbol[];
  private readonly sections = new Map<number, number>();
  private readonly names = new Map<string, number>();

  constructor(private readonly payload: LaidOutPayload) {
    this.symbols = [...payload.object.symbols];
    for (const [k, { name, section, st_info }] of this.symbols.entries()) {
      if (typeof section === 'number' && c.stType(st_info) === c.STT_SECTION) this.sections.set(section, k);
      else if (typeof section !== 'number') this.names.set(name, k);
    }
  }

  /** By its position, also of one that is still to come. */
  ofSection(section: number): number {
    return this.found(this.sections, section, {
      name: '',
      st_info: c.STT_SECTION,
      st_other: 0,
      section,
      st_value: 0,
      st_size: 0,
    });
  }

  /** An included atom: the symbol of its section, and how far from there it is. */
  ofIncluded(included: number): { readonly symbol: number; readonly base: number } {
    const { section, start } = this.payload.placements[included];
    return { symbol: this.ofSection(section), base: start };
  }

  /** What an external is bound to. */
  ofBinding(external: number): number {
    const { name, address } = this.payload.resolved.bindings[external];
    return this.ofName(name, address);
  }

  ofAnchor({ name, address }: Anchor): number {
    return this.ofName(name, address);
  }

  private ofName(name: string, address: bigint | undefined): number {
    const { prelink } = this.payload.resolved.context.wishes;
    return this.found(this.names, name, providedSymbol(name, prelink ? address : undefined));
  }

  private found<K>(known: Map<K, number>, key: K, otherwise: OutputSymbol): number {
    const there = known.get(key);
    if (there !== undefined) return there;
    known.set(key, this.symbols.length);
    this.symbols.push(otherwise);
    return this.symbols.length - 1;
  }
}
