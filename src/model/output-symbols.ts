/**
 * The payload's symbol table while it is laid out: one symbol for each atom that has a name, one for each
 * section that holds others, one for each name that the hypervisor provides (with --prelink: its address).
 */
import * as c from '../elf/constants.js';
import type { OutputSymbol } from '../elf/write.js';
import { isCode } from './section-role.js';
import type { Layout } from './layout.js';
import type { NamedPayload } from './payload-artifacts.js';

/** A symbol that the running system provides: bound by the loader, unless its address is filled in already. */
export function providedSymbol(name: string, address: bigint | undefined): OutputSymbol {
  return {
    name,
    st_info: c.STB_GLOBAL << 4,
    st_other: 0,
    section: address === undefined ? 'undef' : 'abs',
    st_value: address ?? 0,
    st_size: 0,
  };
}

export class SymbolTableBuilder {
  private readonly symbols: OutputSymbol[] = [];
  private readonly sectionSymbols = new Map<number, number>();
  private readonly ownSymbols = new Map<number, number>();
  private readonly externals = new Map<string, number>();

  constructor(
    private readonly resolved: NamedPayload,
    private readonly layout: Layout,
  ) {
    for (const [k, name] of resolved.symbolNames.entries())
      if (name !== '') this.ownSymbols.set(k, this.define(k, name));
  }

  all(): readonly OutputSymbol[] {
    return this.symbols;
  }

  /** The symbol by which to refer to an included atom, and the atom's distance from it. */
  ofIncluded(included: number): { symbol: number; base: number } {
    const own = this.ownSymbols.get(included);
    if (own !== undefined) return { symbol: own, base: 0 };
    const { section, start } = this.layout.placements[included];
    let symbol = this.sectionSymbols.get(section);
    if (symbol === undefined) {
      symbol = this.symbols.length;
      this.symbols.push({ name: '', st_info: c.STT_SECTION, st_other: 0, section, st_value: 0, st_size: 0 });
      this.sectionSymbols.set(section, symbol);
    }
    return { symbol, base: start };
  }

  ofExternal(external: number): number {
    const { name, address } = this.resolved.bindings[external];
    let symbol = this.externals.get(name);
    if (symbol === undefined) {
      symbol = this.symbols.length;
      const { prelink } = this.resolved.context.wishes;
      this.symbols.push(providedSymbol(name, prelink ? address : undefined));
      this.externals.set(name, symbol);
    }
    return symbol;
  }

  private define(included: number, name: string): number {
    const { object, atom: index } = this.resolved.atoms[included];
    const { patched } = this.resolved.context.objects[object];
    const atom = patched.atoms[index];
    const bind = atom.local ? c.STB_LOCAL : c.STB_GLOBAL;
    const type = isCode(atom.role) ? c.STT_FUNC : c.STT_OBJECT;
    const { section, start } = this.layout.placements[included];
    this.symbols.push({
      name,
      st_info: (bind << 4) | type,
      st_other: 0,
      section,
      st_value: start,
      st_size: atom.size,
    });
    return this.symbols.length - 1;
  }
}
