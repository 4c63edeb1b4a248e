/**
 * The hypervisor's own symbol table: names to addresses as symbols_lookup_by_name() has it, and addresses to
 * names as %ps prints them. Source: xen/common/symbols.c.
 */
import * as c from '../../elf/constants.js';
import type { ImageSymbol, XenImage } from '../../xen/image.js';

/** Longer names are cut in Xen's table and never found. Source: KSYM_NAME_LEN in xen/include/xen/symbols.h. */
const LONGEST_NAME = 127;

export class ImageSymbols {
  private byAddress: readonly ImageSymbol[] | undefined;

  constructor(private readonly image: XenImage) {}

  /** The lowest address of that name; 0n when there is none. */
  lookup(name: string): bigint {
    if (name.length > LONGEST_NAME) return 0n;
    const found = this.image.byName.get(name) ?? [];
    return found.map((k) => this.image.symbols[k].address).reduce((a, b) => (a === 0n || b < a ? b : a), 0n);
  }

  /** The same for a local symbol whose file is not asked for; 0n when there is none or more than one. */
  local(name: string): bigint {
    const bare = this.lookup(name);
    if (bare !== 0n) return bare;
    const found = this.image.symbols.filter((symbol) => symbol.name.endsWith(`#${name}`));
    return found.length === 1 ? found[0].address : 0n;
  }

  /** The symbol at or below an address, with the distance to it. */
  at(
    address: bigint,
  ): { readonly name: string; readonly distance: bigint; readonly size: number } | undefined {
    const symbols = this.sorted();
    let low = 0;
    let high = symbols.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (symbols[middle].address > address) high = middle;
      else low = middle + 1;
    }
    if (low === 0) return undefined;
    const { name, address: start, size } = symbols[low - 1];
    return { name, distance: address - start, size };
  }

  /** By address; of several at one address, functions last, so that they are found first. */
  private sorted(): readonly ImageSymbol[] {
    this.byAddress ??= [...this.image.symbols].sort((a, b) =>
      a.address === b.address ? rank(a) - rank(b) : a.address < b.address ? -1 : 1,
    );
    return this.byAddress;
  }
}

function rank(symbol: ImageSymbol): number {
  return (symbol.type === c.STT_FUNC ? 2 : 0) + (symbol.size > 0 ? 1 : 0);
}
