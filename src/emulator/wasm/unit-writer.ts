/**
 * A unit: the nodes of a graph as one function of WebAssembly. It takes the number of an entry and gives that of an
 * exit. Nodes count their instructions when they begin; the budget is looked at where control goes back: at the head
 * of a loop, and in the hub.
 *
 *   block                    leave: store what was written, go on in another unit or return the exit
 *     loop                   hub
 *       block … br_table     to the entries
 *       end                  nodes, nested as they dominate each other
 */
import { JUMPS_AT, JUMP_SLOTS } from '../arena.js';
import type { Expr } from '../ir.js';
import type { Label } from './code.js';
import { deferredAtEnd, deferredAtStart, sameDeferred } from './deferred.js';
import type { Deferred } from './deferred.js';
import { Expressions } from './expressions.js';
import { Flags } from './flags.js';
import { ENTRY, Frame, RIP_AT } from './frame.js';
import type { Graph, Node } from './graph.js';
import type { GuestInstruction } from './guest-instruction.js';
import { liveAtEnd, liveAtStart, liveBehindEach, originsAtStart } from './liveness.js';
import type { FlowNode } from './liveness.js';
import { moduleOf } from './module.js';
import type { FunctionBody } from './module.js';
import { settleBody } from './settle.js';
import { StatementWriter } from './statements.js';
import { HUB, structureOf } from './structure.js';
import type { Structure } from './structure.js';

export interface Exit {
  /** Where to go on; undefined: rip tells. */
  readonly address: bigint | undefined;
  /** Instructions that were counted and did not run. */
  readonly uncounted: number;
  /** Whether the interpreter has to do the instruction there. */
  readonly interpret: boolean;
}

export interface WrittenUnit {
  readonly module: Uint8Array;
  /** The code between loading registers and storing them. */
  readonly code: Uint8Array;
  /** Addresses by the number of the entry. */
  readonly entries: readonly bigint[];
  readonly exits: readonly Exit[];
}

export interface UnitPlace {
  /** Its number in the table. */
  readonly number: number;
  /** Size of the memory. */
  readonly pages: number;
  /** A guess of what to add to addresses that come from a register to get their places. */
  readonly distanceOf: (region: number) => number;
}

export function writeUnit(graph: Graph, place: UnitPlace): WrittenUnit {
  return new UnitWriter(graph, place).write();
}

const slotOf = (address: bigint): number => Number(address & BigInt(JUMP_SLOTS - 1)) * 16;

class UnitWriter {
  private readonly frame = new Frame();
  private readonly flags = new Flags(this.frame);
  private readonly statements: StatementWriter;
  private readonly structure: Structure;
  private readonly flow: readonly FlowNode[];
  private readonly live: readonly boolean[];
  private readonly origins: ReturnType<typeof originsAtStart>;
  /** What the flags behind each node can be told from, and what those before it are left to. */
  private readonly left: readonly (Deferred | undefined)[];
  private readonly deferred: readonly (Deferred | undefined)[];
  private readonly numbers: ReadonlyMap<bigint, number>;
  private readonly exits: Exit[] = [];
  private readonly labels = new Map<number, Label>();
  private hub: Label = this.frame.leave;
  /** What is being written. */
  private from = HUB;
  private instruction: GuestInstruction | undefined;
  private position = 0;
  private bailExit = -1;

  constructor(
    private readonly graph: Graph,
    private readonly place: UnitPlace,
  ) {
    const { nodes, entries } = graph;
    this.numbers = new Map(nodes.map(({ address }, k) => [address, k + 1]));
    const inside = nodes.map((node) => targetsOf(node).flatMap((address) => this.numbers.get(address) ?? []));
    this.structure = structureOf([entries.map((k) => k + 1), ...inside]);
    this.flow = nodes.map((node, k) => ({
      node,
      inside: inside[k].filter((to) => !this.structure.viaHub(k + 1, to)).map((to) => to - 1),
      leaves: this.mayLeave(node, k + 1),
    }));
    this.live = liveAtStart(this.flow);
    this.origins = originsAtStart(this.flow, new Set(this.structure.entries.map((k) => k - 1)));
    this.left = nodes.map((node) => deferredAtEnd(node.instructions));
    this.deferred = deferredAtStart(this.flow, this.left, this.live, this.structure.order.slice(1));
    const expressions = new Expressions(this.frame, this.flags);
    this.statements = new StatementWriter(this.frame, this.flags, expressions, {
      bail: () => this.bail(),
      jump: (target) => this.jump(target, expressions),
    });
  }

