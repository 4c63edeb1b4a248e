/**
 * How a type changed, as plain data and as text. Sizes are bytes, places are bytes from the beginning of the type
 * that has the member; for bit-fields also the lowest bit in that byte and the number of bits.
 *
 * Names of members show where they are: `pos.x` is x of the nameless structure of member pos and counts from the
 * beginning of pos, `slots[].x` counts from the beginning of an element, `next->x` from what next points to.
 */

/** A member as it was or is. */
export interface MemberPlace {
  readonly byte: number;
  /** Lowest bit inside that byte, and width, of a bit-field. */
  readonly bit?: number;
  readonly bits?: number;
  /** In C words. */
  readonly type: string;
  readonly size?: number;
}

export type LayoutLine =
  | {
      readonly what: 'moved' | 'retyped';
      readonly name: string;
      readonly before: MemberPlace;
      readonly after: MemberPlace;
    }
  | {
      readonly what: 'added';
      readonly name: string;
      readonly after: MemberPlace;
      /** It lies where nothing was, so nothing else moved: older objects hold anything there. */
      readonly inPadding: boolean;
    }
  | { readonly what: 'removed'; readonly name: string; readonly before: MemberPlace }
  /** An enumerator; `after` is absent when it is gone. */
  | {
      readonly what: 'enumerator';
      readonly name: string;
      readonly before: string;
      readonly after?: string;
    }
  /** The type itself is something else: a union for a struct, another type behind a typedef. */
  | { readonly what: 'target'; readonly before: string; readonly after: string };

/** Bytes of a type before and after; absent where it has no size. */
export interface Resized {
  /** In C words: `struct foo`, `union bar`, `enum baz`, `foo_t`; ` of f()` when it is known inside f only. */
  readonly type: string;
  readonly oldSize?: number;
  readonly newSize?: number;
}

export interface LayoutChange extends Resized {
  readonly lines: readonly LayoutLine[];
  /** Types that contain it by value and change for no other reason, by name. */
  readonly alsoChanged: readonly Resized[];
  /**
   * Those of the functions asked about whose own debug information leads to the type, by name. Empty when only
   * the source file knows it: then they may still use it, by a cast or through a global variable.
   */
  readonly users: readonly string[];
}

/** The change in lines, the type first; of more than `most` members that moved or changed it tells how many more. */
export function describeLayoutChange(change: LayoutChange, most = Infinity): string[] {
  const rest = change.lines.length - most;
  return [
    `${change.type}${sizeWords(change, ': ')}`,
    ...change.lines.slice(0, rest > 1 ? most : undefined).map((line) => `  ${describeLine(line)}`),
    ...(rest > 1 ? [`  and ${rest} more`] : []),
    ...change.alsoChanged.map((outer) => `  also changes: ${outer.type}${sizeWords(outer, ' (')}`),
  ];
}

function sizeWords({ oldSize, newSize }: Resized, before: ': ' | ' ('): string {
  if (oldSize === undefined && newSize === undefined) return '';
  const words =
    oldSize === newSize
      ? `size ${oldSize}, as before`
      : `size ${oldSize ?? 'unknown'} -> ${newSize ?? 'unknown'}`;
  return `${before}${words}${before === ' (' ? ')' : ''}`;
}

function describeLine(line: LayoutLine): string {
  switch (line.what) {
    case 'moved':
      return `${line.name}: ${place(line.before)} -> ${place(line.after)}`;
    case 'retyped':
      return `${line.name}: ${whole(line.before)} -> ${whole(line.after)}`;
    case 'added':
      return `${line.name}: new, ${whole(line.after)}${line.inPadding ? ', in former padding' : ''}`;
    case 'removed':
      return `${line.name}: gone, was ${whole(line.before)}`;
    case 'enumerator':
      return line.after === undefined
        ? `${line.name}: gone, was ${line.before}`
        : `${line.name}: ${line.before} -> ${line.after}`;
    case 'target':
      return `${line.before} -> ${line.after}`;
  }
}

function place({ byte, bit, bits }: MemberPlace): string {
  return bits === undefined ? `byte ${byte}` : `byte ${byte} bit ${bit ?? 0}, ${bits} bits`;
}

function whole(member: MemberPlace): string {
  const { type, size, bits } = member;
  const room = bits === undefined && size !== undefined ? ` (${size} ${size === 1 ? 'byte' : 'bytes'})` : '';
  return `${type}${room} at ${place(member)}`;
}
