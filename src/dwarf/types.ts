/**
 * What the DIEs of one file say about types, in the terms in which layouts are compared: qualifiers and typedefs
 * taken off, members with their place in bits, arrays with all their dimensions, sizes, names in C words.
 *
 * Compilers spell differently what means the same. A bit-field of DWARF 4 counts from the highest bit of its
 * storage, one of DWARF 5 from the beginning of the structure. `int a[2][3]` may be one array or an array of
 * arrays. Members of a member without a name are members of what contains it, as in C.
 */
import * as c from './constants.js';
import { Malformed } from './cursor.js';
import type { Die } from './die.js';
import type { Dwarf } from './read.js';

/** A member, or a member of a nameless member. */
export interface Field {
  readonly name: string;
  /** Bits from the beginning of the type that contains it. */
  readonly start: number;
  /** Bits, for a bit-field. */
  readonly bits: number | undefined;
  readonly type: number;
}

export interface ArrayShape {
  readonly element: number;
  /** Elements of each dimension, outermost first; FLEXIBLE without a bound. */
  readonly counts: readonly number[];
}

/** A dimension without a bound: a flexible member, or a bound that is computed at run time. */
export const FLEXIBLE = -1;

/** Longest chain of qualifiers, typedefs or nested types: far beyond what people write. */
const MAX_CHAIN = 256;
/** Types are spelt this deep, and then `...` */
const SPELT_DEPTH = 6;
const SPELT_CHARACTERS = 120;

const QUALIFIERS = new Map<number, string>([
  [c.DW_TAG_const_type, 'const'],
  [c.DW_TAG_volatile_type, 'volatile'],
  [c.DW_TAG_restrict_type, 'restrict'],
  [c.DW_TAG_atomic_type, '_Atomic'],
  [c.DW_TAG_immutable_type, ''],
  [c.DW_TAG_packed_type, ''],
]);

const TAG_WORDS = new Map<number, string>([
  [c.DW_TAG_structure_type, 'struct'],
  [c.DW_TAG_class_type, 'struct'],
  [c.DW_TAG_union_type, 'union'],
  [c.DW_TAG_enumeration_type, 'enum'],
]);

/** `struct`, `union` or `enum`; undefined for tags of other things. */
export const tagWord = (tag: number): string | undefined => TAG_WORDS.get(tag);

export const isAggregate = (tag: number): boolean => TAG_WORDS.has(tag) && tag !== c.DW_TAG_enumeration_type;

export const isPointer = (tag: number): boolean =>
  tag === c.DW_TAG_pointer_type || tag === c.DW_TAG_reference_type || tag === c.DW_TAG_rvalue_reference_type;

/** A type that goes by its name: it is compared with the type of that name, wherever it is mentioned. */
export const isNamed = (die: Die): boolean =>
  die.name !== '' && (TAG_WORDS.has(die.tag) || die.tag === c.DW_TAG_typedef);

/** Reads types of one file; all of it throws Malformed. `at` is the place of a DIE, 0 is void. */
export class Types {
  constructor(readonly dwarf: Dwarf) {}

  /** The type without qualifiers, and itself where it is a mention of a type in a unit of its own. */
  bare(at: number): Die | undefined {
    for (let hops = 0; at !== 0; hops++) {
      if (hops > MAX_CHAIN) throw new Malformed(`a chain of types at ${at}`);
      const die = this.dwarf.die(at);
      if (die.signature !== 0) at = die.signature;
      else if (QUALIFIERS.has(die.tag)) at = die.type;
      else return die;
    }
    return undefined;
  }

  /** The type without qualifiers and typedefs. */
  target(at: number): Die | undefined {
    let die = this.bare(at);
    for (let hops = 0; die?.tag === c.DW_TAG_typedef; hops++) {
      if (hops > MAX_CHAIN) throw new Malformed(`a chain of typedefs at ${at}`);
      die = this.bare(die.type);
    }
    return die;
  }

  /** Bytes; undefined for what has no size (void, functions, incomplete types, flexible arrays). */
  size(at: number, depth = 0): number | undefined {
    const die = this.target(at);
    if (die === undefined || depth > MAX_CHAIN) return undefined;
    if (die.byteSize !== undefined) return Number.isNaN(die.byteSize) ? undefined : die.byteSize;
    if (isPointer(die.tag)) return die.unit.addressSize;
    if (die.tag === c.DW_TAG_enumeration_type) return this.size(die.type, depth + 1);
    if (die.tag !== c.DW_TAG_array_type) return undefined;
    const element = this.size(die.type, depth + 1);
    const counts = this.counts(die);
    if (element === undefined || counts.includes(FLEXIBLE)) return undefined;
    return counts.reduce((product, count) => product * count, element);
  }

  /** An array with its dimensions and those of the arrays that it consists of. */
  array(die: Die): ArrayShape {
    const counts = this.counts(die);
    let element = die.type;
    for (let hops = 0; ; hops++) {
      const inner = this.target(element);
      if (inner?.tag !== c.DW_TAG_array_type) return { element, counts };
      if (hops > MAX_CHAIN) throw new Malformed(`an array of arrays at ${die.at}`);
      counts.push(...this.counts(inner));
      element = inner.type;
    }
  }

  private counts(die: Die): number[] {
    return this.dwarf
      .children(die)
      .filter((child) => child.tag === c.DW_TAG_subrange_type)
      .map(({ count, upperBound }) => {
        if (count !== undefined) return Number.isNaN(count) ? FLEXIBLE : count;
        if (upperBound === undefined || Number.isNaN(upperBound)) return FLEXIBLE;
        // An array of no elements has the upper bound -1, which gcc once stored in as many bytes as fit.
        return upperBound >= 0xffff_ffff ? 0 : upperBound + 1;
      });
  }

