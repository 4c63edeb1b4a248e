/**
 * Runs functions of the guest until they return: exceptions are handled as the hypervisor would, what it prints is
 * captured, and what ends the host becomes HostDied.
 *
 * A called function returns to a page of ours that holds a `hlt`. printk() is not run: its text is formatted by the
 * guest's own vsnprintf(), which knows %pd, %ps and the rest, and goes to the console. A printk() that a payload
 * has replaced does run; its text is then caught where the console would write it.
 */
import { Cpu } from '../../emulator/cpu.js';
import type { Device } from '../../emulator/device.js';
import type { EngineMaker } from '../../emulator/engine.js';
import type { Memory } from '../../emulator/memory.js';
import { PAGE_BYTES, Permission } from '../../emulator/page.js';
import { Gpr } from '../../emulator/state.js';
import type { XenConsole } from '../console.js';
import type { TextRegion } from '../guest.js';
import { HostDied } from '../host-died.js';
import { panic, sayLastWords } from '../panic.js';
import { enterFunction } from './cpus.js';
import type { HostCpu } from './cpus.js';
import { readBytes, readText, readU64, textAt, writeU32, writeU64 } from '../guest-memory.js';
import { finish } from '../../run/steps.js';
import type { Steps } from '../../run/steps.js';
import type { ImageSymbols } from './image-symbols.js';
import { framesToSearch, handleException } from './traps.js';

/** What the guest did while a function ran. */
export interface RunFacts {
  /** Instructions that were executed, those of vsnprintf for printk() not counted. */
  readonly instructions: number;
  /** Faults that found their fixup. */
  readonly fixups: number;
  readonly warnings: number;
}

export interface CallOptions {
  readonly cpu?: HostCpu;
  readonly interruptsOn?: boolean;
  /** Instructions after which the call counts as one that never returns. */
  readonly budget?: number;
}

/** Where called functions return to: below Xen's own range, where nothing of it is. */
const RETURN_PAGE = 0xffff82bfffe00000n;
const SCRATCH_PAGE = RETURN_PAGE + BigInt(PAGE_BYTES);
const HLT = 0xf4;
const DEFAULT_BUDGET = 20_000_000;
/** Effort after which a call that is done in steps pauses: 20 to 250 ms interpreted, a millisecond or two translated. */
const SLICE = 4_000_000;
/** What a machine runs in all unless it is told otherwise: three functions that nearly reach their limit. */
const DEFAULT_TOTAL = 60_000_000;
/**
 * What an exception, a bug frame that is looked at for it, a call from outside and a line of the console take, in instructions: what a guest can ask for
 * has a limit by it.
 */
const EXCEPTION_EFFORT = 500;
const FRAME_EFFORT = 10;
const CALL_EFFORT = 200;
const LINE_EFFORT = 5_000;
/** Handlers within handlers: beyond it the stack of a real hypervisor is used up, too. */
const MOST_NESTED = 12;
/** Size of the buffers of printk() and panic(). Source: xen/drivers/char/console.c. */
const PRINTK_BYTES = 1024;
/** psABI, 3.5.7: va_list is {gp_offset, fp_offset, overflow_arg_area, reg_save_area}. */
const VA_LIST = SCRATCH_PAGE + BigInt(PRINTK_BYTES);
const REGISTERS = VA_LIST + 32n;
/** Of an intercepted function, so many tell whether it was replaced: more than a jump takes. */
const PRISTINE_BYTES = 16;
const STACK = 'the stack';
const ARGUMENTS = 'arguments of printk()';
const INTEGER_ARGUMENTS = [Gpr.rdi, Gpr.rsi, Gpr.rdx, Gpr.rcx, 8, 9];

