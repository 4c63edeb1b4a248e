/**
 * Tells changes from their consequences: when an inner structure grows, every structure that contains it by value
 * has members that moved, or a new size, and is not to blame.
 */
import * as c from './constants.js';
import type { ChangedType } from './compare-types.js';
import type { Die } from './die.js';
import { isAggregate, isNamed } from './types.js';
import type { Types } from './types.js';
import { append } from './used-types.js';

export interface Origin {
  readonly change: ChangedType;
  /** What changed only because this did, in whatever number of steps. */
  readonly consequences: ReadonlySet<ChangedType>;
}

/** `changed` by the place of the type in the patched file, which is that of `types`. No change is left out. */
export function originsOf(types: Types, changed: ReadonlyMap<number, ChangedType>): Origin[] {
  const outer = new Map<number, ChangedType[]>();
  const explained = new Set<ChangedType>();
  for (const change of changed.values()) {
    if (!change.lines.every((line) => line.what === 'moved')) continue;
    for (const { patched } of resizedInside(types, change.patched, changed)) {
      append(outer, patched.at, change);
      explained.add(change);
    }
  }
  const origins: Origin[] = [];
  const reported = new Set<ChangedType>();
  const report = (change: ChangedType): void => {
    const consequences = consequencesOf(types, change, outer);
    origins.push({ change, consequences });
    for (const one of [change, ...consequences]) reported.add(one);
  };
  for (const change of changed.values()) if (!explained.has(change)) report(change);
  // Types that contain each other by value are no C; but what lies must not get away with it.
  for (const change of changed.values()) if (!reported.has(change)) report(change);
  return origins;
}

function consequencesOf(
  types: Types,
  origin: ChangedType,
  outer: ReadonlyMap<number, readonly ChangedType[]>,
): ReadonlySet<ChangedType> {
  const found = new Set([origin]);
  // Grows while it is walked.
  for (const { patched } of found) {
    for (const next of outer.get(patched.at) ?? []) {
      types.dwarf.spend(1);
      found.add(next);
    }
  }
  found.delete(origin);
  return found;
}

/** Named types that have another size than before and that a type contains by value. */
function resizedInside(
  types: Types,
  whole: Die,
  changed: ReadonlyMap<number, ChangedType>,
): ReadonlySet<ChangedType> {
  const found = new Set<ChangedType>();
  const seen = new Set<number>([whole.at]);
  const open = [whole];
  for (let die = open.pop(); die !== undefined; die = open.pop()) {
    for (const at of parts(types, die)) {
      const part = types.bare(at);
      if (part === undefined || seen.has(part.at)) continue;
      seen.add(part.at);
      const change = changed.get(part.at);
      if (change !== undefined && change.oldSize !== change.newSize) found.add(change);
      // A typedef may be as before while the structure that it stands for is not.
      else if (!isNamed(part) || part.tag === c.DW_TAG_typedef) open.push(part);
    }
  }
  return found;
}

/** Types whose bytes are bytes of this one. */
function parts(types: Types, die: Die): readonly number[] {
  if (isAggregate(die.tag)) return types.fields(die).map((field) => field.type);
  return die.tag === c.DW_TAG_typedef || die.tag === c.DW_TAG_array_type ? [die.type] : [];
}
