/**
 * The moment of patching, step by step, as a system for explore.ts: processors that run code of the hypervisor, one
 * instruction at a time in the emulator, come together, one of them writes the patch byte by byte, and all go on.
 *
 *   master   ask ► gather (all others have come, or the deadline passes) ► irq (all have interrupts off, or the deadline
 *            passes) ► look (at stacks, where processors stop wherever they are: again, when one stands in the way)
 *            ► write, a byte a step ► release
 *   others   run: an instruction of a call, from the idle loop ► at the idle loop, when they are asked: come ► off ► wait
 *
 * What must hold in every state: whoever runs code, or is still to be interrupted, finds the patched places all old or
 * all new. Source: check_for_livepatch_work(), xen/common/livepatch.c.
 */
import type { Cpu } from '../../src/emulator/cpu.js';
import { Gpr } from '../../src/emulator/state.js';
import type { Exploration, Step, System } from './explore.js';
import { explore } from './explore.js';

/** Bytes that the patch writes, in the order in which they are written. */
export interface PatchByte {
  readonly address: bigint;
  readonly old: number;
  readonly new: number;
}

/** How the processors meet; the defaults are what the hypervisor does, the others what it must not. */
export interface MeetingRules {
  /** The master waits until the others have come. */
  readonly gathers: boolean;
  /** It waits until their interrupts are off, too. */
  readonly waitsForIrqs: boolean;
  /** Others come from the idle loop only, with nothing on their stacks; otherwise after any instruction. */
  readonly idleOnly: boolean;
  /** The master lets all go on and calls them again when one of them is in what changes, or is to return there. */
  readonly looksAtStacks: boolean;
}

export const XEN_RULES: MeetingRules = {
  gathers: true,
  waitsForIrqs: true,
  idleOnly: true,
  looksAtStacks: false,
};
/** As the first design's: processors stop wherever they are. */
export const STOPPING_RULES: MeetingRules = { ...XEN_RULES, idleOnly: false, looksAtStacks: true };

export interface MomentOptions {
  /** Processors, the master included: 1 to 3. */
  readonly processors: number;
  /** Calls that each of the others makes before it idles for good. */
  readonly calls: number;
  readonly rules?: MeetingRules;
  /** Whether the deadline may pass at any time while the master waits. */
  readonly deadline?: boolean;
}

/** Code to run: sets the processor to the start of a call, and says whether it is back. */
export interface CallUnderTest {
  readonly cpu: Cpu;
  /** Registers at the entry of the call, one state for each processor, each with a stack of its own. */
  readonly entries: readonly Uint8Array[];
  /** Stack of each processor: bytes that belong to its state. */
  readonly stacks: readonly { readonly address: bigint; readonly length: number }[];
  /** Where rip is when the call has returned. */
  readonly returned: bigint;
  /** Whether code at an address is about to change, so that nobody may be in it. */
  readonly changes: (address: bigint) => boolean;
  /** What rax may be then. */
  readonly results: readonly bigint[];
}

type MasterPhase = 'ask' | 'gather' | 'irq' | 'look' | 'again' | 'write' | 'release' | 'done';
type OtherPhase = 'run' | 'came' | 'off';

interface Other {
  readonly phase: OtherPhase;
  readonly callsLeft: number;
  /** Registers and stack in the midst of a call; undefined in the idle loop. */
  readonly running: { readonly registers: Uint8Array; readonly stack: Uint8Array } | undefined;
}

interface State {
  readonly master: MasterPhase;
  readonly asked: boolean;
  readonly ready: boolean;
  readonly working: boolean;
  readonly written: number;
  readonly others: readonly Other[];
  /** What an instruction did that it must not. */
  readonly broken: string | undefined;
}

/** Goes through all interleavings. */
export function checkMoment(
  code: CallUnderTest,
  patch: readonly PatchByte[],
  options: MomentOptions,
): Exploration {
  return explore(new Moment(code, patch, options));
}

class Moment implements System<State> {
  readonly initial: State;
  private readonly rules: MeetingRules;

  constructor(
    private readonly code: CallUnderTest,
    private readonly patch: readonly PatchByte[],
    private readonly options: MomentOptions,
  ) {
    const { processors, calls } = options;
    this.rules = options.rules ?? XEN_RULES;
    const other: Other = { phase: 'run', callsLeft: calls, running: undefined };
    this.initial = {
      master: 'ask',
      asked: false,
      ready: false,
      working: false,
      written: 0,
      others: Array.from({ length: processors - 1 }, () => other),
      broken: undefined,
    };
  }

  readonly key = (state: State): string => {
    const { master, asked, ready, working, written, others, broken } = state;
    const texts = others.map(({ phase, callsLeft, running }) => {
      const where =
        running === undefined ? '' : Buffer.concat([running.registers, running.stack]).toString('latin1');
      return `${phase}${callsLeft}${where}`;
    });
    return [master, asked, ready, working, written, broken, ...texts].join('|');
  };

  readonly ended = ({ master }: State): boolean => master === 'done';

  readonly wrong = (state: State): string | undefined => {
    if (state.broken !== undefined) return state.broken;
    const half = state.written > 0 && state.written < this.patch.length;
    if (!half) return undefined;
    const loose = state.others.findIndex(({ phase }) => phase !== 'off');
    return loose < 0 ? undefined : `CPU${loose + 1} is not stopped while the patch is half written`;
  };

