/**
 * Says how a type of one file differs from a type of another, as far as memory is concerned.
 *
 * What has a name is compared by name where it is mentioned, and once for itself; so a comparison ends at the
 * next name, and cycles of structures need no care. What has no name is compared where it stands. Names of
 * members and of base types, qualifiers and typedefs do not matter; their places, sizes and meanings do.
 */
import * as c from './constants.js';
import { Malformed } from './cursor.js';
import type { Die } from './die.js';
import type { LayoutLine, MemberPlace } from './layout-change.js';
import { FLEXIBLE, isAggregate, isNamed, isPointer, spellName, tagWord } from './types.js';
import type { Field, Types } from './types.js';

/** Deepest nesting of types without names. */
const MAX_DEPTH = 100;

interface Difference {
  readonly isSame: boolean;
  readonly lines: readonly LayoutLine[];
}

/** What a line costs of the budget when it is said again: the memory that it takes. */
const LINE_STEPS = 50;

/** A type of the patched file that changed, and how; sizes are bytes. */
export interface ChangedType {
  readonly patched: Die;
  readonly lines: readonly LayoutLine[];
  readonly oldSize: number | undefined;
  readonly newSize: number | undefined;
}

export class TypeComparer {
  /** Pairs of types without names: what differs in them, and nothing as long as that is being found out. */
  private readonly inline = new Map<string, Difference>();
  private depth = 0;

  /** `mentioned` is called for each named type of the patched side that is taken to equal the one of that name. */
  constructor(
    private readonly orig: Types,
    private readonly patched: Types,
    private readonly mentioned: (patched: Die) => void,
  ) {}

  /** Compares two types of one name, definitions both. Undefined when nothing changed; throws Malformed. */
  difference(orig: Die, patched: Die): ChangedType | undefined {
    const lines: LayoutLine[] = [];
    const isTypedef = orig.tag === c.DW_TAG_typedef;
    const isSame = isTypedef
      ? this.same(orig.type, patched.type, '', lines)
      : this.sameBody(orig, patched, lines);
    const oldSize = this.orig.size(orig.at);
    const newSize = this.patched.size(patched.at);
    if (isSame && oldSize === newSize) return undefined;
    if (isTypedef && !isSame && lines.length === 0) {
      const before = this.orig.spell(orig.type);
      lines.push({ what: 'target', before, after: this.patched.spell(patched.type) });
    }
    return { patched, lines, oldSize, newSize };
  }

  /**
   * Whether two types are the same to whoever reads memory. Where they differ inside a type without a name, the
   * lines about it are added to `lines`, with `path` before the names of members.
   */
  private same(origAt: number, patchedAt: number, path: string, lines: LayoutLine[]): boolean {
    this.patched.dwarf.spend(1);
    let a = this.orig.bare(origAt);
    let b = this.patched.bare(patchedAt);
    if (a === undefined || b === undefined) return a === b;
    if (a.tag === c.DW_TAG_typedef && b.tag === c.DW_TAG_typedef && a.name === b.name) return this.byName(b);
    a = this.orig.target(origAt);
    b = this.patched.target(patchedAt);
    if (a === undefined || b === undefined) return a === b;
    if (isNamed(a) && isNamed(b)) return a.name === b.name ? this.byName(b) : false;
    if (this.depth >= MAX_DEPTH) throw new Malformed('types without names are nested too deep');
    this.depth++;
    const isSame = this.sameKind(a, b, path, lines);
    this.depth--;
    return isSame;
  }

  private byName(patched: Die): true {
    this.mentioned(patched);
    return true;
  }

  private sameKind(a: Die, b: Die, path: string, lines: LayoutLine[]): boolean {
    if (tagWord(a.tag) !== undefined) return this.sameInline(a, b, path, lines);
    if (a.tag !== b.tag) return false;
    if (isPointer(a.tag)) return this.same(a.type, b.type, path === '' ? path : `${path}->`, lines);
    if (a.tag === c.DW_TAG_array_type) return this.sameArray(a, b, path, lines);
    if (a.tag === c.DW_TAG_subroutine_type) return this.sameFunction(a, b, path, lines);
    if (a.tag !== c.DW_TAG_base_type) return a.name === b.name && a.byteSize === b.byteSize;
    return plainEncoding(a) === plainEncoding(b) && a.byteSize === b.byteSize;
  }

  private sameInline(a: Die, b: Die, path: string, lines: LayoutLine[]): boolean {
    if (tagWord(a.tag) !== tagWord(b.tag)) return false;
    const { isSame, lines: found } = this.differenceInline(a, b);
    // Many members may be of one type.
    this.patched.dwarf.spend(LINE_STEPS * found.length);
    const inside = path === '' || path.endsWith('->') ? path : `${path}.`;
    for (const line of found) lines.push(prefixed(line, inside));
    return isSame;
  }

  /** A type without a name may be found again inside itself: as long as nothing differs it is equal. */
  private differenceInline(a: Die, b: Die): Difference {
    const pair = `${a.at}/${b.at}`;
    const known = this.inline.get(pair);
    if (known !== undefined) return known;
    this.inline.set(pair, { isSame: true, lines: [] });
    const lines: LayoutLine[] = [];
    const isSame = this.sameBody(a, b, lines) && a.byteSize === b.byteSize;
    this.inline.set(pair, { isSame, lines });
    return { isSame, lines };
  }

  private sameArray(a: Die, b: Die, path: string, lines: LayoutLine[]): boolean {
    const before = this.orig.array(a);
    const after = this.patched.array(b);
    const inside = path === '' ? path : `${path}[]`;
    const hasSameElements = this.same(before.element, after.element, inside, lines);
    // A flexible member has as much room as one of no elements.
    const room = (counts: readonly number[]): string =>
      counts.map((count) => (count === FLEXIBLE ? 0 : count)).join();
    return hasSameElements && room(before.counts) === room(after.counts);
  }

