/**
 * What a case is: the registers, flags and bytes that one instruction starts with, and those it ends with. The
 * places are those of oracle.c: two pages to write, one to read, then nothing; a window of 64 bytes across the
 * border of the first two, and everything else zero; the instruction in a page full of int3.
 */
export const DATA = 0x20000000n;
export const WINDOW = 0x20000fe0n;
export const WINDOW_BYTES = 64;
export const BORDER = 0x20001000n;
export const READ_ONLY = 0x20002000n;
export const UNMAPPED = 0x20003000n;
export const CODE = 0x20010000n;
export const START = 0x20010800n;

/** Registers before or after, in the order of ModRM. */
export interface Registers {
  readonly gpr: bigint[];
  readonly xmm: bigint[];
  rflags: number;
  readonly window: Uint8Array;
}

export interface Input extends Registers {
  readonly code: Uint8Array;
}

export interface Outcome extends Registers {
  rip: bigint;
  /** Vector of the exception, or -1. */
  vector: number;
  errorCode: number;
  address: bigint;
  /** Whether bytes outside of the window were written. Such cases are not compared. */
  stray: boolean;
}

/** What registers hold that a case says nothing of: different, and no canonical address. */
export const BASELINE: readonly bigint[] = Array.from(
  { length: 16 },
  (_, k) => 0x0101010101010101n * BigInt(k + 0x11),
);

/** IF is set in every program; bit 1 always. */
export const ALWAYS_SET = 0x202;
