/**
 * The one memory that everything of a guest lies in, so that translated code reaches all of it by plain addresses:
 * first an area of control, then the frames of the guest's pages. It does not grow, so views of it stay good.
 *
 *   0x000000 state of the processor (state.ts)   0x000400 words for translated code   0x001000 when a unit was last used
 *   0x010000 jump cache   0x040000 look-aside table for reads   0x080000 … for writes   0x0c0000 frames
 *
 * Nothing of it is touched before it is used; what is not touched costs nothing.
 */

import { makeMemory } from './web-assembly.js';
import type { WasmMemory } from './web-assembly.js';

export const STATE_AT = 0;
/** Instructions that may still run; the unit that was left; a clock for least recent use. */
export const FUEL_AT = 0x400;
export const LEFT_UNIT_AT = 0x404;
export const CLOCK_AT = 0x408;
export const USES_AT = 0x1000;
export const MOST_UNITS = 256;
/** Entries of 16 bytes: address of code, number of the unit that has it, number of its entry there. */
export const JUMPS_AT = 0x10000;
export const JUMP_SLOTS = 0x2000;
/** Entries of 16 bytes: address of the page, what to add to an address to get its place here. */
export const READS_AT = 0x40000;
export const WRITES_AT = 0x80000;
export const LOOKASIDE_SLOTS = 0x4000;
export const FRAMES_AT = 0xc0000;

const WASM_PAGE = 0x10000;

export class Arena {
  readonly memory: WasmMemory;
  readonly buffer: ArrayBuffer;
  /** Size of the memory, in pages of WebAssembly. */
  readonly pages: number;
  /** Where the frames end. */
  readonly end: number;

  /** `bytes`: room for frames. */
  constructor(bytes: number) {
    this.end = FRAMES_AT + bytes;
    this.pages = Math.ceil(this.end / WASM_PAGE);
    this.memory = makeMemory(this.pages);
    this.buffer = this.memory.buffer;
  }
}
