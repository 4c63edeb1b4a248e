/**
 * Routines for tests, from a few instructions (see code-builder.ts): whatever a branch names is a function, but for the
 * names that stand for other ends.
 */
import { Routine } from '../../src/x86/routine.js';
import type { Surroundings, Transfer } from '../../src/x86/routine.js';
import { buildCode } from './code-builder.js';
import type { BuiltCode } from './code-builder.js';

export const EDX_100 = 'ba 64 00 00 00 # mov $100,%edx';
const NAMED: Readonly<Record<string, Transfer>> = {
  out: { to: 'return' },
  nowhere: { to: 'unknown' },
  end: { to: 'end' },
};

function surroundings(code: BuiltCode, more: Partial<Surroundings> = {}): Surroundings {
  return {
    transfer: (place) => {
      const found = code.fields.find(({ at }) => at === place);
      return found === undefined ? undefined : (NAMED[found.name] ?? { to: 'function', name: found.name });
    },
    entered: (place) => place === 0,
    disturbance: () => undefined,
    ends: () => false,
    ...more,
  };
}

export interface BuiltRoutine {
  readonly routine: Routine;
  /** The instruction at a label. */
  readonly at: (label: string) => number;
}

/** A routine of these lines, in surroundings that may say more. */
export function routineOf(lines: readonly string[], more?: Partial<Surroundings>): BuiltRoutine {
  const code = buildCode(...lines);
  const routine = new Routine(code.bytes, surroundings(code, more));
  return { routine, at: (label) => routine.beginningAt(code.labels.get(label) ?? -1) ?? -1 };
}
