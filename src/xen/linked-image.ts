/**
 * What a proof of the base asks of the linked hypervisor: which bytes stand at a place, which places a name has, and
 * what is called what at a place. The same facts as in image.ts, as columns in shared memory, so that worker threads
 * see one copy and nothing is parsed twice.
 *
 * Places are bytes from `origin`, the lowest address of the image, as numbers: a hypervisor spans two gigabytes, and
 * whatever lies within 2^53 of it (absolute symbols do) is exact.
 */
import * as c from '../elf/constants.js';
import { asBuffer, sectionBytes } from '../elf/read.js';
import type { ElfFile } from '../elf/read.js';
import type { XenImage } from './image.js';

export interface LinkedImage {
  /** Path, as the user gave it. */
  readonly name: string;
  readonly origin: bigint;
  /** Sections with contents, by rising place. */
  readonly contents: readonly {
    readonly section: string;
    readonly place: number;
    readonly bytes: Uint8Array;
  }[];
  /** Names as Xen's table spells them, latin-1, one after the other; that of symbol k ends where that of k + 1 begins. */
  readonly names: Uint8Array;
  readonly nameStart: Uint32Array;
  readonly places: Float64Array;
  readonly sizes: Float64Array;
  readonly types: Uint8Array;
  /** An open hash table over the names: 1 + the last symbol of a name, 0 where nothing is. */
  readonly slots: Int32Array;
  /** The symbol of the same name before each, or -1. */
  readonly namesakes: Int32Array;
  /** Symbols by rising place. */
  readonly ascending: Uint32Array;
  /** Texts of .comment, each once. */
  readonly compilers: readonly string[];
}

interface Named {
  readonly name: string;
  readonly address: bigint;
  readonly size: number;
  readonly type: number;
}

const made = new WeakMap<XenImage, LinkedImage>();

/** The image as the proof sees it; everything lies in shared memory. Made once for each image: all passes ask. */
export function linkedImage(image: XenImage): LinkedImage {
  let linked = made.get(image);
  if (linked === undefined) made.set(image, (linked = columnsOf(image)));
  return linked;
}

function columnsOf(image: XenImage): LinkedImage {
  const { file } = image;
  const loaded = file.sections.filter((s) => (s.sh_flags & c.SHF_ALLOC) !== 0 && s.sh_size > 0);
  const origin = loaded.reduce((low, s) => (s.sh_addr < low ? s.sh_addr : low), loaded.at(0)?.sh_addr ?? 0n);
  const symbols: Named[] = [...image.symbols, ...absoluteSymbols(file)];
  const names = symbols.map(({ name }) => name);
  const nameStart = shared(Uint32Array, symbols.length + 1);
  for (const [k, name] of names.entries()) nameStart[k + 1] = nameStart[k] + name.length;
  const places = shared(Float64Array, symbols.length);
  const sizes = shared(Float64Array, symbols.length);
  const types = shared(Uint8Array, symbols.length);
  for (const [k, { address, size, type }] of symbols.entries()) {
    places[k] = placeOf(origin, address);
    sizes[k] = size;
    types[k] = type;
  }
  const ascending = shared(Uint32Array, symbols.length);
  ascending.set([...places.keys()].sort((a, b) => places[a] - places[b] || a - b));
  return {
    name: image.name,
    origin,
    contents: loaded
      .filter((s) => s.sh_type !== c.SHT_NOBITS)
      .map((s) => ({
        section: s.name,
        place: placeOf(origin, s.sh_addr),
        bytes: sharedCopy(sectionBytes(file, s)),
      }))
      .sort((a, b) => a.place - b.place),
    names: sharedCopy(Buffer.from(names.join(''), 'latin1')),
    nameStart,
    places,
    sizes,
    types,
    ...hashTable(names),
    ascending,
    compilers: compilersOf(file),
  };
}

/** Symbols of the linker script that stand for numbers: names of functions and data have places instead. */
function absoluteSymbols({ symbols }: ElfFile): Named[] {
  const { count, names, st_info, st_shndx, st_value } = symbols;
  const found: Named[] = [];
  for (let i = symbols.firstGlobal; i < count; i++) {
    if (st_shndx[i] !== c.RESERVED_SHNDX + c.SHN_ABS || names[i] === '') continue;
    found.push({ name: names[i], address: st_value[i], size: 0, type: c.stType(st_info[i]) });
  }
  return found;
}

