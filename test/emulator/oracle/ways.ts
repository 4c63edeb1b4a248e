/**
 * The ways in which cases run on the emulator: interpreted or translated, where the case has them or across the
 * border of two pages. There an instruction lies elsewhere, so what has its own address in it cannot be compared.
 */
import { decodeInstruction } from '../../../src/emulator/instruction.js';
import { wasmEngine } from '../../../src/emulator/wasm/engine.js';
import type { GuestOptions } from './guest.js';
import { START } from './layout.js';
import type { Input, Outcome } from './layout.js';

/** Translates everything before it runs. */
export const EAGER = wasmEngine({ threshold: 0, largest: 64 });

export interface Way {
  readonly way: string;
  readonly options: GuestOptions;
}

export const WAYS: readonly Way[] = [
  { way: 'interpreted', options: {} },
  { way: 'translated', options: { engine: EAGER } },
  { way: 'interpreted across a page border', options: { crossing: true } },
  { way: 'translated across a page border', options: { engine: EAGER, crossing: true } },
];

/** Whether what the processor made of a case can be compared with what is made of it this way. */
export function isComparable({ options }: Way, { code }: Input, outcome: Outcome): boolean {
  if (options.crossing !== true) return true;
  const instruction = decodeInstruction(code, START);
  if (typeof instruction !== 'object' || code.length < 2) return false;
  const goesOn = outcome.rip === START || outcome.rip === START + BigInt(code.length);
  return instruction.ipDisplacementAt < 0 && instruction.mnemonic !== 'Call' && goesOn;
}
