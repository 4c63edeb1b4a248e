/**
 * Which types the functions of a file use, as far as its debug information tells: of what they return, take and
 * declare, also in nested blocks; of what the functions that are inlined in them declare; and of what the
 * functions that they call take and return. From there on along everything that a type mentions.
 *
 * A function may have several DIEs: an abstract one with names and types, and one for each place where its code
 * came to lie (out of line, inlined, or as a clone like f.constprop.0).
 *
 * Of the variables of the file it says nothing: which ones a function refers to, its relocations tell.
 */
import * as c from './constants.js';
import { Malformed } from './cursor.js';
import type { Die } from './die.js';
import type { Dwarf } from './read.js';
import { isNamed } from './types.js';
import type { Types } from './types.js';
import type { Unit } from './unit.js';

/** What a function says of itself. */
export interface FunctionUse {
  /** Places of the types that it mentions. */
  readonly types: ReadonlySet<number>;
  /** Places of the named types that are known inside it only. */
  readonly locals: ReadonlySet<number>;
  readonly units: ReadonlySet<Unit>;
}

/** Longest way from a DIE of a function to the one that has its name. */
const MAX_HOPS = 8;

/** The name of a function or a variable, which its DIE may leave to the one that it comes from. */
export function functionName(dwarf: Dwarf, die: Die): string {
  let named = die;
  for (let hops = 0; named.name === '' && named.origin !== 0; hops++) {
    if (hops > MAX_HOPS) throw new Malformed(`a chain of origins at ${die.at}`);
    named = dwarf.die(named.origin);
  }
  return named.name;
}

/** The function inside which a DIE lies, or undefined when it lies in none. A DIE of no name gives ''. */
export function scopeOf(dwarf: Dwarf, die: Die): string | undefined {
  const { places, tags } = die.unit;
  let low = 0;
  let high = places.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (places[middle] > die.at) high = middle - 1;
    else low = middle;
  }
  if (tags.at(low) !== c.DW_TAG_subprogram || places[low] === die.at) return undefined;
  return functionName(dwarf, dwarf.die(places[low]));
}

/** DIEs of the functions that a file defines or inlines, by name. */
export function functionsOf(dwarf: Dwarf): ReadonlyMap<string, readonly Die[]> {
  const found = new Map<string, Die[]>();
  for (const { places, tags } of dwarf.units) {
    for (let k = 0; k < places.length; k++) {
      if (tags[k] !== c.DW_TAG_subprogram) continue;
      const die = dwarf.die(places[k]);
      const name = functionName(dwarf, die);
      if (die.declaration || name === '') continue;
      append(found, name, die);
      if (die.linkageName !== '' && die.linkageName !== name) append(found, die.linkageName, die);
    }
  }
  return found;
}

/** The DIEs of a symbol: of its name, or of the function that it is a clone or a part of (`f.isra.0`, `f.cold`). */
export function diesOfSymbol(
  functions: ReadonlyMap<string, readonly Die[]>,
  symbol: string,
): readonly Die[] | undefined {
  const dot = symbol.indexOf('.', 1);
  return functions.get(symbol) ?? (dot < 0 ? undefined : functions.get(symbol.slice(0, dot)));
}

/** What the DIEs of one function mention, together, and the types of the variables to which it refers. */
export function useOf(dwarf: Dwarf, dies: readonly Die[], variables: Iterable<number>): FunctionUse {
  const types = new Set<number>(variables);
  const locals = new Set<number>();
  const bodies = new Set(dies.map((die) => die.at));
  const callees = new Set<number>();
  // Grows while it is walked: by what is inlined, and by where a DIE comes from.
  for (const at of bodies) {
    const body = dwarf.die(at);
    if (body.type !== 0) types.add(body.type);
    if (body.origin !== 0) bodies.add(body.origin);
    dwarf.forEachBelow(body, (die) => {
      if (die.type !== 0) types.add(die.type);
      if (isNamed(die)) locals.add(die.at);
      if (die.origin === 0) return;
      if (die.tag === c.DW_TAG_inlined_subroutine) bodies.add(die.origin);
      else if (die.tag === c.DW_TAG_call_site || die.tag === c.DW_TAG_GNU_call_site) callees.add(die.origin);
    });
  }
  for (const at of callees) addPrototype(dwarf, dwarf.die(at), types);
  return { types, locals, units: new Set(dies.map((die) => die.unit)) };
}

/** The types of the variables of a file, by name: of those that it defines, and of what it only declares. */
export function variableTypes(dwarf: Dwarf): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const { places, tags } of dwarf.units) {
    for (let k = 0; k < places.length; k++) {
      if (tags[k] !== c.DW_TAG_variable) continue;
      const die = dwarf.die(places[k]);
      const typed = die.type === 0 && die.origin !== 0 ? dwarf.die(die.origin) : die;
      const name = functionName(dwarf, die);
      if (name !== '' && typed.type !== 0) append(found, name, typed.type);
    }
  }
  return found;
}

function addPrototype(dwarf: Dwarf, callee: Die, types: Set<number>): void {
  if (callee.type !== 0) types.add(callee.type);
  for (const child of dwarf.children(callee)) {
    if (child.tag === c.DW_TAG_formal_parameter && child.type !== 0) types.add(child.type);
  }
}

/**
 * For each of the types `at`, the functions from which one gets to it. The way is walked backwards, because few
 * types change while every function leads to nearly all there are.
 */
export class Users {
  private readonly mentionedBy = new Map<number, number[]>();
  private readonly usedBy = new Map<number, string[]>();

  constructor(
    private readonly types: Types,
    uses: ReadonlyMap<string, FunctionUse>,
  ) {
    const reached = new Set<number>();
    for (const [name, use] of uses) {
      for (const at of use.types) {
        reached.add(at);
        append(this.usedBy, at, name);
      }
    }
    // Grows while it is walked.
    for (const at of reached) {
      for (const next of types.mentions(types.dwarf.die(at))) {
        append(this.mentionedBy, next, at);
        reached.add(next);
      }
    }
  }

  /** Names of the functions that lead to any of the types, sorted. */
  of(places: Iterable<number>): string[] {
    const names = new Set<string>();
    const above = new Set(places);
    for (const at of above) {
      for (const name of this.usedBy.get(at) ?? []) names.add(name);
      const mentions = this.mentionedBy.get(at) ?? [];
      this.types.dwarf.spend(1 + mentions.length);
      for (const next of mentions) above.add(next);
    }
    return [...names].sort();
  }
}

export function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