  write(): WrittenUnit {
    const entries = this.structure.entries.map((k) => this.graph.nodes[k - 1].address);
    for (const address of entries) this.exits.push({ address, uncounted: 0, interpret: false });
    this.writeHub();
    const inner = this.frame.code.take();
    const code = this.frame.finish(this.place.number, this.place.distanceOf);
    const locals = this.frame.locals.declaration();
    const body: FunctionBody = { parameters: ['i32'], results: ['i32'], locals, code };
    const functions = this.flags.settles ? [body, settleBody()] : [body];
    return { module: moduleOf(functions, this.place.pages), code: inner, entries, exits: this.exits };
  }

  /** Whether the end of a node may lead out of the unit, or looks at the budget. */
  private mayLeave(node: Node, number: number): boolean {
    if (node.end.kind !== 'goes') return true;
    const { order, viaHub } = this.structure;
    return node.end.to.some((address) => {
      const to = this.numbers.get(address);
      return to === undefined || viaHub(number, to) || order[to] <= order[number];
    });
  }

  private writeHub(): void {
    const { code } = this.frame;
    this.hub = code.open('loop');
    this.within(HUB, this.structure.merges[HUB], () => {
      this.checkBudget(() => {
        code.get(ENTRY);
        code.set(this.frame.exit);
      });
      code.get(ENTRY);
      code.branchTable(this.structure.entries.map((k) => this.labelOf(k)));
    });
    code.close();
  }

  /** Writes `body` within a block for each of the nodes, and behind the block the node. */
  private within(node: number, merges: readonly number[], body: () => void): void {
    if (merges.length === 0) {
      body();
      return;
    }
    const { code } = this.frame;
    const [merge, ...rest] = merges;
    this.labels.set(merge, code.open('block'));
    this.within(node, rest, body);
    code.close();
    this.node(merge);
  }

  private node(number: number): void {
    const { code } = this.frame;
    const isLoop = this.structure.isLoop[number];
    if (isLoop) this.labels.set(number, code.open('loop'));
    this.within(number, this.structure.merges[number], () => this.body(number));
    if (isLoop) code.close();
  }

  private body(number: number): void {
    const { node } = this.flow[number - 1];
    const { instructions, end } = node;
    const { code, fuel } = this.frame;
    const atEnd = liveAtEnd(this.flow[number - 1], this.live);
    const live = liveBehindEach(instructions, atEnd);
    this.from = number;
    this.flags.begin(this.origins[number - 1], this.deferred[number - 1]);
    if (instructions.length > 0) {
      code.get(fuel);
      code.i32(instructions.length);
      code.op('i32.sub');
      code.set(fuel);
    }
    for (const [k, instruction] of instructions.entries()) {
      this.instruction = instruction;
      this.position = k;
      this.bailExit = -1;
      this.statements.instruction(instruction, live[k]);
    }
    if (end.kind === 'interpreted') {
      this.flags.writeBack();
      this.leave(this.exitAt(end.at, 0, true));
    } else if (end.kind === 'goes' && instructions.at(-1)?.targets === undefined) {
      this.edge(end.to[0]);
    }
  }

  private bail(): void {
    const { code, exit, leave } = this.frame;
    const { instruction } = this;
    if (instruction === undefined) throw new Error('no instruction is being translated');
    const counted = this.flow[this.from - 1].node.instructions.length;
    if (this.bailExit < 0) this.bailExit = this.exitAt(instruction.address, counted - this.position, true);
    code.open('if');
    code.i32(this.bailExit);
    code.set(exit);
    this.flags.aside(() => this.flags.writeBack());
    code.branch(leave);
    code.close();
  }

  private exitAt(address: bigint | undefined, uncounted: number, interpret: boolean): number {
    return this.exits.push({ address, uncounted, interpret }) - 1;
  }

  private leave(exit: number): void {
    const { code } = this.frame;
    code.i32(exit);
    code.set(this.frame.exit);
    code.branch(this.frame.leave);
  }

  /** Leaves when the budget is used up; `exit` tells how. */
  private checkBudget(exit: () => void): void {
    const { code, fuel, leave } = this.frame;
    code.get(fuel);
    code.i32(0);
    code.op('i32.lt_s');
    code.open('if');
    exit();
    code.branch(leave);
    code.close();
  }

  private jump(target: Expr, expressions: Expressions): void {
    const { code, locals } = this.frame;
    if (target.op === 'const') this.edge(target.value);
    else if (target.op === 'select' && target.a.op === 'const' && target.b.op === 'const') {
      const { a, b } = target;
      expressions.emit(target.when);
      const taken = locals.take('i32');
      code.set(taken);
      // Once for both, unless one of them can do without.
      if (!this.defersTo(a.value) && !this.defersTo(b.value)) this.writeBack();
      code.get(taken);
      code.open('if');
      this.flags.aside(() => this.edge(a.value));
      code.close();
      this.edge(b.value);
    } else {
      expressions.emit(target);
      code.set(this.frame.target);
      this.writeBack();
      this.indirect();
    }
  }