export interface RunnerParts {
  readonly console: XenConsole;
  /** The text regions, in the order in which they are searched. */
  readonly regions: () => readonly TextRegion[];
  readonly symbols: ImageSymbols;
  /** An address with its symbol. */
  readonly where: (address: bigint) => string;
  readonly device: Device;
  /** How many are run in all, with what decoding, exceptions and lines of the console take counted in. */
  readonly instructions?: number | undefined;
  readonly engine?: EngineMaker | undefined;
}

export class Runner {
  readonly processor: Cpu;
  readonly memory: Memory;
  private readonly console: XenConsole;
  private readonly regions: () => readonly TextRegion[];
  private readonly symbols: ImageSymbols;
  private readonly where: (address: bigint) => string;
  private readonly intercepts = new Map<bigint, () => void>();
  private readonly pristine = new Map<bigint, Uint8Array>();
  private facts = { instructions: 0, fixups: 0, warnings: 0 };
  /** What was done for the guest beside its instructions; at which effort its turn is over. */
  private extra = 0;
  private deadline = 0;
  private readonly exhausted: number;
  private nesting = 0;

  constructor({
    console,
    regions,
    symbols,
    where,
    device,
    engine,
    instructions = DEFAULT_TOTAL,
  }: RunnerParts) {
    this.console = console;
    this.regions = regions;
    this.symbols = symbols;
    this.where = where;
    this.exhausted = instructions;
    this.processor = new Cpu({ device, ...(engine && { engine }) });
    this.memory = this.processor.memory;
    this.memory.map(RETURN_PAGE, PAGE_BYTES, Permission.read | Permission.execute);
    this.memory.map(SCRATCH_PAGE, PAGE_BYTES, Permission.read | Permission.write);
    this.memory.write(RETURN_PAGE, Uint8Array.of(HLT));
  }

  /** To be called when the image is mapped: finds what is intercepted. */
  intercept(): void {
    const text = (position: number): string => this.format(position);
    this.add('printk', () => this.print(text(0)));
    this.add('guest_printk', () => this.print(text(1)));
    this.add('panic', () => this.panic(text(0)));
    // Here the prefix stands before the text already.
    this.add('__putstr', () => this.print(this.argumentText(0).replace(/^\(XEN\) /, '')));
    for (const name of ['machine_halt', 'machine_restart'])
      this.add(name, () => this.die(`${name}() was called`, []));
    this.processor.setBreakpoints(this.intercepts.keys());
  }

  /** When code of the guest calls this function, `body` runs instead, and its result is returned. */
  implement(name: string, body: () => bigint): void {
    this.add(name, () => {
      this.processor.state.r64[Gpr.rax] = body();
    });
    this.processor.setBreakpoints(this.intercepts.keys());
  }

  private add(name: string, handler: () => void): void {
    const address = this.symbols.local(name);
    if (address === 0n) return;
    this.intercepts.set(address, handler);
    this.pristine.set(address, readBytes(this.memory, address, PRISTINE_BYTES, name));
  }

  /** Calls a function on a CPU; rax. What happened meanwhile is added up in `takeFacts`. */
  call(entry: bigint, args: readonly bigint[], cpu: HostCpu, options: CallOptions = {}): bigint {
    return finish(this.callInSteps(entry, args, cpu, options));
  }

  /** The same with a pause now and then, in which nothing else may be asked of this machine. */
  *callInSteps(
    entry: bigint,
    args: readonly bigint[],
    cpu: HostCpu,
    options: CallOptions = {},
  ): Steps<bigint> {
    const { state } = this.processor;
    const before = state.save();
    try {
      const stacked = args.slice(INTEGER_ARGUMENTS.length);
      // At the entry of a function rsp + 8 is a multiple of 16; stack arguments lie above the return address.
      const room = BigInt((stacked.length + (stacked.length & 1)) * 8);
      const rsp = cpu.stackTop - room - 8n;
      for (const [k, value] of stacked.entries())
        writeU64(this.memory, rsp + 8n + BigInt(k * 8), value, STACK);
      writeU64(this.memory, rsp, RETURN_PAGE, STACK);
      enterFunction(state, entry, rsp, args, options.interruptsOn ?? true);
      this.extra += CALL_EFFORT;
      const begin = this.processor.instructions;
      try {
        const budget = options.budget ?? DEFAULT_BUDGET;
        this.deadline = Math.min(this.effort + budget + DEFAULT_BUDGET, this.exhausted);
        yield* this.runToReturn(begin + budget);
      } catch (thrown) {
        throw sayLastWords(this.console, thrown);
      } finally {
        this.nesting = 0;
        this.facts.instructions += this.processor.instructions - begin;
      }
      // The hlt at which it ends is ours.
      this.facts.instructions--;
      return state.r64[Gpr.rax];
    } finally {
      state.restore(before);
    }
  }

