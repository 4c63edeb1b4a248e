/**
 * Whether the bytes of an atom stand at a place of the linked hypervisor, with its relocations applied.
 *
 * The formulas of relocations (psABI, table 4.9) are read backwards: from the field in the image comes the value of
 * the symbol, S = field - A (+ P). That must be a place that the symbol has. What has no name in the image is where
 * the field says, and must hold there what it holds in the object: a string up to its terminator, a constant, a
 * table. Linkers merge strings and constants, so of these each is looked at alone.
 *
 * The image is as linked: alternatives are applied when the hypervisor boots, and of a bug frame's ud2 nothing is
 * ever changed, so no byte has to be left out.
 */
import * as c from '../elf/constants.js';
import type { RelaTable } from '../elf/read.js';
import { asBuffer, byPlace, symbolSection, symbolTitle } from '../elf/read.js';
import { relocKind, relocName } from '../elf/reloc-x86-64.js';
import { instructionAt } from '../x86/decode.js';
import { bytesAt, symbolBefore, symbolName } from '../xen/linked-image.js';
import type { LinkedImage } from '../xen/linked-image.js';
import { agree, ObjectPlaces } from './base-places.js';
import { sameStamp, tellsOfBuild } from './build-stamps.js';
import { decodedAtom } from './decoded-atoms.js';
import type { Atom, Bundles } from './object-model.js';
import { atomAt, atomBytes, atomTitle } from './object-model.js';
import { isCode } from './section-role.js';
import { quoted, signed } from './spell-target.js';

/** The kinds in which a function of an object may differ from that of the image; `unchecked` says that it is not known. */
export type BaseKind =
  | 'missing'
  | 'size'
  | 'code'
  | 'target'
  | 'contents'
  | 'string'
  /** A string that says when, where or by whom it was built. */
  | 'stamp'
  /** A payload below has replaced it. */
  | 'below'
  | 'unchecked';

export interface Finding {
  readonly kind: BaseKind;
  /** Bytes from the start of the atom. */
  readonly at: number;
  readonly text: string;
}

const CHARACTERS_SHOWN = 80;
const LONGEST_TEXT = 4_096;
/** Tables that refer to tables are followed so far; the limit is for files made to exhaust the stack. */
const DEEPEST = 200;
const NONE: readonly Finding[] = [];

export class BaseFields {
  readonly places: ObjectPlaces;
  /** What was found of an atom at a place; while it is looked at, nothing. */
  private readonly known = new Map<string, readonly Finding[]>();
  private depth = 0;
  /** Keys in the order in which they were entered, since nothing was being looked at. */
  private readonly assumed: string[] = [];
  private readonly orders = new Map<RelaTable, number[]>();

  constructor(
    readonly bundles: Bundles,
    object: string,
    readonly image: LinkedImage,
    renumbered: boolean,
  ) {
    this.places = new ObjectPlaces(bundles, object, image, renumbered);
  }

  /** What of the atom is otherwise at `place`; nothing when all of it is there. */
  compare(atom: Atom, place: number): readonly Finding[] {
    const key = `${atom.index}@${place}`;
    const before = this.known.get(key);
    if (before !== undefined) return before;
    if (this.depth === DEEPEST)
      return [{ kind: 'unchecked', at: 0, text: 'tables refer to tables without end' }];
    const mark = this.assumed.push(key);
    this.known.set(key, NONE);
    this.depth += 1;
    const found = this.compareBytes(atom, place);
    this.depth -= 1;
    // What was found equal while this one was taken for equal may not be.
    if (found.length > 0) for (const other of this.assumed.splice(mark)) this.known.delete(other);
    if (this.depth === 0) this.assumed.length = 0;
    this.known.set(key, found);
    return found;
  }

  private compareBytes(atom: Atom, place: number): readonly Finding[] {
    const wanted = asBuffer(atomBytes(this.bundles, atom));
    const there = bytesAt(this.image, place, atom.size);
    if (there === undefined || wanted.length !== atom.size)
      return [{ kind: 'missing', at: 0, text: 'the image has no bytes there' }];
    const found: Finding[] = [];
    let from = 0;
    const same = (to: number): boolean => {
      if (from >= to || wanted.compare(there, from, to, from, to) === 0) return true;
      let at = from;
      while (wanted[at] === there[at]) at++;
      found.push({ kind: 'code', at, text: `bytes differ at +0x${at.toString(16)}` });
      return false;
    };
    const { rela, which } = this.relocationsOf(atom);
    for (const k of which) {
      if (rela === undefined) break;
      const at = rela.r_offset[k] - atom.start;
      const width = relocKind(rela.r_type[k])?.width ?? 0;
      // Behind code that differs, fields are where they are by accident.
      if (!same(at)) return found;
      if (at + width > atom.size) {
        found.push({ kind: 'unchecked', at, text: 'a relocation reaches beyond its end' });
        return found;
      }
      found.push(...this.compareField(atom, rela, k, place + at, there.subarray(at, at + width)));
      from = Math.max(from, at + width);
    }
    same(atom.size);
    return found;
  }

