/**
 * An exception of the processor on its way from where it is found to the loop that runs blocks.
 *
 * It is thrown, because that keeps the common way free of checks, and there is one object for each processor,
 * because making one would walk the stack each time. Vectors and error codes: SDM vol. 3, chapter 6.
 */

/** Vector numbers by the mnemonics of the SDM, vol. 3, table 6-1. */
export const Vector = {
  DE: 0,
  DB: 1,
  BP: 3,
  UD: 6,
  NM: 7,
  DF: 8,
  TS: 10,
  NP: 11,
  SS: 12,
  GP: 13,
  PF: 14,
  AC: 17,
  XM: 19,
} as const;

/** Bits of the error code of #PF: SDM vol. 3, figure 4-12. */
export const PageFaultBit = { present: 1, write: 2, user: 4, fetch: 16 } as const;

const WITH_ERROR_CODE = new Set<number>([8, 10, 11, 12, 13, 14, 17]);

/** Whether delivery of the vector pushes an error code. */
export function hasErrorCode(vector: number): boolean {
  return WITH_ERROR_CODE.has(vector);
}

export class GuestFault extends Error {
  vector = 0;
  errorCode = 0;
  /** Linear address of a #PF, as CR2 will hold it. */
  address = 0n;

  /** Fills in the fault and gives it back to be thrown. */
  raise(vector: number, errorCode = 0): this {
    this.vector = vector;
    this.errorCode = errorCode;
    return this;
  }

  page(address: bigint, errorCode: number): this {
    this.address = address;
    return this.raise(Vector.PF, errorCode);
  }
}
