/**
 * Finds the definition of a type by its name, in the file where it is looked for and not where it was seen.
 *
 * In C a tag means one thing per source file, and another thing inside a function that declares it again. A file
 * made by `ld -r` has many units, each with its own copies; the copy that counts is that of the same source.
 * Tags of structures, unions and enumerations are one name space, so that a struct that became a union is found.
 */
import * as c from './constants.js';
import type { Die } from './die.js';
import type { Dwarf } from './read.js';
import { isNamed } from './types.js';
import type { Unit } from './unit.js';
import { append, scopeOf } from './used-types.js';

interface Names {
  readonly tags: Map<string, Die[]>;
  readonly typedefs: Map<string, Die[]>;
}

const isType = (tag: number): boolean =>
  tag === c.DW_TAG_typedef ||
  tag === c.DW_TAG_structure_type ||
  tag === c.DW_TAG_class_type ||
  tag === c.DW_TAG_union_type ||
  tag === c.DW_TAG_enumeration_type;

/** Types at the top of a unit that have a name and are defined there, in order. */
export function namedTypesOf(dwarf: Dwarf, unit: Unit): Die[] {
  const found: Die[] = [];
  for (let k = 0; k < unit.places.length; k++) {
    if (!isType(unit.tags[k])) continue;
    const die = dwarf.die(unit.places[k]);
    if (isNamed(die) && !die.declaration && die.signature === 0) found.push(die);
  }
  return found;
}

export class Definitions {
  private readonly byUnit = new Map<Unit, Names>();
  private readonly localsByUnit = new Map<Unit, Names>();
  private readonly sources = new Map<string, Unit[]>();
  /** Units of sources; the others hold one type each. */
  private readonly sourceUnits: readonly Unit[];
  private all: Names | undefined;

  constructor(private readonly dwarf: Dwarf) {
    this.sourceUnits = dwarf.units.filter((unit) => unit.signature === undefined);
    for (const unit of this.sourceUnits) append(this.sources, unit.name, unit);
  }

  /**
   * Definitions of the type that `like` defines in the file `other`: those that are as near as it gets. `scope` is
   * the function in which that one lies. Empty when there is none at all.
   */
  find(other: Definitions, like: Die, scope: string | undefined): readonly Die[] {
    const near = this.unitsLike(other, like.unit);
    if (scope !== undefined) {
      const locals = near.flatMap((unit) => lookUp(this.localNames(unit), like));
      const inScope = locals.filter((die) => scopeOf(this.dwarf, die) === scope);
      // clang may leave a type of an inlined function in a scope without a name.
      if (locals.length > 0) return inScope.length > 0 ? inScope : locals;
    }
    const found = near.flatMap((unit) => lookUp(this.names(unit), like));
    if (found.length > 0) return found;
    this.all ??= indexed(this.dwarf.units.flatMap((unit) => namedTypesOf(this.dwarf, unit)));
    return lookUp(this.all, like);
  }

  /** Units of the same source; the only one, whatever its name: trees are copied, files renamed. */
  private unitsLike(other: Definitions, unit: Unit): readonly Unit[] {
    if (this.sourceUnits.length === 1 && other.sourceUnits.length === 1) return this.sourceUnits;
    return unit.signature === undefined ? (this.sources.get(unit.name) ?? []) : [];
  }

  private names(unit: Unit): Names {
    const known = this.byUnit.get(unit);
    if (known !== undefined) return known;
    const names = indexed(namedTypesOf(this.dwarf, unit));
    this.byUnit.set(unit, names);
    return names;
  }

  /** Types that functions of a unit declare. */
  private localNames(unit: Unit): Names {
    const known = this.localsByUnit.get(unit);
    if (known !== undefined) return known;
    const found: Die[] = [];
    unit.places.forEach((place, k) => {
      if (unit.tags[k] !== c.DW_TAG_subprogram) return;
      this.dwarf.forEachBelow(this.dwarf.die(place), (die) => {
        if (isType(die.tag) && isNamed(die) && !die.declaration) found.push(die);
      });
    });
    const names = indexed(found);
    this.localsByUnit.set(unit, names);
    return names;
  }
}

function indexed(dies: readonly Die[]): Names {
  const names: Names = { tags: new Map(), typedefs: new Map() };
  for (const die of dies) {
    append(die.tag === c.DW_TAG_typedef ? names.typedefs : names.tags, die.name, die);
  }
  return names;
}

function lookUp(names: Names, like: Die): readonly Die[] {
  return (like.tag === c.DW_TAG_typedef ? names.typedefs : names.tags).get(like.name) ?? [];
}