/** Texts of .comment, each once, sorted: `GCC: (Debian 12.2.0-14) 12.2.0`. */
export function compilersOf(file: ElfFile): readonly string[] {
  const found = new Set<string>();
  for (const section of file.sections) {
    if (section.name !== '.comment') continue;
    const text = asBuffer(sectionBytes(file, section)).toString('latin1', 0, LONGEST_COMMENT);
    for (const part of text.split('\0')) if (part !== '') found.add(part);
  }
  return [...found].sort();
}

const LONGEST_COMMENT = 1 << 16;

/** Bytes from the origin, modulo 2^64 and signed. */
export function placeOf(origin: bigint, address: bigint): number {
  return Number(BigInt.asIntN(64, address - origin));
}

export function addressOf(image: LinkedImage, place: number): bigint {
  return BigInt.asUintN(64, image.origin + BigInt(place));
}

function shared<T>(
  column: { new (buffer: SharedArrayBuffer): T; readonly BYTES_PER_ELEMENT: number },
  count: number,
): T {
  return new column(new SharedArrayBuffer(count * column.BYTES_PER_ELEMENT));
}

function sharedCopy(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** FNV-1a, 32 bits. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let k = 0; k < name.length; k++) hash = Math.imul(hash ^ name.charCodeAt(k), 0x01000193);
  return hash >>> 0;
}

function hashTable(names: readonly string[]): Pick<LinkedImage, 'slots' | 'namesakes'> {
  const size = 2 ** Math.ceil(Math.log2(2 * names.length + 2));
  const slots = shared(Int32Array, size);
  const namesakes = shared(Int32Array, names.length).fill(-1);
  for (const [k, name] of names.entries()) {
    let at = hashOf(name) & (size - 1);
    while (slots[at] !== 0 && names[slots[at] - 1] !== name) at = (at + 1) & (size - 1);
    namesakes[k] = slots[at] - 1;
    slots[at] = k + 1;
  }
  return { slots, namesakes };
}

export function symbolName(image: LinkedImage, k: number): string {
  return asBuffer(image.names).toString('latin1', image.nameStart[k], image.nameStart[k + 1]);
}

/** All symbols of a name, in the order of the image; none for a name that is not there. */
export function symbolsNamed(image: LinkedImage, name: string): number[] {
  const { slots, namesakes } = image;
  let at = hashOf(name) & (slots.length - 1);
  // At least half of the slots are free, so this ends.
  while (slots[at] !== 0 && !isNamed(image, slots[at] - 1, name)) at = (at + 1) & (slots.length - 1);
  const found: number[] = [];
  for (let k = slots[at] - 1; k >= 0; k = namesakes[k]) found.push(k);
  return found.reverse();
}

function isNamed({ names, nameStart }: LinkedImage, k: number, name: string): boolean {
  const start = nameStart[k];
  if (nameStart[k + 1] - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (names[start + i] !== name.charCodeAt(i)) return false;
  return true;
}

/** The bytes at a place, or undefined when no section with contents holds all of them. */
export function bytesAt(image: LinkedImage, place: number, length: number): Uint8Array | undefined {
  for (const { place: start, bytes } of image.contents) {
    const into = place - start;
    if (into >= 0 && into + length <= bytes.length) return bytes.subarray(into, into + length);
  }
  return undefined;
}

/** Bytes of an image are shown as belonging to a symbol that starts no further below than this. */
const FURTHEST_SYMBOL = 1 << 20;

/** The last symbol at or before a place, sized ones that hold it first; undefined when there is none near. */
export function symbolBefore(
  image: LinkedImage,
  place: number,
): { symbol: number; into: number } | undefined {
  const { ascending, places, sizes } = image;
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (places[ascending[middle]] > place) high = middle - 1;
    else low = middle;
  }
  const start = ascending.length === 0 ? NaN : places[ascending[low]];
  if (!(start <= place) || place - start > FURTHEST_SYMBOL) return undefined;
  let best = ascending[low];
  for (let k = low; k >= 0 && places[ascending[k]] === start; k--) {
    if (sizes[ascending[k]] > 0 || sizes[best] === 0) best = ascending[k];
  }
  return { symbol: best, into: place - start };
}

/** All symbols at exactly a place. */
export function symbolsAt(image: LinkedImage, place: number): number[] {
  const found: number[] = [];
  const { ascending, places } = image;
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (places[ascending[middle]] < place) low = middle + 1;
    else high = middle;
  }
  for (; low < ascending.length && places[ascending[low]] === place; low++) found.push(ascending[low]);
  return found;
}