  private sameFunction(a: Die, b: Die, path: string, lines: LayoutLine[]): boolean {
    const before = this.orig.parameters(a);
    const after = this.patched.parameters(b);
    const inside = `${path}()`;
    return (
      before.variadic === after.variadic &&
      before.types.length === after.types.length &&
      this.same(a.type, b.type, inside, lines) &&
      before.types.every((type, k) => this.same(type, after.types[k], inside, lines))
    );
  }

  /** Members or enumerators of two types; their sizes are compared by the caller. */
  private sameBody(a: Die, b: Die, lines: LayoutLine[]): boolean {
    if (tagWord(a.tag) !== tagWord(b.tag)) {
      lines.push({ what: 'target', before: spellName(a), after: spellName(b) });
    } else if (isAggregate(a.tag)) {
      this.compareFields(a, b, lines);
    } else {
      this.compareEnumerators(a, b, lines);
    }
    return lines.length === 0;
  }

  private compareFields(a: Die, b: Die, lines: LayoutLine[]): void {
    const before = this.orig.fields(a);
    const after = this.patched.fields(b);
    // Nearly always nothing came or went.
    if (before.length === after.length && before.every((was, k) => was.name === after[k].name)) {
      before.forEach((was, k) => this.compareField(was, after[k], lines));
      return;
    }
    const left = new Map(before.map((field) => [field.name, field]));
    const added: Field[] = [];
    const common: LayoutLine[] = [];
    for (const field of after) {
      const was = left.get(field.name);
      if (was === undefined) added.push(field);
      else this.compareField(was, field, common);
      left.delete(field.name);
    }
    const renamed = this.renamings([...left.values()], added);
    for (const was of left.values()) {
      if (renamed.has(was)) continue;
      lines.push({ what: 'removed', name: was.name, before: placeOf(this.orig, was) });
    }
    lines.push(...common);
    const oldBits = (a.byteSize ?? 0) * 8;
    for (const field of added) {
      if (renamed.has(field)) continue;
      const place = placeOf(this.patched, field);
      const inPadding = this.isPadding(before, oldBits, field);
      lines.push({ what: 'added', name: field.name, after: place, inPadding });
    }
  }

  private compareField(was: Field, is: Field, lines: LayoutLine[]): void {
    const inside: LayoutLine[] = [];
    const isSame = this.same(was.type, is.type, is.name, inside);
    const isMoved = was.start !== is.start || was.bits !== is.bits;
    // What differs inside says why the type does.
    const isRetyped = !isSame && inside.length === 0;
    if (isMoved || isRetyped) {
      lines.push({
        what: isRetyped ? 'retyped' : 'moved',
        name: is.name,
        before: placeOf(this.orig, was),
        after: placeOf(this.patched, is),
      });
    }
    lines.push(...inside);
  }

  /** Members that only changed their names: same place, same type. */
  private renamings(removed: readonly Field[], added: readonly Field[]): ReadonlySet<Field> {
    const found = new Set<Field>();
    for (const was of removed) {
      const is = added.find((field) => {
        this.patched.dwarf.spend(1);
        return field.start === was.start && field.bits === was.bits && !found.has(field);
      });
      if (is === undefined || !this.same(was.type, is.type, '', [])) continue;
      found.add(was).add(is);
    }
    return found;
  }

  /** Whether a member lies where the type was, but nothing in it. */
  private isPadding(before: readonly Field[], oldBits: number, field: Field): boolean {
    const end = field.start + bitsOf(this.patched, field);
    if (end > oldBits) return false;
    this.orig.dwarf.spend(before.length);
    return before.every((was) => was.start >= end || was.start + bitsOf(this.orig, was) <= field.start);
  }

  private compareEnumerators(a: Die, b: Die, lines: LayoutLine[]): void {
    const after = this.patched.enumerators(b);
    const values = new Map(after.map(({ name, value }) => [name, value]));
    const before = this.orig.enumerators(a);
    const known = new Set(before.map(({ name }) => name));
    const fresh = new Set(after.filter(({ name }) => !known.has(name)).map(({ value }) => value));
    for (const { name, value } of before) {
      const now = values.get(name);
      if (now === value) continue;
      if (now !== undefined) lines.push({ what: 'enumerator', name, before: value, after: now });
      // One that is gone and whose value has a new name was renamed.
      else if (!fresh.has(value)) lines.push({ what: 'enumerator', name, before: value });
    }
  }
}

/** The line as it is said of the type that contains the member. Enumerators are known by their names alone. */
function prefixed(line: LayoutLine, path: string): LayoutLine {
  return path === '' || line.what === 'target' || line.what === 'enumerator'
    ? line
    : { ...line, name: path + line.name };
}

/** `char` may be either, and whether text is meant does not matter. */
function plainEncoding({ encoding }: Die): number | undefined {
  if (encoding === c.DW_ATE_signed_char) return c.DW_ATE_signed;
  return encoding === c.DW_ATE_unsigned_char || encoding === c.DW_ATE_UTF ? c.DW_ATE_unsigned : encoding;
}

function bitsOf(types: Types, field: Field): number {
  return field.bits ?? (types.size(field.type) ?? 0) * 8;
}

function placeOf(types: Types, field: Field): MemberPlace {
  const size = types.size(field.type);
  return {
    byte: Math.floor(field.start / 8),
    ...(field.bits !== undefined && { bit: ((field.start % 8) + 8) % 8, bits: field.bits }),
    type: types.spell(field.type),
    ...(size !== undefined && { size }),
  };
}
