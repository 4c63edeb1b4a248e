/**
 * What the x86-64 psABI (section 3.2) says about registers at calls. Registers are numbered as instructions encode
 * them (0 rax, 1 rcx, 2 rdx, 3 rbx, 4 rsp, 5 rbp, 6 rsi, 7 rdi, 8 to 15 r8 to r15); a set of them is a number
 * whose bit n stands for register n.
 */

export const RSP = 4;
export const RBP = 5;

/** Where the first six integer arguments are, in order: rdi, rsi, rdx, rcx, r8, r9. The others are on the stack. */
export const ARGUMENT_REGISTERS: readonly number[] = [7, 6, 2, 1, 8, 9];

/** Bytes of a slot for an argument on the stack. */
export const SLOT = 8;

/** Where a value is: in a whole register, or on the stack at a distance from where rsp points. */
export type Place = { readonly register: number } | { readonly stack: number };

/** Where an argument is as the call begins; 0 is the first one. */
export function argumentPlace(position: number): Place {
  const register = ARGUMENT_REGISTERS.at(position);
  return register === undefined ? { stack: (position - ARGUMENT_REGISTERS.length) * SLOT } : { register };
}

export function registerSet(...registers: readonly number[]): number {
  return registers.reduce((set, register) => set | (1 << register), 0);
}

/** What a call may leave with any content. */
export const CALLER_SAVED = registerSet(0, 1, 2, 6, 7, 8, 9, 10, 11);

/** What the caller finds as it was. */
export const CALLEE_SAVED = registerSet(3, 5, 12, 13, 14, 15);

/** What may carry a result: rax, and rdx beside it. */
export const RESULTS = registerSet(0, 2);

export const ALL_REGISTERS = 0xffff;