  /** Members in their order, those of nameless members among them. */
  fields(die: Die): Field[] {
    const fields: Field[] = [];
    this.collectFields(die, 0, fields, 0);
    return fields;
  }

  private collectFields(die: Die, base: number, fields: Field[], depth: number): void {
    if (depth > MAX_CHAIN) throw new Malformed(`nested members at ${die.at}`);
    for (const child of this.dwarf.children(die)) {
      if (child.tag !== c.DW_TAG_member) continue;
      // Each level may mention the next one many times; real ones do so once.
      this.dwarf.spend(20 * depth);
      const start = base + this.startOf(child);
      if (child.name !== '') {
        fields.push({ name: child.name, start, bits: child.bitSize, type: child.type });
        continue;
      }
      const inner = this.target(child.type);
      if (inner !== undefined && isAggregate(inner.tag)) this.collectFields(inner, start, fields, depth + 1);
    }
  }

  /** Bits from the beginning of the structure to the lowest bit of the member. */
  private startOf(member: Die): number {
    const { memberLocation = 0, dataBitOffset = 0, bitOffset, bitSize } = member;
    const start = memberLocation * 8 + dataBitOffset;
    if (Number.isNaN(start)) throw new Malformed(`the place of the member at ${member.at}`);
    if (bitSize === undefined || bitOffset === undefined) return start;
    const storage = member.byteSize ?? this.size(member.type) ?? 0;
    return start + storage * 8 - bitOffset - bitSize;
  }

  /** Enumerators with their values, in order. */
  enumerators(die: Die): { readonly name: string; readonly value: string }[] {
    return this.dwarf
      .children(die)
      .filter((child) => child.tag === c.DW_TAG_enumerator)
      .map((child) => ({ name: child.name, value: child.constValue }));
  }

  /** Types of the parameters; `variadic` where `...` follows. */
  parameters(die: Die): { readonly types: readonly number[]; readonly variadic: boolean } {
    const children = this.dwarf.children(die);
    return {
      types: children.filter((child) => child.tag === c.DW_TAG_formal_parameter).map((child) => child.type),
      variadic: children.some((child) => child.tag === c.DW_TAG_unspecified_parameters),
    };
  }

  /** All types that a type mentions directly. */
  mentions(die: Die): number[] {
    const types = [die.type, die.signature];
    const hasParts = isAggregate(die.tag) || die.tag === c.DW_TAG_subroutine_type;
    if (hasParts) for (const child of this.dwarf.children(die)) types.push(child.type);
    return types.filter((type) => type !== 0);
  }

  /** The type in C words: `const struct foo *`, `unsigned int[4]`, `int (*)(void)`. */
  spell(at: number): string {
    const whole = this.declare(at, '', 0);
    return whole.length > SPELT_CHARACTERS ? `${whole.slice(0, SPELT_CHARACTERS)}...` : whole;
  }

  /** Declares something of this type, from the inside out, as C does. */
  private declare(at: number, declarator: string, depth: number): string {
    const after = declarator === '' ? '' : ` ${declarator}`;
    if (depth > SPELT_DEPTH) return `...${after}`;
    if (at === 0) return `void${after}`;
    const die = this.dwarf.die(at);
    if (die.signature !== 0) return this.declare(die.signature, declarator, depth + 1);
    const word = QUALIFIERS.get(die.tag);
    if (word !== undefined) return this.qualify(word, die.type, declarator, depth);
    if (isPointer(die.tag)) {
      const inner = this.bare(die.type)?.tag;
      const isPostfix = inner === c.DW_TAG_array_type || inner === c.DW_TAG_subroutine_type;
      return this.declare(die.type, isPostfix ? `(*${declarator})` : `*${declarator}`, depth + 1);
    }
    if (die.tag === c.DW_TAG_array_type) {
      const counts = this.counts(die).map((count) => (count === FLEXIBLE ? '[]' : `[${count}]`));
      return this.declare(die.type, declarator + counts.join(''), depth + 1);
    }
    if (die.tag === c.DW_TAG_subroutine_type) return this.declareFunction(die, declarator, depth);
    return spellName(die) + (after.startsWith(' [') ? declarator : after);
  }

  private qualify(word: string, type: number, declarator: string, depth: number): string {
    const inner = this.bare(type);
    const isInside = inner !== undefined && isPointer(inner.tag);
    const qualified =
      isInside && word !== '' ? `${word}${declarator === '' ? '' : ' '}${declarator}` : declarator;
    const declared = this.declare(type, qualified, depth + 1);
    return isInside || word === '' ? declared : `${word} ${declared}`;
  }

  private declareFunction(die: Die, declarator: string, depth: number): string {
    const { types, variadic } = this.parameters(die);
    const spelt = types.map((type) => this.declare(type, '', depth + 1));
    if (variadic) spelt.push('...');
    return this.declare(
      die.type,
      `${declarator}(${spelt.length === 0 ? 'void' : spelt.join(', ')})`,
      depth + 1,
    );
  }
}

/** `struct foo`, `enum {...}`, `foo_t`, `unsigned int`. */
export function spellName(die: Die): string {
  const word = TAG_WORDS.get(die.tag);
  if (word !== undefined) return `${word} ${die.name === '' ? '{...}' : die.name}`;
  return die.name === '' ? `type of tag ${die.tag}` : die.name;
}
