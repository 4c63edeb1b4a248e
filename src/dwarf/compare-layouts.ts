/**
 * Which types that changed functions may use lie differently in memory than before. A function that was compiled
 * for the new layout reads and writes live objects of the old one: that corrupts the host.
 *
 * What is compared: all named types of the source files in which the functions stand, those that are local to the
 * functions and to what is inlined in them, and whatever these mention. That is more than the functions use: DWARF
 * tells of the variables of a function, and relocations of those of the file, but nothing tells of casts. gcc
 * describes a type when anything in the source file uses it, so the whole file is the narrowest set that holds those.
 * Which functions are known to use a type is told by LayoutChange.users; when there are none, it may still be a cast
 * that does. What neither compiler describes is a type of which only the size or an offset is asked for (clang: also
 * one that is only used through extern variables).
 *
 * A change is reported for the type in which it originates. Types that contain that one by value, and differ in
 * nothing but sizes and places, are listed with it.
 */
import { TypeComparer } from './compare-types.js';
import type { ChangedType } from './compare-types.js';
import { unlessMalformed } from './cursor.js';
import { Definitions, namedTypesOf } from './definitions.js';
import type { Die } from './die.js';
import type { LayoutChange, Resized } from './layout-change.js';
import { originsOf } from './origins.js';
import type { Dwarf } from './read.js';
import { isNamed, spellName, Types } from './types.js';
import type { Unit } from './unit.js';
import { diesOfSymbol, functionsOf, scopeOf, useOf, Users, variableTypes } from './used-types.js';
import type { FunctionUse } from './used-types.js';

export interface LayoutComparison {
  /** Sorted by the names of the types. */
  readonly changes: readonly LayoutChange[];
  /**
   * Types that only the patched file defines, by name, sorted. They are new, or they were there before and this
   * file did not use them; which of the two, only the other files can tell.
   */
  readonly added: readonly string[];
  /** Functions that the debug information does not describe: what they use was not compared. Sorted. */
  readonly unknown: readonly string[];
}

/**
 * Compares what `functions`, names of symbols that are changed or new in the patched object, may use; `variablesOf`
 * has the names of the variables to which each of them refers. Where the
 * debug information turns out not to make sense, all functions are unknown. Never throws.
 */
export function compareLayouts(
  orig: Dwarf,
  patched: Dwarf,
  functions: readonly string[],
  variablesOf: ReadonlyMap<string, readonly string[]> = new Map(),
): LayoutComparison {
  const names = [...new Set(functions)].sort();
  return (
    unlessMalformed(() => compare(orig, patched, names, variablesOf)) ?? {
      changes: [],
      added: [],
      unknown: names,
    }
  );
}

function compare(
  orig: Dwarf,
  patched: Dwarf,
  functions: readonly string[],
  variablesOf: ReadonlyMap<string, readonly string[]>,
): LayoutComparison {
  orig.refill();
  patched.refill();
  const known = functionsOf(patched);
  const uses = new Map<string, FunctionUse>();
  const variables = variableTypes(patched);
  for (const name of functions) {
    const dies = diesOfSymbol(known, name);
    const types = (variablesOf.get(name) ?? []).flatMap((variable) => variables.get(variable) ?? []);
    if (dies !== undefined) uses.set(name, useOf(patched, dies, types));
  }
  const unknown = functions.filter((name) => !uses.has(name));
  const { changed, added } = compareTypes(orig, patched, [...uses.values()]);
  return { changes: changed.size === 0 ? [] : explain(patched, changed, uses), added, unknown };
}

interface ComparedTypes {
  /** By the place of the type in the patched file. */
  readonly changed: ReadonlyMap<number, ChangedType>;
  readonly added: readonly string[];
}

function compareTypes(orig: Dwarf, patched: Dwarf, uses: readonly FunctionUse[]): ComparedTypes {
  const changed = new Map<number, ChangedType>();
  const added = new Set<string>();
  const before = new Definitions(orig);
  const after = new Definitions(patched);
  const queue = firstTypes(patched, uses);
  const comparer = new TypeComparer(new Types(orig), new Types(patched), (die) => queue.add(die.at));
  // Grows while it is walked, by what the comparison meets.
  for (const at of queue) {
    const die = patched.die(at);
    if (die.declaration) continue;
    const candidates = before.find(after, die, scopeOf(patched, die));
    if (candidates.length === 0) added.add(fullName(patched, die));
    const difference = differenceToBest(comparer, candidates, die);
    if (difference !== undefined) changed.set(at, difference);
  }
  return { changed, added: [...added].sort() };
}

/** Where the comparison begins: in the files of the functions, and in the functions. */
function firstTypes(patched: Dwarf, uses: readonly FunctionUse[]): Set<number> {
  const queue = new Set<number>();
  const units = new Set<Unit>(uses.flatMap((use) => [...use.units]));
  // Units of types belong to no file: any of them may use them.
  const shared = units.size === 0 ? [] : patched.units.filter((unit) => unit.signature !== undefined);
  for (const unit of [...units, ...shared]) {
    for (const die of namedTypesOf(patched, unit)) queue.add(die.at);
  }
  for (const use of uses) {
    for (const at of use.locals) queue.add(at);
    for (const at of use.types) if (isNamed(patched.die(at))) queue.add(at);
  }
  return queue;
}

/** When several definitions are equally near, it is enough that one of them is equal. */
function differenceToBest(
  comparer: TypeComparer,
  candidates: readonly Die[],
  patched: Die,
): ChangedType | undefined {
  let first: ChangedType | undefined;
  for (const orig of candidates) {
    const difference = comparer.difference(orig, patched);
    if (difference === undefined) return undefined;
    first ??= difference;
  }
  return first;
}

/** Changes with their consequences and users; the same change of several files is one. */
function explain(
  patched: Dwarf,
  changed: ReadonlyMap<number, ChangedType>,
  uses: ReadonlyMap<string, FunctionUse>,
): LayoutChange[] {
  const types = new Types(patched);
  const users = new Users(types, uses);
  const groups = new Map<string, { change: ChangedType; places: number[]; also: Map<string, Resized> }>();
  for (const { change, consequences } of originsOf(types, changed)) {
    const key = JSON.stringify([resized(patched, change), change.lines]);
    const group = groups.get(key) ?? { change, places: [], also: new Map<string, Resized>() };
    groups.set(key, group);
    group.places.push(change.patched.at);
    for (const outer of consequences) {
      const also = resized(patched, outer);
      group.also.set(JSON.stringify(also), also);
    }
  }
  return [...groups.values()]
    .map(({ change, places, also }) => ({
      ...resized(patched, change),
      lines: change.lines,
      alsoChanged: [...also.values()].sort(byType),
      users: users.of(places),
    }))
    .sort(byType);
}

function resized(patched: Dwarf, { patched: die, oldSize, newSize }: ChangedType): Resized {
  return {
    type: fullName(patched, die),
    ...(oldSize !== undefined && { oldSize }),
    ...(newSize !== undefined && { newSize }),
  };
}

function fullName(patched: Dwarf, die: Die): string {
  const scope = scopeOf(patched, die);
  return scope === undefined ? spellName(die) : `${spellName(die)} of ${scope}()`;
}

const byType = (a: Resized, b: Resized): number => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0);
