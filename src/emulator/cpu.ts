/**
 * A processor: registers, memory, a device, and the loop that runs blocks until there is a reason to stop.
 *
 * Exceptions of the guest are not delivered through its IDT: `run` stops, rip is that of the instruction (behind
 * it for int3), registers and memory are as before it, and the caller decides. That is what a test bench wants,
 * and to change rip and run on is all that a handler needs.
 */
import { STATE_AT } from './arena.js';
import { PlainMachine } from './device.js';
import type { Device } from './device.js';
import type { Block } from './block.js';
import type { Engine, EngineMaker } from './engine.js';
import { GuestFault, Vector } from './fault.js';
import { MachineHelpers } from './machine-helpers.js';
import { Memory, Signal } from './memory.js';
import type { WatchHit } from './memory.js';
import { pageNumberOfHalves } from './page.js';
import type { Page } from './page.js';
import { CpuState } from './state.js';
import { Translator } from './translate.js';

/** Why the processor stopped. */
export type Stop =
  | { readonly reason: 'budget' | 'halt' | 'breakpoint' }
  | { readonly reason: 'watchpoint'; readonly hit: WatchHit }
  | {
      readonly reason: 'exception';
      readonly vector: number;
      readonly errorCode: number;
      /** Linear address of a #PF. */
      readonly address: bigint;
    };

/** Of an indirect branch so many targets are noted. */
const MOST_TARGETS = 64;

export interface CpuOptions {
  /** How much memory can be mapped at once. A memory has one processor, whose code its pages keep. */
  readonly memoryBytes?: number;
  readonly device?: Device;
  /** Runs what is run often; without it, all is interpreted. */
  readonly engine?: EngineMaker;
}

export class Cpu {
  readonly state: CpuState;
  readonly memory: Memory;
  /** Instructions that ran to their end, an iteration of a repeated one counting as one. */
  instructions = 0;
  /** Those of them that ran as translated code. */
  translated = 0;
  private readonly helpers: MachineHelpers;
  private readonly translator: Translator;
  private readonly engine: Engine | undefined;
  private breakpoints: ReadonlySet<bigint> = new Set();
  /** The page that code was last fetched from: most blocks follow one of the same page. */
  private page: Page | undefined;
  private pageAt = 0;

  constructor(options: CpuOptions = {}) {
    this.memory = new Memory(options.memoryBytes);
    this.state = new CpuState(this.memory.arena.buffer, STATE_AT);
    this.helpers = new MachineHelpers(this.state, this.memory, options.device ?? new PlainMachine());
    this.translator = new Translator(this.state, this.memory, this.helpers);
    const { state, memory, translator } = this;
    const isBreakpoint = (address: bigint): boolean => this.breakpoints.has(address);
    this.engine = options.engine?.({ state, memory, translator, isBreakpoint });
  }

  /** What was done so far, in instructions: those that ran, and what decoding them took. */
  get effort(): number {
    return this.instructions + this.translator.effort;
  }

  /** Number of shapes of instructions met so far. */
  get shapes(): number {
    return this.translator.shapes;
  }

  /** Addresses before whose instruction `run` stops; the one at which it starts does not count. */
  setBreakpoints(addresses: Iterable<bigint>): void {
    this.breakpoints = new Set(addresses);
    this.memory.dropCode();
  }

  get rip(): bigint {
    return this.state.rip64[0];
  }

  set rip(address: bigint) {
    this.state.rip64[0] = address;
  }

  step(): Stop {
    return this.run(1);
  }

