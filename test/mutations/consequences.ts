/**
 * The oracle: what the differ must say when things of an object change, by the rules of the project and nothing
 * of its code.
 *
 *   - A function that changed is found, with its cold parts; what has no identity passes its change on to its users.
 *   - What boot used and what lives is refused by name, and so is assembly without bounds.
 *   - A constant comes along as new and its users change, if there are any and all are functions; else it is refused.
 *   - A function that is entered in its middle cannot be spliced, so it is refused by name when it changes.
 *
 * What it does not know is whose a nameless table is that several functions refer to: tables side by side in one
 * section, which no symbol parts, or the descriptions of a sanitizer. Of these it says that the answer is open.
 */
import { isLocal } from './draft.js';
import { isCode, isMergeable } from './purpose.js';
import type { Thing } from './things.js';
import type { View } from './view.js';

export interface Consequences {
  /** Code that runs and must be found. */
  readonly changed: ReadonlySet<Thing>;
  /** Constants that come along as new. */
  readonly carried: ReadonlySet<Thing>;
  /** What must be refused by name. */
  readonly lost: ReadonlySet<Thing>;
  /** More or less than that may follow. */
  readonly open: boolean;
}

export function consequencesOf(view: View, things: readonly Thing[]): Consequences {
  const tracer = new Tracer(view);
  things.forEach((thing) => tracer.change(thing));
  return tracer.finish();
}

class Tracer {
  readonly #changed = new Set<Thing>();
  readonly #carried = new Set<Thing>();
  readonly #lost = new Set<Thing>();
  readonly #seen = new Set<Thing>();
  #open = false;

  constructor(readonly view: View) {}

  change(thing: Thing): void {
    if (this.#seen.has(thing)) return;
    this.#seen.add(thing);
    this.#open ||= this.#isShared(thing);
    switch (thing.fate) {
      case 'function':
        this.#changed.add(thing);
        break;
      case 'assembly':
        if (thing.named) this.#changed.add(thing);
        this.#lost.add(thing);
        break;
      case 'fixed':
        this.#lost.add(thing);
        break;
      case 'constant':
        this.#changeConstant(thing);
        break;
      case 'part':
        for (const user of this.view.users(thing)) this.change(user);
        break;
      case 'entry':
        this.change(this.view.owner(thing) ?? NOBODY);
        break;
      case 'filler':
        break;
    }
  }

  /** Whether it may be several tables of several functions; writable data without a name is a sanitizer's. */
  #isShared(thing: Thing): boolean {
    const { view } = this;
    if (
      thing.named ||
      thing.fate === 'entry' ||
      thing.fate === 'filler' ||
      isCode(thing.purpose) ||
      isMergeable(view.sectionOf(thing))
    )
      return false;
    if (view.isSanitized && thing.purpose === 'writable') return true;
    const users = [...view.users(thing)].filter((user) => isCode(user.purpose));
    return new Set(users.map(withoutCold)).size > 1;
  }

  #changeConstant(constant: Thing): void {
    const reached = this.#readersOf(constant);
    // Whoever reads it then is not in sight: another object, or code that finds it without a relocation.
    const alone = reached.functions.size === 0;
    const movable = /^\.(rodata|data\.rel\.ro)(\.|$)/.test(this.view.sectionOf(constant).name);
    if (reached.obstacles || alone || !movable || this.#isBesideDistances(constant)) {
      this.#lost.add(constant);
      return;
    }
    for (const carried of [constant, ...reached.constants]) this.#carried.add(carried);
    for (const user of reached.functions) this.change(user);
  }

  /**
   * Whether its section holds numbers without a name: distances to what stands in the same section are numbers that
   * need no relocation (clang's tables of strings), so that one of them may lead to the constant.
   */
  #isBesideDistances(constant: Thing): boolean {
    const { view } = this;
    return view.thingsIn(view.sectionOf(constant)).some((other) => {
      return other.fate === 'part' && !isNumbered(other) && view.bytesOf(other).some((byte) => byte !== 0);
    });
  }

  /** Who reads a constant: through what has no identity, through entries, through other constants. */
  #readersOf(constant: Thing): { functions: Set<Thing>; constants: Set<Thing>; obstacles: boolean } {
    const functions = new Set<Thing>();
    const constants = new Set<Thing>();
    let obstacles = false;
    const seen = new Set([constant]);
    const ask = (user: Thing): void => {
      if (seen.has(user)) return;
      seen.add(user);
      if (user.fate === 'entry') return ask(this.view.owner(user) ?? NOBODY);
      if (user.fate === 'part' || user.fate === 'constant') {
        if (user.fate === 'constant') constants.add(user);
        for (const next of this.view.users(user)) ask(next);
      } else if (user.fate === 'function' || (user.purpose === 'boot-code' && user.symbol !== undefined)) {
        functions.add(user);
      } else {
        obstacles = true;
      }
    };
    for (const user of this.view.users(constant)) ask(user);
    return { functions, constants, obstacles };
  }

  finish(): Consequences {
    for (const thing of [...this.#changed]) {
      for (const other of unitOf(this.view, thing)) this.#changed.add(other);
    }
    for (const thing of this.#changed) if (this.#isEnteredInside(thing)) this.#lost.add(thing);
    return { changed: this.#changed, carried: this.#carried, lost: this.#lost, open: this.#open };
  }

  #isEnteredInside(thing: Thing): boolean {
    if (thing.fate !== 'function') return false;
    const { view } = this;
    const section = view.sectionOf(thing);
    const isInside = (at: number): boolean => at > thing.start && at < thing.end;
    const labelled = view.symbolsIn(thing).some((s) => !isLocal(s) && isInside(s.st_value));
    const enters = (user: Thing | undefined): boolean =>
      user !== undefined &&
      (user.purpose === 'code' || user.purpose === 'boot-code') &&
      !this.#changed.has(user) &&
      !unitOf(view, thing).includes(user);
    return (
      labelled ||
      view.leaps().some((leap) => leap.section === section && isInside(leap.at) && enters(leap.user)) ||
      view.entrances(thing).some(({ at, user }) => isInside(at) && enters(user))
    );
  }
}

/** Stands for an owner outside of the object: nobody changes. */
const NOBODY: Thing = {
  ...{ fate: 'filler', purpose: 'ignored', section: -1, start: 0, end: 0 },
  ...{ titles: [], named: false, symbol: undefined, sourceFile: '' },
};

/** A function and its cold parts: they jump into the middle of each other, so they are replaced together. */
function unitOf(view: View, thing: Thing): Thing[] {
  const bare = withoutCold(thing);
  return view.things.filter(
    (other) =>
      other.fate === 'function' &&
      withoutCold(other) === bare &&
      // Two functions of one name, of two files, are no unit.
      (other === thing || other.titles[0] !== thing.titles[0]) &&
      (other.sourceFile === thing.sourceFile || other.sourceFile === '' || thing.sourceFile === ''),
  );
}

/** Static locals of functions are no tables. */
function isNumbered({ symbol }: Thing): boolean {
  return (
    symbol !== undefined && /\.\d+$/.test(symbol.name) && !/^(reltable|switch\.table)\./.test(symbol.name)
  );
}

function withoutCold({ titles }: Thing): string {
  return titles[0].replace(/\.cold(\.\d+)?$/, '');
}
