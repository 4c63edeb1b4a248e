/**
 * Where the sections of an object lie in the linked hypervisor, as far as its symbols tell.
 *
 * A linker moves sections whole, so one symbol of a section that the image has exactly once tells where all of it
 * is. Several symbols of one section are asked each for its own surroundings: if the image was built from something
 * else, the next function may have moved. Sections without any name (jump tables, strings, constants) are found by
 * those who refer to them, and then they must hold the same: base-fields.ts.
 */
import * as c from '../elf/constants.js';
import { symbolSection } from '../elf/read.js';
import { placeOf, symbolName, symbolsAt, symbolsNamed } from '../xen/linked-image.js';
import type { LinkedImage } from '../xen/linked-image.js';
import { governingFiles } from './bundle.js';
import { isNumbered, nameInXen, stableName } from './names.js';
import type { Bundles } from './object-model.js';

/** A symbol of a section, and where the section would begin in the image by each symbol of that name there. */
interface Anchor {
  readonly start: number;
  readonly bases: readonly number[];
  /** The name as Xen's table spells it, without the compiler's number, where numbers mean nothing. */
  readonly stable: string;
}

export class ObjectPlaces {
  private readonly anchors: (Anchor[] | undefined)[] = [];
  private readonly files: readonly string[];

  /** `renumbered`: the object was built from other source than the image, so numbers of static locals mean nothing. */
  constructor(
    private readonly bundles: Bundles,
    private readonly object: string,
    private readonly image: LinkedImage,
    private readonly renumbered: boolean,
  ) {
    const { symbols } = bundles.file;
    this.files = governingFiles(bundles.file);
    for (let i = 1; i < symbols.count; i++) {
      const section = symbolSection(symbols, i);
      const type = c.stType(symbols.st_info[i]);
      if (section === undefined || type === c.STT_SECTION || type === c.STT_FILE) continue;
      if (symbols.names[i] === '' || symbols.names[i].startsWith('.L')) continue;
      (this.anchors[section] ??= []).push(this.anchorOf(i));
    }
    this.anchors.forEach((all, section) => {
      const sure = all?.filter(({ bases }) => bases.length === 1) ?? [];
      this.anchors[section] = (sure.length > 0 ? sure : all)?.sort((a, b) => a.start - b.start);
    });
  }

  /** A symbol of the object as Xen's table spells it. */
  nameOf(symbol: number): string {
    const { names, st_info } = this.bundles.file.symbols;
    const local = c.stBind(st_info[symbol]) === c.STB_LOCAL;
    return nameInXen(this.object, names[symbol], local, this.files[symbol]);
  }

  private anchorOf(symbol: number): Anchor {
    const { names, st_value } = this.bundles.file.symbols;
    const name = this.nameOf(symbol);
    const start = Number(st_value[symbol]);
    const loose = this.renumbered && isNumbered(names[symbol]);
    const known = loose ? [] : symbolsNamed(this.image, name);
    return {
      start,
      bases: known.map((k) => this.image.places[k] - start),
      stable: loose ? stable(name) : '',
    };
  }

  /** Whether any symbol names something in the section. */
  isNamed(section: number): boolean {
    return this.anchors[section] !== undefined;
  }

  /**
   * Whether a section may begin at place `base`, given that byte `start` of it is meant; `base` is known modulo
   * `span`, which is Infinity where all of it is.
   */
  mayBegin(section: number, start: number, base: number, span: number): boolean {
    const anchor = this.nearest(section, start);
    if (anchor === undefined) return false;
    if (anchor.stable === '') return anchor.bases.some((known) => agree(known, base, span));
    return symbolsAt(this.image, base + anchor.start).some(
      (k) => stable(symbolName(this.image, k)) === anchor.stable,
    );
  }

  /** The places of a symbol that the object does not define; one with an absolute value has just that. */
  placesOf(symbol: number): readonly number[] {
    const { names, st_info, st_shndx, st_value } = this.bundles.file.symbols;
    if (st_shndx[symbol] === c.RESERVED_SHNDX + c.SHN_ABS)
      return [placeOf(this.image.origin, st_value[symbol])];
    const known = symbolsNamed(this.image, names[symbol]).map((k) => this.image.places[k]);
    const weak = c.stBind(st_info[symbol]) === c.STB_WEAK;
    return known.length === 0 && weak ? [placeOf(this.image.origin, 0n)] : known;
  }

  private nearest(section: number, start: number): Anchor | undefined {
    const all = this.anchors[section] ?? [];
    return all.findLast((anchor) => anchor.start <= start) ?? all.at(0);
  }
}

/** Whether two numbers are equal modulo `span`. */
export function agree(x: number, y: number, span: number): boolean {
  return span === Infinity ? x === y : (x - y) % span === 0;
}

/** `file#count.12` -> `file#count`; dots in the name of the file stay. */
function stable(name: string): string {
  const hash = name.lastIndexOf('#');
  return `${name.slice(0, hash + 1)}${stableName(name.slice(hash + 1))}`;
}
