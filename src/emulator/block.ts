/**
 * A run of decoded instructions that is entered at its start only: the unit that is cached, and dropped when a
 * byte of it changes.
 */
import type { Page } from './page.js';

/** One instruction, ready to run. It throws the fault of the processor's memory. */
export type Step = () => void;

export interface Block {
  readonly low: number;
  readonly high: number;
  readonly steps: readonly Step[];
  /** Where each instruction begins, and at the end where the last one ends. */
  readonly addresses: readonly bigint[];
  /** Whether the last instruction says itself where to go on. */
  readonly jumps: boolean;
  /** The page into which the last instruction reaches, with its version then. */
  readonly second: Page | undefined;
  readonly secondVersion: number;
  /** Whether to stop before it. */
  readonly breakpoint: boolean;
  /** Where it led, the first few places, when the last instruction itself does not say. */
  readonly targets: bigint[] | undefined;
  /** How often it was run, as far as an engine wants to know. */
  heat: number;
}
