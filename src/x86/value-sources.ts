/**
 * Which instructions may have loaded a register, or a slot of the stack, seen from a later one: the search runs
 * backwards along every way that control may have come with a constant in hand (see value-flow.ts), and beyond the
 * constant's own origin along every way there is. Moves between registers and stores to the stack are followed. As
 * soon as one way begins with anything but a load of an address or a constant, there is no answer.
 */
import { CALLER_SAVED, registerSet, SLOT } from './calling-convention.js';
import type { Place } from './calling-convention.js';
import type { InstructionFacts } from './instruction-facts.js';
import type { Routine } from './routine.js';
import type { ValueFlow } from './value-flow.js';

/** What is at a place before an instruction; `past` when the way has come to before the constant was loaded. */
interface Question {
  readonly instruction: number;
  readonly place: Place;
  readonly past: boolean;
}

/**
 * The loads (InstructionFacts.loads) from which `place` may have its value when control comes to `instruction` with
 * the constant; undefined when not all are known. Only inside of `routine.reading`.
 */
export function sourcesOf(
  routine: Routine,
  flow: ValueFlow,
  instruction: number,
  place: Place,
): number[] | undefined {
  const found = new Set<number>();
  const asked = new Set<string>();
  const waiting: Question[] = [];
  const ask = (question: Question): void => {
    const { place: at, past } = question;
    const key = `${question.instruction} ${'stack' in at ? 'stack' : ''} ${numberOf(at)} ${past}`;
    if (asked.has(key)) return;
    asked.add(key);
    waiting.push(question);
  };
  ask({ instruction, place, past: false });
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
      const answer = lookAt(routine, p, question.place);
      if (answer === undefined) return undefined;
      if (answer === 'loaded') found.add(p);
      else for (const from of answer) ask({ instruction: p, place: from, past: past || p === flow.origin });
    }
  }
  return undefined;
}

function numberOf(place: Place): number {
  return 'stack' in place ? place.stack : place.register;
}

/**
 * What an instruction makes of a place: 'loaded', or the places whose value before it may be there behind it; undefined
 * when it does something else.
 */
function lookAt(
  routine: Routine,
  instruction: number,
  place: Place,
): 'loaded' | readonly Place[] | undefined {
  const facts = routine.facts(instruction);
  const other = routine.surroundings.disturbance(facts.start, facts.end);
  if (facts.exit.kind === 'unknown') return undefined;
  if ('stack' in place) return other === undefined ? lookAtSlot(facts, place.stack) : undefined;
  const bit = registerSet(place.register);
  if (other !== undefined && ((other.registers | facts.overwrites) & bit) !== 0) return undefined;
  return lookAtRegister(facts, place.register)?.map((register) => ({ register })) ?? loaded(facts, place);
}

function loaded(facts: InstructionFacts, place: Place): 'loaded' | undefined {
  const { loads } = facts;
  if (loads === undefined || 'stack' in loads !== 'stack' in place) return undefined;
  return numberOf(loads) === numberOf(place) ? 'loaded' : undefined;
}

function lookAtRegister(facts: InstructionFacts, register: number): readonly number[] | undefined {
  const bit = registerSet(register);
  const { kind } = facts.exit;
  if (kind === 'call' || kind === 'indirect-call') {
    return (CALLER_SAVED & bit) === 0 ? [register] : undefined;
  }
  if (facts.copy?.to === register) return facts.copy.always ? [facts.copy.from] : [facts.copy.from, register];
  return ((facts.overwrites | facts.touches) & bit) === 0 ? [register] : undefined;
}

/** `slot` is seen from where rsp points behind the instruction. A call may do anything to the stack. */
function lookAtSlot(facts: InstructionFacts, slot: number): 'loaded' | readonly Place[] | undefined {
  const { stores, stackIncrement } = facts;
  if (stores?.to === slot) return [{ register: stores.register }];
  if (loaded(facts, { stack: slot }) !== undefined) return 'loaded';
  if (stackIncrement === undefined) return undefined;
  const before = slot + stackIncrement;
  const overlaps = facts.stack.some(({ from, to }) => from < before + SLOT && to > before);
  return overlaps ? undefined : [{ stack: before }];
}