  /** The relocations of an atom by rising place. */
  private relocationsOf(atom: Atom): { rela: RelaTable | undefined; which: readonly number[] } {
    const position = this.bundles.file.relaOf[atom.section];
    if (position < 0) return { rela: undefined, which: [] };
    const rela = this.bundles.file.relas[position];
    const order = this.orders.get(rela) ?? byPlace(rela);
    this.orders.set(rela, order);
    const from = firstAtOrAfter(rela, order, atom.start);
    return { rela, which: order.slice(from, firstAtOrAfter(rela, order, atom.start + atom.size)) };
  }

  private compareField(
    atom: Atom,
    rela: RelaTable,
    k: number,
    place: number,
    field: Uint8Array,
  ): readonly Finding[] {
    const r_type = rela.r_type[k];
    const at = rela.r_offset[k] - atom.start;
    if (r_type === c.R_X86_64_NONE) return NONE;
    const value = this.symbolValue(r_type, field, place, rela.r_addend[k]);
    if (value === undefined)
      return [{ kind: 'unchecked', at, text: `a linker makes of ${relocName(r_type)} what it likes` }];
    const symbol = rela.r_sym[k];
    const section = symbolSection(this.bundles.file.symbols, symbol);
    const what =
      section === undefined
        ? this.isOutside(symbol, value, spanOf(r_type))
        : this.compareInside(atom, { rela, k, value, section });
    return what.map((finding) => ({ ...finding, at }));
  }

  /**
   * The value of the symbol that a field of the image speaks of, as a place; undefined for relocations through tables
   * that linkers make or relax. Of narrow absolute fields only the low bits are known: what is near the image is meant.
   */
  private symbolValue(r_type: number, field: Uint8Array, place: number, addend: number): number | undefined {
    if (!PLAIN.has(r_type)) return undefined;
    const view = asBuffer(field);
    const { width, pcRelative } = relocKind(r_type) ?? { width: 0, pcRelative: false };
    const raw =
      width === 8 ? Number(BigInt.asIntN(64, this.inField(view, pcRelative))) : view.readIntLE(0, width);
    if (pcRelative) return raw + place - addend;
    if (width === 8) return raw - addend;
    const span = 2 ** (8 * width);
    const low = raw - addend - Number(BigInt.asUintN(8 * width, this.image.origin));
    const near = ((low % span) + span) % span;
    return near;
  }

  private inField(view: Buffer, pcRelative: boolean): bigint {
    return pcRelative ? view.readBigInt64LE(0) : view.readBigUInt64LE(0) - this.image.origin;
  }

  private isOutside(symbol: number, value: number, span: number): readonly Finding[] {
    const places = this.places.placesOf(symbol);
    if (places.some((place) => agree(place, value, span))) return NONE;
    const title = symbolTitle(this.bundles.file, symbol);
    const text =
      places.length === 0
        ? `it refers to ${title}, which the image does not have`
        : `it refers to ${title}, the image to ${this.spellPlace(value)}`;
    return [{ kind: 'target', at: 0, text }];
  }

  private compareInside(
    user: Atom,
    { rela, k, value, section }: { rela: RelaTable; k: number; value: number; section: number },
  ): readonly Finding[] {
    const { symbols, sections } = this.bundles.file;
    const symbol = rela.r_sym[k];
    const symbolAt = Number(symbols.st_value[symbol]);
    const bySection = c.stType(symbols.st_info[symbol]) === c.STT_SECTION;
    const pcRelative = relocKind(rela.r_type[k])?.pcRelative === true;
    if ((sections[section].sh_flags & c.SHF_MERGE) !== 0) {
      // Assemblers keep the symbol of the string there, because a linker would take the addend for its place.
      if (bySection && pcRelative && isCode(user.role))
        return [
          {
            kind: 'unchecked',
            at: 0,
            text: `it is not said which piece of ${sections[section].name} is meant`,
          },
        ];
      // Of a section symbol the addend says which string is meant, and the linker moved that one alone.
      const into = bySection ? rela.r_addend[k] : 0;
      return this.compareMerged(user, section, symbolAt + into, value + into);
    }
    const correction = bySection && pcRelative ? this.correctionOf(user, rela.r_offset[k] - user.start) : 0;
    const meant = symbolAt + (bySection ? rela.r_addend[k] + correction : 0);
    const base = value - symbolAt;
    if (this.places.isNamed(section) && !this.places.mayBegin(section, meant, base, spanOf(rela.r_type[k]))) {
      const title = this.titleAt(section, meant);
      return [
        {
          kind: 'target',
          at: 0,
          text: `it refers to ${title}, the image to ${this.spellPlace(base + meant)}`,
        },
      ];
    }
    return this.compareTarget(section, meant, base);
  }

  /** Bytes from a field to the end of its instruction. */
  private correctionOf(user: Atom, at: number): number {
    if (!isCode(user.role)) return 0;
    const code = decodedAtom(this.bundles, user);
    const found = instructionAt(code, at);
    return found < 0 ? 0 : code.start[found] + code.length[found] - at;
  }