  /** Where the CPU is after so many instructions from an address, or at the first one that it cannot execute. */
  follow(from: bigint, instructions: number, cpu: HostCpu): bigint {
    const { state } = this.processor;
    const before = state.save();
    enterFunction(state, from, cpu.stackTop - 8n, [], true);
    this.processor.run(instructions);
    const [rip] = state.rip64;
    state.restore(before);
    return rip;
  }

  /** What happened since it was last asked. */
  takeFacts(): RunFacts {
    const taken = this.facts;
    this.facts = { instructions: 0, fixups: 0, warnings: 0 };
    return taken;
  }

  private get effort(): number {
    return this.processor.effort + this.extra;
  }

  /** `end`: the count of instructions that must not be reached. */
  private *runToReturn(end: number): Steps<void> {
    const { processor } = this;
    let paused = this.effort;
    while (processor.instructions < end && this.effort < this.deadline) {
      if (this.effort - paused >= SLICE) {
        yield undefined;
        paused = this.effort;
      }
      const stop = processor.run(
        Math.min(SLICE, end - processor.instructions),
        Math.min(SLICE, this.deadline - this.effort),
      );
      switch (stop.reason) {
        case 'halt':
          if (processor.rip === RETURN_PAGE + 1n) return;
          this.die(`the CPU halts in ${this.where(processor.rip - 1n)}`, []);
          break;
        case 'breakpoint':
          this.intercepted(processor.rip);
          break;
        case 'exception':
          this.excepted(stop);
          break;
        case 'budget':
        case 'watchpoint':
      }
    }
    const limit = this.effort < this.exhausted ? 'the limit' : 'what is run in all';
    this.die(`no return within ${limit} of instructions; the CPU is in ${this.where(processor.rip)}`, []);
  }

  /** Handles a call of an intercepted function and returns from it; one that was replaced runs on. */
  private intercepted(rip: bigint): void {
    const handler = this.intercepts.get(rip);
    const pristine = this.pristine.get(rip);
    if (handler === undefined || pristine === undefined) return;
    if (Buffer.compare(pristine, readBytes(this.memory, rip, PRISTINE_BYTES, 'a function')) !== 0) return;
    handler();
    this.leaveFunction();
  }

  private leaveFunction(): void {
    const { state } = this.processor;
    state.rip64[0] = readU64(this.memory, state.r64[Gpr.rsp], STACK);
    state.r64[Gpr.rsp] += 8n;
  }

  private excepted(stop: Parameters<typeof handleException>[2]): void {
    const { processor } = this;
    const outcome = handleException(this.memory, this.regions(), stop, processor.rip, this.where);
    this.extra += EXCEPTION_EFFORT + FRAME_EFFORT * framesToSearch(this.regions(), processor.rip);
    if (outcome.kind === 'die') {
      for (const line of outcome.lines) this.console.print(line);
      this.panic(outcome.panic, outcome.reason);
    }
    if (outcome.kind === 'run') this.runHandler(outcome.handler);
    else if (outcome.how === 'warn') this.facts.warnings++;
    else if (outcome.how === 'fixup') this.facts.fixups++;
    if (outcome.kind === 'go on' && outcome.says !== undefined) this.print(`${outcome.says}\n`);
    processor.rip = outcome.at;
  }

