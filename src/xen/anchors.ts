/**
 * Names from which to count: a place in the hypervisor as so many bytes behind a symbol that the loader can find, which
 * is one whose name is borne by no other, in the hypervisor or in the payload itself.
 */
import type { ImageSymbol, XenImage } from './image.js';

export class Anchors {
  /** Symbols with a name of their own, by rising address. */
  private readonly sorted: readonly ImageSymbol[];

  /** `taken`: names that the payload defines. */
  constructor(image: XenImage, taken: ReadonlySet<string>) {
    this.sorted = image.symbols
      .filter(({ name }) => image.byName.get(name)?.length === 1 && !taken.has(name))
      .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  }

  /** The nearest at or below an address; the first of all for what lies below it. Throws for an image without any. */
  of(address: bigint): { readonly name: string; readonly address: bigint; readonly distance: number } {
    let low = 0;
    let high = this.sorted.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.sorted[middle].address > address) high = middle - 1;
      else low = middle;
    }
    const found = this.sorted.at(low);
    if (found === undefined) throw new Error('no symbol of the hypervisor has a name of its own');
    return { name: found.name, address: found.address, distance: Number(address - found.address) };
  }
}
