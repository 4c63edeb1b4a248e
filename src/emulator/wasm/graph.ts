/**
 * What is translated together: the blocks that can be reached from a hot one by branches and calls, as far as the
 * interpreter has run them, up to a limit. Calls are followed like jumps; that they return shows as an indirect
 * branch, whose targets are those that were seen. A loop that another unit keeps is left out, and what comes behind
 * it is taken in: both sides of it are as hot.
 */
import type { GuestInstruction } from './guest-instruction.js';

/** Where the code of a node ends. */
export type End =
  | { readonly kind: 'goes'; readonly to: readonly bigint[] }
  /** `likely`: targets to compare with, one after the other. */
  | { readonly kind: 'indirect'; readonly likely: readonly bigint[] }
  /** The interpreter does the instruction there. */
  | { readonly kind: 'interpreted'; readonly at: bigint };

export interface Node {
  readonly address: bigint;
  readonly instructions: readonly GuestInstruction[];
  readonly end: End;
}

export interface Graph {
  readonly nodes: readonly Node[];
  /** Nodes at which the unit can be entered, the hot one first. */
  readonly entries: readonly number[];
}

/** What the interpreter knows of the code. */
export interface Seen {
  /** Addresses of the instructions of the block that begins there, and behind them its end; undefined: never run. */
  readonly addresses: readonly bigint[];
  /** Where it led, when its last instruction does not say. */
  readonly targets: readonly bigint[];
}

export interface GuestCode {
  readonly seen: (address: bigint) => Seen | undefined;
  /** Undefined: the unit ends there. */
  readonly decode: (address: bigint) => GuestInstruction | undefined;
  /** Where control goes from another unit that shall keep what begins there; none when there is no such unit. */
  readonly behind: (address: bigint) => readonly bigint[];
}

/** Nodes nest, so their number is the depth of calls when they are written. */
const MOST_NODES = 200;
/** More are looked up, not compared with. */
const MOST_COMPARED = 3;

export function graphFrom(entry: bigint, code: GuestCode, limit: number): Graph {
  return new Collector(code, limit).collect(entry);
}

class Collector {
  private readonly instructions = new Map<bigint, GuestInstruction>();
  /** Addresses at which nodes begin. */
  private readonly leaders = new Set<bigint>();
  private readonly entries = new Set<bigint>();
  /** Where the interpreter hands back. */
  private readonly resumes = new Set<bigint>();
  private readonly likely = new Map<bigint, readonly bigint[]>();
  /** Where other units begin. */
  private readonly passed = new Set<bigint>();
  private readonly queue: bigint[] = [];

  constructor(
    private readonly code: GuestCode,
    private readonly limit: number,
  ) {}

  collect(entry: bigint): Graph {
    this.queue.push(entry);
    this.entries.add(entry);
    for (let address = this.queue.shift(); address !== undefined; address = this.queue.shift())
      if (!this.leaders.has(address) && this.hasRoom()) this.visit(address);
    const compared = new Set([...this.likely.values()].flat());
    const numbers = new Map([...this.leaders].map((address, k) => [address, k]));
    const nodes = [...this.leaders].map((address) => this.node(address));
    const entries = [...this.entries].filter(
      (address) =>
        numbers.has(address) && (address === entry || !compared.has(address) || this.resumes.has(address)),
    );
    return { nodes, entries: entries.map((address) => numbers.get(address) ?? 0) };
  }

  private hasRoom(): boolean {
    return this.instructions.size < this.limit && this.leaders.size < MOST_NODES;
  }

  private visit(start: bigint): void {
    const seen = this.code.seen(start);
    if (seen === undefined && !this.instructions.has(start)) return;
    if (seen === undefined) {
      this.leaders.add(start);
      return;
    }
    for (const address of seen.addresses.slice(0, -1)) {
      const instruction = this.instructions.get(address) ?? this.code.decode(address);
      if (instruction === undefined) {
        this.passOver(address);
        return;
      }
      this.instructions.set(address, instruction);
      this.leaders.add(start);
      if (instruction.translatable && instruction.targets === undefined) continue;
      this.follow(instruction, seen.targets);
      if (instruction.targets !== undefined) return;
    }
    const end = seen.addresses.at(-1);
    if (end !== undefined) this.queue.push(end);
  }

  private follow(
    { address, next, translatable, targets, isCall }: GuestInstruction,
    seen: readonly bigint[],
  ): void {
    if (!translatable) {
      this.resumes.add(next);
      this.enter(next);
      return;
    }
    if (targets === 'indirect') {
      for (const target of seen) this.enter(target);
      if (seen.length <= MOST_COMPARED) this.likely.set(address, seen);
    } else this.queue.push(...(targets?.known ?? []));
    if (isCall) this.enter(next);
  }

  /** Loops that other units keep may lead to one another. */
  private passOver(address: bigint): void {
    if (this.passed.has(address)) return;
    this.passed.add(address);
    for (const next of this.code.behind(address)) this.enter(next);
  }

  private enter(address: bigint): void {
    this.entries.add(address);
    this.queue.push(address);
  }

  private node(address: bigint): Node {
    const found: GuestInstruction[] = [];
    for (let at = address; ;) {
      const instruction = this.instructions.get(at);
      if (instruction === undefined || (at !== address && this.leaders.has(at)))
        return { address, instructions: found, end: { kind: 'goes', to: [at] } };
      if (!instruction.translatable)
        return { address, instructions: found, end: { kind: 'interpreted', at } };
      found.push(instruction);
      const { targets } = instruction;
      if (targets === 'indirect') {
        const likely = (this.likely.get(at) ?? []).filter((target) => this.leaders.has(target));
        return { address, instructions: found, end: { kind: 'indirect', likely } };
      }
      if (targets !== undefined)
        return { address, instructions: found, end: { kind: 'goes', to: targets.known } };
      at = instruction.next;
    }
  }
}