  /**
   * Runs at most so many instructions. `effort`: with what decoding takes counted in; the block at which it is
   * exceeded runs to its end.
   */
  run(budget: number, effort = Infinity): Stop {
    const { state, memory, engine } = this;
    const { signals } = memory;
    const end = this.instructions + budget;
    const exhausted = this.effort + effort;
    memory.user = (state.selectors[1] & 3) === 3;
    signals[0] = 0;
    this.page = undefined;
    let block: Block | undefined;
    let k = 0;
    let isSingle = false;
    try {
      for (let first = true; this.instructions < end && this.effort < exhausted; first = false) {
        let most = end - this.instructions;
        if (engine !== undefined) {
          if (block !== undefined) this.warm(block, k, engine);
          block = undefined;
          if (isSingle) most = 1;
          else if (this.runTranslated(Math.min(most, exhausted - this.effort), engine)) {
            isSingle = engine.mustInterpret;
            continue;
          }
          isSingle = false;
        }
        block = undefined;
        block = this.lookup();
        if (block.breakpoint && !first) return { reason: 'breakpoint' };
        const { steps } = block;
        const count = Math.min(steps.length, most);
        for (k = 0; k < count; k++) {
          steps[k]();
          if (signals[0] !== 0) {
            k++;
            break;
          }
        }
        this.instructions += k;
        if (k < steps.length || !block.jumps) state.rip64[0] = block.addresses[k];
        if (signals[0] !== 0) {
          const stop = this.signalled();
          if (stop !== undefined) return stop;
        }
      }
    } catch (thrown) {
      return this.faulted(thrown, block, k);
    }
    return { reason: 'budget' };
  }

  private faulted(thrown: unknown, block: Block | undefined, k: number): Stop {
    if (!(thrown instanceof GuestFault)) throw thrown;
    const { vector, errorCode } = thrown;
    // A trap is reported behind its instruction, a fault at it.
    if (block !== undefined && vector !== Vector.BP) this.state.rip64[0] = block.addresses[k];
    if (block !== undefined) this.helpers.faultAt(block.addresses[k]);
    this.instructions += block === undefined ? 0 : k;
    return {
      reason: 'exception',
      vector,
      errorCode,
      address: vector === Vector.PF ? thrown.address : 0n,
    };
  }

  private signalled(): Stop | undefined {
    const signals = this.memory.signals[0];
    this.memory.signals[0] = 0;
    this.page = undefined;
    if ((signals & Signal.watchHit) !== 0) {
      const hit = this.memory.watchHit;
      this.memory.watchHit = undefined;
      if (hit !== undefined) return { reason: 'watchpoint', hit };
    }
    return (signals & Signal.halted) !== 0 ? { reason: 'halt' } : undefined;
  }

  /** The page that rip lies in. */
  private codePage(): Page {
    const low = this.state.rip32[0];
    const high = this.state.rip32[1];
    if (this.page !== undefined && this.pageAt === pageNumberOfHalves(low, high)) return this.page;
    const page = this.memory.fetchPage(low, high);
    this.page = page;
    this.pageAt = page.number;
    return page;
  }

  /** Runs what was translated from rip on; false when there is nothing, or the budget is too small. */
  private runTranslated(budget: number, engine: Engine): boolean {
    if (budget <= engine.reserve) return false;
    const page = this.codePage();
    const from = this.state.rip32[0] & 4095;
    if (engine.threshold === 0 && page.entries?.[from] === undefined) engine.translate(this.lookup());
    const entry = page.entries?.[from];
    if (entry === undefined) return false;
    const ran = entry.run(budget);
    this.instructions += ran;
    this.translated += ran;
    return true;
  }

  /** Notes that `ran` instructions of a block were interpreted, and has it translated when that was often enough. */
  private warm(block: Block, ran: number, engine: Engine): void {
    const { targets } = block;
    block.heat++;
    if (targets !== undefined && ran === block.steps.length && (block.heat & 7) === 1) {
      const [rip] = this.state.rip64;
      if (targets.length < MOST_TARGETS && !targets.includes(rip)) targets.push(rip);
    }
    // What changes often must be run more often to be worth it.
    if (engine.threshold > 0 && block.heat >= engine.threshold * (1 + (this.page?.version ?? 0)))
      engine.translate(block);
  }

  private lookup(): Block {
    const low = this.state.rip32[0];
    const isKnown = this.pageAt === pageNumberOfHalves(low, this.state.rip32[1]);
    const page = this.page !== undefined && isKnown ? this.page : this.codePage();
    const from = low & 4095;
    const known = page.blocks?.[from];
    if (known !== undefined && (known.second === undefined || known.second.version === known.secondVersion))
      return known;
    const block = this.translator.block(page, from, this.breakpoints);
    page.blocks ??= [];
    page.blocks[from] = block;
    return block;
  }
}