  /** Writes flags back at the end of a node, when somebody may look at them. */
  private writeBack(): void {
    if (liveAtEnd(this.flow[this.from - 1], this.live)) this.flags.writeBack();
  }

  /** To what flags are left on the way back to an address. */
  private defersTo(address: bigint): Deferred | undefined {
    const { from, structure } = this;
    const to = this.numbers.get(address);
    if (to === undefined || structure.viaHub(from, to) || structure.order[to] > structure.order[from])
      return undefined;
    const wanted = this.deferred[to - 1];
    const left = this.left[from - 1];
    return wanted !== undefined && left !== undefined && sameDeferred(wanted, left) ? wanted : undefined;
  }

  /** Goes to an address that is known, from the end of a node. */
  private edge(address: bigint): void {
    const { code } = this.frame;
    const { from, structure } = this;
    const to = this.numbers.get(address);
    const deferred = this.defersTo(address);
    if (deferred === undefined) this.writeBack();
    if (to === undefined) this.leaveTo(address);
    else if (structure.viaHub(from, to)) {
      code.i32(structure.entries.indexOf(to));
      code.set(ENTRY);
      code.branch(this.hub);
    } else if (structure.order[to] <= structure.order[from]) {
      this.checkBudget(() => {
        this.flags.aside(() => this.writeBack());
        code.i32(this.exitAt(address, 0, false));
        code.set(this.frame.exit);
      });
      if (deferred !== undefined) this.flags.defer(deferred);
      code.branch(this.labelOf(to));
    } else if (structure.isMerge[to]) code.branch(this.labelOf(to));
    else {
      const { instruction, position, bailExit } = this;
      this.frame.aside(() => this.flags.aside(() => this.node(to)));
      this.from = from;
      this.instruction = instruction;
      this.position = position;
      this.bailExit = bailExit;
    }
  }

  private labelOf(node: number): Label {
    const label = this.labels.get(node);
    if (label === undefined) throw new Error(`node ${node} is not open`);
    return label;
  }

  /** Leaves for an address that is not of this unit: for the unit that has it, when one is known. */
  private leaveTo(address: bigint): void {
    const { code } = this.frame;
    code.i32(0);
    code.memory('i64.load', JUMPS_AT + slotOf(address));
    code.i64(address);
    code.op('i64.eq');
    code.open('if');
    code.i32(0);
    this.enterOther(slotOf(address));
    code.close();
    this.leave(this.exitAt(address, 0, false));
  }

  /** Leaves for another unit, by an entry of the jump cache; its place is on the stack. */
  private enterOther(at: number): void {
    const { code, unit, leave } = this.frame;
    const place = this.frame.locals.take('i32');
    code.tee(place);
    code.memory('i32.load', JUMPS_AT + at + 8);
    code.set(unit);
    code.get(place);
    code.memory('i32.load', JUMPS_AT + at + 12);
    code.set(ENTRY);
    code.branch(leave);
  }

  /** Goes where `target` says. */
  private indirect(): void {
    const { code, target } = this.frame;
    const { end } = this.flow[this.from - 1].node;
    for (const address of end.kind === 'indirect' ? end.likely : []) {
      code.get(target);
      code.i64(address);
      code.op('i64.eq');
      code.open('if');
      this.edge(address);
      code.close();
    }
    this.lookUp();
    code.i32(0);
    code.get(target);
    code.memory('i64.store', RIP_AT);
    this.leave(this.exitAt(undefined, 0, false));
  }

  /** Looks the target up in the jump cache: it may be an entry of this unit, or of another. */
  private lookUp(): void {
    const { code, target, locals } = this.frame;
    const place = locals.take('i32');
    code.get(target);
    code.op('i32.wrap_i64');
    code.i32(JUMP_SLOTS - 1);
    code.op('i32.and');
    code.i32(4);
    code.op('i32.shl');
    code.tee(place);
    code.memory('i64.load', JUMPS_AT);
    code.get(target);
    code.op('i64.eq');
    code.open('if');
    code.get(place);
    code.memory('i32.load', JUMPS_AT + 8);
    code.i32(this.place.number);
    code.op('i32.eq');
    code.open('if');
    code.get(place);
    code.memory('i32.load', JUMPS_AT + 12);
    code.set(ENTRY);
    code.branch(this.hub);
    code.close();
    code.get(place);
    this.enterOther(0);
    code.close();
  }
}

function targetsOf({ end }: Node): readonly bigint[] {
  if (end.kind === 'goes') return end.to;
  return end.kind === 'indirect' ? end.likely : [];
}