  readonly steps = (state: State): readonly Step<State>[] => [
    ...this.masterSteps(state),
    ...state.others.flatMap((other, k) => this.otherSteps(state, other, k)),
  ];

  private masterSteps(state: State): Step<State>[] {
    const to = (label: string, change: Partial<State>): Step<State> => ({
      label: `CPU0: ${label}`,
      next: { ...state, ...change },
    });
    const late = this.options.deadline === true ? [to('the deadline passes', GIVEN_UP)] : [];
    switch (state.master) {
      case 'ask':
        return [to('asks the others', { master: 'gather', asked: true, working: true })];
      case 'gather':
        if (this.rules.gathers && !state.others.every(({ phase }) => phase === 'came')) return late;
        return [to('all are here', { master: 'irq', ready: true }), ...late];
      case 'irq':
        if (this.rules.waitsForIrqs && !state.others.every(({ phase }) => phase === 'off')) return late;
        return [to('all are stopped', { master: this.rules.looksAtStacks ? 'look' : 'write' }), ...late];
      case 'look':
        if (state.others.every(({ running }) => running === undefined || !this.standsInTheWay(running)))
          return [to('nobody is in the way', { master: 'write' })];
        return [to('lets all go on', { master: 'again', working: false, ready: false })];
      case 'again':
        if (!state.others.every(({ phase }) => phase === 'run')) return [];
        return [to('asks once more', { master: 'gather', working: true }), ...late];
      case 'write':
        if (state.written === this.patch.length) return [to('has written', { master: 'release' })];
        return [to(`writes byte ${state.written}`, { written: state.written + 1 })];
      case 'release':
        return [to('lets the others go', GIVEN_UP)];
      case 'done':
        return [];
    }
  }

  private otherSteps(state: State, other: Other, k: number): Step<State>[] {
    const to = (label: string, change: Partial<Other>, broken?: string): Step<State> => ({
      label: `CPU${k + 1}: ${label}`,
      next: {
        ...state,
        broken,
        others: state.others.map((one, position) => (position === k ? { ...one, ...change } : one)),
      },
    });
    const mayCome = state.asked && state.working && (other.running === undefined || !this.rules.idleOnly);
    switch (other.phase) {
      case 'run': {
        const come = mayCome ? [to('comes', { phase: 'came' })] : [];
        if (other.running !== undefined) return [...come, this.instruction(state, other, k, to)];
        if (other.callsLeft === 0) return come;
        return [...come, to('calls', { running: this.entry(k), callsLeft: other.callsLeft - 1 })];
      }
      case 'came':
        if (!state.working) return [to('leaves', { phase: 'run' })];
        return state.ready ? [to('switches interrupts off', { phase: 'off' })] : [];
      case 'off':
        return state.working ? [] : [to('goes on', { phase: 'run' })];
    }
  }

  /** Whether it is in code that changes, or any word of its stack is an address in it. */
  private standsInTheWay({ registers, stack }: NonNullable<Other['running']>): boolean {
    const { cpu, changes } = this.code;
    cpu.state.restore(registers);
    const view = new DataView(stack.buffer, stack.byteOffset, stack.byteLength);
    const words = Array.from({ length: stack.length >> 3 }, (_, k) => view.getBigUint64(8 * k, true));
    // What lies below the stack pointer is left from calls that have returned.
    const depth = cpu.state.r64[Gpr.rsp];
    const base = this.code.stacks.find(
      ({ address, length }) => depth >= address && depth <= address + BigInt(length),
    );
    const first = base === undefined ? 0 : Number(depth - base.address) >> 3;
    return changes(cpu.rip) || words.slice(first).some(changes);
  }

  private entry(k: number): NonNullable<Other['running']> {
    const { length } = this.code.stacks[k];
    return {
      registers: this.code.entries[k],
      stack: this.code.cpu.memory.read(this.code.stacks[k].address, length),
    };
  }

  /** One instruction of a call, with the patch as far as it is written. */
  private instruction(
    state: State,
    other: Other,
    k: number,
    to: (label: string, change: Partial<Other>, broken?: string) => Step<State>,
  ): Step<State> {
    const { cpu, stacks, returned, results } = this.code;
    const { running } = other;
    if (running === undefined) throw new Error('no call is under way');
    this.put(state.written);
    const kept = cpu.memory.read(stacks[k].address, stacks[k].length);
    cpu.memory.write(stacks[k].address, running.stack);
    cpu.state.restore(running.registers);
    const stop = cpu.step();
    const after = {
      registers: cpu.state.save(),
      stack: cpu.memory.read(stacks[k].address, stacks[k].length),
    };
    const { rip } = cpu;
    const rax = cpu.state.r64[0];
    cpu.memory.write(stacks[k].address, kept);
    if (stop.reason === 'exception') return to('faults', {}, `CPU${k + 1} faults at 0x${rip.toString(16)}`);
    if (rip !== returned) return to('runs an instruction', { running: after });
    const odd = results.includes(rax) ? undefined : `CPU${k + 1} gets 0x${rax.toString(16)}`;
    return to('returns', { running: undefined }, odd);
  }

  private put(written: number): void {
    const { memory } = this.code.cpu;
    for (const [k, byte] of this.patch.entries()) {
      const value = k < written ? byte.new : byte.old;
      if (memory.read(byte.address, 1)[0] !== value) memory.write(byte.address, Uint8Array.of(value));
    }
  }
}

const GIVEN_UP: Partial<State> = { master: 'done', working: false, ready: false };
