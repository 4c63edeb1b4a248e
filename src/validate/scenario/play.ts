/**
 * Plays the calls of a scenario in one phase: each from the same state of memory unless it keeps what the ones
 * before it wrote, with blocks and texts placed in the heap of the hypervisor.
 */
import { Permission } from '../../emulator/page.js';
import type { Snapshot } from '../../emulator/page-table.js';
import type { Range } from '../../hypervisor/guest.js';
import { HostDied } from '../../hypervisor/host-died.js';
import { readBytes, textAt } from '../../hypervisor/guest-memory.js';
import { OutOfMemory } from '../../hypervisor/machine/heap.js';
import type { ProofProgress } from '../../run/progress.js';
import type { Steps } from '../../run/steps.js';
import type { XenMachine } from '../../hypervisor/machine/machine.js';
import type { Argument, Expectation, MemoryBlock, Phase, Scenario, ScenarioCall } from './scenario.js';
import { complaintsAbout } from './compare.js';

/** What came of one call. */
export interface CallResult {
  /** Of the scenario. */
  readonly title: string;
  /** That was called. */
  readonly function: string;
  /** `before` the payloads, with them `applied`, `reverted`. */
  readonly phase: Phase;
  /** Whether all came as expected. */
  readonly passed: boolean;
  /** What was expected and did not come. */
  readonly complaints: readonly string[];
  /** As its type reads it; undefined when the host died. */
  readonly returned: string | undefined;
  /** Of what the host died; undefined when it lives. */
  readonly died: string | undefined;
  /** Lines that the hypervisor printed, without `(XEN) `. */
  readonly console: readonly string[];
  /** That were executed. */
  readonly instructions: number;
  /** Faults that found their fixup. */
  readonly faults: number;
  /** WARN_ON()s. */
  readonly warnings: number;
}

/** What a call did, before it is compared with what was expected. */
export interface Seen {
  readonly rax: bigint;
  readonly died: string | undefined;
  readonly console: readonly string[];
  readonly faults: number;
  readonly warnings: number;
  /** Of a value that is the address of a text. */
  readonly text: string | undefined;
  readonly memoryAt: (block: string, length: number) => Uint8Array;
}

/** The scenario asks for something that this hypervisor does not have; becomes XS622. */
export class UnknownInScenario extends Error {}

const PAGE = 4096n;
const TOO_MUCH = 'its blocks of memory and texts are more than the modelled host has room for (32 MiB)';
const { read, write } = Permission;

export class ScenarioPlayer {
  /** Ends of what ran, by where it begins. */
  private readonly covered = new Map<bigint, bigint>();

  constructor(
    private readonly machine: XenMachine,
    private readonly scenario: Scenario,
    /** Ranges of code whose execution is recorded. */
    private readonly watched: () => readonly Range[],
  ) {}

  /** Code of the watched ranges that ran so far; ranges may overlap. */
  get coverage(): readonly Range[] {
    return [...this.covered].map(([start, end]) => ({ start, end }));
  }

  /** Plays the calls that expect something in this phase; `about` makes an event of a title. Memory is afterwards as it was. */
  *play(phase: Phase, about: (call: string) => ProofProgress): Steps<CallResult[]> {
    const { memory } = this.machine;
    const start = memory.snapshot();
    const results: CallResult[] = [];
    for (const call of this.scenario.calls) {
      const expected = call.expect[phase];
      if (expected === undefined) continue;
      yield about(call.title);
      results.push(yield* this.playCall(call, phase, expected));
      if (!call.keeps) this.reset(start);
    }
    this.reset(start);
    return results;
  }

  private reset(start: Snapshot): void {
    this.machine.memory.restore(start);
    this.machine.resetScratch();
  }

  private *playCall(call: ScenarioCall, phase: Phase, expected: Expectation): Steps<CallResult> {
    const { machine } = this;
    const entry = this.resolve(call.function);
    const cpu = machine.cpus[call.cpu];
    const blocks = this.place({ ...this.scenario.memory, ...call.memory });
    const args = call.arguments.map((given) => this.valueOf(given, blocks));
    const mark = machine.console.lines.length;
    machine.takeFacts();
    let rax = 0n;
    let died: string | undefined;
    try {
      rax = yield* machine.callInSteps(entry, args, { cpu, budget: call.limit });
    } catch (thrown) {
      if (!(thrown instanceof HostDied)) throw thrown;
      died = thrown.reason;
    }
    this.noteCoverage();
    const { instructions, fixups, warnings } = machine.takeFacts();
    const console = machine.console.since(mark);
    const seen: Seen = {
      rax,
      died,
      console,
      faults: fixups,
      warnings,
      text: call.type === 'text' ? textAt(machine.memory, rax, 256) : undefined,
      memoryAt: (block, length) => readBytes(machine.memory, blocks.get(block) ?? 0n, length, block),
    };
    const { complaints, returned } = complaintsAbout(expected, seen, call.type);
    return {
      title: call.title,
      function: call.function,
      phase,
      passed: complaints.length === 0,
      complaints,
      returned,
      died,
      console,
      instructions,
      faults: fixups,
      warnings,
    };
  }

  private noteCoverage(): void {
    for (const { start, end } of this.watched().flatMap((range) => this.machine.executed(range)))
      if (end > (this.covered.get(start) ?? 0n)) this.covered.set(start, end);
  }

  private resolve(symbol: string): bigint {
    const address = this.machine.lookup(symbol);
    if (address === 0n) throw new UnknownInScenario(`there is no symbol ${symbol} in the image`);
    return address;
  }

  /** Gives each block its place and its bytes. */
  private place(blocks: Readonly<Record<string, MemoryBlock>>): Map<string, bigint> {
    const placed = new Map<string, bigint>();
    for (const [name, block] of Object.entries(blocks)) {
      const address = block.at ?? this.scratch(block.size);
      if (block.at !== undefined) this.mapAt(name, block.at, block.size);
      this.machine.memory.write(address, block.bytes);
      placed.set(name, address);
    }
    return placed;
  }

  /** Memory at an address of the scenario's choice: what is there already is left as it is mapped. */
  private mapAt(name: string, at: bigint, size: number): void {
    const end = at + BigInt(size);
    const top = at >> 47n;
    if ((top !== 0n && top !== 0x1ffffn) || (end - 1n) >> 47n !== top)
      throw new UnknownInScenario(`memory block ${name} would lie at addresses that are not canonical`);
    for (let page = at & ~(PAGE - 1n); page < end; page += PAGE)
      if (this.machine.memory.permissionsAt(page) === undefined) this.mapPage(page);
  }

  private mapPage(page: bigint): void {
    if (this.machine.memory.room === 0) throw new UnknownInScenario(TOO_MUCH);
    this.machine.memory.map(page, Number(PAGE), read | write);
  }

  private scratch(bytes: number): bigint {
    try {
      return this.machine.scratch(bytes);
    } catch (thrown) {
      throw thrown instanceof OutOfMemory ? new UnknownInScenario(TOO_MUCH) : thrown;
    }
  }

  private valueOf(given: Argument, blocks: ReadonlyMap<string, bigint>): bigint {
    if (typeof given === 'bigint') return given;
    if ('symbol' in given) return this.resolve(given.symbol) + given.plus;
    if ('memory' in given) return (blocks.get(given.memory) ?? 0n) + given.plus;
    const bytes = Buffer.from(`${given.text}\0`, 'utf8');
    const address = this.scratch(bytes.length);
    this.machine.memory.write(address, bytes);
    return address;
  }
}
