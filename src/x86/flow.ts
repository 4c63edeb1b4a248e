/** How control leaves an instruction, as far as the instruction alone tells. */
export const Flow = {
  /** To the next instruction only. */
  next: 0,
  /** Unconditional direct jump. */
  jump: 1,
  /** Conditional direct jump, or to the next. */
  conditional: 2,
  /** Direct call, back to the next. */
  call: 3,
  /** Indirect call, back to the next. */
  indirectCall: 4,
  /** Indirect jump, return, or ud2: never to the next. */
  leaves: 5,
  /** Bytes that are no instruction. */
  invalid: 6,
} as const;
