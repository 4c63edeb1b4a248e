/**
 * What the processor asks of an engine that runs code faster than the interpreter: to translate what is run often,
 * and to run what was translated. The processor knows no engine by name, so that who needs none loads none.
 */
import type { Block } from './block.js';
import type { Memory } from './memory.js';
import type { CpuState } from './state.js';
import type { Translator } from './translate.js';

/** Code of a guest that was translated together; it is dropped when a page changes from which it comes. */
export interface TranslatedUnit {
  drop(): void;
}

/** A place at which translated code can be entered. */
export interface UnitEntry {
  /** Runs at most so many instructions; gives how many ran to their end. rip is where it stopped. */
  run(budget: number): number;
}

export interface Engine {
  /** How often a block is run by the interpreter before it is worth translating; 0: before it runs at all. */
  readonly threshold: number;
  /** The budget below which no unit is entered: it may run so many instructions without looking at it. */
  readonly reserve: number;
  /** Whether the instruction at rip must be done by the interpreter: set by the unit that ran last. */
  readonly mustInterpret: boolean;
  /** Translates what can be reached from a block that was run often, if that is worth it. */
  translate(block: Block): void;
}

/** What an engine is made for. */
export interface EngineParts {
  readonly memory: Memory;
  readonly state: CpuState;
  readonly translator: Translator;
  readonly isBreakpoint: (address: bigint) => boolean;
}

export type EngineMaker = (parts: EngineParts) => Engine;