  /** run_in_exception_handler(): the function gets the registers of the trap, struct cpu_user_regs, by pointer. */
  private runHandler(handler: bigint): void {
    const { state } = this.processor;
    const { rbp, rbx, rax, rcx, rdx, rsi, rdi, rsp } = Gpr;
    const order = [15, 14, 13, 12, rbp, rbx, 11, 10, 9, 8, rax, rcx, rdx, rsi, rdi];
    const values = order.map((register) => state.r64[register]);
    const frame = [0n, state.rip64[0], BigInt(state.selectors[1]), BigInt(state.rflags), state.r64[rsp], 0n];
    const at = (state.r64[rsp] - 0x200n) & ~15n;
    for (const [k, value] of [...values, ...frame].entries())
      writeU64(this.memory, at + BigInt(k * 8), value, STACK);
    this.nested(handler, [at], at - 0x100n);
  }

  /** Calls a function of the guest in the midst of another, below a stack pointer; rax. */
  private nested(entry: bigint, args: readonly bigint[], below: bigint): bigint {
    const { state } = this.processor;
    if (this.nesting >= MOST_NESTED)
      this.die(`handlers of exceptions within each other, ${MOST_NESTED} deep, in ${this.where(entry)}`, []);
    const before = state.save();
    const rsp = (below & ~15n) - 8n;
    writeU64(this.memory, rsp, RETURN_PAGE, STACK);
    enterFunction(state, entry, rsp, args, false);
    this.nesting++;
    finish(this.runToReturn(Infinity));
    this.nesting--;
    const result = state.r64[Gpr.rax];
    state.restore(before);
    return result;
  }

  /** The text of a call like printk(fmt, …) at whose entry the CPU is; `position` of fmt among the arguments. */
  private format(position: number): string {
    const vsnprintf = this.symbols.lookup('vsnprintf');
    const { state } = this.processor;
    const fmt = state.r64[INTEGER_ARGUMENTS[position]];
    if (vsnprintf === 0n) return this.argumentText(position);
    for (const [k, register] of INTEGER_ARGUMENTS.entries())
      writeU64(this.memory, REGISTERS + BigInt(k * 8), state.r64[register], ARGUMENTS);
    writeU32(this.memory, VA_LIST, (position + 1) * 8, ARGUMENTS);
    writeU32(this.memory, VA_LIST + 4n, 48, ARGUMENTS);
    writeU64(this.memory, VA_LIST + 8n, state.r64[Gpr.rsp] + 8n, ARGUMENTS);
    writeU64(this.memory, VA_LIST + 16n, REGISTERS, ARGUMENTS);
    const begin = this.processor.instructions;
    this.nested(vsnprintf, [SCRATCH_PAGE, BigInt(PRINTK_BYTES), fmt, VA_LIST], state.r64[Gpr.rsp] - 0x100n);
    this.facts.instructions -= this.processor.instructions - begin;
    return textAt(this.memory, SCRATCH_PAGE, PRINTK_BYTES) ?? '';
  }

  private argumentText(position: number): string {
    const at = this.processor.state.r64[INTEGER_ARGUMENTS[position]];
    return readText(this.memory, at, 'text to print', PRINTK_BYTES);
  }

  private print(text: string): void {
    this.extra += LINE_EFFORT + text.length;
    this.console.printk(text);
  }

  /** The last words of a host. */
  private panic(text: string, reason = `panic: ${text.trim()}`): never {
    panic(this.console, text.replace(/\n$/, ''));
    throw new HostDied(reason, this.processor.rip);
  }

  private die(reason: string, lines: readonly string[]): never {
    for (const line of lines) this.console.print(line);
    throw new HostDied(reason, this.processor.rip);
  }
}
