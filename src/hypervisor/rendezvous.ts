/**
 * All processors stop what they do so that one can patch: the master waits until the others have come (phase CPU),
 * tells them to switch their interrupts off, and waits until they have (phase IRQ). One deadline holds for both.
 *
 *   master   called ── deadline = called + timeout
 *   others        arrival … ready … interrupts off
 *
 * Whoever is on the spot at the deadline itself is in time: the master looks at the counter once more after it has
 * looked at the clock. Source: check_for_livepatch_work() and livepatch_spin() in xen/common/livepatch.c.
 */
import type { Place, Processors } from './processors.js';

export type PhaseName = 'CPU' | 'IRQ';

/** One processor's part; times are nanoseconds from the master's call. */
export interface Attendance {
  readonly cpu: number;
  readonly place: Place;
  /** Infinity when it never came. */
  readonly arrived: number;
  /** Undefined when it did not come to that. */
  readonly interruptsOff: number | undefined;
}

export interface Phase {
  readonly name: PhaseName;
  /** From the master's call, in nanoseconds. */
  readonly from: number;
  readonly to: number;
  /** The counter when the master looked last, and what it waited for. */
  readonly present: number;
  readonly expected: number;
}

/** A processor that was missed. */
export interface Latecomer {
  readonly cpu: number;
  readonly phase: PhaseName;
  /** Nanoseconds after the deadline; Infinity: never. */
  readonly late: number;
  /** Whether it had its interrupts off, so that it was not to be reached. */
  readonly interruptsOff: boolean;
  /** Where its stack stood, the innermost first. */
  readonly stack: readonly bigint[];
}

export interface Rendezvous {
  readonly master: number;
  /** Nanoseconds that were allowed. */
  readonly timeout: number;
  readonly phases: readonly Phase[];
  readonly attendances: readonly Attendance[];
  /** Empty when all came. */
  readonly latecomers: readonly Latecomer[];
  /** From the master's call until all stood still, or until it gave up; in nanoseconds. */
  readonly duration: number;
  /** Where processors stand whose stacks are not empty; none where they come with empty stacks only. */
  readonly standing: readonly Standing[];
}

/** A processor that stopped in the midst of something. */
export interface Standing {
  readonly cpu: number;
  /** The innermost first. */
  readonly stack: readonly bigint[];
}

/**
 * Brings the processors together and lets the time go by that it takes.
 * `master`: the one that made the hypercall. `timeout`: nanoseconds. `stops`: others stop wherever they are.
 */
export function rendezvous(
  processors: Processors,
  master: number,
  timeout: number,
  idleLoopOnly: boolean,
  stops = false,
): Rendezvous {
  const called = processors.masterArrival(idleLoopOnly);
  const deadline = called + timeout;
  const others = Array.from({ length: processors.count }, (_, cpu) => cpu)
    .filter((cpu) => cpu !== master)
    .map((cpu) => ({ cpu, ...processors.arrival(cpu, called, idleLoopOnly, stops) }));
  const arrivals = others.map(({ cpu, at }) => ({ cpu, at }));
  const coming = phase('CPU', called, arrivals, deadline);
  const offs = coming.missed.length > 0 ? [] : stillness(processors, arrivals, coming.end);
  const still = coming.missed.length > 0 ? undefined : phase('IRQ', coming.end, offs, deadline);
  const end = still?.end ?? coming.end;
  processors.now = end;
  const latecomers = [
    ...coming.missed.map((moment) => stray(moment, deadline, processors)),
    ...(still?.missed ?? []).map((moment) => interrupted(moment, deadline, processors)),
  ];
  if (still !== undefined) for (const { cpu } of others) processors.takeInterrupt(cpu);
  const standing = arrivals.map(({ cpu, at }) => ({ cpu, stack: stops ? processors.stackAt(cpu, at) : [] }));
  for (const { cpu, at } of arrivals) if (at < end) processors.resume(cpu, at, end);
  return {
    master,
    timeout,
    phases: [coming, ...(still === undefined ? [] : [still])].map((p) => tell(p, called)),
    attendances: others.map(({ cpu, at, place }) => ({
      cpu,
      place,
      arrived: at - called,
      interruptsOff: offsetOf(offs, cpu, called),
    })),
    latecomers,
    duration: end - called,
    standing: standing.filter(({ stack }) => stack.length > 0),
  };
}

interface Moment {
  readonly cpu: number;
  readonly at: number;
}

interface Waited {
  readonly name: PhaseName;
  readonly from: number;
  readonly end: number;
  readonly expected: number;
  readonly missed: readonly Moment[];
}

/** livepatch_spin(): until all are there or the clock says stop. */
function phase(name: PhaseName, from: number, moments: readonly Moment[], deadline: number): Waited {
  const missed = moments.filter(({ at }) => at > deadline);
  const last = Math.max(from, ...moments.map(({ at }) => at));
  return {
    name,
    from,
    end: missed.length > 0 ? Math.max(from, deadline) : last,
    expected: moments.length,
    missed,
  };
}

function stillness(processors: Processors, arrivals: readonly Moment[], ready: number): Moment[] {
  return arrivals.map(({ cpu, at }) => ({ cpu, at: processors.interruptsOff(cpu, at, ready) }));
}

function tell({ name, from, end, expected, missed }: Waited, called: number): Phase {
  return { name, from: from - called, to: end - called, present: expected - missed.length, expected };
}

function stray({ cpu, at }: Moment, deadline: number, processors: Processors): Latecomer {
  const activity = processors.activity(cpu);
  const late = { cpu, phase: 'CPU', late: at - deadline } as const;
  if (activity.kind === 'inside') return { ...late, interruptsOff: false, stack: activity.stack };
  return activity.kind === 'busy'
    ? { ...late, interruptsOff: activity.interrupts === 'off', stack: activity.stack }
    : { ...late, interruptsOff: false, stack: [] };
}

/** Handlers run with interrupts off. */
function interrupted({ cpu, at }: Moment, deadline: number, processors: Processors): Latecomer {
  const stack = processors.takeInterrupt(cpu);
  return { cpu, phase: 'IRQ', late: at - deadline, interruptsOff: stack.length > 0, stack };
}

function offsetOf(moments: readonly Moment[], cpu: number, called: number): number | undefined {
  const found = moments.find((moment) => moment.cpu === cpu);
  return found === undefined ? undefined : found.at - called;
}

/** A line for each latecomer. `describe` names a code address. */
export function explainLateness(
  { latecomers, timeout }: Rendezvous,
  describe: (address: bigint) => string,
): string[] {
  return latecomers.map(({ cpu, phase: name, late, interruptsOff, stack }) => {
    const what = name === 'CPU' ? 'arrived' : 'stood still';
    const by = Number.isFinite(late) ? `${what} ${late} ns after` : `never ${what} within`;
    const where = stack.map((address, k) => `${k === 0 ? ' in' : ', called by'} ${describe(address)}`);
    const off = name === 'CPU' && interruptsOff ? ', with its interrupts off' : '';
    return `CPU${cpu} ${by} the ${timeout} ns of phase ${name}${where.join('')}${off}`;
  });
}
