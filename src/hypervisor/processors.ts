/**
 * What the processors of the modelled machine do when a live patch wants them: how soon each can come to the place
 * where the work is done, and where its stack stands until then. Time is a counter of nanoseconds.
 *
 * Latencies are orders of magnitude of real machines, chosen and not measured; what decides whether a rendezvous
 * succeeds is how long processors are busy.
 */

/** From an interprocessor interrupt, or from seeing a variable change, to the first instruction. */
const NOTICE = 1_000;
/** From a guest into the hypervisor. */
const LEAVE_GUEST = 2_000;
/** From the vCPU that runs to the idle vCPU. */
const SWITCH_TO_IDLE = 3_000;

/** What a processor does. `stack`: code addresses, the innermost first. */
export type Activity =
  | { readonly kind: 'idle' }
  | { readonly kind: 'guest' }
  | {
      /**
       * In the hypervisor, with interrupts on. Where the hypervisor stops processors wherever they are, it stands still
       * at once, with its stack as it is; otherwise it is as one that is busy.
       */
      readonly kind: 'inside';
      /** Until it is out, from when it is set. */
      readonly nanoseconds: number;
      readonly stack: readonly bigint[];
    }
  | {
      readonly kind: 'busy';
      /** From when it is set; Infinity: for ever. */
      readonly nanoseconds: number;
      /** With interrupts off it does not even notice that it is wanted; with them on it comes no sooner. */
      readonly interrupts: 'on' | 'off';
      readonly stack: readonly bigint[];
    };

/** An interrupt that is served while the processor waits for the others, with interrupts still on. */
export interface Interrupt {
  /** When it comes, in nanoseconds after the processor's arrival. */
  readonly after: number;
  /** How long its handler runs; Infinity: for ever. */
  readonly nanoseconds: number;
  readonly stack: readonly bigint[];
}

/** Where a processor does live-patch work. */
export type Place = 'idle loop' | 'return to guest' | 'where it stood';

interface Processor {
  activity: Activity;
  busyUntil: number;
  interrupt: Interrupt | undefined;
}

export class Processors {
  /** Nanoseconds since the model began. */
  now = 0;
  private readonly all: Processor[];

  /** One activity for each processor; at least one. */
  constructor(activities: readonly Activity[] = [{ kind: 'idle' }]) {
    if (activities.length === 0) throw new RangeError('a machine has at least one processor');
    this.all = activities.map((activity) => ({ activity, busyUntil: 0, interrupt: undefined }));
    for (const [cpu, activity] of activities.entries()) this.set(cpu, activity);
  }

  /** num_online_cpus(). */
  get count(): number {
    return this.all.length;
  }

  /** What a processor does from now on. Throws RangeError for one that there is not, or a time that is none. */
  set(cpu: number, activity: Activity): void {
    const processor = this.at(cpu);
    processor.activity = activity;
    const takes = activity.kind === 'busy' || activity.kind === 'inside' ? activity.nanoseconds : 0;
    processor.busyUntil = this.now + duration(takes);
  }

  /** The next time that the processor waits for others, it serves this interrupt. */
  interrupt(cpu: number, interrupt: Interrupt): void {
    duration(interrupt.nanoseconds);
    duration(interrupt.after);
    this.at(cpu).interrupt = interrupt;
  }

  /** Lets time go by. */
  advance(nanoseconds: number): void {
    this.now += duration(nanoseconds);
  }

  /** When the processor that made the hypercall comes to the work. */
  masterArrival(idleLoopOnly: boolean): number {
    return this.now + (idleLoopOnly ? SWITCH_TO_IDLE : NOTICE);
  }

  /**
   * When a processor that is called at `called` comes to the work, and where it does it. `stops`: whether it need not
   * get out of the hypervisor for that.
   */
  arrival(
    cpu: number,
    called: number,
    idleLoopOnly: boolean,
    stops = false,
  ): { readonly at: number; readonly place: Place } {
    const { activity, busyUntil } = this.at(cpu);
    const noticed = called + NOTICE;
    if (stops && activity.kind === 'inside' && busyUntil > noticed)
      return { at: noticed, place: 'where it stood' };
    if (activity.kind === 'idle') return { at: noticed, place: 'idle loop' };
    const free = activity.kind === 'guest' ? noticed + LEAVE_GUEST : Math.max(noticed, busyUntil);
    return idleLoopOnly
      ? { at: free + SWITCH_TO_IDLE, place: 'idle loop' }
      : { at: free, place: 'return to guest' };
  }

  /** When a processor that arrived at `arrived` and is let go on at `ready` has its interrupts off. */
  interruptsOff(cpu: number, arrived: number, ready: number): number {
    const { interrupt } = this.at(cpu);
    const noticed = ready + NOTICE;
    if (interrupt === undefined || arrived + interrupt.after > ready) return noticed;
    return Math.max(noticed, arrived + interrupt.after + interrupt.nanoseconds);
  }

  /** What stands on the stack of a processor that came at `arrived`, the innermost first. */
  stackAt(cpu: number, arrived: number): readonly bigint[] {
    const { activity, busyUntil } = this.at(cpu);
    return activity.kind === 'inside' && busyUntil > arrived ? activity.stack : [];
  }

  /** A processor that stood still in the midst of something has as much before it as it had. */
  resume(cpu: number, arrived: number, released: number): void {
    const processor = this.at(cpu);
    if (processor.activity.kind === 'inside' && processor.busyUntil > arrived)
      processor.busyUntil += released - arrived;
  }

  /** What keeps a processor from arriving. */
  activity(cpu: number): Activity {
    return this.at(cpu).activity;
  }

  /** Where it stands in the interrupt that keeps it, and forgets the interrupt: it is served once. */
  takeInterrupt(cpu: number): readonly bigint[] {
    const processor = this.at(cpu);
    const stack = processor.interrupt?.stack ?? [];
    processor.interrupt = undefined;
    return stack;
  }

  private at(cpu: number): Processor {
    if (!Number.isInteger(cpu) || cpu < 0 || cpu >= this.all.length)
      throw new RangeError(`there is no processor ${cpu}`);
    return this.all[cpu];
  }
}

function duration(nanoseconds: number): number {
  if (!(nanoseconds >= 0)) throw new RangeError(`no time: ${nanoseconds} ns`);
  return nanoseconds;
}
