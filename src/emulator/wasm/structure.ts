/**
 * Control flow for a language that has blocks and loops but no goto: which nodes head loops, which are reached from
 * several places, and which node dominates which. Node 0 is the hub, a switch over all entries of the unit.
 *
 * A loop that is entered elsewhere than at its head has no structure; what leads back into it goes to the hub, which
 * switches to its target. The way from the dominator tree to blocks is Ramsey's, "Beyond Relooper" (2022).
 */

export interface Structure {
  /** Position of each node in reverse postorder. */
  readonly order: readonly number[];
  /** Nodes that a node dominates directly and that are reached from several places, the last in order first. */
  readonly merges: readonly (readonly number[])[];
  readonly isMerge: readonly boolean[];
  readonly isLoop: readonly boolean[];
  /** Nodes that the hub switches to, in the order of their numbers there. */
  readonly entries: readonly number[];
  readonly viaHub: (from: number, to: number) => boolean;
}

export const HUB = 0;

/** `successors` of node k, for the hub those at which the unit is entered. */
export function structureOf(successors: readonly (readonly number[])[]): Structure {
  const edges = successors.map((list) => new Set(list));
  const entries = [...edges[HUB]];
  const routed = new Set<number>();
  const key = (from: number, to: number): number => from * edges.length + to;
  for (;;) {
    const order = reversePostorder(edges);
    const dominators = dominatorsOf(edges, order);
    const bad: (readonly [number, number])[] = [];
    edges.forEach((targets, from) => {
      for (const to of targets)
        if (order[to] <= order[from] && !dominates(dominators, order, to, from)) bad.push([from, to]);
    });
    if (bad.length === 0) {
      const viaHub = (from: number, to: number): boolean => routed.has(key(from, to));
      return { ...shape(edges, order, dominators), order, entries, viaHub };
    }
    for (const [from, to] of bad) {
      edges[from].delete(to);
      routed.add(key(from, to));
      if (!edges[HUB].has(to)) entries.push(to);
      edges[HUB].add(to);
    }
  }
}

function reversePostorder(edges: readonly ReadonlySet<number>[]): number[] {
  const finished: number[] = [];
  const seen = new Set<number>([HUB]);
  const stack = [{ node: HUB, rest: [...edges[HUB]] }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.rest.pop();
    if (next === undefined) {
      finished.push(top.node);
      stack.pop();
    } else if (!seen.has(next)) {
      seen.add(next);
      stack.push({ node: next, rest: [...edges[next]] });
    }
  }
  const order = edges.map(() => -1);
  finished.reverse().forEach((node, position) => {
    order[node] = position;
  });
  return order;
}

/** The direct dominator of each node. Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001). */
function dominatorsOf(edges: readonly ReadonlySet<number>[], order: readonly number[]): number[] {
  const nodes = edges.map((_, node) => node).filter((node) => order[node] >= 0);
  nodes.sort((a, b) => order[a] - order[b]);
  const sources: number[][] = edges.map(() => []);
  for (const from of nodes) for (const to of edges[from]) sources[to].push(from);
  const direct = edges.map(() => -1);
  direct[HUB] = HUB;
  const meet = (a: number, b: number): number => {
    let [x, y] = [a, b];
    while (x !== y) {
      while (order[x] > order[y]) x = direct[x];
      while (order[y] > order[x]) y = direct[y];
    }
    return x;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const node of nodes) {
      if (node === HUB) continue;
      const known = sources[node].filter((from) => direct[from] >= 0);
      const found = known.reduce((a, b) => meet(a, b));
      if (direct[node] !== found) changed = true;
      direct[node] = found;
    }
  }
  return direct;
}

function dominates(direct: readonly number[], order: readonly number[], a: number, b: number): boolean {
  let node = b;
  while (order[node] > order[a]) node = direct[node];
  return node === a;
}

function shape(
  edges: readonly ReadonlySet<number>[],
  order: readonly number[],
  dominators: readonly number[],
): Pick<Structure, 'merges' | 'isMerge' | 'isLoop'> {
  const forward = edges.map(() => 0);
  const isLoop = edges.map(() => false);
  edges.forEach((targets, from) => {
    for (const to of targets) {
      if (order[to] <= order[from]) isLoop[to] = true;
      else forward[to]++;
    }
  });
  const isMerge = edges.map((_, node) => node !== HUB && (forward[node] > 1 || edges[HUB].has(node)));
  const merges: number[][] = edges.map(() => []);
  edges.forEach((_, node) => {
    if (isMerge[node] && order[node] >= 0) merges[dominators[node]].push(node);
  });
  for (const list of merges) list.sort((a, b) => order[b] - order[a]);
  return { merges, isMerge, isLoop };
}
