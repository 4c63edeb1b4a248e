/**
 * Flags across the nodes of a unit: where somebody may look at them before they are set anew, and what they come
 * from where a node begins, if all that lead there agree. Leaving the unit is looking at them.
 */
import type { Node } from './graph.js';
import type { GuestInstruction } from './guest-instruction.js';
import { sameOrigin } from './origin.js';
import type { Known } from './origin.js';

export interface FlowNode {
  readonly node: Node;
  /** Numbers of nodes that follow within the unit, without looking at the budget between. */
  readonly inside: readonly number[];
  /** Whether it may also leave the unit at its end. */
  readonly leaves: boolean;
}

/** For each node whether flags matter at its start. */
export function liveAtStart(flow: readonly FlowNode[]): readonly boolean[] {
  const live = flow.map(() => false);
  for (let changed = true; changed;) {
    changed = false;
    for (let k = flow.length - 1; k >= 0; k--) {
      if (live[k] || !before(flow[k].node.instructions, liveAtEnd(flow[k], live))) continue;
      live[k] = true;
      changed = true;
    }
  }
  return live;
}

export function liveAtEnd({ inside, leaves }: FlowNode, live: readonly boolean[]): boolean {
  return leaves || inside.some((to) => live[to]);
}

/** For each instruction of a node whether the flags that it leaves matter. */
export function liveBehindEach(instructions: readonly GuestInstruction[], atEnd: boolean): boolean[] {
  const live: boolean[] = [];
  let matters = atEnd;
  for (let k = instructions.length - 1; k >= 0; k--) {
    live[k] = matters;
    matters = instructions[k].needsFlags || (matters && !instructions[k].setsFlags);
  }
  return live;
}

function before(instructions: readonly GuestInstruction[], atEnd: boolean): boolean {
  for (const { needsFlags, setsFlags } of instructions) {
    if (needsFlags) return true;
    if (setsFlags) return false;
  }
  return atEnd;
}

/** What flags come from at the start of each node. `fromOutside`: nodes that can be reached from elsewhere. */
export function originsAtStart(
  flow: readonly FlowNode[],
  fromOutside: ReadonlySet<number>,
): readonly Known[] {
  const origins: (Known | undefined)[] = flow.map((_, k) => (fromOutside.has(k) ? 'unknown' : undefined));
  for (let changed = true; changed;) {
    changed = false;
    flow.forEach(({ node, inside }, k) => {
      const at = origins[k];
      if (at === undefined) return;
      const after = node.instructions.reduce((before, { origin }) => origin ?? before, at);
      for (const to of inside) {
        const there = origins[to];
        if (there !== undefined && (there === 'unknown' || sameOrigin(there, after))) continue;
        origins[to] = there === undefined ? after : 'unknown';
        changed = true;
      }
    });
  }
  return origins.map((origin) => origin ?? 'unknown');
}
