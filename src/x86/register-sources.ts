/**
 * Which instructions may have loaded a register, seen from a later one: the search runs backwards along every way
 * that control may have come with a constant in hand (see value-flow.ts), and beyond the constant's own origin along
 * every way there is. Moves between registers are followed. As soon as one way begins with anything but a load of an
 * address or a constant, there is no answer.
 */
import { CALLER_SAVED, registerSet } from './calling-convention.js';
import type { Routine } from './routine.js';
import type { ValueFlow } from './value-flow.js';

/** The value of a register before an instruction; `past` when the way has come to before the constant was loaded. */
interface Question {
  readonly instruction: number;
  readonly register: number;
  readonly past: boolean;
}

/**
 * The loads (InstructionFacts.loads) from which `register` may have its value when control comes to `instruction`
 * with the constant; undefined when not all are known. Only inside of `routine.reading`.
 */
export function sourcesOf(
  routine: Routine,
  flow: ValueFlow,
  instruction: number,
  register: number,
): number[] | undefined {
  const found = new Set<number>();
  const asked = new Set<number>();
  const waiting: Question[] = [];
  const ask = (question: Question): void => {
    const key = (question.instruction * 16 + question.register) * 2 + (question.past ? 1 : 0);
    if (asked.has(key)) return;
    asked.add(key);
    waiting.push(question);
  };
  ask({ instruction, register, past: false });
  while (routine.step()) {
    const question = waiting.pop();
    if (question === undefined) return found.size === 0 ? undefined : [...found].sort((a, b) => a - b);
    const { past } = question;
    if (past && routine.surroundings.entered(routine.code.start[question.instruction])) return undefined;
    // None when nothing comes here: the filling behind a jump.
    const before = routine
      .predecessors(question.instruction)
      .filter((p) => past || p === flow.origin || flow.reaches(p));
    for (const p of before) {
      const answer = lookAt(routine, p, question.register);
      if (answer === undefined) return undefined;
      if (answer === 'loaded') found.add(p);
      else for (const r of answer) ask({ instruction: p, register: r, past: past || p === flow.origin });
    }
  }
  return undefined;
}

/**
 * What an instruction makes of the register: 'loaded', or the registers whose value before it may be the register's
 * behind it; undefined when it does something else.
 */
function lookAt(routine: Routine, instruction: number, register: number): 'loaded' | number[] | undefined {
  const facts = routine.facts(instruction);
  const bit = registerSet(register);
  const { kind } = facts.exit;
  const other = routine.surroundings.disturbance(facts.start, facts.end);
  if (kind === 'unknown' || (other !== undefined && ((other.registers | facts.overwrites) & bit) !== 0))
    return undefined;
  if (kind === 'call' || kind === 'indirect-call') {
    return (CALLER_SAVED & bit) === 0 ? [register] : undefined;
  }
  if (facts.loads === register) return 'loaded';
  if (facts.copy?.to === register) return facts.copy.always ? [facts.copy.from] : [facts.copy.from, register];
  return ((facts.overwrites | facts.touches) & bit) === 0 ? [register] : undefined;
}
