/**
 * A search through all states that a system of several processors can get into, whatever order their steps come in:
 * breadth first, each state once, until there is none left or one is wrong. For small systems; the limit says how small.
 */

export interface Step<S> {
  /** Who does what, for the path to a wrong state. */
  readonly label: string;
  readonly next: S;
}

export interface System<S> {
  readonly initial: S;
  /** What can happen next; none where everybody has finished, or nobody can go on. */
  readonly steps: (state: S) => readonly Step<S>[];
  /** States with the same key are the same. */
  readonly key: (state: S) => string;
  /** Why a state must not be; undefined when it may. */
  readonly wrong: (state: S) => string | undefined;
  /** Whether a state without a next step is an end, and not a deadlock. */
  readonly ended: (state: S) => boolean;
}

export interface Exploration {
  readonly states: number;
  /** States in which everybody has finished. */
  readonly ends: number;
  readonly violation: { readonly why: string; readonly path: readonly string[] } | undefined;
}

interface Node<S> {
  readonly state: S;
  readonly from: Node<S> | undefined;
  readonly label: string;
}

/** Throws RangeError when there are more states than `limit`. */
export function explore<S>(system: System<S>, limit = 2_000_000): Exploration {
  const seen = new Set([system.key(system.initial)]);
  let frontier: Node<S>[] = [{ state: system.initial, from: undefined, label: '' }];
  let ends = 0;
  while (frontier.length > 0) {
    const next: Node<S>[] = [];
    for (const node of frontier) {
      const steps = system.steps(node.state);
      const stuck = steps.length === 0 && !system.ended(node.state);
      const why = system.wrong(node.state) ?? (stuck ? 'nobody can go on' : undefined);
      if (why !== undefined) return { states: seen.size, ends, violation: { why, path: pathTo(node) } };
      if (steps.length === 0) ends++;
      for (const { label, next: state } of steps) {
        const key = system.key(state);
        if (seen.has(key)) continue;
        seen.add(key);
        if (seen.size > limit) throw new RangeError(`there are more than ${limit} states`);
        next.push({ state, from: node, label });
      }
    }
    frontier = next;
  }
  return { states: seen.size, ends, violation: undefined };
}

function pathTo<S>(last: Node<S>): string[] {
  const path: string[] = [];
  for (let node: Node<S> | undefined = last; node?.from !== undefined; node = node.from)
    path.push(node.label);
  return path.reverse();
}
