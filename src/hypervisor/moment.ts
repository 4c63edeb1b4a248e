/**
 * The moment when it is safe: all processors stand still, and none has a function on its stack that is about to change.
 *
 * Xen's processors come with empty stacks, so one meeting is enough. Where they stop wherever they are, the master looks
 * at the stacks; if one stands in the way it lets all go on, waits a little and calls them again, until the time is up.
 */
import type { LoadedPayload } from './payload.js';
import type { Processors } from './processors.js';
import { rendezvous } from './rendezvous.js';
import type { Rendezvous } from './rendezvous.js';

/** Before the master calls again; long enough for a function to end. Chosen and not measured. */
const PAUSE = 100_000;

/** A processor that must not be where it is. */
export interface Obstruction {
  readonly cpu: number;
  /** What of its stack is in the way, and the stack. */
  readonly address: bigint;
  readonly stack: readonly bigint[];
}

/** One meeting of those that it took. */
export interface Attempt {
  /** Nanoseconds from the first call. */
  readonly from: number;
  readonly to: number;
  /** Other processors that had come. */
  readonly present: number;
  readonly obstructions: readonly Obstruction[];
}

/** The last meeting, and those before it. */
export interface Moment extends Rendezvous {
  readonly attempts: readonly Attempt[];
  /** Who stood in the way at the end; nobody when it is safe, or when not all came. */
  readonly obstructions: readonly Obstruction[];
}

export interface MeetingTerms {
  readonly processors: Processors;
  readonly master: number;
  /** Nanoseconds, for all attempts together. */
  readonly timeout: number;
  readonly idleLoopOnly: boolean;
  /** Processors stop wherever they are, so that their stacks must be looked at. */
  readonly stops: boolean;
  /** Whether code at an address is about to change. */
  readonly changes: (address: bigint) => boolean;
}

export function awaitMoment(terms: MeetingTerms): Moment {
  const { processors, master, timeout, idleLoopOnly, stops, changes } = terms;
  const attempts: Attempt[] = [];
  const began = processors.now;
  for (;;) {
    const from = processors.now - began;
    const met = rendezvous(processors, master, timeout - from, idleLoopOnly, stops);
    const late = met.latecomers.length > 0;
    const obstructions = late
      ? []
      : met.standing.flatMap(({ cpu, stack }) => obstruction(cpu, stack, changes));
    const present = met.phases[0].present;
    attempts.push({ from, to: processors.now - began, present, obstructions });
    const over = processors.now + PAUSE - began >= timeout;
    if (late || obstructions.length === 0 || over) return { ...met, timeout, attempts, obstructions };
    processors.advance(PAUSE);
  }
}

function obstruction(
  cpu: number,
  stack: readonly bigint[],
  changes: (address: bigint) => boolean,
): Obstruction[] {
  const address = stack.find(changes);
  return address === undefined ? [] : [{ cpu, address, stack }];
}

/**
 * Whether an address is in code that an action on a payload changes, or takes away: old functions, functions in which
 * something is spliced, and the payload's own code, which nobody may be in when it is reverted.
 */
export function changedBy({
  functions,
  splices,
  text,
}: Pick<LoadedPayload, 'functions' | 'splices' | 'text'>): (address: bigint) => boolean {
  const sized = (start: bigint, size: number): { start: bigint; end: bigint } => ({
    start,
    end: start + BigInt(size),
  });
  const ranges = [
    ...functions.map(({ oldAddress, oldSize }) => sized(oldAddress, oldSize)),
    ...splices.map(({ replaced, replacedSize }) => sized(replaced, replacedSize)),
    ...splices.map(({ holder, holderSize }) => sized(holder, holderSize)),
    text,
  ];
  return (address) => ranges.some(({ start, end }) => address >= start && address < end);
}

/** A line for each processor that stood in the way. `describe` names a code address. */
export function explainObstructions(
  { obstructions, attempts }: Moment,
  describe: (address: bigint) => string,
): string[] {
  return obstructions.map(({ cpu, address, stack }) => {
    const callers = stack
      .slice(stack.indexOf(address) + 1)
      .map((caller) => `, called by ${describe(caller)}`);
    const times = `${attempts.length} attempt${attempts.length === 1 ? '' : 's'}`;
    return `CPU${cpu} was in ${describe(address)}, which is to change${callers.join('')}; ${times}`;
  });
}