  /** Things that never change must be the same; of a variable the place is enough, of code its name. */
  private compareTarget(section: number, meant: number, base: number): readonly Finding[] {
    const atoms = this.bundles;
    const target = atomAt(atoms, section, Math.max(0, Math.min(meant, atoms.file.sections[section].sh_size)));
    const named = this.places.isNamed(section);
    if (target === undefined || target.size === 0) return NONE;
    if (named && target.role !== 'rodata') return NONE;
    if (!named && (target.role === 'bss' || target.role === 'percpu'))
      return [
        {
          kind: 'unchecked',
          at: 0,
          text: `it refers to memory without a name in ${atomTitle(atoms, target)}`,
        },
      ];
    const inner = this.compare(target, base + target.start);
    const [first] = inner;
    if (first === undefined) return NONE;
    const light = inner.every(({ kind }) => kind === first.kind && LIGHT.has(kind));
    const kind = light ? first.kind : 'contents';
    return [{ kind, at: 0, text: `${atomTitle(atoms, target)}: ${first.text}` }];
  }

  /** A string up to its terminator, or a constant. */
  private compareMerged(user: Atom, section: number, from: number, place: number): readonly Finding[] {
    const { bundles, image } = this;
    const atom = from < 0 ? undefined : atomAt(bundles, section, from);
    const wanted = atom === undefined ? undefined : atomBytes(bundles, atom).subarray(from - atom.start);
    if (atom === undefined || wanted === undefined || wanted.length === 0)
      return [{ kind: 'unchecked', at: 0, text: 'it refers to a place between strings' }];
    const there = bytesAt(image, place, wanted.length);
    if (there !== undefined && asBuffer(wanted).equals(there)) return NONE;
    if (atom.kind !== 'string')
      return [{ kind: 'contents', at: 0, text: `the constant ${atomTitle(bundles, atom)} differs` }];
    const running = stringAt(image, place);
    const shown = running === undefined ? spellPlace(image, place) : quotedText(asBuffer(running));
    const text = `${quotedText(asBuffer(wanted))} in the object, ${shown} in the image`;
    const stamp =
      tellsOfBuild(user.name) ||
      (running !== undefined && sameStamp(user.name, wanted.subarray(0, -1), running));
    return [{ kind: stamp ? 'stamp' : 'string', at: 0, text }];
  }

  private titleAt(section: number, from: number): string {
    const atom = from < 0 ? undefined : atomAt(this.bundles, section, from);
    if (atom === undefined) return `${this.bundles.file.sections[section].name}${signed(from)}`;
    return `${atomTitle(this.bundles, atom)}${signed(from - atom.start)}`;
  }

  private spellPlace(place: number): string {
    return spellPlace(this.image, place);
  }
}

/** Kinds that say as much of whoever uses a table as of the table. */
const LIGHT: ReadonlySet<BaseKind> = new Set(['string', 'stamp', 'unchecked']);

/** Types whose field is S + A, or S + A - P: all that a hypervisor has. */
const PLAIN: ReadonlySet<number> = new Set([
  c.R_X86_64_64,
  c.R_X86_64_PC32,
  c.R_X86_64_PLT32,
  c.R_X86_64_32,
  c.R_X86_64_32S,
  c.R_X86_64_16,
  c.R_X86_64_PC16,
  c.R_X86_64_8,
  c.R_X86_64_PC8,
  c.R_X86_64_PC64,
]);

/** Modulo what a field tells a place: the distances of a hypervisor all fit into 32 bits, its addresses do not. */
function spanOf(r_type: number): number {
  const { width, pcRelative } = relocKind(r_type) ?? { width: 0, pcRelative: false };
  return pcRelative || width === 8 ? Infinity : 2 ** (8 * width);
}

function firstAtOrAfter(rela: RelaTable, order: readonly number[], at: number): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rela.r_offset[order[middle]] < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function quotedText(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return quoted(bytes.toString('latin1', 0, end < 0 ? bytes.length : end), CHARACTERS_SHOWN);
}

/** The bytes from a place of the image to the terminator, which is left out; undefined where no string ends. */
export function stringAt({ contents }: LinkedImage, place: number): Uint8Array | undefined {
  const held = contents.find((one) => place >= one.place && place < one.place + one.bytes.length);
  if (held === undefined) return undefined;
  const from = place - held.place;
  const end = held.bytes.indexOf(0, from);
  return end < 0 || end - from > LONGEST_TEXT ? undefined : held.bytes.subarray(from, end);
}

/** A place of the image by the symbol that it belongs to. */
export function spellPlace(image: LinkedImage, place: number): string {
  const near = symbolBefore(image, place);
  if (near !== undefined) return `${symbolName(image, near.symbol)}${signed(near.into)}`;
  return `0x${BigInt.asUintN(64, image.origin + BigInt(Math.trunc(place))).toString(16)}`;
}
